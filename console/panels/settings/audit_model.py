"""The trail as a table model, a page at a time from the database, newest first."""

from collections.abc import Callable, Sequence
from enum import IntEnum
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from console.panels.settings.audit_parts import Known
from console.panels.settings.audit_words import OPERATION_WORDS, changes_text, subject_text
from console.panels.wording import moment_from_unix, moment_text
from console.widgets.plain_text import plain_tip
from models.records.audit import AuditEntry

PAGE = 200

_Index = QModelIndex | QPersistentModelIndex


class Column(IntEnum):
    """Columns, left to right."""

    WHEN = 0
    WHO = 1
    DONE = 2
    SUBJECT = 3
    CHANGES = 4
    WORKSTATION = 5


HEADINGS = {
    Column.WHEN: "When",
    Column.WHO: "Who",
    Column.DONE: "Done",
    Column.SUBJECT: "What",
    Column.CHANGES: "Change",
    Column.WORKSTATION: "Workstation",
}


class AuditModel(QAbstractTableModel):
    """What scrolls into view is asked for, nothing else."""

    def __init__(
        self,
        now: Callable[[], float],
        more: Callable[[], None],
        known: Callable[[], Known],
        parent: QObject | None = None,
    ) -> None:
        """Store what is needed.

        Args:
            now: Unix seconds.
            more: Called when the person has scrolled to the end of what is known.
            known: What numbers are called.
            parent: As of QObject.
        """
        super().__init__(parent)
        self._now = now
        self._more = more
        self._known = known
        self._rows: list[AuditEntry] = []
        self._texts: dict[int, str] = {}  # by row: put into words once it was seen, which most never are
        self._is_complete = False

    @property
    def oldest_seq(self) -> int | None:
        """The number of the last entry of the list; None while there is none."""
        return self._rows[-1].seq if self._rows else None

    @property
    def newest_seq(self) -> int:
        """The number of the first entry; 0 while there is none."""
        return self._rows[0].seq if self._rows else 0

    @property
    def is_complete(self) -> bool:
        """Whether the database has no older ones."""
        return self._is_complete

    def entry_at(self, row: int) -> AuditEntry:
        """Return the entry of a row."""
        return self._rows[row]

    def row_of(self, seq: int) -> int | None:
        """Return the row of an entry, None where it is not known."""
        return next((row for row, entry in enumerate(self._rows) if entry.seq == seq), None)

    def set_page(self, page: Sequence[AuditEntry]) -> None:
        """Begin anew with the newest page."""
        self.beginResetModel()
        self._rows = list(page)
        self._texts.clear()
        self._is_complete = len(page) < PAGE
        self.endResetModel()

    def add_page(self, page: Sequence[AuditEntry]) -> None:
        """Put older entries below; fewer than a page means that there are no more."""
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
        return 0 if parent.isValid() else len(Column)

    def canFetchMore(self, parent: _Index) -> bool:
        """Tell whether older entries may be stored."""
        return not parent.isValid() and not self._is_complete and bool(self._rows)

    def fetchMore(self, parent: _Index) -> None:
        """Ask for the next page."""
        self._more()

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = 0) -> Any:
        """Return a column's heading."""
        if orientation is not Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.ToolTipRole and section == Column.WORKSTATION:
            return "What the program called itself: a claim, not evidence"
        return HEADINGS[Column(section)] if role == Qt.ItemDataRole.DisplayRole else None

    def data(self, index: _Index, role: int = 0) -> Any:
        """Return what a cell shows."""
        if not index.isValid():
            return None
        row, column = index.row(), Column(index.column())
        match role:
            case Qt.ItemDataRole.DisplayRole | Qt.ItemDataRole.AccessibleTextRole:
                return self._text(row, column)
            case Qt.ItemDataRole.ToolTipRole if column in (Column.WHO, Column.WORKSTATION):
                return plain_tip(self._text(row, column))
        return None

    def _text(self, row: int, column: Column) -> str:
        entry = self._rows[row]
        match column:
            case Column.WHEN:
                return moment_text(entry.at, moment_from_unix(self._now()))
            case Column.WHO:
                return entry.who
            case Column.DONE:
                return OPERATION_WORDS[entry.operation]
            case Column.SUBJECT:
                return subject_text(entry)
            case Column.CHANGES:
                if row not in self._texts:
                    self._texts[row] = changes_text(entry, self._known())
                return self._texts[row]
            case Column.WORKSTATION:
                return entry.workstation
