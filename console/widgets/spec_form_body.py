"""The widgets of one settings type: a line a field in the type's order, by groups, advanced ones last."""

from collections.abc import Callable

from pydantic import BaseModel
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QLabel, QPushButton, QVBoxLayout, QWidget

from console.widgets.fonts import BODY_PX, text_font
from console.widgets.labelled_row import LabelledRow
from console.widgets.plain_text import plain_label
from console.widgets.spec_form_fields import Kind, SpecField, fields_of
from console.widgets.spec_form_input import (
    ChoiceInput,
    FlagInput,
    ListInput,
    NumberInput,
    SpecInput,
    TextInput,
)
from console.widgets.spec_form_secret import SecretInput
from console.widgets.spec_form_special import CertificateInput, PemInput, SerialPortInput
from console.widgets.theme import ThemeSource

_INPUTS: dict[Kind, Callable[[SpecField], SpecInput]] = {
    Kind.TEXT: TextInput,
    Kind.INTEGER: NumberInput,
    Kind.NUMBER: NumberInput,
    Kind.FLAG: FlagInput,
    Kind.CHOICE: ChoiceInput,
    Kind.LIST: ListInput,
    Kind.SERIAL_PORT: SerialPortInput,
    Kind.CERTIFICATE: CertificateInput,
    Kind.PEM: PemInput,
}


class SpecFormBody(QWidget):
    """Makes the widgets and passes on what happens to them.

    Attributes:
        edited: A person changed a field (its name).
        helped: Title and help of the field that has the keyboard.
        fetch_wanted: A server's certificate shall be fetched for a field (its name).
        fields: What the type asks for.
        inputs: The fields' widgets, by name.
        rows: The fields' lines, by name.
        groups: Headings, with the names of the fields below each.
        more: Unfolds the advanced fields.
    """

    edited = Signal(str)
    helped = Signal(str, str)
    fetch_wanted = Signal(str)

    def __init__(
        self, settings_type: type[BaseModel], theme_source: ThemeSource, parent: QWidget | None = None
    ) -> None:
        """Make them all."""
        super().__init__(parent)
        self._themes = theme_source
        self.fields = fields_of(settings_type)
        self.inputs: dict[str, SpecInput] = {}
        self.rows: dict[str, LabelledRow] = {}
        self.groups: list[tuple[QLabel, list[str]]] = []
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        self._add_groups(column, [field for field in self.fields if not field.is_advanced])
        # Made between the fields, because Tab goes through widgets in the order in which they were made.
        self.more = QPushButton(self)
        column.addWidget(self.more, 0, Qt.AlignmentFlag.AlignLeft)
        rest = [field for field in self.fields if field.is_advanced]
        self._add_groups(column, rest)
        self.more.setVisible(bool(rest))
        if rest:
            self.more.setObjectName("spec-form-more")

    def _add_groups(self, column: QVBoxLayout, fields: list[SpecField]) -> None:
        """Put fields below each other, those without a group first."""
        for group in sorted(dict.fromkeys(field.group for field in fields), key=bool):
            self._add_group(column, group, [field for field in fields if field.group == group])

    def _add_group(self, column: QVBoxLayout, title: str, fields: list[SpecField]) -> None:
        if title:
            heading = plain_label(title)
            heading.setFont(text_font(BODY_PX, QFont.Weight.DemiBold))
            heading.setContentsMargins(0, 6, 0, 0)
            column.addWidget(heading)
            self.groups.append((heading, [field.name for field in fields]))
        for field in fields:
            column.addWidget(self._add_field(field))

    def _add_field(self, field: SpecField) -> LabelledRow:
        widget = SecretInput(field) if field.is_secret else _INPUTS[field.kind](field)
        words = help_text(field)
        # A number carries its unit itself, close to its digits.
        unit = "" if isinstance(widget, NumberInput) else field.unit
        row = LabelledRow(field.title, widget, widget.target, self._themes, unit, words, self)
        name = field.name
        widget.edited.connect(lambda: self.edited.emit(name))
        row.focused.connect(lambda: self.helped.emit(field.title, words))
        if isinstance(widget, CertificateInput):
            widget.fetch_wanted.connect(lambda: self.fetch_wanted.emit(name))
        self.inputs[name], self.rows[name] = widget, row
        return row


def help_text(field: SpecField) -> str:
    """Return all that is known of a field: what it is, what may be given, what is usual."""
    parts = [field.help]
    if field.limits:
        parts.append(f"Possible: {field.limits}.")
    if field.usual:
        parts.append(f"Usually {field.usual}.")
    elif field.is_required:
        parts.append("Must be given.")
    return " ".join(part for part in parts if part)
