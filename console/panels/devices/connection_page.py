"""The first tab: what every device has, which protocol it speaks, and that protocol's own settings."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import cast

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QComboBox, QFrame, QScrollArea, QVBoxLayout, QWidget

from console.panels.devices.editor_subject import EditorSubject
from console.panels.devices.general_form import GeneralForm
from console.widgets.fonts import BODY_PX, text_font
from console.widgets.labelled_row import LabelledRow
from console.widgets.looked_at import set_looked_at
from console.widgets.plain_text import plain_label
from console.widgets.spec_form import SpecForm
from console.widgets.theme import ThemeSource
from drivers.driver import DriverSpec
from drivers.registry import DRIVERS
from drivers.workbench import Tool
from models.records.device import Device, JsonValue

_BEFORE_MAKING_MS = 1_000
"""Forms of protocols that are not on the screen are made when everything that is has long been painted."""
_PROTOCOL_HELP = "What the device speaks. Settings that two protocols have in common are kept."


class ConnectionPage(QWidget):
    """Shows a device and returns what was typed; it decides nothing.

    Attributes:
        edited: A person changed a field.
        protocol_changed: Another protocol is chosen.
        fetch_wanted: A server's certificate shall be fetched for this setting.
        ports_wanted: The station's serial ports would help.
    """

    edited = Signal()
    protocol_changed = Signal()
    fetch_wanted = Signal(str)
    ports_wanted = Signal()

    def __init__(self, theme_source: ThemeSource, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("device-connection")
        self._themes = theme_source
        self._stored: Device | None = None
        self._unknown: dict[str, JsonValue] = {}
        self._offered: frozenset[str] = frozenset()
        self._soon_asked: set[str] = set()
        self._idle = QTimer(self)
        self._idle.timeout.connect(self._prepare_one)
        self._general = GeneralForm(theme_source)
        self._protocol = QComboBox()
        self._protocol.setObjectName("device-protocol")
        self._protocol.setAccessibleName("Protocol")
        for spec in DRIVERS:
            self._protocol.addItem(spec.label, spec.kind)
        self._form = SpecForm(theme_source)
        self._not_known = plain_label()
        self._not_known.setObjectName("device-protocol-unknown")
        self._not_known.setWordWrap(True)
        self._help = plain_label()
        self._help.setObjectName("device-help")
        self._help.setText("What is asked for is explained here, field by field.")
        self._help.setWordWrap(True)
        self._help.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        self._lay_out()
        self._general.edited.connect(self.edited)
        self._form.edited.connect(self.edited)
        self._form.fetch_wanted.connect(self.fetch_wanted)
        self._form.ports_wanted.connect(self.ports_wanted)
        self._protocol.currentIndexChanged.connect(self._on_protocol)

    @property
    def general(self) -> GeneralForm:
        """What every device has."""
        return self._general

    @property
    def form(self) -> SpecForm:
        """The protocol's own settings."""
        return self._form

    @property
    def spec(self) -> DriverSpec | None:
        """The protocol that is chosen; None where this build does not know it."""
        kind = self._protocol.currentData()
        return next((spec for spec in DRIVERS if spec.kind == kind), None)

    @property
    def address_help(self) -> str:
        """How addresses of the protocol look; empty for one that is not known."""
        return self.spec.address_help if self.spec is not None else ""

    def show_subject(self, subject: EditorSubject, begun: Device) -> None:
        """Show a device.

        Args:
            subject: What is stored, and whether it may be changed.
            begun: What the fields show at first.
        """
        self._stored = subject.stored
        self._general.show_device(begun, may_change=subject.may_change, is_new=subject.stored is None)
        was = self._protocol.blockSignals(True)
        while self._protocol.count() > len(DRIVERS):
            self._protocol.removeItem(len(DRIVERS))
        if self._protocol.findData(begun.driver) < 0:
            self._protocol.addItem(f"{begun.driver or 'none'} (not known here)", begun.driver)
        self._protocol.setCurrentIndex(self._protocol.findData(begun.driver))
        set_looked_at(self._protocol, is_read_only=not subject.may_change)
        self._protocol.blockSignals(was)
        self._unknown = dict(begun.connection)
        spec = self.spec
        self._form.setVisible(spec is not None)
        self._not_known.setVisible(spec is None)
        if spec is not None:
            stored = subject.stored.connection if self._is_same_protocol() and subject.stored else {}
            may_fetch = Tool.CERTIFICATE in self._offered
            self._form.show_settings(
                spec.settings_type,
                stored,
                begun.connection,
                may_change=subject.may_change,
                may_fetch=may_fetch,
            )
        else:
            self._not_known.setText(
                f"This program does not know the protocol {begun.driver!r}; its settings are kept as they "
                "are. Install the package that brings it, or choose another."
            )

    def set_offered(self, offered: frozenset[str]) -> None:
        """Take what the protocol that is now chosen offers."""
        self._offered = offered
        self._form.set_may_fetch(may_fetch=Tool.CERTIFICATE in offered)

    def typed(self, device: Device) -> Device:
        """Return a device with what was typed on this page."""
        spec = self.spec
        connection = self._form.values() if spec is not None else self._unknown
        kind = cast("str", self._protocol.currentData())
        return replace(self._general.typed(device), driver=kind, connection=connection)

    def check(self) -> None:
        """Judge the settings anew."""
        self._form.check()

    def set_setting(self, name: str, value: JsonValue) -> None:
        """Put a value into a field of the settings, as if it had been typed; nothing where there is none."""
        field = self._form.inputs.get(name)
        if field is not None:
            field.show_value(value)
            field.edited.emit()

    def show_faults(self, faults: Mapping[str, str], *, is_everything_said: bool = False) -> None:
        """Say what is wrong with the general fields; the settings speak for themselves."""
        self._general.show_faults(faults, is_everything_said=is_everything_said)
        if is_everything_said:
            self._form.check(is_everything_said=True)

    def mark_changes(self) -> None:
        """Mark what differs from what is stored."""
        self._general.mark_changes(self._stored)
        is_other = self._stored is not None and not self._is_same_protocol()
        self._protocol_row.set_changed(is_changed=is_other)

    def focus_fault(self, faults: Mapping[str, str]) -> bool:
        """Put the keyboard on the first field that is wrong; tell whether there is one."""
        return self._general.focus_fault(faults) or self._form.focus_fault()

    def offer_known(self, devices: Iterable[Device], people: Mapping[int, str], *, may_give: bool) -> None:
        """Offer types, areas, parents and owners."""
        known = list(devices)
        self._general.offer(known, people, may_give=may_give)
        self._soon_asked = {device.driver for device in known}
        self._idle.start(_BEFORE_MAKING_MS)

    # -- private ---------------------------------------------------------------------------------------

    def _prepare_one(self) -> None:
        """Make the form of a protocol that some device speaks, while nothing else is to be done."""
        for spec in DRIVERS:
            if spec.kind in self._soon_asked:
                self._soon_asked.discard(spec.kind)
                self._form.prepare(spec.settings_type)
                return
        self._idle.stop()

    def _is_same_protocol(self) -> bool:
        return self._stored is not None and self._stored.driver == self._protocol.currentData()

    def _on_protocol(self) -> None:
        spec = self.spec
        if spec is None:
            return
        self.protocol_changed.emit()
        self._not_known.hide()
        self._form.show()
        self._form.change_type(spec.settings_type, may_fetch=Tool.CERTIFICATE in self._offered)
        self.edited.emit()

    def _show_help(self, title: str, words: str) -> None:
        self._help.setText(f"{title}: {words}" if words else title)

    def _lay_out(self) -> None:
        self._protocol_row = LabelledRow(
            "Protocol", self._protocol, self._protocol, self._themes, "", _PROTOCOL_HELP
        )
        self._protocol_row.focused.connect(lambda: self._show_help("Protocol", _PROTOCOL_HELP))
        self._general.helped.connect(self._show_help)
        self._form.helped.connect(self._show_help)
        heading = plain_label("How it is reached")
        heading.setFont(text_font(BODY_PX + 1, QFont.Weight.DemiBold))
        heading.setContentsMargins(0, 8, 0, 0)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        area = QScrollArea()
        area.setObjectName("device-connection-area")
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        layout.addWidget(area, 1)
        inner = QWidget()
        area.setWidget(inner)
        self._area = area
        column = QVBoxLayout(inner)
        column.setContentsMargins(10, 8, 10, 8)
        column.setSpacing(6)
        for part in (self._general, heading, self._protocol_row, self._not_known, self._form):
            column.addWidget(part)
        column.addStretch(1)
        self._help.setContentsMargins(10, 4, 10, 4)
        self._help.setMinimumHeight(3 * self._help.fontMetrics().lineSpacing())
        self._themes.changed.connect(self._colour)
        self._colour()
        layout.addWidget(self._help)

    def _colour(self) -> None:
        theme = self._themes.theme
        self._help.setStyleSheet(f"color: {theme.muted.name()}; border-top: 1px solid {theme.line.name()};")
