"""The open alerts as a table model that changes row by row, so that selection and scroll position stay."""

from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, Qt

from console.panels.alerts.alert_rows import (
    HEADINGS,
    AlertFilter,
    Column,
    cell_text,
    filtered,
    sort_key,
    urgency_of,
)
from console.panels.wording import moment_from_unix
from console.widgets.keyed_table_model import KeyedTableModel
from console.widgets.plain_text import plain_tip
from models.records.alert import Alert, AlertId

ALERT_ROLE = Qt.ItemDataRole.UserRole + 1
"""Role under which a cell gives its row's Alert."""

PENDING_ROLE = Qt.ItemDataRole.UserRole + 2
"""Role under which a cell tells whether an order of this window waits for its row."""

_Index = QModelIndex | QPersistentModelIndex


class OpenAlertsModel(KeyedTableModel[Alert]):
    """Rows sorted and filtered here: open alerts are tens or hundreds, never a table of the database."""

    def __init__(self, now: Callable[[], float], parent: QObject | None = None) -> None:
        super().__init__(len(Column), lambda alert: alert.id, parent)
        self._now = now
        self._all: tuple[Alert, ...] = ()
        self._filter = AlertFilter()
        self._key: Callable[[Alert], Any] = urgency_of
        self._is_descending = False
        self._pending: dict[AlertId, str] = {}

    @property
    def alerts(self) -> tuple[Alert, ...]:
        """All open alerts, whether shown or filtered away."""
        return self._all

    @property
    def pending(self) -> frozenset[AlertId]:
        """Alerts for which an order of this window has not been confirmed."""
        return frozenset(self._pending)

    def alert_at(self, row: int) -> Alert:
        """Return the alert of a row."""
        return self.row_at(row)

    def set_alerts(self, alerts: Sequence[Alert]) -> None:
        """Show another state of the open alerts; orders that it confirms are no longer pending."""
        old = {alert.id: alert for alert in self._all}
        self._all = tuple(alerts)
        changed = {alert.id for alert in alerts if old.get(alert.id) != alert}
        kept = {alert.id for alert in alerts}
        self._pending = {id: words for id, words in self._pending.items() if id in kept and id not in changed}
        self._arrange()

    def set_filter(self, narrowed: AlertFilter) -> None:
        """Narrow the rows."""
        self._filter = narrowed
        self._arrange()

    def set_pending(self, ids: Sequence[AlertId], words: str) -> None:
        """Say `words` instead of the state until what comes back confirms the order."""
        self._pending.update({id: words for id in ids if any(alert.id == id for alert in self._all)})
        self.repaint_all()

    def drop_pending(self, ids: Sequence[AlertId]) -> None:
        """Show the state again: the order was refused, or changed nothing."""
        for id in ids:
            self._pending.pop(id, None)
        self.repaint_all()

    def refresh_ages(self) -> None:
        """Repaint the column that ticks."""
        if self._rows:
            self.dataChanged.emit(
                self.index(0, Column.SINCE), self.index(len(self._rows) - 1, Column.SINCE), []
            )

    # -- Qt --------------------------------------------------------------------------------------------

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = 0) -> Any:
        """Return a column's heading."""
        if orientation is not Qt.Orientation.Horizontal:
            return None
        return HEADINGS[Column(section)] if role == Qt.ItemDataRole.DisplayRole else None

    def data(self, index: _Index, role: int = 0) -> Any:
        """Return what a cell shows."""
        if not index.isValid():
            return None
        alert, column = self._rows[index.row()], Column(index.column())
        match role:
            case Qt.ItemDataRole.DisplayRole | Qt.ItemDataRole.AccessibleTextRole:
                return cell_text(
                    alert, column, moment_from_unix(self._now()), self._pending.get(alert.id, "")
                )
            case Qt.ItemDataRole.ToolTipRole if column is Column.MESSAGE:
                return plain_tip(alert.message)
            case _ if role == ALERT_ROLE:
                return alert
            case _ if role == PENDING_ROLE:
                return alert.id in self._pending
        return None

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Sort by a column; -1 by urgency."""
        self._key = urgency_of if column < 0 else sort_key(Column(column))
        self._is_descending = order is Qt.SortOrder.DescendingOrder
        self._arrange()

    # -- private ---------------------------------------------------------------------------------------

    def _arrange(self) -> None:
        wanted = filtered(self._all, self._filter)
        # Before sorting by a column, by urgency: Python's sort is stable, so equal cells stay in that order.
        wanted.sort(key=urgency_of)
        wanted.sort(key=self._key, reverse=self._is_descending)
        self.show_rows(wanted)
