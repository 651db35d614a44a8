"""A form made from a driver's settings type: labels, units, limits, help, secrets, what is wrong with each.

It knows no protocol. Fields stand in the type's own order, in their groups; advanced ones are folded away;
those that depend on another field come and go with it. What fields of two types have in common is kept when
the protocol changes.
"""

from collections.abc import Mapping, Sequence

from pydantic import BaseModel
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QVBoxLayout, QWidget

from console.catalogue.typed_number import NotANumber
from console.widgets.fonts import BODY_PX, text_font
from console.widgets.labelled_row import LabelledRow
from console.widgets.plain_text import plain_label
from console.widgets.spec_form_body import SpecFormBody
from console.widgets.spec_form_check import WHOLE, faults_of, implied_by
from console.widgets.spec_form_fields import Kind, SpecField, defaults_of
from console.widgets.spec_form_input import (
    SpecInput,
)
from console.widgets.spec_form_special import CertificateInput, SerialPortInput
from console.widgets.theme import ThemeSource
from models.records.device import JsonValue
from models.secret_names import is_sealed


class SpecForm(QWidget):
    """Shows one connection; `values` is what shall be stored.

    Attributes:
        edited: A person changed a field.
        helped: Title and help of the field that has the keyboard.
        fetch_wanted: A server's certificate shall be fetched for this field (its name).
        ports_wanted: There is a field for a serial port; `offer_ports` helps whoever fills it in.
    """

    edited = Signal()
    helped = Signal(str, str)
    fetch_wanted = Signal(str)
    ports_wanted = Signal()

    def __init__(self, theme_source: ThemeSource, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("spec-form")
        self._themes = theme_source
        self._type: type[BaseModel] | None = None
        self._bodies: dict[type[BaseModel], SpecFormBody] = {}
        self._body = SpecFormBody(BaseModel, theme_source, self)
        self._stored: dict[str, JsonValue] = {}
        self._usual: dict[str, JsonValue] = {}
        self._faults: dict[str, str] = {}
        self._touched: set[str] = set()
        self._is_folded = True
        self._whole = plain_label()
        self._whole.setObjectName("spec-form-whole")
        self._whole.setWordWrap(True)
        self._whole.setFont(text_font(BODY_PX, QFont.Weight.DemiBold))
        self._whole.hide()
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(6)
        self._layout.addWidget(self._whole)

    @property
    def fields(self) -> tuple[SpecField, ...]:
        """What is asked for."""
        return self._body.fields

    @property
    def faults(self) -> Mapping[str, str]:
        """Everything that is wrong, by field, said or not yet."""
        return self._faults

    @property
    def inputs(self) -> Mapping[str, SpecInput]:
        """The fields' widgets, by name."""
        return self._body.inputs

    @property
    def rows(self) -> Mapping[str, LabelledRow]:
        """The fields' lines, by name."""
        return self._body.rows

    def show_settings(
        self,
        settings_type: type[BaseModel],
        stored: Mapping[str, JsonValue],
        typed: Mapping[str, JsonValue] | None = None,
        *,
        may_change: bool = True,
        may_fetch: bool = False,
    ) -> None:
        """Ask for the fields of a type.

        Args:
            settings_type: Of which protocol.
            stored: What changes are marked against; empty for a new device.
            typed: What the fields show at first; None = what is stored.
            may_change: Otherwise everything is to be looked at only.
            may_fetch: Whether a server's certificate can be fetched.
        """
        if settings_type is not self._type:
            self._use(settings_type)
        self._stored = dict(stored)
        self._touched.clear()
        shown = stored if typed is None else typed
        self._usual = implied_by(settings_type, self._body.fields, stored)
        for name, field in self._body.inputs.items():
            value = shown.get(name)
            is_usual = _is_same(self._usual.get(name), field.field.default)
            field.show_value(value if value is not None or is_usual else self._usual[name])
            field.set_read_only(is_read_only=not may_change)
        self.set_may_fetch(may_fetch=may_fetch)
        self._is_folded = True
        self._follow()
        if may_change and any(field.kind is Kind.SERIAL_PORT for field in self._body.fields):
            self.ports_wanted.emit()

    def prepare(self, settings_type: type[BaseModel]) -> None:
        """Make the fields of a type that may soon be asked for; that takes the time of some frames."""
        if settings_type not in self._bodies:
            body = SpecFormBody(settings_type, self._themes, self)
            body.hide()
            body.edited.connect(self._on_edited)
            body.helped.connect(self.helped)
            body.fetch_wanted.connect(self.fetch_wanted)
            body.more.clicked.connect(lambda: self._fold(is_folded=not self._is_folded))
            self._layout.addWidget(body)
            self._bodies[settings_type] = body

    def offer_ports(self, ports: Sequence[tuple[str, str]]) -> None:
        """Offer these serial ports: name and description of each."""
        for field in self._body.inputs.values():
            if isinstance(field, SerialPortInput):
                field.offer(ports)

    def set_may_fetch(self, *, may_fetch: bool) -> None:
        """Offer to fetch a server's certificate, or not."""
        for field in self._body.inputs.values():
            if isinstance(field, CertificateInput):
                field.set_may_fetch(may_fetch=may_fetch)

    def trust(self, name: str, der_base64: str) -> None:
        """Put a certificate that somebody trusts into its field."""
        field = self._body.inputs.get(name)
        if isinstance(field, CertificateInput):
            field.trust(der_base64)

    def change_type(self, settings_type: type[BaseModel], *, may_fetch: bool) -> None:
        """Ask for the fields of another protocol; what both have is kept, usual values aside."""
        usual = defaults_of(self._body.fields)
        kept = {
            name: value
            for name, value in self.values().items()
            if not _is_same(value, usual.get(name)) or is_sealed(value)
        }
        touched = set(self._touched)
        self.show_settings(settings_type, self._stored, kept, may_fetch=may_fetch)
        self._touched = touched
        self._follow()

    def values(self) -> dict[str, JsonValue]:
        """Return what shall be stored: what is given, where it is asked for and says something."""
        given = self._given()
        effective = self._effective(given)
        found: dict[str, JsonValue] = {}
        for field in self._body.fields:
            name, value = field.name, given[field.name]
            if not field.is_shown(effective) and not self._is_untouched(field, effective):
                continue
            if value is None and not (field.may_be_none and field.default is not None):
                continue
            if _is_same(value, self._usual.get(name)) and name not in self._stored:
                continue
            found[name] = _as_before(self._stored.get(name), value)
        return found

    def check(self, *, is_everything_said: bool = False) -> bool:
        """Judge what is given, and say what is wrong; tell whether nothing is.

        Args:
            is_everything_said: Also of fields that nobody has touched yet.
        """
        if is_everything_said:
            self._touched.update(self._body.inputs)
        self._follow()
        return not self._faults

    def focus_fault(self) -> bool:
        """Put the keyboard on the first field that is wrong; tell whether there is one."""
        for field in self._body.fields:
            if field.name in self._faults:
                if field.is_advanced and self._is_folded:
                    self._unfold()
                self._body.rows[field.name].target.setFocus(Qt.FocusReason.OtherFocusReason)
                return True
        return False

    def focus_first(self) -> None:
        """Put the keyboard on the first field."""
        if self._body.fields:
            self._body.rows[self._body.fields[0].name].target.setFocus(Qt.FocusReason.OtherFocusReason)

    # -- private ---------------------------------------------------------------------------------------

    def _given(self) -> dict[str, JsonValue]:
        """Return what stands in each field; a number that cannot be read as the text it is."""
        given: dict[str, JsonValue] = {}
        for name, field in self._body.inputs.items():
            try:
                given[name] = field.value()
            except NotANumber:
                given[name] = None
        return given

    def _effective(self, given: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
        return {
            field.name: field.default if given[field.name] is None else given[field.name]
            for field in self._body.fields
        }

    def _is_untouched(self, field: SpecField, effective: Mapping[str, JsonValue]) -> bool:
        """Whether it was stored although it is not asked for: it stays while what decides about it does."""
        return field.name in self._stored and all(
            effective.get(name) == self._stored.get(name, self._usual.get(name)) for name, _ in field.shown_if
        )

    def _use(self, settings_type: type[BaseModel]) -> None:
        """Show the fields of a type; those of types seen before are kept, so that coming back is quick."""
        self.prepare(settings_type)
        self._body.hide()
        self._type, self._body = settings_type, self._bodies[settings_type]
        self._body.show()

    def _on_edited(self, name: str) -> None:
        self._touched.add(name)
        self._follow()
        self.edited.emit()

    def _fold(self, *, is_folded: bool) -> None:
        self._is_folded = is_folded
        self._follow()

    def _unfold(self) -> None:
        self._is_folded = False
        self._follow()

    def _follow(self) -> None:
        """Show what is asked for now, what was changed, and what is wrong."""
        if self._type is None:
            return
        values = self.values()
        effective = self._effective(self._given())
        self._faults = self._judge(values)
        if any(field.is_advanced and self._said_of(field.name) for field in self._body.fields):
            self._is_folded = False
        for field in self._body.fields:
            row = self._body.rows[field.name]
            is_shown = field.is_shown(effective)
            row.setVisible(is_shown and not (field.is_advanced and self._is_folded))
            row.set_error(self._said_of(field.name) if is_shown else "")
            stored, value = self._stored.get(field.name), values.get(field.name)
            is_changed = stored != value and (bool(self._stored) or field.name in self._touched)
            row.set_changed(is_changed=is_changed and bool(self._stored), was=_shown(field, stored))
        for heading, names in self._body.groups:
            seen = [name for name in names if not self._body.rows[name].isHidden()]
            # A heading over one field of the same name says nothing.
            is_echo = [field.title for field in self._body.fields if field.name in seen] == [heading.text()]
            heading.setVisible(bool(seen) and not is_echo)
        self._show_more(values)
        whole = self._faults.get(WHOLE, "") if self._touched else ""
        self._whole.setText(whole)
        self._whole.setVisible(bool(whole))

    def _judge(self, values: Mapping[str, JsonValue]) -> dict[str, str]:
        if self._type is None:
            return {}
        faults = faults_of(self._type, self._body.fields, values)
        for name, field in self._body.inputs.items():
            try:
                field.value()
            except NotANumber as error:
                faults[name] = f"{error}"
        return faults

    def _said_of(self, name: str) -> str:
        return self._faults.get(name, "") if name in self._touched else ""

    def _show_more(self, values: Mapping[str, JsonValue]) -> None:
        rest = [field for field in self._body.fields if field.is_advanced]
        own = sum(field.name in values and values[field.name] != field.default for field in rest)
        sign = "▸" if self._is_folded else "▾"
        told = f", {own} not as usual" if own else ""
        self._body.more.setText(f"{sign} {len(rest)} more settings{told}")


def _as_before(stored: JsonValue, value: JsonValue) -> JsonValue:
    """Return what was stored where it is the same number: 1 and 1.0 are no change."""
    return stored if _is_same(stored, value) else value


def _is_same(one: JsonValue, other: JsonValue) -> bool:
    """Whether two values mean the same: 1 and 1.0 do, 1 and true do not."""
    return one == other and isinstance(one, bool) == isinstance(other, bool)


def _shown(field: SpecField, stored: JsonValue) -> str:
    if field.is_secret or is_sealed(stored):
        return "a secret" if stored is not None else "nothing"
    if stored is None:
        return field.usual or "nothing"
    return ", ".join(map(str, stored)) if isinstance(stored, list) else str(stored)[:80]
