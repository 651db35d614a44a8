"""The ten worst, each with what is wrong and a setting that would help: tried before it is kept."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFont, QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QStackedWidget, QTableView, QVBoxLayout, QWidget

from console.panels.reports.report_words import DIAGNOSIS_TEXTS
from console.panels.reports.worst_model import Column, WorstModel
from console.panels.settings.page_parts import Advice
from console.widgets.data_table import make_table, set_columns
from console.widgets.elastic_column import ElasticColumn
from console.widgets.empty_state import EmptyState
from console.widgets.fonts import BODY_PX, text_font
from console.widgets.plain_text import plain_label
from console.widgets.theme import ThemeSource
from console.widgets.whole_row import WholeRowDelegate
from console.widgets.yielding_columns import YieldingColumns
from models.records.alarm_load import BadActor

_WIDTHS = (170, 240, 76, 70, 66, 94, 270)
_SEVERITY_FROM_PX = 900


class WorstPage(QWidget):
    """A table, and below it the sentence and what can be done.

    Attributes:
        tried: A proposal shall be opened (Threshold).
        device_wanted: The device of a row shall be shown (DeviceId).
    """

    tried = Signal(object)
    device_wanted = Signal(object)

    def __init__(self, theme_source: ThemeSource) -> None:
        super().__init__()
        self.setObjectName("reports-worst")
        self._model = WorstModel(self)
        self._table = make_table("reports-worst-table", "The ten worst limits")
        self._table.setSelectionMode(QTableView.SelectionMode.SingleSelection)
        set_columns(self._table, self._model, _WIDTHS)
        self._table.setItemDelegate(WholeRowDelegate(self._table))
        ElasticColumn(self._table, Column.WHAT, 150)
        YieldingColumns(self._table, {Column.SEVERITY: _SEVERITY_FROM_PX})
        self._title = plain_label()
        self._why = plain_label()
        self._try = QPushButton()
        self._device = QPushButton("Show the &device")
        self._stack = QStackedWidget()
        self._lay_out(theme_source)
        self._table.selectionModel().selectionChanged.connect(self._follow_selection)
        self._table.activated.connect(self.try_it)
        self._try.clicked.connect(self.try_it)
        self._device.clicked.connect(self._show_device)
        key = QShortcut(QKeySequence("T"), self._table)
        key.setContext(Qt.ShortcutContext.WidgetShortcut)
        key.activated.connect(self.try_it)
        self._follow_selection()

    @property
    def table_model(self) -> WorstModel:
        """The table's model."""
        return self._model

    def show_worst(self, worst: Sequence[BadActor]) -> None:
        """Show the worst of another period; what was selected stays so if it is still among them."""
        self._model.show_rows(worst)
        self._stack.setCurrentIndex(0 if worst else 1)
        if worst and self._selected() is None:
            self._table.selectRow(0)
        self._follow_selection()

    def focus_first(self) -> None:
        """Put the keyboard on the table."""
        if self._selected() is None and self._model.rowCount():
            self._table.selectRow(0)
        self._table.setFocus()

    def try_it(self) -> None:
        """Open the proposal of the selected row in the back-test; nothing where there is none."""
        actor = self._selected()
        if actor is not None and actor.proposal is not None:
            self.tried.emit(actor.proposal)

    def _show_device(self) -> None:
        actor = self._selected()
        if actor is not None:
            self.device_wanted.emit(actor.source.device)

    def _selected(self) -> BadActor | None:
        rows = self._table.selectionModel().selectedRows()
        return self._model.row_at(rows[0].row()) if rows else None

    def _follow_selection(self) -> None:
        actor = self._selected()
        has_proposal = actor is not None and actor.proposal is not None
        if actor is None:
            self._title.setText("Select a limit to read what is wrong with it.")
            self._why.setText("")
        else:
            source = actor.source
            self._title.setText(f"{source.name}: {source.label}. {DIAGNOSIS_TEXTS[actor.diagnosis]}.")
            proposed = f"\nProposed: {actor.change}." if actor.change else ""
            self._why.setText(f"{actor.why}{proposed}")
        is_removal = actor is not None and actor.proposal is not None and not actor.proposal.enabled
        self._try.setText("&Open this limit  (T)" if is_removal else "&Try it in the back-test  (T)")
        self._try.setVisible(has_proposal)
        self._device.setVisible(actor is not None)

    def _lay_out(self, theme_source: ThemeSource) -> None:
        self._title.setObjectName("reports-worst-title")
        self._title.setFont(text_font(BODY_PX + 1, QFont.Weight.DemiBold))
        self._title.setWordWrap(True)
        self._why.setObjectName("reports-worst-why")
        self._why.setWordWrap(True)
        self._why.setMinimumHeight(self._why.fontMetrics().lineSpacing() * 4)
        self._why.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        self._try.setObjectName("reports-try")
        self._device.setObjectName("reports-worst-device")
        buttons = QHBoxLayout()
        for button in (self._try, self._device):
            buttons.addWidget(button)
        buttons.addStretch(1)
        advice = Advice(
            "A proposal is computed from the alerts of the period. Nothing is changed until the back-test "
            "has shown what it would have held back, and somebody keeps it.",
            theme_source,
        )
        advice.setMaximumWidth(16_777_215)
        holder = QWidget()
        inside = QVBoxLayout(holder)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.setSpacing(8)
        inside.addWidget(self._table, 1)
        inside.addWidget(self._title)
        inside.addWidget(self._why)
        inside.addLayout(buttons)
        inside.addWidget(advice)
        self._stack.addWidget(holder)
        self._stack.addWidget(
            EmptyState(
                theme_source,
                "mdi6.bell-check-outline",
                "No limit stands out",
                "In this period no limit brought an alert more than once, and none is stale. Choose a "
                "longer period above to look further back.",
            )
        )
        layout = QVBoxLayout(self)
        layout.setContentsMargins(10, 8, 10, 10)
        layout.addWidget(self._stack)
