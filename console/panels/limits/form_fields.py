"""The widgets of a threshold's fields: made, filled, read, and named after their rule and unit."""

from collections.abc import Callable

from PySide6.QtWidgets import QCheckBox, QLineEdit, QPlainTextEdit, QWidget

from console.catalogue.threshold_fields import FIELD_BY_KEY, Kind, ThresholdField, Value, label_of, unit_of
from console.catalogue.typed_number import text_from_seconds
from console.widgets.form_row import FormRow
from console.widgets.number_field import NumberField
from console.widgets.theme import ThemeSource
from models.quantities import THE_SIX, Quantities
from models.records.threshold import RuleKind, Threshold

FieldWidget = NumberField | QLineEdit | QPlainTextEdit | QCheckBox

_WORDS_PX = 54
_LONG_S = 120.0
"""From here on people count in minutes."""
_HINTS = {
    "deadband": "Clears only this far inside",
    "on_delay": "Must last so long to alert",
    "off_delay": "Must be over so long to clear",
    "realarm": "While it still stands",
    "respond": "Told to the operator",
    "cause": "What usually lies behind it",
    "consequence": "What happens if nobody acts",
    "action": "What to do",
    "reason": "Permit, work, who knows about it",
}
_FLAG_WORDS = {
    "enabled": "In service",
    "latching": "Latching: stays until somebody resets it",
    "comment": "Acknowledging needs a comment",
}


class FormFields:
    """One widget a field. A check box says all itself; every other field stands in a row with its label.

    Attributes:
        widgets: By key of the field.
        rows: By key; those of check boxes are missing.
    """

    def __init__(self, theme_source: ThemeSource, on_edit: Callable[[], None]) -> None:
        """Store whom to tell of every edit."""
        self._themes = theme_source
        self._on_edit = on_edit
        self.widgets: dict[str, FieldWidget] = {}
        self.rows: dict[str, FormRow] = {}

    def add(self, key: str) -> QWidget:
        """Make a field, and return what is put into the form."""
        field = FIELD_BY_KEY[key]
        name = f"limit-{key.replace('_', '-')}"
        if field.kind is Kind.FLAG:
            box = QCheckBox(_FLAG_WORDS[key])
            box.setObjectName(name)
            box.toggled.connect(self._on_edit)
            self.widgets[key] = box
            return box
        widget: NumberField | QLineEdit | QPlainTextEdit
        if field.kind is Kind.TEXT and key != "reason":
            widget = QPlainTextEdit()
            widget.setTabChangesFocus(True)
            widget.setFixedHeight(_WORDS_PX)
        elif field.kind is Kind.TEXT:
            widget = QLineEdit()
        else:
            widget = NumberField(name)
        widget.setObjectName(name)
        widget.textChanged.connect(self._on_edit)
        self.widgets[key] = widget
        self.rows[key] = FormRow(field.label, widget, self._themes, _HINTS.get(key, ""))
        return self.rows[key]

    def fill(self, field: ThresholdField, threshold: Threshold, *, may_change: bool) -> None:
        """Show what a threshold says."""
        widget = self.widgets[field.key]
        if isinstance(widget, QCheckBox):
            widget.setChecked(bool(field.get(threshold)))
            widget.setEnabled(may_change)
        elif isinstance(widget, QPlainTextEdit):
            widget.setPlainText(field.text_of(threshold))
            widget.setReadOnly(not may_change)
        else:
            widget.setText(field.text_of(threshold))
            widget.setReadOnly(not may_change)

    def value(self, field: ThresholdField) -> Value:
        """Return what is typed. Raises NotANumber."""
        widget = self.widgets[field.key]
        if isinstance(widget, QCheckBox):
            return widget.isChecked()
        typed = widget.toPlainText() if isinstance(widget, QPlainTextEdit) else widget.text()
        return field.value_from_text(typed)

    def name(self, field: ThresholdField, threshold: Threshold, quantities: Quantities = THE_SIX) -> None:
        """Name a field after rule and unit, and let the keys move it by sensible steps."""
        unit = unit_of(field, threshold, quantities)
        words = label_of(field, threshold.rule)
        row, widget = self.rows[field.key], self.widgets[field.key]
        row.set_label(f"{words} ({unit})" if unit else words)
        widget.setAccessibleName(f"{words}, {unit}" if unit else words)
        if not isinstance(widget, NumberField):
            return
        quantity = quantities.find(threshold.metric)
        if field.kind is Kind.SECONDS:
            widget.step = 1.0
            seconds = field.get(threshold)
            hint = _HINTS.get(field.key, "")
            if isinstance(seconds, float) and seconds >= _LONG_S:
                hint = f"= {text_from_seconds(seconds)}"
            row.set_hint(hint)
        elif quantity is not None and threshold.rule in (
            RuleKind.LIMIT,
            RuleKind.RATE_OF_CHANGE,
            RuleKind.FROZEN,
        ):
            low, high = quantity.span
            share = 0.001 if field.key == "deadband" else 0.01
            widget.step = (high - low) * share
            widget.start = 0.0 if field.key in ("deadband", "amount") else (low + high) / 2
        else:
            widget.step = 1.0
