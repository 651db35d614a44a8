"""What would change, before it does; then what came of it, and the way back. For files and for profiles."""

from pathlib import Path

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QCheckBox, QComboBox, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from console.bridge.bridge import Bridge
from console.bridge.device_bulk import ImportDevices, UndoChange
from console.catalogue.device_outcomes import ImportDone, UndoDone
from console.catalogue.device_plan import DevicePlan
from console.catalogue.sheet_file import Grid
from console.panels.devices.bulk.bulk_questions import Compared, PlanDevices, PlanTask
from console.panels.devices.bulk.plan_model import WIDTHS, PlanModel
from console.panels.devices.bulk.plan_rows import (
    PlanRow,
    Shown,
    shown_rows,
    summary_of,
    verb_of,
)
from console.panels.wording import count_text
from console.widgets.data_table import make_table, set_columns
from console.widgets.form_dialog import FormDialog
from console.widgets.plain_text import plain_label
from console.widgets.task_line import TaskLine
from console.widgets.theme import ThemeSource
from console.widgets.whole_row import WholeRowDelegate
from models.records.device_revision import BatchId

_ROWS_PX = 180
_ALL_OF_IT = 100
_DETAIL_PX = 36
_LONGEST_DETAIL = 600


class PlanDialog(FormDialog):
    """Holds a plan. The verb stores it; afterwards the same button takes it back.

    Attributes:
        nothing_yet: What is said while there is nothing to compare.
    """

    nothing_yet = ""

    def __init__(
        self, name: str, title: str, bridge: Bridge, theme_source: ThemeSource, parent: QWidget
    ) -> None:
        super().__init__(name, title, "Import", theme_source, parent)
        self.setWindowTitle(title.partition(";")[0])
        self.bridge = bridge
        self._plan = DevicePlan()
        self._rows: tuple[PlanRow, ...] = ()
        self._task: PlanTask | None = None
        self._batch: BatchId | None = None
        self._is_done, self._is_rest = False, False
        self._summary = plain_label()
        self._summary.setObjectName(f"{name}-summary")
        self._summary.setWordWrap(True)
        self._filter = QComboBox()
        self._filter.setObjectName(f"{name}-filter")
        self._filter.setAccessibleName("What is listed")
        for shown in Shown:
            self._filter.addItem(shown.value, shown)
        self._model = PlanModel(self)
        self._table = make_table(f"{name}-table", "What would change")
        set_columns(self._table, self._model, WIDTHS)
        self._table.setItemDelegate(WholeRowDelegate(self._table))
        self._table.setMinimumHeight(_ROWS_PX)
        self._detail = plain_label()
        self._detail.setObjectName(f"{name}-detail")
        self._detail.setWordWrap(True)
        self._detail.setMinimumHeight(_DETAIL_PX)
        self._detail.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._line = TaskLine(f"{name}-task")
        self._results = QCheckBox("&Take what formulas show")
        self._results.setObjectName(f"{name}-results")
        self._partial = QCheckBox("&Store what is in order, leave the rest out")
        self._partial.setObjectName(f"{name}-partial")
        self._results.hide()
        self._partial.hide()
        self._line.cancelled.connect(self._stop)
        self._filter.currentIndexChanged.connect(self._show_rows)
        self._table.selectionModel().currentRowChanged.connect(lambda *_: self._show_detail())
        self._results.toggled.connect(self.compare)
        self._partial.toggled.connect(self._follow)
        self.submitted.connect(self._store)

    @property
    def plan(self) -> DevicePlan:
        """What would be stored."""
        return self._plan

    @property
    def table_model(self) -> PlanModel:
        """The table's model."""
        return self._model

    def add_plan_widgets(self) -> None:
        """Put table, filter and choices below what the dialog has of its own."""
        top = QWidget()
        line = QHBoxLayout(top)
        line.setContentsMargins(0, 0, 0, 0)
        line.addWidget(self._summary, 1)
        show = QLabel("Sho&w")
        show.setBuddy(self._filter)
        line.addWidget(show)
        line.addWidget(self._filter)
        for part in (top, self._table, self._detail, self._line, self._results, self._partial):
            self.add_widget(part)
        self._go.setEnabled(False)
        # The list takes what room there is, before the gap above the buttons.
        self._content.setStretchFactor(self._table, 1)
        frame = self.layout()
        if isinstance(frame, QVBoxLayout):
            frame.setStretchFactor(self._content, _ALL_OF_IT)
        # Left to itself, Qt takes two thirds of a small screen at most.
        self.resize(self.sizeHint())

    def source(self) -> Path | Grid | None:
        """Return what is compared; None while there is nothing to compare yet."""
        raise NotImplementedError

    def compare(self) -> None:
        """Compare anew; an older comparison that is under way is given up."""
        source = self.source()
        if self._is_done:
            return
        self._stop()
        if source is None:
            self._take(self.nothing_yet)
            return
        self._task = task = PlanTask(self)
        # Queued by itself: `moved` is emitted on the worker.
        task.moved.connect(self._on_moved)
        self._line.begin("Comparing with what is stored…")
        self._go.setEnabled(False)

        def take(answer: Compared | str) -> None:
            if self._end(task):
                self._take(answer)

        question = PlanDevices(source, self._results.isChecked(), task.tell)
        self.bridge.ask(question, take, take, self)

    def sizeHint(self) -> QSize:
        """Every column at its width."""
        return super().sizeHint().expandedTo(QSize(sum(WIDTHS) + 60, 560))

    def reject(self) -> None:
        """Close; a comparison under way ends."""
        self._stop()
        super().reject()

    # -- the comparison --------------------------------------------------------------------------------

    def _on_moved(self, done: int, total: int) -> None:
        if self._task is not None:
            words = f"Comparing: {done:,} of {count_text(total, 'device')}…"
            self._line.show_progress(words, done, total)

    def _stop(self) -> None:
        if self._task is not None:
            self._task.stop.set()
            self._end(self._task)
            self._line.say("Stopped; nothing was compared.")

    def _end(self, task: PlanTask) -> bool:
        if self._task is not task:
            return False
        self._task = None
        task.deleteLater()
        self._line.say("")
        return True

    def _take(self, answer: Compared | str) -> None:
        told = Compared(DevicePlan(), ()) if isinstance(answer, str) else answer
        self._plan, self._rows = told.plan, tuple(map(self.put_in_words, told.rows))
        self._summary.setText(answer if isinstance(answer, str) else summary_of(told.plan))
        self._results.setVisible(self._plan.has_results)
        self._partial.setVisible(not self._plan.is_faultless and bool(self._plan.to_store))
        self._show_rows()
        self._follow()

    def _show_rows(self) -> None:
        # Qt hands back the bare text of a StrEnum.
        shown = Shown(self._filter.currentData())
        self._model.show_rows(shown_rows(self._rows, shown))
        if self._model.rowCount():
            self._table.selectRow(0)
        self._show_detail()

    def _show_detail(self) -> None:
        """Say in full what the current row has no room for."""
        row = self._table.currentIndex().row()
        current = self._model.row_at(row) if 0 <= row < self._model.rowCount() else None
        text = "" if current is None else f"{current.where}: {current.text}".removeprefix(": ")
        self._detail.setText(text if len(text) <= _LONGEST_DETAIL else f"{text[: _LONGEST_DETAIL - 1]}…")

    def _follow(self) -> None:
        if self._is_done:
            return
        plan = self._plan
        is_ready = bool(plan.to_store) and (plan.is_faultless or self._partial.isChecked())
        self._go.setText(verb_of(plan))
        self._go.setEnabled(is_ready and self._task is None and not self.is_busy)

    # -- what is done ----------------------------------------------------------------------------------

    def _store(self) -> None:
        if self._is_done:
            self._undo()
            return
        is_partial = self._partial.isVisibleTo(self) and self._partial.isChecked()
        command = ImportDevices(self._plan, is_partial, self.bridge.sealing)
        self.set_busy(f"Storing {count_text(len(self._plan.to_store), 'device')}…")
        self.bridge.command(command, self._on_stored, self._on_refused, self)

    def _on_stored(self, done: ImportDone) -> None:
        self._is_done, self._batch = True, done.batch
        self._title.setText("This was imported.")
        for part in (self._results, self._partial):
            part.hide()
        self._set_busy(busy=False)
        self._show_said(f"{done} Stations poll what is new at once.")
        self._cancel.setText("Close")
        self._go.setText("Undo this import")
        self._go.setEnabled(done.batch is not None)
        self.on_stored()
        self.start_at_cancel()

    def put_in_words(self, row: PlanRow) -> PlanRow:
        """Return a line as it is shown; a place may have another name here than in a file."""
        return row

    def on_stored(self) -> None:
        """Hear that it was stored: what was typed for it cannot be changed any more."""

    def _on_refused(self, sentence: str) -> None:
        self.refuse(sentence)
        self.compare()

    def _undo(self) -> None:
        if self._batch is None:
            return
        self.set_busy("Taking it back…")
        command = UndoChange(self._batch, self._is_rest, self.bridge.sealing)
        self.bridge.command(command, self._on_undone, self._on_not_undone, self)

    def _on_undone(self, done: UndoDone) -> None:
        self._batch = None
        self._set_busy(busy=False)
        left = f" Left alone: {' '.join(done.refused)}" if done.refused else ""
        many = count_text(len(done.undone), "device")
        self._show_said(f"{many} as before, with their limits; signals stay.{left}")
        self._go.setEnabled(False)
        self._title.setText("This was imported, and taken back.")
        self._cancel.setFocus(Qt.FocusReason.OtherFocusReason)
        self.on_stored()

    def _on_not_undone(self, sentence: str) -> None:
        self.refuse(sentence)
        self.on_stored()
        self._is_rest = True
        self._go.setText("Undo the rest")
        self._go.setEnabled(True)
