"""What can be done about the selected alerts, as buttons and as entries of a menu; each has its key."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAction, QKeySequence, QShortcut
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QMenu, QPushButton, QTableView, QWidget


@dataclass(frozen=True, slots=True)
class TableAction:
    """One thing to do about the selected rows.

    Attributes:
        key: Name in code: buttons are called `PREFIX-key`.
        words: What the button and the menu say.
        keys: A single key; acts only while the list has the keyboard: a search for "a" stays a search.
        is_button: Whether it stands above the list, too.
        tip: What it does, in a sentence.
    """

    key: str
    words: str
    keys: str
    act: Callable[[], object]
    is_button: bool = True
    tip: str = ""


class ActionBar(QWidget):
    """Buttons above a list, its context menu and its keys."""

    def __init__(self, prefix: str, table: QTableView, actions: Sequence[TableAction]) -> None:
        """Store what can be done; `table` gets keys and menu."""
        super().__init__()
        self._prefix = prefix
        self._table = table
        self._actions = tuple(actions)
        self._enabled = {action.key: True for action in actions}
        self._words = {action.key: action.words for action in actions}
        self._buttons: dict[str, QPushButton] = {}
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(6)
        for action in actions:
            self._add(action)
        table.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        table.customContextMenuRequested.connect(self._open_menu)

    @property
    def row(self) -> QBoxLayout:
        """Where more can be put behind the buttons."""
        return self._row

    def enable(self, key: str, *, enabled: bool, words: str = "") -> None:
        """Offer an action, or not; `words` replace what it says."""
        self._enabled[key] = enabled
        self._words[key] = words or next(action.words for action in self._actions if action.key == key)
        button = self._buttons.get(key)
        if button is not None:
            button.setEnabled(enabled)
            self._name(button, key)

    def show_buttons(self, *, shown: bool) -> None:
        """Show the buttons, or leave them away: for somebody who may only look."""
        for button in self._buttons.values():
            button.setVisible(shown)

    def menu(self) -> QMenu:
        """Return the actions as a menu; those that do not apply are grey."""
        menu = QMenu(self._table)
        menu.setObjectName(f"{self._prefix}-menu")
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        was_button = True
        for action in self._actions:
            if was_button and not action.is_button:
                menu.addSeparator()
            was_button = action.is_button
            entry = QAction(self._words[action.key], menu)
            entry.setObjectName(f"{self._prefix}-menu-{action.key}")
            # The key is shown, and stays the list's own: of two owners of one key none acts.
            entry.setText(f"{self._words[action.key]}\t{_shown(action.keys)}")
            entry.setEnabled(self._enabled[action.key])
            entry.triggered.connect(action.act)
            menu.addAction(entry)
        return menu

    def _add(self, action: TableAction) -> None:
        if action.keys:
            shortcut = QShortcut(QKeySequence(action.keys), self._table)
            shortcut.setContext(Qt.ShortcutContext.WidgetShortcut)
            shortcut.activated.connect(lambda: self._act(action))
        if action.is_button:
            button = QPushButton()
            button.setObjectName(f"{self._prefix}-{action.key}")
            button.setToolTip(action.tip)
            button.clicked.connect(action.act)
            self._buttons[action.key] = button
            self._name(button, action.key)
            self._row.addWidget(button)

    def _name(self, button: QPushButton, key: str) -> None:
        keys = next(action.keys for action in self._actions if action.key == key)
        button.setText(f"{self._words[key]}  ({_shown(keys)})")
        button.setAccessibleName(self._words[key])

    def _act(self, action: TableAction) -> None:
        if self._enabled[action.key]:
            action.act()

    def _open_menu(self, at: QPoint) -> None:
        self.menu().popup(self._table.viewport().mapToGlobal(at))


def _shown(keys: str) -> str:
    """Return a key as it is called on keyboards."""
    return "Enter" if keys == "Return" else keys
