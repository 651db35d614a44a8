"""The alerts that somebody acted on, and whether a threshold as edited would have raised them."""

from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, Qt

from console.panels.limits.back_test_words import acted_line
from console.panels.wording import moment_from_unix
from console.widgets.keyed_table_model import KeyedTableModel
from console.widgets.plain_text import plain_tip
from models.records.alert import Alert, AlertId

HEADINGS = ("Began", "With these settings", "Alert", "What was done")

_Index = QModelIndex | QPersistentModelIndex


class ActedOnModel(KeyedTableModel[tuple[Alert, bool]]):
    """Missed ones first, then newest first."""

    def __init__(self, now: Callable[[], float], parent: QObject | None = None) -> None:
        super().__init__(HEADINGS, lambda row: row[0].id, parent)
        self._now = now

    def show_alerts(self, acted_on: Sequence[Alert], missed: Sequence[Alert]) -> None:
        """Show these."""
        lost: set[AlertId] = {alert.id for alert in missed}
        rows = [(alert, alert.id in lost) for alert in acted_on]
        rows.sort(key=lambda row: (not row[1], -row[0].triggered_at.timestamp()))
        self.show_rows(rows)

    def data(self, index: _Index, role: int = 0) -> Any:
        """Return what a cell shows."""
        if not index.isValid():
            return None
        alert, is_missed = self.row_at(index.row())
        began, message, done = acted_line(alert, moment_from_unix(self._now()))
        words = (began, "✕ would be missed" if is_missed else "comes", message, done)[index.column()]
        match role:
            case Qt.ItemDataRole.DisplayRole | Qt.ItemDataRole.AccessibleTextRole:
                return words
            case Qt.ItemDataRole.ToolTipRole:
                return plain_tip(words)
        return None
