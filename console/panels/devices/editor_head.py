"""What stands above the form: which device, how it answers, what happened meanwhile, and what can be done."""

from collections.abc import Set as AbstractSet

from PySide6.QtCore import Signal
from PySide6.QtGui import QFont, QKeySequence
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from console.panels.devices.device_actions import DEVICE_ACTIONS
from console.panels.devices.device_rows import DeviceRow
from console.panels.elided_label import ElidedLabel
from console.panels.limits.notice_bar import NoticeBar
from console.panels.wording import STATUS_WORDS
from console.widgets.fonts import text_font
from console.widgets.plain_text import plain_label
from console.widgets.status_lamp import LAMP_WORDS, StatusLamp
from console.widgets.theme import ThemeSource
from models.records.device import DeviceStatus


class EditorHead(QWidget):
    """Decides nothing.

    Attributes:
        save_wanted, discard_wanted: A button was pressed.
        chosen: Which of the notice's choices (0 or 1).
        action_wanted: A button of `DEVICE_ACTIONS` was pressed (its name).
    """

    save_wanted = Signal()
    discard_wanted = Signal()
    chosen = Signal(int)
    action_wanted = Signal(str)

    def __init__(self, theme_source: ThemeSource, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._themes = theme_source
        self._lamp = StatusLamp(theme_source)
        self._lamp.setObjectName("device-editor-lamp")
        self._title = ElidedLabel()
        self._title.setObjectName("device-editor-title")
        self._title.setFont(text_font(17, QFont.Weight.DemiBold))
        self._state = plain_label()
        self._state.setObjectName("device-editor-state")
        self._state.setWordWrap(True)
        self._save = QPushButton("Save  (Ctrl+S)")
        self._save.setObjectName("device-save")
        self._discard = QPushButton("Discard")
        self._discard.setObjectName("device-discard")
        self._notice = NoticeBar("device-notice", theme_source)
        self._buttons: dict[str, QPushButton] = {}
        self._actions = QHBoxLayout()
        self._actions.setSpacing(6)
        for action in DEVICE_ACTIONS:
            # The key stands in the tip: with it, five buttons are wider than a small window's half.
            keys = f" ({QKeySequence(action.keys).toString()})" if action.keys else ""
            button = QPushButton(action.words)
            button.setObjectName(f"device-do-{action.name.replace('_', '-')}")
            button.setToolTip(f"{action.tip}{keys}")
            button.clicked.connect(lambda _=False, name=action.name: self.action_wanted.emit(name))
            button.hide()
            self._buttons[action.name] = button
            self._actions.addWidget(button)
        self._actions.addStretch(1)
        self._lay_out()
        self._save.clicked.connect(self.save_wanted)
        self._discard.clicked.connect(self.discard_wanted)
        self._notice.chosen.connect(self.chosen)
        theme_source.changed.connect(self._colour)
        self._colour()

    @property
    def notice(self) -> NoticeBar:
        """What happened meanwhile, with what can be done about it."""
        return self._notice

    def show_title(self, name: str, *, is_changed: bool) -> None:
        """Show which device it is, and whether something typed is not stored."""
        self._title.setText(f"{name} •" if is_changed else name)
        self._title.setAccessibleName(f"{name}, changed and not saved" if is_changed else name)

    def show_state(self, row: DeviceRow | None) -> None:
        """Show how the device answers; None: it is a new one."""
        self._lamp.setVisible(row is not None)
        if row is None:
            self._state.setText("New, not stored yet")
            return
        words = STATUS_WORDS[row.state.status]
        if row.state.status is DeviceStatus.ONLINE:
            words = LAMP_WORDS[row.lamp].capitalize()
        self._lamp.set_state(row.lamp, row.state.detail)
        self._state.setText(f"{words}: {row.state.detail}" if row.state.detail else words)

    def follow(self, *, may_change: bool, may_save: bool, may_discard: bool) -> None:
        """Offer what can be done, and no more."""
        self._save.setVisible(may_change)
        self._discard.setVisible(may_change)
        self._save.setEnabled(may_save)
        self._discard.setEnabled(may_discard)

    def offer_actions(self, offered: AbstractSet[str]) -> None:
        """Show the actions whose tools are offered."""
        for action in DEVICE_ACTIONS:
            self._buttons[action.name].setVisible(action.needs in offered)

    def offers(self, name: str) -> bool:
        """Tell whether an action is offered now."""
        return not self._buttons[name].isHidden()

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        top.setSpacing(8)
        top.addWidget(self._lamp)
        top.addWidget(self._title, 1)
        top.addWidget(self._discard)
        top.addWidget(self._save)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        layout.addLayout(top)
        layout.addWidget(self._state)
        layout.addWidget(self._notice)
        layout.addLayout(self._actions)

    def _colour(self) -> None:
        self._state.setStyleSheet(f"color: {self._themes.theme.muted.name()};")
