"""The open alerts as a table model that changes row by row, so that selection and scroll position stay."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, Qt

from console.panels.alerts.alert_rows import HEADINGS, Column, aside_text, cell_text
from console.panels.alerts.open_filter import OpenFilter
from console.panels.alerts.open_rows import OpenRows
from console.panels.wording import moment_from_unix
from console.widgets.keyed_table_model import KeyedTableModel
from console.widgets.plain_text import plain_tip
from console.widgets.severity_badge import BadgeState
from models.quantities import THE_SIX, Quantities
from models.records.alert import Alert, AlertId
from models.records.device import DeviceId
from models.records.shelf import Maintenance

ALERT_ROLE = Qt.ItemDataRole.UserRole + 1
"""Role under which a cell gives its row's Alert."""

PENDING_ROLE = Qt.ItemDataRole.UserRole + 2
"""Role under which a cell tells whether an order of this window waits for its row."""

_Index = QModelIndex | QPersistentModelIndex


class OpenAlertsModel(KeyedTableModel[Alert]):
    """Rows sorted and filtered here: open alerts are tens, thousands in a flood, never a whole history."""

    def __init__(self, now: Callable[[], float], parent: QObject | None = None) -> None:
        super().__init__([HEADINGS[column] for column in Column], lambda alert: alert.id, parent)
        self._now = now
        self._open = OpenRows()
        self._filter = OpenFilter()
        self._column: Column | None = None
        self._is_descending = False
        self._pending: dict[AlertId, str] = {}
        self._work: dict[DeviceId, Maintenance] = {}
        self._quantities = THE_SIX

    @property
    def alerts(self) -> tuple[Alert, ...]:
        """All open alerts, whether shown or filtered away."""
        return self._open.alerts

    @property
    def counts(self) -> Mapping[BadgeState, int]:
        """How many open alerts are in each state."""
        return self._open.counts

    @property
    def hidden(self) -> int:
        """How many open alerts are shelved or suppressed."""
        return self._open.hidden

    @property
    def narrowed(self) -> OpenFilter:
        """What the rows are narrowed to."""
        return self._filter

    @property
    def pending(self) -> frozenset[AlertId]:
        """Alerts for which an order of this window has not been confirmed."""
        return frozenset(self._pending)

    @property
    def shown(self) -> Sequence[Alert]:
        """The alerts of the rows, top to bottom."""
        return self._rows

    def alert_at(self, row: int) -> Alert:
        """Return the alert of a row."""
        return self.row_at(row)

    def words_at(self, row: int, column: Column) -> str:
        """Return what a cell says."""
        return self._text(self._rows[row], column)

    def is_pending(self, alert: AlertId) -> bool:
        """Tell whether an order of this window waits for an alert."""
        return alert in self._pending

    def set_alerts(self, alerts: Sequence[Alert]) -> None:
        """Show another state of the open alerts; orders that it confirms are no longer pending."""
        changed = self._open.take(alerts)
        if self._pending:
            self._pending = {
                id: words for id, words in self._pending.items() if id in self._open and id not in changed
            }
        self._arrange()

    def set_maintenance(self, works: Iterable[Maintenance]) -> None:
        """Know which devices are in maintenance, for the words of what is hidden."""
        work = {work.device: work for work in works}
        if work != self._work:
            self._work = work
            self.repaint_all()

    def set_quantities(self, quantities: Quantities) -> None:
        """Know what can be measured at the site, for names and units."""
        if quantities != self._quantities:
            self._quantities = quantities
            self.repaint_all()

    def set_filter(self, narrowed: OpenFilter) -> None:
        """Narrow the rows."""
        self._filter = narrowed
        self._arrange()

    def set_pending(self, ids: Iterable[AlertId], words: str) -> None:
        """Say `words` instead of the state until what comes back confirms the order."""
        self._pending.update({id: words for id in ids if id in self._open})
        self.repaint_all()

    def drop_pending(self, ids: Iterable[AlertId]) -> None:
        """Show the state again: the order was refused, or changed nothing."""
        for id in ids:
            self._pending.pop(id, None)
        self.repaint_all()

    def refresh_ages(self) -> None:
        """Repaint the column that ticks."""
        if self._rows:
            last = len(self._rows) - 1
            self.dataChanged.emit(self.index(0, Column.SINCE), self.index(last, Column.SINCE), [])

    # -- Qt --------------------------------------------------------------------------------------------

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
            case Qt.ItemDataRole.ToolTipRole if column is Column.STATE:
                now = moment_from_unix(self._now())
                return plain_tip(aside_text(alert, self._work.get(alert.device), now))
            case _ if role == ALERT_ROLE:
                return alert
            case _ if role == PENDING_ROLE:
                return alert.id in self._pending
        return None

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Sort by a column; -1 by urgency."""
        self._column = None if column < 0 else Column(column)
        self._is_descending = order is Qt.SortOrder.DescendingOrder
        self._arrange()

    # -- private ---------------------------------------------------------------------------------------

    def _text(self, alert: Alert, column: Column) -> str:
        now = moment_from_unix(self._now())
        pending, work = self._pending.get(alert.id, ""), self._work.get(alert.device)
        return cell_text(alert, column, now, pending, work, self._quantities)

    def _arrange(self) -> None:
        self.show_rows(self._open.arranged(self._filter, self._column, is_descending=self._is_descending))
