"""The closing report of a rollout as PDF. Runs on any thread once there is a QGuiApplication."""

from collections.abc import Mapping
from pathlib import Path

from console.panels.reports.report_pdf import write_pdf
from console.panels.reports.rollout_report import ClosingReport, closing_html
from models.records.firmware import FirmwareKeyId


def write_rollout_pdf(path: Path, report: ClosingReport, key_names: Mapping[FirmwareKeyId, str]) -> None:
    """Write it; the file appears under its name only once it is complete.

    Args:
        path: Where to.
        report: What `rollout_report.AskClosingReport` returns.
        key_names: What this computer calls the keys that it believes: `load_trusted_keys(data_dir).names`.

    Raises:
        OSError: It could not be written.
    """
    write_pdf(path, closing_html(report, key_names), f"Rollout {report.rollout.id}: {report.rollout.name}")
