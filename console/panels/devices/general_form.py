"""What every device has, whatever it speaks: name, hardware id, type, area, period, owner, parent."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QCompleter, QLineEdit, QVBoxLayout, QWidget

from console.catalogue.device_checks import parent_of
from console.catalogue.device_parts import LONGEST_PERIOD_S, SHORTEST_PERIOD_S
from console.catalogue.document import PARENT
from console.catalogue.typed_number import NotANumber, seconds_from_text, text_from_number
from console.panels.wording import natural
from console.widgets.labelled_row import LabelledRow
from console.widgets.looked_at import set_looked_at
from console.widgets.number_field import NumberField
from console.widgets.theme import ThemeSource
from models.records.device import Device, JsonValue

DESCRIPTION = "description"
_SPACES = re.compile(r"[^A-Z0-9]+")
_WHOLE_IDS = 24


@dataclass(frozen=True, slots=True)
class _Line:
    place: str
    label: str
    help: str
    unit: str = ""


_LINES = (
    _Line("name", "Name", "What people call the device, on every screen and in every alert."),
    _Line("device_id", "Hardware id", "Unique in the plant: as on its plate, or in the drawings."),
    _Line("type", "Type", "What kind of device it is: press, drive, meter. Lists and reports group by it."),
    _Line("location", "Area", "Where it stands. The overview groups by it."),
    _Line(
        "period_s",
        "Polled every",
        f"Time between two polls, {SHORTEST_PERIOD_S:g} s to {LONGEST_PERIOD_S / 3600:g} h. Usually 1 s.",
        "s",
    ),
    _Line("user_id", "Owner", "The engineer who may change it; nobody: administrators only."),
    _Line(
        "parent",
        "Reached through",
        "A gateway or switch among the devices: while that is offline, alerts of this one ask nobody.",
    ),
    _Line(DESCRIPTION, "Description", "Anything worth knowing: serial number, cabinet, who to call."),
)
_COMBOS = ("type", "location", "parent")


def id_from_name(name: str) -> str:
    """Return a hardware id as people write them: "Press 12" becomes "PRESS-12"."""
    return _SPACES.sub("-", name.upper()).strip("-")[:_WHOLE_IDS].strip("-")


class GeneralForm(QWidget):
    """Shows a device and returns what was typed.

    Attributes:
        edited: A person changed a field.
        helped: Title and help of the field that has the keyboard.
    """

    edited = Signal()
    helped = Signal(str, str)

    def __init__(self, theme_source: ThemeSource, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("device-general")
        self._subject: Device | None = None
        self._is_id_own = True
        self._touched: set[str] = set()
        self._choices: dict[str, Sequence[tuple[str, str]]] = {}
        self._fields: dict[str, QLineEdit | QComboBox] = {}
        self._rows: dict[str, LabelledRow] = {}
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        for line in _LINES:
            column.addWidget(self._add(line, theme_source))
        self._line("name").textEdited.connect(self._suggest_id)
        self._line("device_id").textEdited.connect(self._on_own_id)

    @property
    def rows(self) -> Mapping[str, LabelledRow]:
        """The fields' lines, by place."""
        return self._rows

    def offer(self, devices: Iterable[Device], people: Mapping[int, str], *, may_give: bool) -> None:
        """Offer what is known: types and areas, devices to be reached through, owners for administrators."""
        known = list(devices)
        types = sorted({device.type for device in known if device.type}, key=natural)
        areas = sorted({device.location for device in known if device.location}, key=natural)
        parents = sorted(known, key=lambda device: natural(device.name))
        self._refill("type", [(word, word) for word in types])
        self._refill("location", [(word, word) for word in areas])
        self._refill("parent", [(f"{one.device_id}  {one.name}", one.device_id) for one in parents])
        owner = self._combo("user_id")
        chosen = owner.currentData()
        owner.blockSignals(True)
        owner.clear()
        owner.addItem("nobody", None)
        for number, name in people.items():
            owner.addItem(name, number)
        owner.setCurrentIndex(max(0, owner.findData(chosen)))
        owner.blockSignals(False)
        self._rows["user_id"].setVisible(may_give)
        if self._subject is not None:
            self._show_owner(self._subject.user_id)

    def show_device(self, device: Device, *, may_change: bool, is_new: bool) -> None:
        """Show what a device says."""
        self._subject = device
        self._touched.clear()
        self._is_id_own = not is_new or bool(device.device_id)
        texts = {
            "name": device.name,
            "device_id": device.device_id,
            "type": device.type,
            "location": device.location,
            "period_s": text_from_number(device.period_s),
            "parent": parent_of(device),
            DESCRIPTION: str(device.extra.get(DESCRIPTION) or ""),
        }
        for place, text in texts.items():
            field = self._fields[place]
            was = field.blockSignals(True)
            if isinstance(field, QComboBox):
                field.setEditText(text)
                set_looked_at(field, is_read_only=not may_change)
            else:
                field.setText(text)
                field.setReadOnly(not may_change)
            field.blockSignals(was)
        set_looked_at(self._combo("user_id"), is_read_only=not may_change)
        self._show_owner(device.user_id)
        self.show_faults({})

    def typed(self, device: Device) -> Device:
        """Return a device with what was typed. A period that is no number comes out as NaN."""
        extra: dict[str, JsonValue] = dict(device.extra)
        for place, key in (("parent", PARENT), (DESCRIPTION, DESCRIPTION)):
            extra.pop(key, None)
            if text := self._text(place):
                extra[key] = text
        is_owner_shown = not self._rows["user_id"].isHidden()
        return replace(
            device,
            name=self._text("name"),
            device_id=self._text("device_id"),
            type=self._text("type"),
            location=self._text("location"),
            period_s=self._period_s(),
            user_id=self._combo("user_id").currentData() if is_owner_shown else device.user_id,
            extra=extra,
        )

    @property
    def period_fault(self) -> str:
        """Why the period cannot be read; empty where it can."""
        try:
            seconds_from_text(self._text("period_s"))
        except NotANumber as error:
            return str(error) if self._text("period_s") else "Say how often it is polled, for example 1."
        return ""

    def show_faults(self, faults: Mapping[str, str], *, is_everything_said: bool = False) -> None:
        """Say what is wrong, of fields that were touched, or of all."""
        for place, row in self._rows.items():
            is_said = is_everything_said or place in self._touched
            row.set_error(faults.get(place, "") if is_said else "")

    def mark_changes(self, stored: Device | None) -> None:
        """Mark the fields that differ from what is stored; None: nothing is."""
        if stored is None:
            for row in self._rows.values():
                row.set_changed(is_changed=False)
            return
        typed = self.typed(stored)
        for place, row in self._rows.items():
            old, new = _of(stored, place), _of(typed, place)
            row.set_changed(is_changed=old != new, was=str(old) if old not in (None, "") else "nothing")

    def focus_first(self) -> None:
        """Put the keyboard on the name."""
        self._line("name").setFocus(Qt.FocusReason.OtherFocusReason)

    def focus_fault(self, faults: Mapping[str, str]) -> bool:
        """Put the keyboard on the first field that is wrong; tell whether there is one."""
        for place, row in self._rows.items():
            if faults.get(place):
                row.target.setFocus(Qt.FocusReason.OtherFocusReason)
                return True
        return False

    # -- private ---------------------------------------------------------------------------------------

    def _add(self, line: _Line, theme_source: ThemeSource) -> LabelledRow:
        name = f"device-{line.place.replace('_', '-')}"
        field: QLineEdit | QComboBox
        if line.place in _COMBOS:
            field = _combo(name, line.label)
            field.editTextChanged.connect(lambda: self._on_edited(line.place))
            field.activated.connect(lambda row: self._complete(line.place, row))
        elif line.place == "user_id":
            field = QComboBox()
            field.addItem("nobody", None)
            field.currentIndexChanged.connect(lambda: self._on_edited(line.place))
        else:
            field = NumberField(name) if line.place == "period_s" else QLineEdit()
            field.textChanged.connect(lambda: self._on_edited(line.place))
        if line.place == "period_s":
            field.setMaximumWidth(150)
        field.setObjectName(name)
        field.setAccessibleName(line.label)
        row = LabelledRow(line.label, field, field, theme_source, line.unit, line.help)
        row.focused.connect(lambda: self.helped.emit(line.label, line.help))
        self._fields[line.place], self._rows[line.place] = field, row
        return row

    def _on_edited(self, place: str) -> None:
        self._touched.add(place)
        self.edited.emit()

    def _suggest_id(self, name: str) -> None:
        if not self._is_id_own:
            self._line("device_id").setText(id_from_name(name))

    def _on_own_id(self, _text: str) -> None:
        self._is_id_own = True

    def _refill(self, place: str, choices: Sequence[tuple[str, str]]) -> None:
        if self._choices.get(place) == choices:
            return
        self._choices[place] = choices
        combo = self._combo(place)
        typed = combo.currentText()
        was = combo.blockSignals(True)
        combo.clear()
        combo.addItems([words for words, _ in choices])
        combo.setCurrentIndex(-1)
        combo.setEditText(typed)
        combo.blockSignals(was)

    def _complete(self, place: str, row: int) -> None:
        """Write what was chosen: a list may say more than what is meant by it."""
        self._combo(place).setEditText(self._choices[place][row][1])

    def _show_owner(self, number: int | None) -> None:
        owner = self._combo("user_id")
        was = owner.blockSignals(True)
        if number is not None and owner.findData(number) < 0:
            owner.addItem(f"person {number}", number)
        owner.setCurrentIndex(max(0, owner.findData(number)))
        owner.blockSignals(was)

    def _period_s(self) -> float:
        try:
            return seconds_from_text(self._text("period_s"))
        except NotANumber:
            return float("nan")

    def _text(self, place: str) -> str:
        field = self._fields[place]
        text = field.currentText() if isinstance(field, QComboBox) else field.text()
        return text.strip()

    def _line(self, place: str) -> QLineEdit:
        field = self._fields[place]
        if isinstance(field, QComboBox):
            raise TypeError(f"{place} is chosen, not typed")
        return field

    def _combo(self, place: str) -> QComboBox:
        field = self._fields[place]
        if not isinstance(field, QComboBox):
            raise TypeError(f"{place} is typed, not chosen")
        return field


def _combo(name: str, label: str) -> QComboBox:
    combo = QComboBox()
    combo.setEditable(True)
    combo.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
    combo.setMaxVisibleItems(20)
    combo.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    completer = combo.completer() or QCompleter(combo)
    completer.setFilterMode(Qt.MatchFlag.MatchContains)
    completer.setCompletionMode(QCompleter.CompletionMode.PopupCompletion)
    completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
    combo.setCompleter(completer)
    line = combo.lineEdit()
    if line is not None:
        line.setObjectName(f"{name}-text")
        line.setAccessibleName(label)
    return combo


def _of(device: Device, place: str) -> object:
    if place == "parent":
        return parent_of(device)
    if place == DESCRIPTION:
        return str(device.extra.get(DESCRIPTION) or "")
    return getattr(device, place)
