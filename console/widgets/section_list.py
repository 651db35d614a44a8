"""Pages beside a list of their names: for screens with many parts of which one is looked at."""

from collections.abc import Callable

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QIcon, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QStackedWidget,
    QWidget,
)

from console.widgets.icons import icon
from console.widgets.theme import ThemeSource

LIST_PX = 172
_ROW_PX = 40


class SectionList(QWidget):
    """The arrow keys choose in the list; Ctrl+Page Down and Ctrl+Page Up turn the page from anywhere in it.

    Attributes:
        chosen: Another page is shown (its key).
        entered: Enter or the right arrow was pressed on the list: the keyboard shall go into the page.
    """

    chosen = Signal(str)
    entered = Signal()

    def __init__(
        self, name: str, accessible_name: str, theme_source: ThemeSource, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._themes = theme_source
        self._icons: dict[str, str] = {}
        self._makers: dict[str, Callable[[], QWidget]] = {}
        self._pages_by_key: dict[str, QWidget] = {}
        self._list = QListWidget()
        self._list.setObjectName(name)
        self._list.setAccessibleName(accessible_name)
        self._list.setFixedWidth(LIST_PX)
        self._list.setIconSize(QSize(20, 20))
        self._list.setProperty("isSections", True)
        self._list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._pages = QStackedWidget()
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._list)
        layout.addWidget(self._pages, 1)
        self._list.currentItemChanged.connect(self._turn)
        for keys, step in (("Ctrl+PgDown", 1), ("Ctrl+PgUp", -1)):
            shortcut = QShortcut(QKeySequence(keys), self)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(lambda step=step: self._step(step))
        for keys in ("Return", "Enter", "Right"):
            shortcut = QShortcut(QKeySequence(keys), self._list)
            shortcut.setContext(Qt.ShortcutContext.WidgetShortcut)
            shortcut.activated.connect(self.entered)
        theme_source.changed.connect(self._colour)

    @property
    def keys(self) -> list[str]:
        """The pages' keys, top to bottom."""
        return [self._key(row) for row in range(self._list.count())]

    @property
    def current(self) -> str:
        """The key of the page shown; empty where there is none."""
        item = self._list.currentItem()
        return "" if item is None else item.data(Qt.ItemDataRole.UserRole)

    def insert(self, row: int, key: str, title: str, icon_name: str, make: Callable[[], QWidget]) -> None:
        """Put a page at a place in the list; `make` builds it, once and when it is looked at first."""
        item = QListWidgetItem(title)
        item.setData(Qt.ItemDataRole.UserRole, key)
        item.setSizeHint(QSize(LIST_PX, _ROW_PX))
        self._icons[key] = icon_name
        item.setIcon(icon(icon_name, self._themes.theme))
        self._makers[key] = make
        self._list.insertItem(row, item)
        if self._list.currentItem() is None:
            self._list.setCurrentRow(0)

    def remove(self, key: str) -> None:
        """Take a page away and destroy it; nothing where there is none of that name."""
        for row in range(self._list.count()):
            if self._key(row) == key:
                self._list.takeItem(row)
                del self._icons[key], self._makers[key]
                page = self._pages_by_key.pop(key, None)
                if page is not None:
                    self._pages.removeWidget(page)
                    page.deleteLater()
                return

    def choose(self, key: str) -> None:
        """Show a page; nothing where there is none of that name."""
        for row in range(self._list.count()):
            if self._key(row) == key:
                self._list.setCurrentRow(row)

    def focus_list(self) -> None:
        """Put the keyboard on the list."""
        self._list.setFocus()

    def _key(self, row: int) -> str:
        return self._list.item(row).data(Qt.ItemDataRole.UserRole)

    def _step(self, step: int) -> None:
        row = self._list.currentRow() + step
        if 0 <= row < self._list.count():
            self._list.setCurrentRow(row)

    def _turn(self) -> None:
        key = self.current
        if key not in self._makers:
            return
        if key not in self._pages_by_key:
            page = self._pages_by_key[key] = self._makers[key]()
            self._pages.addWidget(page)
        self._pages.setCurrentWidget(self._pages_by_key[key])
        self.chosen.emit(key)

    def _colour(self) -> None:
        for row in range(self._list.count()):
            self._list.item(row).setIcon(self._icon_of(self._key(row)))

    def _icon_of(self, key: str) -> QIcon:
        return icon(self._icons[key], self._themes.theme)
