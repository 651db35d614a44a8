"""Saving a list: asks where, shows how far it is, can be stopped, and says what was written."""

import threading
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QPushButton, QWidget

from console.bridge.bridge import Bridge
from console.panels.settings.file_name import ask_path
from console.panels.settings.trail_task import TrailTask
from console.panels.wording import count_text
from console.widgets.task_line import TaskLine

ChooseFile = Callable[[QWidget, str, str], Path | None]
MakeQuestion = Callable[[Path, Callable[[int], None], threading.Event], Callable[..., str]]

_KINDS = "Tables (*.csv);;Spreadsheets (*.xlsx)"


class ExportTask(QObject):
    """A button and a line below it; one export at a time.

    Attributes:
        begun: An export has begun.
    """

    begun = Signal()

    def __init__(
        self,
        bridge: Bridge,
        button: QPushButton,
        line: TaskLine,
        name: str,
        make: MakeQuestion,
        total: Callable[[], int | None],
        choose_file: ChooseFile = ask_path,
    ) -> None:
        """Store the parts.

        Args:
            bridge: Carries the question.
            button: Begins it.
            line: Shows how far it is.
            name: The file's name to begin with.
            make: Returns the question that writes to a path.
            total: How many rows there are, where that is known.
            choose_file: Asks where something shall be saved.
        """
        super().__init__(button)
        self._bridge = bridge
        self._button = button
        self._line = line
        self._name = name
        self._make = make
        self._total = total
        self._choose_file = choose_file
        self._task: TrailTask | None = None
        button.clicked.connect(self.start)
        line.cancelled.connect(self._stop)

    def start(self) -> None:
        """Ask where, then write."""
        if self._task is not None:
            return
        path = self._choose_file(self._button.window(), self._name, _KINDS)
        if path is None:
            return
        self._task = task = TrailTask("Saving", self._total() or 0, self)
        # Queued by itself: `moved` is emitted on the worker.
        task.moved.connect(self._on_moved)
        self._line.begin("Saving…")
        self._button.setEnabled(False)
        self._bridge.ask(self._make(path, task.tell, task.stop), self._end, self._end, self)
        self.begun.emit()

    def _on_moved(self, done: int) -> None:
        task = self._task
        if task is not None and not task.stop.is_set():
            self._line.show_progress(f"Saving: {count_text(done, 'row')}…", done, task.total)

    def _end(self, sentence: str) -> None:
        task, self._task = self._task, None
        if task is not None:
            task.deleteLater()
        self._line.say(sentence)
        self._button.setEnabled(True)

    def _stop(self) -> None:
        if self._task is not None:
            self._task.stop.set()
            self._line.begin("Stopping…")
