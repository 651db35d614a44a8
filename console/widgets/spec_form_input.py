"""THE CONTRACT of one field of a generated form, and the plain ones: text, number, flag, choice, list.

A stored value goes in, and what is typed comes out as JSON; None means that nothing is given. Whether it fits
is not decided here: the settings type's own validation does, of the whole form at once.
"""

from collections.abc import Callable

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QComboBox, QHBoxLayout, QLineEdit, QPlainTextEdit, QWidget

from console.catalogue.typed_number import number_from_text, text_from_number
from console.widgets.looked_at import set_looked_at
from console.widgets.number_field import NumberField
from console.widgets.plain_text import plain_label
from console.widgets.spec_form_fields import Kind, SpecField
from models.records.device import JsonValue

_LIST_PX = 62
_PAGE = 20.0


class SpecInput(QWidget):
    """One field.

    Attributes:
        edited: A person changed it.
        target: The widget that takes the keyboard; a label's buddy.
    """

    edited = Signal()

    def __init__(self, field: SpecField, target: QWidget) -> None:
        """Lay the one widget out that most fields are; others add theirs to `row`."""
        super().__init__()
        self.field = field
        self.target = target
        self.row = QHBoxLayout(self)
        self.row.setContentsMargins(0, 0, 0, 0)
        self.row.setSpacing(6)
        self.row.addWidget(target, 1)
        self.setFocusProxy(target)
        self.name_target(target)

    def value(self) -> JsonValue:
        """Return what is given, None where nothing is. Raises NotANumber with a sentence."""
        raise NotImplementedError

    def show_value(self, value: JsonValue) -> None:
        """Show a stored value, None where there is none; `edited` is not emitted."""
        raise NotImplementedError

    def set_read_only(self, *, is_read_only: bool) -> None:
        """Let it be looked at only."""
        raise NotImplementedError

    def name_target(self, target: QWidget) -> None:
        """Give the widget its names for tests and screen readers."""
        field = self.field
        target.setObjectName(f"spec-{field.name.replace('_', '-')}")
        target.setAccessibleName(f"{field.title}, {field.unit}" if field.unit else field.title)

    def quietly(self, show: Callable[[], None]) -> None:
        """Change what is shown without telling anybody."""
        was = self.blockSignals(True)
        try:
            show()
        finally:
            self.blockSignals(was)


class TextInput(SpecInput):
    """A line of text."""

    def __init__(self, field: SpecField) -> None:
        self._line = QLineEdit()
        super().__init__(field, self._line)
        self._line.setPlaceholderText(placeholder_of(field))
        self._line.textChanged.connect(self.edited)

    def value(self) -> JsonValue:
        """Return the text without blanks at its ends."""
        return self._line.text().strip() or None

    def show_value(self, value: JsonValue) -> None:
        """Show a text."""
        self.quietly(lambda: self._line.setText("" if value is None else str(value)))

    def set_read_only(self, *, is_read_only: bool) -> None:
        """Let it be looked at only."""
        self._line.setReadOnly(is_read_only)


class NumberInput(SpecInput):
    """A number, with a comma or a point; the arrow keys move it."""

    def __init__(self, field: SpecField) -> None:
        self._line = NumberField("")
        super().__init__(field, self._line)
        self._line.setPlaceholderText(placeholder_of(field))
        self._line.step = _step(field)
        self._line.start = field.default if isinstance(field.default, int | float) else field.low or 0.0
        self._line.setFixedWidth(150)
        self._line.textChanged.connect(self.edited)
        self.row.setStretch(0, 0)
        self.row.addWidget(plain_label(field.unit))
        self.row.addStretch(1)

    def value(self) -> JsonValue:
        """Return the number; of a field for whole ones as such, where it is one."""
        if not self._line.text().strip():
            return None
        number = number_from_text(self._line.text())
        is_whole = self.field.kind is Kind.INTEGER and number.is_integer() and abs(number) < 2**53
        return int(number) if is_whole else number

    def show_value(self, value: JsonValue) -> None:
        """Show a number, or what stands in its place."""
        text = text_from_number(value) if isinstance(value, int | float) else str(value or "")
        self.quietly(lambda: self._line.setText(text))

    def set_read_only(self, *, is_read_only: bool) -> None:
        """Let it be looked at only."""
        self._line.setReadOnly(is_read_only)


