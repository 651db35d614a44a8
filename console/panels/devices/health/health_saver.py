"""Saves how all connections do: asks where, writes on another thread, says what came of it."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QLabel, QPushButton, QWidget

from console.bridge.bridge import Bridge
from console.health_export import health_rows, write_table
from console.panels.settings.file_name import ask_path
from console.panels.trends.file_job import FileJob
from console.panels.wording import count_text

ChooseFile = Callable[[QWidget, str, str], Path | None]

_KINDS = "Tables (*.csv);;Spreadsheets (*.xlsx)"


class HealthSaver(QObject):
    """A button and a line; one file at a time."""

    def __init__(
        self,
        bridge: Bridge,
        button: QPushButton,
        line: QLabel,
        now: Callable[[], float],
        choose_file: ChooseFile = ask_path,
    ) -> None:
        """Store the parts; `choose_file` asks where something shall be saved."""
        super().__init__(button)
        self._bridge = bridge
        self._button = button
        self._line = line
        self._now = now
        self._choose_file = choose_file
        self._job: FileJob | None = None
        button.clicked.connect(self.start)

    def start(self) -> None:
        """Ask where, then write what is known at this moment."""
        if self._job is not None:
            return
        path = self._choose_file(self._button.window(), "health.csv", _KINDS)
        if path is None:
            return
        rows = health_rows(
            self._bridge.catalogue.devices,
            dict(self._bridge.device_health.all),
            {each.id: each.name for each in self._bridge.stations},
            self._now(),
        )

        def write() -> str:
            return f"Saved {count_text(write_table(path, rows), 'device')} to {path}."

        self._button.setEnabled(False)
        self._job = FileJob(write, self)
        self._job.ended.connect(self._end)
        self._job.start()

    def _end(self, sentence: str) -> None:
        job, self._job = self._job, None
        if job is not None:
            job.deleteLater()
        self._button.setEnabled(True)
        self._line.setText(sentence)
        self._line.show()
