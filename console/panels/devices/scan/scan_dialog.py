"""The scan as a dialog over the workbench."""

from collections.abc import Callable, Sequence
from typing import Protocol

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QAbstractItemView, QDialog, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from console.panels.devices.asking import StopsAsking
from console.panels.devices.scan.findings_model import WIDTHS, FindingsModel
from console.panels.devices.scan.scan_form import ScanForm
from console.panels.devices.scan.scan_words import end_sentence, plan_sentence
from console.widgets.data_table import make_table, set_columns
from console.widgets.fonts import BODY_PX, text_font
from console.widgets.plain_text import plain_label
from console.widgets.task_line import TaskLine
from drivers.workbench import RegisterSpan, ScanFinding, ScanPlan

_MOST_REGISTERS = 125


class AskScan(Protocol):
    """Begins a scan; findings come one after the other, then exactly one of the other two is called."""

    def __call__(
        self,
        plan: ScanPlan,
        on_part: Callable[[ScanFinding], None],
        on_done: Callable[[], None],
        on_failed: Callable[[str], None],
    ) -> StopsAsking:
        """Begin."""
        ...


class ScanDialog(QDialog):
    """Runs one scan at a time; closing it ends the scan.

    Attributes:
        unit_chosen: The engineer takes a unit that answered (int).
        span_chosen: The engineer wants to see registers that can be read (RegisterSpan).
    """

    unit_chosen = Signal(int)
    span_chosen = Signal(object)

    def __init__(
        self,
        device_name: str,
        tables: Sequence[str],
        word_tables: Sequence[str],
        units: tuple[int, int] | None,
        timeout_s: float,
        ask: AskScan,
        parent: QWidget,
    ) -> None:
        """Lay it out; nothing is asked before the engineer says so.

        Args:
            device_name: Whose line.
            tables: `Tools.tables`.
            word_tables: `Tools.word_tables`: registers of these can be looked at.
            units: Lowest and highest unit id there is; None where the connection has no units.
            timeout_s: How long a unit that is not there keeps the line.
            ask: Begins a scan.
            parent: Whose window is blocked meanwhile.
        """
        super().__init__(parent)
        title = f"Scan: {device_name}"
        self.setObjectName("scan")
        self.setWindowTitle(title)
        self.setAccessibleName(title)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._timeout_s = timeout_s
        self._ask = ask
        self._table = tables[0] if tables else ""
        self._word_tables = word_tables
        self._question: StopsAsking | None = None
        self._form = ScanForm(tables, units)
        self._plan = plain_label()
        self._plan.setObjectName("scan-plan")
        self._plan.setWordWrap(True)
        self._task = TaskLine("scan-task")
        self._model = FindingsModel(self)
        self._found = make_table("scan-found", "What the scan found")
        self._found.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        set_columns(self._found, self._model, WIDTHS)
        self._start = _button("scan-start-it", "&Scan")
        self._start.setDefault(True)
        self._use_unit = _button("scan-use-unit", "Use this &unit")
        self._look = _button("scan-look", "&Look at these registers")
        self._lay_out(title)
        self._form.changed.connect(self._on_plan)
        self._start.clicked.connect(self._begin)
        self._task.cancelled.connect(self._stop)
        self._use_unit.clicked.connect(self._on_use_unit)
        self._look.clicked.connect(self._on_look)
        self._found.selectionModel().selectionChanged.connect(lambda *_: self._follow_choice())
        self._found.doubleClicked.connect(lambda _: self._on_double_click())
        self._on_plan()
        self._follow_choice()
        self.resize(self.sizeHint())

    def sizeHint(self) -> QSize:
        """Every column at its width, and a dozen findings."""
        return QSize(sum(WIDTHS) + 100, 560)

    def done(self, result: int) -> None:
        """End the scan, and close."""
        self._end_question()
        super().done(result)

    def _lay_out(self, title: str) -> None:
        heading = plain_label(title)
        heading.setFont(text_font(BODY_PX + 2, QFont.Weight.DemiBold))
        close = _button("scan-close", "Close")
        close.clicked.connect(self.reject)
        buttons = QHBoxLayout()
        for part in (self._use_unit, self._look):
            buttons.addWidget(part)
        buttons.addStretch(1)
        buttons.addWidget(self._start)
        buttons.addWidget(close)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(20, 16, 20, 16)
        layout.setSpacing(10)
        for part in (heading, self._form, self._plan, self._task):
            layout.addWidget(part)
        layout.addWidget(self._found, 1)
        layout.addLayout(buttons)

    def _on_plan(self) -> None:
        self._plan.setText(plan_sentence(self._form.plan, self._timeout_s))

    def _begin(self) -> None:
        if self._question is not None:
            return
        plan = self._form.plan
        self._table = plan.table
        self._model.clear()
        self._set_busy(is_busy=True)
        self._task.begin("Asking…")
        self._question = self._ask(plan, self._on_part, self._on_done, self._on_failed)

    def _on_part(self, finding: ScanFinding) -> None:
        if finding.kind == "progress":
            self._task.show_progress(finding.text or "Asking…", finding.done, finding.total)
            return
        self._model.add(finding)
        if self._model.rowCount() == 1:
            self._found.selectRow(0)

    def _on_done(self) -> None:
        self._finish(end_sentence(self._model.findings, was_stopped=False))

    def _on_failed(self, sentence: str) -> None:
        self._finish(sentence)

    def _stop(self) -> None:
        self._end_question()
        self._finish(end_sentence(self._model.findings, was_stopped=True))

    def _finish(self, sentence: str) -> None:
        self._question = None
        self._task.say(sentence)
        self._set_busy(is_busy=False)
        if self._model.rowCount():
            self._found.setFocus()

    def _end_question(self) -> None:
        question, self._question = self._question, None
        if question is not None:
            question.stop()

    def _set_busy(self, *, is_busy: bool) -> None:
        self._form.setEnabled(not is_busy)
        self._start.setEnabled(not is_busy)

    def _on_double_click(self) -> None:
        (self._on_look if self._look.isVisibleTo(self) else self._on_use_unit)()

    def _on_use_unit(self) -> None:
        finding = self._chosen()
        if finding is not None and finding.kind == "unit":
            self.unit_chosen.emit(finding.unit)
            self.accept()

    def _on_look(self) -> None:
        finding = self._chosen()
        if finding is not None and finding.kind == "range":
            count = min(_MOST_REGISTERS, finding.end - finding.start + 1)
            self.span_chosen.emit(RegisterSpan(self._table, finding.start, count))
            self.accept()

    def _follow_choice(self) -> None:
        finding = self._chosen()
        self._use_unit.setVisible(finding is not None and finding.kind == "unit")
        is_lookable = self._table in self._word_tables
        self._look.setVisible(finding is not None and finding.kind == "range" and is_lookable)

    def _chosen(self) -> ScanFinding | None:
        rows = self._found.selectionModel().selectedRows()
        return self._model.row_at(rows[0].row()) if rows else None


def _button(name: str, text: str) -> QPushButton:
    button = QPushButton(text)
    button.setObjectName(name)
    button.setAutoDefault(False)
    return button
