"""What has been: alerts of any state, newest first, page by page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QStackedWidget, QVBoxLayout, QWidget

from console.bridge.bridge import Bridge
from console.panels.alerts.alert_rows import LEAST_MESSAGE_PX, Column
from console.panels.alerts.history_model import PAGE, HistoryModel
from console.panels.alerts.row_delegate import AlertRowDelegate, SeverityDelegate
from console.panels.wording import count_text
from console.widgets.data_table import make_table, set_columns
from console.widgets.elastic_column import ElasticColumn
from console.widgets.empty_state import EmptyState
from console.widgets.flash import FlashClock
from console.widgets.theme import ThemeSource
from models.records.alert import Alert

if TYPE_CHECKING:
    from sqlalchemy import Connection

_WIDTHS = (100, 86, 128, 330, 126, 84, 80, 68, 136, 124)
_BEGAN = len(Column)


@dataclass(frozen=True, slots=True)
class HistoryPageQuestion:
    """Asks for the page behind an alert; None = the newest page. Runs on a worker thread."""

    after: Alert | None

    def __call__(self, connection: Connection) -> list[Alert]:
        """Return one page, newest first. Raises StorageError."""
        from models.queries.alerts import alert_history

        return alert_history(connection, PAGE, self.after)


class HistoryPage(QWidget):
    """The History tab.

    Attributes:
        device_wanted: The person wants to see a device (DeviceId).
    """

    device_wanted = Signal(object)

    def __init__(
        self, bridge: Bridge, theme_source: ThemeSource, flash: FlashClock, now: Callable[[], float]
    ) -> None:
        super().__init__()
        self._bridge = bridge
        self._is_asking = False
        self._generation = 0
        self._model = HistoryModel(now, self._ask, self)
        self._table = make_table("alerts-history", "Past alerts")
        set_columns(self._table, self._model, _WIDTHS)
        ElasticColumn(self._table, Column.MESSAGE, LEAST_MESSAGE_PX)
        self._table.setItemDelegate(AlertRowDelegate(theme_source, flash, self._table))
        self._table.setItemDelegateForColumn(
            Column.SEVERITY, SeverityDelegate(theme_source, flash, self._table)
        )
        self._table.horizontalHeader().moveSection(_BEGAN, 0)
        self._said = QLabel()
        self._said.setObjectName("history-said")
        self._reload = QPushButton("Newest")
        self._reload.setObjectName("history-reload")
        self._reload.setToolTip("Load the list again from the newest alert")
        self._empty = EmptyState(
            theme_source,
            "mdi6.history",
            "No alerts recorded yet",
            "Alerts that begin from now on appear here.",
        )
        self._stack = QStackedWidget()
        self._stack.addWidget(self._table)
        self._stack.addWidget(self._empty)
        top = QHBoxLayout()
        top.addWidget(self._said, 1)
        top.addWidget(self._reload)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(10, 8, 10, 8)
        layout.setSpacing(8)
        layout.addLayout(top)
        layout.addWidget(self._stack, 1)
        self._reload.clicked.connect(self.reload)
        self._table.doubleClicked.connect(
            lambda index: self.device_wanted.emit(self._model.alert_at(index.row()).device)
        )

    @property
    def table_model(self) -> HistoryModel:
        """The list's model."""
        return self._model

    def reload(self) -> None:
        """Begin again at the newest alert."""
        self._generation += 1
        self._is_asking = False
        self._model.clear()
        self._ask()

    def focus_list(self) -> None:
        """Put the keyboard on the list."""
        self._table.setFocus()

    def _ask(self) -> None:
        if self._is_asking:
            return
        self._is_asking = True
        generation = self._generation
        oldest = self._model.oldest
        self._said.setText("Loading…")

        def take(page: list[Alert]) -> None:
            if generation == self._generation:
                self._is_asking = False
                self._model.add_page(page)
                self._show_count()

        def fail(sentence: str) -> None:
            if generation == self._generation:
                self._is_asking = False
                self._said.setText(sentence)

        self._bridge.ask(HistoryPageQuestion(oldest), take, fail, self)

    def _show_count(self) -> None:
        count = self._model.rowCount()
        more = "" if self._model.is_complete else ", scroll down for older ones"
        self._said.setText(f"{count_text(count, 'alert')}, newest first{more}" if count else "")
        self._stack.setCurrentIndex(0 if count else 1)
