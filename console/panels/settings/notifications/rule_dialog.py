"""The form of a rule: which alerts, whom, by which channel, when."""

from collections.abc import Sequence
from dataclasses import replace
from typing import cast

from PySide6.QtWidgets import QCheckBox, QComboBox, QLineEdit, QSpinBox, QWidget

from console.panels.settings.notifications.check_list import CheckBoxes, CheckList
from console.panels.settings.notifications.questions import PersonChoice
from console.panels.settings.notifications.side_by_side import side_by_side
from console.panels.settings.notifications.words import (
    addresses_error,
    addresses_from,
    missing_shifts,
    name_error,
)
from console.panels.wording import SEVERITY_WORDS, length_text
from console.widgets.form_dialog import FormDialog
from console.widgets.spin_box import make_spin_box
from console.widgets.theme import ThemeSource
from models.records.device import Device, DeviceId
from models.records.notification import Channel, ChannelId, ChannelKind, Rule, RuleId
from models.records.person import Role
from models.records.threshold import Severity

_DAY_S = 86_400


class RuleDialog(FormDialog):
    """One rule."""

    def __init__(
        self,
        rule: Rule | None,
        channels: Sequence[Channel],
        persons: Sequence[PersonChoice],
        shifts: Sequence[str],
        devices: Sequence[Device],
        theme_source: ThemeSource,
        parent: QWidget,
    ) -> None:
        known = rule or Rule(RuleId(0), "", channels[0].id if channels else ChannelId(0), delay_s=60.0)
        title = (
            "What this rule tells of changes with the next alert."
            if known.id
            else "From the next alert on, people are told off the console as well."
        )
        super().__init__("rule", title, "Save" if known.id else "Add rule", theme_source, parent)
        self._before = known
        self._channels = {channel.id: channel for channel in channels}
        self._lay_out_what(known, channels)
        self._lay_out_whom(known, persons)
        self._lay_out_when(known, shifts)
        self._lay_out_where(known, devices)
        self._enabled = QCheckBox("This rule counts")
        self._enabled.setObjectName("rule-enabled")
        self._enabled.setChecked(known.enabled)
        self.add_widget(self._enabled)
        self._channel.currentIndexChanged.connect(self._follow_channel)
        for spin, row in ((self._delay, self._delay_row), (self._window, self._window_row)):
            spin.valueChanged.connect(lambda _value, spin=spin, row=row: row.set_hint(self._hint_of(spin)))
            row.set_hint(self._hint_of(spin))
        self._follow_channel()
        self._name.setFocus()

    def rule(self) -> Rule:
        """Return the rule as chosen."""
        is_mail = self._is_mail
        places = self._where.chosen
        return replace(
            self._before,
            name=self._name.text().strip(),
            channel=ChannelId(self._channel.currentData()),
            enabled=self._enabled.isChecked(),
            severities=frozenset(cast("list[Severity]", self._severities.chosen)),
            roles=frozenset(cast("list[Role]", self._roles.chosen)) if is_mail else frozenset(),
            persons=frozenset(cast("list[int]", self._persons.chosen)) if is_mail else frozenset(),
            addresses=addresses_from(self._addresses.text()) if is_mail else (),
            shifts=tuple(cast("list[str]", self._shifts.chosen)),
            locations=tuple(place for place in places if isinstance(place, str)),
            devices=frozenset(DeviceId(place) for place in places if isinstance(place, int)),
            delay_s=float(self._delay.value()),
            window_s=float(self._window.value()),
        )

    @property
    def _is_mail(self) -> bool:
        channel = self._channels.get(ChannelId(self._channel.currentData() or 0))
        return channel is not None and channel.kind is ChannelKind.SMTP

    def _lay_out_what(self, known: Rule, channels: Sequence[Channel]) -> None:
        self._name = QLineEdit(known.name)
        self._name.setObjectName("rule-name")
        self._channel = QComboBox()
        self._channel.setObjectName("rule-channel")
        for channel in channels:
            self._channel.addItem(f"{channel.name} ({channel.kind.label})", channel.id)
        self._channel.setCurrentIndex(max(0, self._channel.findData(known.channel)))
        self._severities = CheckBoxes(
            "rule-severities", [(one, SEVERITY_WORDS[one]) for one in Severity], known.severities
        )
        side_by_side(
            self,
            (self.add_row("&Name", self._name, lambda: name_error(self._name.text())), 1),
            (self.add_row("&Channel", self._channel, hint="The way by which they are told."), 1),
        )
        self._severities_row = self.add_row(
            "Alerts that are",
            self._severities,
            lambda: "" if self._severities.chosen else "Choose one at least.",
        )
        self._severities.changed.connect(lambda: self._severities_row.set_error(""))

    def _lay_out_whom(self, known: Rule, persons: Sequence[PersonChoice]) -> None:
        labels = {Role.ADMIN: "Administrators", Role.OPERATOR: "Operators", Role.USER: "Engineers"}
        self._roles = CheckBoxes("rule-roles", [(role, labels[role]) for role in Role], known.roles)
        self._persons = CheckList(
            "rule-persons", [(person.id, person.name) for person in persons], known.persons, rows=3
        )
        self._addresses = QLineEdit(", ".join(known.addresses))
        self._addresses.setObjectName("rule-addresses")
        self._roles_row = self.add_row(
            "Tell every&body who is",
            self._roles,
            self._whom_error,
            "Engineers are told of their own devices only.",
        )
        self._persons_row = self.add_row("These &persons", self._persons)
        self._addresses_row = self.add_row(
            "These &addresses",
            self._addresses,
            lambda: addresses_error(self._addresses.text()),
            "Of people and lists without an account here; a comma between two.",
        )
        # Beside each other: the form must fit a screen of 800 lines.
        side_by_side(self, (self._persons_row, 1), (self._addresses_row, 1))
        for changed in (self._roles.changed, self._persons.changed, self._addresses.textChanged):
            changed.connect(lambda *_: self._roles_row.set_error(""))

    def _lay_out_when(self, known: Rule, shifts: Sequence[str]) -> None:
        missing = missing_shifts(known, shifts)
        choices = [(name, name) for name in shifts] + [
            (name, f"{name} (no shift any more)") for name in missing
        ]
        self._shifts = CheckBoxes("rule-shifts", choices, known.shifts)
        self._shifts_row = self.add_row(
            "In the shifts",
            self._shifts,
            hint="None chosen: always. By the site's clock, when the alert comes.",
        )
        self._shifts_row.setVisible(bool(choices))
        self._delay = _seconds("rule-delay", known.delay_s)
        self._window = _seconds("rule-window", known.window_s)
        self._delay_row = self.add_row("&Wait before telling", self._delay)
        self._window_row = self.add_row("&Gather what comes for", self._window)
        side_by_side(self, (self._delay_row, 1), (self._window_row, 1))

    def _lay_out_where(self, known: Rule, devices: Sequence[Device]) -> None:
        areas = list(dict.fromkeys(device.location for device in devices if device.location))
        places: list[tuple[str | int, str]] = [(area, f"Everything in {area}") for area in areas]
        places += [
            (area, f"Everything in {area} (empty now)") for area in known.locations if area not in areas
        ]
        places += [(device.id, f"{device.name}  ·  {device.location}") for device in devices]
        self._where = CheckList("rule-where", places, {*known.locations, *known.devices}, rows=3)
        self.add_row("&Only about", self._where, hint="Nothing chosen: the whole plant.")

    def _follow_channel(self) -> None:
        for row in (self._roles_row, self._persons_row, self._addresses_row):
            row.setVisible(self._is_mail)

    def _whom_error(self) -> str:
        has_any = self._roles.chosen or self._persons.chosen or addresses_from(self._addresses.text())
        return "" if has_any else "Choose somebody, or type an address below."

    def _hint_of(self, spin: QSpinBox) -> str:
        seconds = length_text(spin.value())
        if spin is self._window:
            return f"One message for what comes within {seconds}." if spin.value() else "Each at once."
        if not spin.value():
            return "Everything is told, even what was taken care of at once."
        return f"Not told: what was acknowledged, over or set aside within {seconds}."


def _seconds(name: str, value: float) -> QSpinBox:
    spin = make_spin_box(name, "", 0, _DAY_S, round(value))
    spin.setSingleStep(30)
    spin.setSuffix(" s")
    return spin
