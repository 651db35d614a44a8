"""Saves the closing report of a rollout as PDF: reads it, asks where to, writes it on a worker thread."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from console.bridge.bridge import Bridge
from console.panels.reports.rollout_report import AskClosingReport, ClosingReport
from console.panels.settings.file_name import ask_path
from console.panels.trends.file_job import FileJob
from models.records.rollout import Rollout

if TYPE_CHECKING:
    from collections.abc import Mapping

    from models.records.firmware import FirmwareKeyId


class RolloutSaver(QObject):
    """One report at a time.

    Attributes:
        said: One sentence: what is being written, what was written, or why it could not be.
    """

    said = Signal(str)

    def __init__(self, bridge: Bridge, window: QWidget) -> None:
        """Store what is needed; `window` is what the question where to is shown over."""
        super().__init__(window)
        self._bridge, self._window = bridge, window
        self._is_busy = False

    def save(self, rollout: Rollout) -> None:
        """Ask where to, then write the report of a rollout as it is by then."""
        if self._is_busy:
            return
        name = re.sub(r"[^\w.-]+", "-", rollout.name).strip("-.") or "rollout"
        path = ask_path(self._window, f"{name}.pdf", "PDF (*.pdf)")
        if path is None:
            return
        self._is_busy = True
        self.said.emit("Writing the report…")
        self._bridge.ask(
            AskClosingReport(rollout.id), lambda report: self._write(path, report), self._end, self
        )

    def _write(self, path: Path, report: ClosingReport) -> None:
        def write() -> str:
            from console.panels.reports.rollout_pdf import write_rollout_pdf

            write_rollout_pdf(path, report, self._key_names())
            return f"The report is saved as {path}."

        job = FileJob(write, self)
        job.ended.connect(self._end)
        job.ended.connect(job.deleteLater)
        job.start()

    def _key_names(self) -> Mapping[FirmwareKeyId, str]:
        """Return what this computer calls keys; ids alone where it cannot say whom it believes."""
        from models.errors import NeedsSetup

        judge = self._bridge.firmware_judge
        try:
            return {} if judge is None else judge().trusted.names
        except NeedsSetup:
            return {}

    def _end(self, sentence: str) -> None:
        self._is_busy = False
        self.said.emit(sentence)
