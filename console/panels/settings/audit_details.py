"""Beside the trail: one entry in full, field by field before and after."""

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QAbstractItemView, QFormLayout, QHeaderView, QLabel, QVBoxLayout, QWidget

from console.panels.elided_label import ElidedLabel
from console.panels.settings.audit_parts import Known
from console.panels.settings.audit_words import (
    change_label,
    changes_of,
    changes_text,
    entry_title,
    value_shown,
)
from console.panels.settings.page_parts import Advice
from console.panels.settings.person_words import breakable, short_name
from console.widgets.data_table import make_table
from console.widgets.fonts import BODY_PX, text_font
from console.widgets.number_text import NO_VALUE
from console.widgets.theme import ThemeSource
from models.records.audit import AuditChange, AuditEntry, AuditOperation

_Index = QModelIndex | QPersistentModelIndex
_FACTS = ("When", "Login", "Workstation", "Address", "Entry", "Hash")
_HEADINGS = ("Field", "Before", "After")
_FIELD_PX = 96


class ChangesModel(QAbstractTableModel):
    """One row a field."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._changes: list[AuditChange] = []

    def set_changes(self, changes: list[AuditChange]) -> None:
        """Show other fields."""
        self.beginResetModel()
        self._changes = changes
        self.endResetModel()

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        """Return the number of fields."""
        return 0 if parent.isValid() else len(self._changes)

    def columnCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        """Return the number of columns."""
        return 0 if parent.isValid() else len(_HEADINGS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = 0) -> Any:
        """Return a column's heading."""
        if orientation is not Qt.Orientation.Horizontal or role != Qt.ItemDataRole.DisplayRole:
            return None
        return _HEADINGS[section]

    def data(self, index: _Index, role: int = 0) -> Any:
        """Return what a cell shows."""
        if not index.isValid():
            return None
        change = self._changes[index.row()]
        match role:
            case Qt.ItemDataRole.DisplayRole | Qt.ItemDataRole.AccessibleTextRole:
                return (
                    change_label(change),
                    value_shown(change.before) or NO_VALUE,
                    value_shown(change.after) or NO_VALUE,
                )[index.column()]
            case Qt.ItemDataRole.TextAlignmentRole:
                return Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
            case Qt.ItemDataRole.ToolTipRole if index.column() == 0:
                return change.column
        return None


class AuditDetails(QWidget):
    """The selected entry."""

    def __init__(
        self, theme_source: ThemeSource, known: Callable[[], Known], parent: QWidget | None = None
    ) -> None:
        """Store what is needed; `known` tells what numbers are called."""
        super().__init__(parent)
        self._known = known
        self.setObjectName("audit-details")
        self.setAccessibleName("The selected entry of the audit trail")
        self._title = QLabel()
        self._title.setObjectName("audit-title")
        self._title.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignAbsolute)
        self._title.setTextFormat(Qt.TextFormat.PlainText)
        self._title.setWordWrap(True)
        self._title.setFont(text_font(BODY_PX + 2, QFont.Weight.DemiBold))
        self._facts = {name: ElidedLabel() for name in _FACTS}
        self._words = QLabel()
        self._words.setObjectName("audit-words")
        self._words.setTextFormat(Qt.TextFormat.PlainText)
        self._words.setWordWrap(True)
        self._claim = Advice(
            "The workstation is what the program called itself; the server saw the login and the address.",
            theme_source,
        )
        self._model = ChangesModel(self)
        self._table = make_table("audit-changes", "Fields before and after")
        self._table.setModel(self._model)
        self._table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self._table.setWordWrap(True)
        self._table.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header = self._table.horizontalHeader()
        header.setSectionsMovable(False)
        header.setStretchLastSection(False)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Fixed)
        header.setSectionResizeMode(1, QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(2, QHeaderView.ResizeMode.Stretch)
        self._table.setColumnWidth(0, _FIELD_PX)
        self._none = Advice("Select an entry to see what was there before and after.", theme_source)
        self._body = QWidget()
        self._lay_out()
        self.show_entry(None)

    def show_entry(self, entry: AuditEntry | None) -> None:
        """Show another entry."""
        self._body.setVisible(entry is not None)
        self._none.setVisible(entry is None)
        if entry is None:
            return
        is_note = entry.operation in (AuditOperation.REFUSED, AuditOperation.SIGNED_IN)
        self._title.setText(breakable(short_name(entry_title(entry), 160)))
        self._facts["When"].setText(f"{entry.at.astimezone():%Y-%m-%d %H:%M:%S %Z}")
        self._facts["Login"].setText(entry.actor)
        self._facts["Workstation"].setText(entry.workstation or NO_VALUE)
        self._facts["Address"].setText(entry.client or "the server's own computer")
        self._facts["Entry"].setText(f"{entry.seq:,} (transaction {entry.txid})")
        self._facts["Hash"].setText(entry.hash)
        self._words.setText(changes_text(entry, self._known()))
        self._words.setVisible(is_note and bool(self._words.text()))
        changes = [] if is_note else changes_of(entry, self._known())
        self._table.setVisible(bool(changes))
        self._model.set_changes(changes)
        for column, sides in ((1, [c.before for c in changes]), (2, [c.after for c in changes])):
            self._table.setColumnHidden(column, not any(sides))

    def _lay_out(self) -> None:
        facts = QFormLayout()
        facts.setContentsMargins(0, 0, 0, 0)
        facts.setHorizontalSpacing(12)
        facts.setVerticalSpacing(4)
        for name, label in self._facts.items():
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            facts.addRow(name, label)
        body = QVBoxLayout(self._body)
        body.setContentsMargins(0, 0, 0, 0)
        body.setSpacing(8)
        body.addWidget(self._title)
        body.addLayout(facts)
        body.addWidget(self._claim)
        body.addWidget(self._words)
        body.addWidget(self._table, 1)
        body.addStretch(0)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 0, 0, 0)
        layout.addWidget(self._none, alignment=Qt.AlignmentFlag.AlignTop)
        layout.addWidget(self._body, 1)
