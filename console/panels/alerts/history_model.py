"""Past alerts, a page at a time from the database: what scrolls into view is asked for, nothing else."""

from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from console.panels.alerts.alert_rows import HEADINGS, Column, cell_text
from console.panels.alerts.open_model import ALERT_ROLE, PENDING_ROLE
from console.panels.wording import moment_from_unix, moment_text
from console.widgets.plain_text import plain_tip
from models.records.alert import Alert

PAGE = 200

_Index = QModelIndex | QPersistentModelIndex
_HISTORY_HEADINGS = {Column.SINCE: "Lasted", Column.ACKNOWLEDGED: "Acknowledged"}
_BEGAN = len(Column)


class HistoryModel(QAbstractTableModel):
    """Newest first. The last column is when the alert began."""

    def __init__(
        self, now: Callable[[], float], more: Callable[[], None], parent: QObject | None = None
    ) -> None:
        """Store the clock, and `more`: called when the person has scrolled to the end of what is known."""
        super().__init__(parent)
        self._now = now
        self._more = more
        self._rows: list[Alert] = []
        self._is_complete = False

    @property
    def oldest(self) -> Alert | None:
        """The last alert of the list."""
        return self._rows[-1] if self._rows else None

    @property
    def is_complete(self) -> bool:
        """Whether the database has no older ones."""
        return self._is_complete

    def alert_at(self, row: int) -> Alert:
        """Return the alert of a row."""
        return self._rows[row]

    def clear(self) -> None:
        """Forget everything; the next page begins at the newest."""
        self.beginResetModel()
        self._rows.clear()
        self._is_complete = False
        self.endResetModel()

    def add_page(self, page: Sequence[Alert]) -> None:
        """Put older alerts below; fewer than a page means that there are no more."""
        self._is_complete = len(page) < PAGE
        if page:
            first = len(self._rows)
            self.beginInsertRows(QModelIndex(), first, first + len(page) - 1)
            self._rows.extend(page)
            self.endInsertRows()

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        """Return the rows known so far."""
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        """Return the number of columns."""
        return 0 if parent.isValid() else len(Column) + 1

    def canFetchMore(self, parent: _Index) -> bool:
        """Tell whether older alerts may be stored."""
        return not parent.isValid() and not self._is_complete and bool(self._rows)

    def fetchMore(self, parent: _Index) -> None:
        """Ask for the next page."""
        self._more()

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = 0) -> Any:
        """Return a column's heading."""
        if orientation is not Qt.Orientation.Horizontal or role != Qt.ItemDataRole.DisplayRole:
            return None
        if section == _BEGAN:
            return "Began"
        return _HISTORY_HEADINGS.get(Column(section), HEADINGS[Column(section)])

    def data(self, index: _Index, role: int = 0) -> Any:
        """Return what a cell shows."""
        if not index.isValid():
            return None
        alert = self._rows[index.row()]
        now = moment_from_unix(self._now())
        match role:
            case Qt.ItemDataRole.DisplayRole | Qt.ItemDataRole.AccessibleTextRole:
                if index.column() == _BEGAN:
                    return moment_text(alert.triggered_at, now)
                return cell_text(alert, Column(index.column()), now)
            case Qt.ItemDataRole.ToolTipRole if index.column() == Column.MESSAGE:
                return plain_tip(alert.message)
            case _ if role == ALERT_ROLE:
                return alert
            case _ if role == PENDING_ROLE:
                return False
        return None
