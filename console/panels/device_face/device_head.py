"""The head of the device's face: name, kind, place, lamp and sentence, and the way to other devices."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QComboBox, QCompleter, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from console.panels.elided_label import ElidedLabel
from console.panels.wording import STATUS_WORDS
from console.widgets.fonts import text_font
from console.widgets.icons import icon
from console.widgets.plain_text import plain_label
from console.widgets.status_lamp import LampState, StatusLamp
from console.widgets.theme import ThemeSource
from models.records.device import Device, DeviceState

_SAID_MS = 15_000
_LAMP_SENTENCES = {
    LampState.STALE: "Stale: the device is online, but its values are not current",
    LampState.UNKNOWN: "Not known yet",
}


class DeviceHead(QWidget):
    """Name and state on the left, picker and neighbours on the right.

    Attributes:
        chosen: Another device was picked (DeviceId).
        stepped: The one before (−1) or after (+1) is wanted.
        maintenance_wanted: Maintenance shall begin, or change, or end.
        why_wanted: Somebody asks why a value is grey.
    """

    chosen = Signal(object)
    stepped = Signal(int)
    maintenance_wanted = Signal()
    why_wanted = Signal()

    def __init__(self, theme_source: ThemeSource, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._themes = theme_source
        self._lamp = StatusLamp(theme_source)
        self._lamp.setObjectName("device-lamp")
        self._name = ElidedLabel()
        self._name.setObjectName("device-name")
        self._name.setFont(text_font(20, QFont.Weight.DemiBold))
        self._place = ElidedLabel()
        self._place.setObjectName("device-place")
        self._state = plain_label()
        self._state.setObjectName("device-state")
        self._state.setWordWrap(True)
        self._work = plain_label()
        self._work.setObjectName("device-maintenance-state")
        self._work.setWordWrap(True)
        self._work.setFont(text_font(13, QFont.Weight.DemiBold))
        self._work.hide()
        self._said = plain_label()
        self._said.setObjectName("device-said")
        self._said.setWordWrap(True)
        self._said.hide()
        # An answer to what was done before must not be read as one to what is done next.
        self._forget_said = QTimer(self, singleShot=True, interval=_SAID_MS)
        self._forget_said.timeout.connect(lambda: self.say(""))
        self._maintenance = QPushButton()
        self._maintenance.setObjectName("device-maintenance")
        self._maintenance.clicked.connect(self.maintenance_wanted)
        self._why = QPushButton("Why is this grey?")
        self._why.setObjectName("device-why")
        self._why.setToolTip("Follows a value from the device to the database, and shows where it breaks")
        self._why.clicked.connect(self.why_wanted)
        self._why.hide()
        self._picker = QComboBox()
        self._picker.setObjectName("device-picker")
        self._picker.setAccessibleName("Choose a device")
        self._picker.setEditable(True)
        self._picker.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self._picker.setFixedWidth(260)
        self._picker.setMaxVisibleItems(20)
        completer = self._picker.completer() or QCompleter(self._picker)
        completer.setFilterMode(Qt.MatchFlag.MatchContains)
        completer.setCompletionMode(QCompleter.CompletionMode.PopupCompletion)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self._picker.setCompleter(completer)
        self._before = self._step_button("device-before", "Device before (Alt+Left)", -1)
        self._after = self._step_button("device-after", "Device after (Alt+Right)", 1)
        self._configure = QPushButton("Configure…")
        self._configure.setObjectName("device-configure")
        self._configure.setToolTip("Connection, tags and history of this device")
        self._trends = QPushButton("Show in Trends")
        self._trends.setObjectName("device-trends")
        self._lay_out()
        self._picker.activated.connect(lambda row: self.chosen.emit(self._picker.itemData(row)))
        theme_source.changed.connect(self._theme_changed)
        self._theme_changed()

    @property
    def trends_button(self) -> QPushButton:
        """Leads to Trends."""
        return self._trends

    @property
    def configure_button(self) -> QPushButton:
        """Leads to the device's settings."""
        return self._configure

    def focus_picker(self) -> None:
        """Put the keyboard into the picker, everything selected, ready for a name."""
        self._picker.setFocus()
        line = self._picker.lineEdit()
        if line is not None:
            line.selectAll()

    def set_devices(self, devices: Sequence[Device]) -> None:
        """Offer these devices, in this order."""
        self._picker.blockSignals(True)
        self._picker.clear()
        for device in devices:
            self._picker.addItem(f"{device.name} · {device.location or 'No area'}", device.id)
        self._picker.blockSignals(False)
        for part in (self._picker, self._before, self._after):
            part.setEnabled(bool(devices))

    def show_device(self, device: Device) -> None:
        """Show what does not change by itself."""
        self._name.setText(device.name)
        self._place.setText(f"{device.type} · {device.location or 'No area'} · {device.device_id}")
        self._picker.setCurrentIndex(self._picker.findData(device.id))

    def show_state(self, state: DeviceState, lamp: LampState, seen: str) -> None:
        """Show lamp and sentence.

        Args:
            state: As the station last found it.
            lamp: What the lamp says.
            seen: When the newest reading was taken, in words.
        """
        words = _LAMP_SENTENCES.get(lamp, STATUS_WORDS[state.status])
        self._lamp.set_state(lamp, state.detail)
        self._state.setText(f"{words} · {seen}" + (f"\n{state.detail}" if state.detail else ""))

    def show_grey(self, *, is_grey: bool) -> None:
        """Offer to say why, while not every value is live."""
        self._why.setVisible(is_grey)

    def show_maintenance(self, words: str, *, may_change: bool) -> None:
        """Show that the device is being worked on, until when, who wants it so and why; empty: it is not."""
        self._work.setText(words)
        self._work.setVisible(bool(words))
        self._maintenance.setText("End or change maintenance…" if words else "Maintenance…")
        self._maintenance.setToolTip(
            "While a device is being worked on, its alerts are recorded and ask nobody"
        )
        self._maintenance.setVisible(may_change)

    def say(self, sentence: str) -> None:
        """Say what came of an order; it goes by itself."""
        self._said.setText(sentence)
        self._said.setAccessibleName(sentence)
        self._said.setVisible(bool(sentence))
        self._forget_said.start()

    def _step_button(self, name: str, words: str, step: int) -> QPushButton:
        button = QPushButton()
        button.setObjectName(name)
        button.setAccessibleName(words)
        button.setToolTip(words)
        button.setFixedWidth(36)
        button.clicked.connect(lambda: self.stepped.emit(step))
        return button

    def _lay_out(self) -> None:
        title = QHBoxLayout()
        title.setSpacing(8)
        title.addWidget(self._lamp)
        title.addWidget(self._name)
        title.addSpacing(4)
        title.addWidget(self._place, 1)
        left = QVBoxLayout()
        left.setSpacing(2)
        left.addLayout(title)
        left.addWidget(self._state)
        left.addWidget(self._why, alignment=Qt.AlignmentFlag.AlignLeft)
        left.addWidget(self._work)
        left.addWidget(self._said)
        right = QHBoxLayout()
        right.setSpacing(4)
        for part in (
            self._maintenance,
            self._configure,
            self._trends,
            self._before,
            self._picker,
            self._after,
        ):
            right.addWidget(part)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(16)
        layout.addLayout(left, 1)
        layout.addLayout(right)
        layout.setAlignment(right, Qt.AlignmentFlag.AlignTop)

    def _theme_changed(self) -> None:
        theme = self._themes.theme
        self._before.setIcon(icon("mdi6.chevron-left", theme))
        self._after.setIcon(icon("mdi6.chevron-right", theme))
        self._place.setStyleSheet(f"color: {theme.muted.name()};")
