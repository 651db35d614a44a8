"""Takes what a chart shows along: as a picture, or as a table."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, QStandardPaths, Signal
from PySide6.QtWidgets import QFileDialog, QWidget

from console.panels.trends.file_job import FileJob
from console.panels.trends.sheet import Sheet, write_csv
from console.panels.wording import count_text
from console.widgets.time_chart import TimeChart


class ChartSaver(QObject):
    """Asks for a file name and writes; tables on a worker thread, because a week of samples takes seconds.

    Attributes:
        said: One sentence: what was written, or why it could not be.
    """

    said = Signal(str)

    def __init__(self, chart: TimeChart, sheets: Callable[[], list[Sheet]], parent: QWidget) -> None:
        """Store what to save: `sheets` returns the pens as shown now."""
        super().__init__(parent)
        self._chart = chart
        self._sheets = sheets
        self._window = parent

    def ask_for_picture(self) -> None:
        """Ask where, then save the chart as it looks."""
        path = self._ask_path("trend.png", "Pictures (*.png)")
        if path is not None:
            self.save_picture(path)

    def ask_for_table(self) -> None:
        """Ask where, then save what the chart shows."""
        path = self._ask_path("trend.csv", "Tables (*.csv)")
        if path is not None:
            self.save_table(path)

    def save_picture(self, path: Path) -> None:
        """Save the chart as it looks, as PNG."""
        is_done = self._chart.export_png(path)
        self.said.emit(
            f"Picture saved as {path}." if is_done else f"{path} could not be written; choose another folder."
        )

    def save_table(self, path: Path) -> None:
        """Save what the chart shows, as CSV, and say so when it is done."""
        sheets = self._sheets()

        def write() -> str:
            return f"{count_text(write_csv(path, sheets), 'line')} saved as {path}."

        job = FileJob(write, self)
        job.ended.connect(self.said)
        job.ended.connect(job.deleteLater)
        self.said.emit("Writing the table…")
        job.start()

    def _ask_path(self, name: str, kinds: str) -> Path | None:
        dialog = save_dialog(self._window, name, kinds)
        is_accepted = dialog.exec() == QFileDialog.DialogCode.Accepted
        dialog.deleteLater()
        return Path(dialog.selectedFiles()[0]) if is_accepted else None


def save_dialog(parent: QWidget, name: str, kinds: str) -> QFileDialog:
    """Return a dialog that asks where to save; a name typed without its ending gets that of `name`."""
    folder = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
    dialog = QFileDialog(parent, "Save what is shown", folder, kinds)
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    # Not appended by us afterwards: the dialog asks before it overwrites the file that it will really be.
    dialog.setDefaultSuffix(Path(name).suffix)
    dialog.selectFile(name)
    return dialog
