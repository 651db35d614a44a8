"""Ctrl+K: type a few letters of a device, a screen or an action; Enter goes there."""

from collections.abc import Sequence

from PySide6.QtCore import (
    QAbstractListModel,
    QEvent,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QRect,
    QSize,
    Qt,
)
from PySide6.QtGui import QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QDialog,
    QLabel,
    QLineEdit,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from console.frame.palette_entries import PaletteEntry, ranked
from console.widgets.fonts import text_font
from console.widgets.theme import ThemeSource

_NO_PARENT = QModelIndex()
_SIZE = QSize(640, 440)
_TO_THE_LIST = (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown)


class EntryModel(QAbstractListModel):
    """The entries shown."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._entries: Sequence[PaletteEntry] = ()

    def show_entries(self, entries: Sequence[PaletteEntry]) -> None:
        """Replace what is shown."""
        self.beginResetModel()
        self._entries = entries
        self.endResetModel()

    def entry(self, row: int) -> PaletteEntry | None:
        """Return the entry in a row, None where there is none."""
        return self._entries[row] if 0 <= row < len(self._entries) else None

    def rowCount(self, parent: QModelIndex | QPersistentModelIndex = _NO_PARENT) -> int:
        """Count the entries."""
        return 0 if parent.isValid() else len(self._entries)

    def data(
        self, index: QModelIndex | QPersistentModelIndex, role: int = Qt.ItemDataRole.DisplayRole
    ) -> object:
        """Return title, or everything for screen readers."""
        entry = self.entry(index.row())
        if entry is None:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return entry.title
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{entry.kind} {entry.title}, {entry.hint}"
        return None


class EntryDelegate(QStyledItemDelegate):
    """Title at the left, hint after it, kind at the right."""

    def __init__(self, theme_source: ThemeSource, parent: QObject) -> None:
        super().__init__(parent)
        self._themes = theme_source

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        """One roomy line."""
        return QSize(0, 32)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Paint one entry."""
        model = index.model()
        entry = model.entry(index.row()) if isinstance(model, EntryModel) else None
        if entry is None:
            return
        theme = self._themes.theme
        rect: QRect = option.rect.adjusted(10, 0, -10, 0)  # type: ignore[attr-defined]
        is_selected = bool(option.state & QStyle.StateFlag.State_Selected)  # type: ignore[attr-defined]
        if is_selected:
            painter.fillRect(option.rect, theme.selection)  # type: ignore[attr-defined]
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.setFont(text_font(14))
        painter.setPen(theme.selection_text if is_selected else theme.text)
        taken = painter.boundingRect(rect, middle, entry.title)
        painter.drawText(rect, middle, entry.title)
        painter.setFont(text_font(12))
        painter.setPen(theme.selection_text if is_selected else theme.muted)
        painter.drawText(rect, middle | Qt.AlignmentFlag.AlignRight, entry.kind)
        room = rect.adjusted(taken.width() + 14, 0, -70, 0)
        hint = painter.fontMetrics().elidedText(entry.hint, Qt.TextElideMode.ElideRight, room.width())
        painter.drawText(room, middle, hint)


class CommandPalette(QDialog):
    """Made once; `ask` opens it with what can be done at that moment."""

    def __init__(self, theme_source: ThemeSource, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setObjectName("command-palette")
        self.setAccessibleName("Find a device, screen or action")
        self._over = parent
        self._entries: Sequence[PaletteEntry] = ()
        self._field = QLineEdit()
        self._field.setObjectName("palette-field")
        self._field.setAccessibleName("What to find")
        self._field.setPlaceholderText("Device, screen or action")
        self._field.setFont(text_font(15))
        self._field.installEventFilter(self)
        self._model = EntryModel(self)
        self._list = QListView()
        self._list.setObjectName("palette-list")
        self._list.setAccessibleName("What was found")
        self._list.setModel(self._model)
        self._list.setItemDelegate(EntryDelegate(theme_source, self))
        self._list.setUniformItemSizes(True)
        self._list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._nothing = QLabel("Nothing is called that. Try part of a device's name, or its area.")
        self._nothing.setObjectName("palette-nothing")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 8, 8, 8)
        layout.addWidget(self._field)
        layout.addWidget(self._nothing)
        layout.addWidget(self._list, stretch=1)
        self._field.textChanged.connect(self._search)
        self._list.clicked.connect(lambda index: self._act(index.row()))

    def ask(self, entries: Sequence[PaletteEntry]) -> None:
        """Open over the window's upper part, empty and ready for typing."""
        self._entries = entries
        self._field.clear()
        self._search("")
        over = self._over
        self.resize(min(_SIZE.width(), over.width() - 40), min(_SIZE.height(), over.height() - 120))
        corner = over.mapToGlobal(over.rect().topLeft())
        self.move(corner.x() + (over.width() - self.width()) // 2, corner.y() + 96)
        self.show()
        self._field.setFocus()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Let arrows move in the list and Enter act, while letters go to the field."""
        if watched is self._field and event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            if event.key() in _TO_THE_LIST:
                self._move(event.key())
                return True
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self._act(self._list.currentIndex().row())
                return True
        return super().eventFilter(watched, event)

    def _search(self, typed: str) -> None:
        self._model.show_entries(ranked(self._entries, typed))
        has_any = self._model.rowCount() > 0
        self._nothing.setVisible(not has_any)
        self._list.setVisible(has_any)
        self._list.setCurrentIndex(self._model.index(0))

    def _move(self, key: int) -> None:
        step = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1, Qt.Key.Key_PageUp: -10, Qt.Key.Key_PageDown: 10}
        last = self._model.rowCount() - 1
        row = min(max(self._list.currentIndex().row() + step[Qt.Key(key)], 0), max(last, 0))
        self._list.setCurrentIndex(self._model.index(row))

    def _act(self, row: int) -> None:
        entry = self._model.entry(row)
        if entry is not None:
            self.hide()
            entry.act()
