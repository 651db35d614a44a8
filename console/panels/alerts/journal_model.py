"""The journal as a table model: what happened, to which alert, and who did it."""

from collections.abc import Callable
from enum import IntEnum
from typing import Any

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, Qt

from console.panels.alerts.event_words import done_text, who_text
from console.panels.alerts.paged_model import PagedModel
from console.panels.wording import SEVERITY_WORDS, moment_from_unix, moment_text
from console.widgets.number_text import NO_VALUE
from console.widgets.plain_text import plain_tip
from models.records.alert import AlertEvent

_Index = QModelIndex | QPersistentModelIndex


class JournalColumn(IntEnum):
    """Columns, left to right."""

    AT = 0
    DONE = 1
    WHO = 2
    DEVICE = 3
    SEVERITY = 4
    MESSAGE = 5
    COMMENT = 6
    WORKSTATION = 7


HEADINGS = {
    JournalColumn.AT: "When",
    JournalColumn.DONE: "What",
    JournalColumn.WHO: "Who",
    JournalColumn.DEVICE: "Device",
    JournalColumn.SEVERITY: "Severity",
    JournalColumn.MESSAGE: "Alert",
    JournalColumn.COMMENT: "Comment",
    JournalColumn.WORKSTATION: "From",
}
_TIPPED = (JournalColumn.MESSAGE, JournalColumn.COMMENT, JournalColumn.WHO, JournalColumn.WORKSTATION)


class JournalModel(PagedModel[AlertEvent]):
    """Newest first."""

    def __init__(self, now: Callable[[], float], parent: QObject | None = None) -> None:
        """Store the clock: Unix seconds."""
        super().__init__(len(JournalColumn), parent)
        self._now = now

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = 0) -> Any:
        """Return a column's heading."""
        if orientation is not Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.ToolTipRole and section == JournalColumn.WORKSTATION:
            return "What the program called itself: a claim, not evidence"
        return HEADINGS[JournalColumn(section)] if role == Qt.ItemDataRole.DisplayRole else None

    def data(self, index: _Index, role: int = 0) -> Any:
        """Return what a cell shows."""
        if not index.isValid():
            return None
        event, column = self._rows[index.row()], JournalColumn(index.column())
        match role:
            case Qt.ItemDataRole.DisplayRole | Qt.ItemDataRole.AccessibleTextRole:
                return self._text(event, column)
            case Qt.ItemDataRole.ToolTipRole if column in _TIPPED:
                return plain_tip(self._text(event, column))
        return None

    def _text(self, event: AlertEvent, column: JournalColumn) -> str:
        match column:
            case JournalColumn.AT:
                return moment_text(event.at, moment_from_unix(self._now()))
            case JournalColumn.DONE:
                return done_text(event)
            case JournalColumn.WHO:
                return who_text(event)
            case JournalColumn.DEVICE:
                return event.device_name
            case JournalColumn.SEVERITY:
                return SEVERITY_WORDS[event.severity]
            case JournalColumn.MESSAGE:
                return event.message
            case JournalColumn.COMMENT:
                return " ".join(event.comment.split()) or NO_VALUE
            case JournalColumn.WORKSTATION:
                return event.workstation or NO_VALUE
