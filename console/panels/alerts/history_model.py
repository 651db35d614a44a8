"""Past alerts as a table model; how they can be sorted where they are stored."""

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, Qt, Signal

from console.panels.alerts.alert_rows import HEADINGS, Column, cell_text
from console.panels.alerts.open_model import ALERT_ROLE, PENDING_ROLE
from console.panels.alerts.paged_model import PagedModel
from console.panels.wording import moment_from_unix
from console.widgets.plain_text import plain_tip
from models.quantities import THE_SIX, Quantities
from models.records.alert import Alert, AlertId
from models.records.alert_filter import AlertSort

_Index = QModelIndex | QPersistentModelIndex
_HISTORY_HEADINGS = {Column.SINCE: "Lasted"}

SORTS = {
    Column.SEVERITY: AlertSort.SEVERITY,
    Column.BEGAN: AlertSort.TRIGGERED,
    Column.STATE: AlertSort.STATUS,
    Column.DEVICE: AlertSort.DEVICE,
    Column.AREA: AlertSort.LOCATION,
    Column.METRIC: AlertSort.METRIC,
    Column.MESSAGE: AlertSort.MESSAGE,
    Column.VALUE: AlertSort.VALUE,
    Column.ACKNOWLEDGED: AlertSort.ACKNOWLEDGED,
    Column.RETURNED: AlertSort.CLEARED,
    Column.RESOLVED: AlertSort.RESOLVED,
}
"""By what the database sorts for a column; by others it does not."""


class HistoryModel(PagedModel[Alert]):
    """Newest first, unless a heading was clicked.

    Attributes:
        sort_wanted: Another order: by what (AlertSort), and whether the greatest comes first.
    """

    sort_wanted = Signal(object, bool)

    def __init__(self, now: Callable[[], float], parent: QObject | None = None) -> None:
        """Store the clock: Unix seconds."""
        super().__init__(len(Column), parent)
        self._now = now
        self._quantities = THE_SIX

    def set_quantities(self, quantities: Quantities) -> None:
        """Know what can be measured at the site, for names and units."""
        if quantities == self._quantities:
            return
        self._quantities = quantities
        if self._rows:
            last = self.index(len(self._rows) - 1, self.columnCount() - 1)
            self.dataChanged.emit(self.index(0, 0), last, [])

    def words_at(self, row: int, column: Column) -> str:
        """Return what a cell says."""
        return self._text(self._rows[row], column)

    def is_pending(self, alert: AlertId) -> bool:
        """Tell whether an order of this window waits for an alert: nothing here waits."""
        return False

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = 0) -> Any:
        """Return a column's heading."""
        if orientation is not Qt.Orientation.Horizontal or role != Qt.ItemDataRole.DisplayRole:
            return None
        return _HISTORY_HEADINGS.get(Column(section), HEADINGS[Column(section)])

    def data(self, index: _Index, role: int = 0) -> Any:
        """Return what a cell shows."""
        if not index.isValid():
            return None
        alert, column = self._rows[index.row()], Column(index.column())
        match role:
            case Qt.ItemDataRole.DisplayRole | Qt.ItemDataRole.AccessibleTextRole:
                return self._text(alert, column)
            case Qt.ItemDataRole.ToolTipRole if column in (Column.MESSAGE, Column.ASIDE):
                return plain_tip(self._text(alert, column))
            case _ if role == ALERT_ROLE:
                return alert
            case _ if role == PENDING_ROLE:
                return False
        return None

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Ask for another order; -1 for the newest first."""
        by = SORTS.get(Column(column)) if column >= 0 else None
        if by is None:
            self.sort_wanted.emit(AlertSort.TRIGGERED, True)
        else:
            self.sort_wanted.emit(by, order is Qt.SortOrder.DescendingOrder)

    def _text(self, alert: Alert, column: Column) -> str:
        return cell_text(alert, column, moment_from_unix(self._now()), quantities=self._quantities)
