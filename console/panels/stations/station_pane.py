"""The selected station in full: what is wrong and what to do, its figures and drills, what can be asked."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QPushButton, QScrollArea, QVBoxLayout, QWidget

from console.panels.alerts.fact_grid import FactGrid
from console.panels.elided_label import ElidedLabel
from console.panels.stations.condition_lines import ConditionLines
from console.panels.stations.drill_words import order_line, order_outcome, progress_of
from console.panels.stations.fuel_bar import FuelBar
from console.panels.stations.station_rows import StationRow, StationState
from console.panels.stations.station_words import (
    clock_sentence,
    devices_words,
    order_words,
    seen_words,
    spool_sentence,
    spool_share,
    state_sentence,
    state_words,
)
from console.panels.wording import count_text, moment_from_unix
from console.widgets.fonts import BODY_PX, text_font
from console.widgets.plain_text import plain_label
from console.widgets.status_lamp import StatusLamp
from console.widgets.theme import ThemeSource
from models.records.station import ConditionKind, OrderKind, StationOrder

_FACTS = (
    "Answering",
    "On disk",
    "Clock",
    "Database",
    "Given up",
    "Declined",
    "Sign of life",
    "Version",
    "Order",
)
_SHOWN_ORDERS = 5


class StationPane(QWidget):
    """Says nothing where no station is selected.

    Attributes:
        wanted: "drill", "drain", "retry" or "withdraw": asked for by a button.
    """

    wanted = Signal(str)

    def __init__(self, theme_source: ThemeSource, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("station-pane")
        self._name = ElidedLabel()
        self._lamp = StatusLamp(theme_source)
        self._state = plain_label()
        self._sentence = plain_label()
        self._conditions = ConditionLines(theme_source)
        self._bar = FuelBar("station-fuel", theme_source)
        self._facts = FactGrid("station-facts", _FACTS, theme_source)
        self._drill = QPushButton("Drill…  (Ctrl+D)")
        self._drain = QPushButton()
        self._retry = QPushButton("Offer again…")
        self._withdraw = QPushButton("Withdraw…  (Ctrl+Z)")
        self._under_way = plain_label()
        self._progress = QProgressBar()
        self._orders_title = plain_label()
        self._orders = plain_label()
        self._content = QWidget()
        self._lay_out()
        self._buttons = {
            "drill": self._drill,
            "drain": self._drain,
            "retry": self._retry,
            "withdraw": self._withdraw,
        }
        for name, button in self._buttons.items():
            button.setObjectName(f"station-do-{name}")
            button.clicked.connect(lambda _checked=False, name=name: self.wanted.emit(name))
        self.show_station(None, (), now_unix=0.0, may_act=False, is_reached=False, is_pending=False)

    def show_station(
        self,
        row: StationRow | None,
        orders: Sequence[StationOrder],
        *,
        now_unix: float,
        may_act: bool,
        is_reached: bool,
        is_pending: bool,
    ) -> None:
        """Show a station.

        Args:
            row: Which; None: nothing is selected.
            orders: What was asked of any station, newest first.
            now_unix: Unix seconds.
            may_act: The person may ask stations for something.
            is_reached: The database can be asked now.
            is_pending: An order of this window for it waits for the database.
        """
        self._content.setVisible(row is not None)
        if row is None:
            return
        now = moment_from_unix(now_unix)
        self._name.setText(f"{row.name}{', this computer' if row.is_here else ''}")
        words = state_words(row, now)
        self._lamp.set_state(row.lamp, words)
        _say(self._state, words[:1].upper() + words[1:])
        _say(self._sentence, state_sentence(row))
        self._conditions.show_conditions(row.conditions, now)
        share = spool_share(row.report)
        self._bar.setVisible(share is not None)
        self._bar.show_share(share, spool_sentence(row.report))
        self._show_buttons(row, may_act=may_act, can_act=is_reached and not is_pending)
        mine = [order for order in orders if order.station == row.id]
        self._withdraw.setVisible(may_act and any(order.is_waiting for order in mine))
        self._withdraw.setEnabled(is_reached)
        # What is under way is told in full below, to those who may read it.
        is_listed = any(order.ended_at is None for order in mine)
        self._facts.show_facts(_facts_of(row, is_listed=is_listed))
        self._show_orders(row, mine, now_unix)

    def press(self, name: str) -> None:
        """Do what a button does, where it can be pressed: for its key."""
        button = self._buttons[name]
        if button.isVisible() and button.isEnabled():
            self.wanted.emit(name)

    def _show_buttons(self, row: StationRow, *, may_act: bool, can_act: bool) -> None:
        can = may_act and row.id > 0 and row.is_enabled
        is_working = row.may_take or row.state in (StationState.DRAINING, StationState.DRAINED)
        is_free = can_act and not row.order and not row.is_old
        self._drill.setVisible(can)
        self._drill.setEnabled(is_working and is_free)
        self._drain.setVisible(can)
        self._drain.setText(
            f"{'Take devices again' if row.is_draining else 'Give everything away'}…  (Ctrl+G)"
        )
        self._drain.setEnabled(can_act and not row.is_old)
        declined = 0 if row.report is None else row.report.quarantined
        self._retry.setVisible(can and declined > 0)
        self._retry.setEnabled(is_working and is_free)

    def _show_orders(self, row: StationRow, mine: Sequence[StationOrder], now_unix: float) -> None:
        now = moment_from_unix(now_unix)
        running = next((order for order in mine if order.ended_at is None), None)
        self._under_way.setVisible(running is not None)
        self._progress.setVisible(running is not None)
        if running is not None:
            # What it told before it was cut off says nothing about what it keeps meanwhile.
            progress = progress_of(running, row.report if row.is_here or not row.order else None, now)
            _say(self._under_way, progress.words)
            self._progress.setRange(0, progress.total)
            self._progress.setValue(progress.done)
            self._progress.setAccessibleName(progress.words)
        listed = [f"{order_line(order, now)}\n{order_outcome(order)}" for order in mine[:_SHOWN_ORDERS]]
        _say(self._orders, "\n\n".join(listed))
        is_drills = all(order.kind is OrderKind.DRILL for order in mine[:_SHOWN_ORDERS])
        self._orders_title.setText("Last drills" if is_drills else "Asked of it lately")
        self._orders_title.setVisible(bool(listed))

    def _lay_out(self) -> None:
        self._name.setObjectName("station-name")
        self._name.setFont(text_font(BODY_PX + 4, QFont.Weight.DemiBold))
        self._state.setFont(text_font(BODY_PX + 1, QFont.Weight.DemiBold))
        self._under_way.setFont(text_font(BODY_PX, QFont.Weight.DemiBold))
        self._orders_title.setFont(text_font(BODY_PX + 1, QFont.Weight.DemiBold))
        for name, label in (
            ("state", self._state),
            ("sentence", self._sentence),
            ("under-way", self._under_way),
            ("orders", self._orders),
        ):
            label.setObjectName(f"station-{name}")
            label.setWordWrap(True)
        self._orders.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._progress.setObjectName("station-progress")
        self._progress.setTextVisible(False)
        state = QHBoxLayout()
        state.setSpacing(8)
        state.addWidget(self._lamp)
        state.addWidget(self._state, 1)
        column = QVBoxLayout(self._content)
        column.setContentsMargins(12, 4, 10, 8)
        column.setSpacing(8)
        column.addWidget(self._name)
        column.addLayout(state)
        # What is under way first: it is looked at by the second.
        under_way = (self._under_way, self._progress, self._withdraw)
        for part in (self._sentence, *under_way, self._conditions, self._bar, self._facts):
            column.addWidget(part)
        for button in (self._drill, self._drain, self._retry):
            column.addWidget(button)
        column.addSpacing(4)
        column.addWidget(self._orders_title)
        column.addWidget(self._orders)
        column.addStretch(1)
        area = QScrollArea()
        area.setObjectName("station-pane-area")
        area.setAccessibleName("The selected station")
        area.setWidgetResizable(True)
        area.setFrameShape(QScrollArea.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(self._content)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(area)


def _facts_of(row: StationRow, *, is_listed: bool) -> dict[str, str]:
    report = row.report
    facts = {
        "Answering": f"{devices_words(row)} devices" if row.held or row.collecting is not None else "",
        "Sign of life": seen_words(row),
        "Version": row.version,
        "Order": "" if is_listed else order_words(row.order),
    }
    if report is None:
        return facts
    is_said = any(condition.kind is ConditionKind.DATABASE_AWAY for condition in report.conditions)
    away = "cut off for a drill" if report.drill else "not reached" if is_said else report.database
    database = "reached" if report.database == "live" else away
    is_lost = row.state is StationState.LOST
    return facts | {
        "On disk": spool_sentence(report) + (", as it told last" if is_lost else ""),
        "Clock": "" if is_lost else clock_sentence(report.clock_offset_s),
        # What it told before it was lost says nothing about what it reaches now.
        "Database": "" if is_lost else database,
        "Given up": count_text(report.dropped, "reading") if report.dropped else "",
        "Declined": f"{count_text(report.quarantined, 'reading')} kept for a person"
        if report.quarantined
        else "",
    }


def _say(label: QWidget, words: str) -> None:
    """Show words, and hide a label that has none."""
    if label.property("text") != words:
        label.setProperty("text", words)
    label.setVisible(bool(words))