class FlagInput(SpecInput):
    """Yes or no; its words stand beside the box, so that it needs no label."""

    def __init__(self, field: SpecField) -> None:
        self._box = QCheckBox(field.title.replace("&", "&&"))
        super().__init__(field, self._box)
        self._box.toggled.connect(self.edited)

    def value(self) -> JsonValue:
        """Return whether it is ticked."""
        return self._box.isChecked()

    def show_value(self, value: JsonValue) -> None:
        """Tick it or not; without a value, as the default says."""
        is_on = self.field.default if value is None else value
        self.quietly(lambda: self._box.setChecked(is_on is True))

    def set_read_only(self, *, is_read_only: bool) -> None:
        """Let it be looked at only."""
        set_looked_at(self._box, is_read_only=is_read_only)


class ChoiceInput(SpecInput):
    """One of some values. What is stored and no longer possible stays in the list, to be seen and mended."""

    def __init__(self, field: SpecField) -> None:
        self._box = QComboBox()
        super().__init__(field, self._box)
        if field.may_be_none or (field.is_required and field.default is None):
            self._box.addItem("not set" if field.may_be_none else "choose…", None)
        for choice in field.choices:
            self._box.addItem(str(choice), choice)
        self._own = self._box.count()
        self._box.setMinimumWidth(150)
        self._box.currentIndexChanged.connect(self.edited)
        self.row.setStretch(0, 0)
        self.row.addStretch(1)

    def value(self) -> JsonValue:
        """Return what is chosen."""
        return self._box.currentData()

    def show_value(self, value: JsonValue) -> None:
        """Choose a value; without one, the default."""
        self.quietly(lambda: self._choose(self.field.default if value is None else value))

    def set_read_only(self, *, is_read_only: bool) -> None:
        """Let it be looked at only."""
        set_looked_at(self._box, is_read_only=is_read_only)

    def _choose(self, value: JsonValue) -> None:
        while self._box.count() > self._own:
            self._box.removeItem(self._own)
        place = self._box.findData(value)
        if place < 0 and value is not None:
            self._box.addItem(f"{value} (not possible)", value)
            place = self._own
        self._box.setCurrentIndex(max(place, 0))


class ListInput(SpecInput):
    """Texts, one a line."""

    def __init__(self, field: SpecField) -> None:
        self._lines = QPlainTextEdit()
        super().__init__(field, self._lines)
        self._lines.setTabChangesFocus(True)
        self._lines.setFixedHeight(_LIST_PX)
        self._lines.setPlaceholderText("one a line" + (f", as {field.example}" if field.example else ""))
        self._lines.textChanged.connect(self.edited)

    def value(self) -> JsonValue:
        """Return the lines that hold something."""
        lines = [line.strip() for line in self._lines.toPlainText().splitlines()]
        return [line for line in lines if line] or None

    def show_value(self, value: JsonValue) -> None:
        """Show a list."""
        parts = value if isinstance(value, list) else [] if value is None else [value]
        self.quietly(lambda: self._lines.setPlainText("\n".join(map(str, parts))))

    def set_read_only(self, *, is_read_only: bool) -> None:
        """Let it be looked at only."""
        self._lines.setReadOnly(is_read_only)


def placeholder_of(field: SpecField) -> str:
    """Return what stands in an empty field: what counts then, an example, or the limits."""
    if field.usual:
        return f"usually {field.usual}"
    if field.example:
        return f"e.g. {field.example}"
    return field.limits if field.kind in (Kind.INTEGER, Kind.NUMBER) else ""


def _step(field: SpecField) -> float:
    if field.kind is Kind.INTEGER:
        return 1.0
    usual = field.default if isinstance(field.default, int | float) else 1.0
    return 0.1 if abs(usual) <= _PAGE / 4 else 1.0
