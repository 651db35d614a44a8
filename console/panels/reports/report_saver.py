"""Asks under which name a report or a handover shall be saved, and writes it on a worker thread."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from console.panels.reports.report_document import report_html
from console.panels.reports.report_pdf import pictures_of, write_pdf
from console.panels.reports.report_questions import AlarmReport
from console.panels.reports.report_tables import sheets_of, write_tables
from console.panels.trends.file_job import FileJob
from models.records.alarm_load import Availability

_KINDS = {"pdf": "PDF (*.pdf)", "xlsx": "Spreadsheets (*.xlsx)", "csv": "Tables (*.csv)"}


class ReportSaver(QObject):
    """One file at a time or several; each says when it is done.

    Attributes:
        said: One sentence: what is being written, what was written, or why it could not be.
    """

    said = Signal(str)

    def __init__(self, choose_file: Callable[[QWidget, str, str], Path | None], parent: QWidget) -> None:
        """Store what asks where to save: (parent, suggested name, kinds) → path, or None."""
        super().__init__(parent)
        self._choose = choose_file
        self._window = parent

    def save_report(self, kind: str, report: AlarmReport, availability: Sequence[Availability]) -> None:
        """Ask where, then save a report as "pdf", "xlsx" or "csv"."""
        begin = report.period.since.date()
        path = self._choose(self._window, f"alarm-load-{begin:%Y-%m-%d}.{kind}", _KINDS[kind])
        if path is None:
            return

        def write() -> str:
            if kind == "pdf":
                html = report_html(report, availability, datetime.now(UTC), "")
                write_pdf(path, html, "Alarm load", pictures_of(report))
            else:
                write_tables(path, sheets_of(report, availability))
            return f"The report is saved as {path}."

        self._start(write)

    def save_handover(self, html: str, title: str) -> None:
        """Ask where, then save a handover as PDF."""
        name = f"{title.lower().replace(' ', '-')}.pdf"
        path = self._choose(self._window, name, _KINDS["pdf"])
        if path is None:
            return

        def write() -> str:
            write_pdf(path, html, title)
            return f"The handover is saved as {path}."

        self._start(write)

    def _start(self, write: Callable[[], str]) -> None:
        job = FileJob(write, self)
        job.ended.connect(self.said)
        job.ended.connect(job.deleteLater)
        self.said.emit("Writing the file…")
        job.start()
