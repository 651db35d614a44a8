"""The form of one signal: new, or one that the site has; checked beside each field."""

from collections.abc import Mapping

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QLineEdit, QPlainTextEdit, QWidget

from console.panels.devices.signals.typed_signal import (
    MeantSignal,
    TypedSignal,
    key_from_label,
    meant_signal,
    typed_from_signal,
)
from console.panels.wording import count_text
from console.widgets.form_dialog import FormDialog
from console.widgets.form_row import FormRow
from console.widgets.number_field import NumberField
from console.widgets.theme import ThemeSource
from models.records.signal import Signal

_STATES_PX = 96
_WIDE_PX = 640
_NEW = "The site measures something more: tags, limits and trends can name it at once, for everybody."
_HINTS = {
    "key": "The word in tags, limits and files; it stays",
    "unit": "Empty where it has none",
    "decimals": "Empty: 2, of named values none",
    "plausible": "Outside: a sensor's mistake; empty: any value",
    "span": "Of bars and empty charts; empty: as believed, or 0 to 100",
    "states": "A line each, as 0 = Off; empty for a measurement",
}


class RangeField(QWidget):
    """Two numbers: from, to."""

    def __init__(self, name: str, accessible_name: str) -> None:
        super().__init__()
        self.setObjectName(name)
        self.low, self.high = NumberField(f"{name}-low"), NumberField(f"{name}-high")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        for field, word in ((self.low, "from"), (self.high, "to")):
            field.setAccessibleName(f"{accessible_name}, {word}")
            field.setMinimumWidth(80)
        row.addWidget(self.low, 1)
        row.addWidget(QLabel("to"))
        row.addWidget(self.high, 1)
        self.setFocusProxy(self.low)

    @property
    def pair(self) -> tuple[str, str]:
        """As typed."""
        return self.low.text(), self.high.text()

    def show_pair(self, pair: tuple[str, str]) -> None:
        """Show a range."""
        self.low.setText(pair[0])
        self.high.setText(pair[1])


class SignalForm(FormDialog):
    """The key follows the label until somebody types one; of a signal that there is, it stays."""

    def __init__(
        self,
        before: Signal | None,
        known: Mapping[str, Signal],
        devices: int,
        theme_source: ThemeSource,
        parent: QWidget,
    ) -> None:
        """Lay it out.

        Args:
            before: The signal that is changed; None for a new one.
            known: The site's signals by key.
            devices: How many devices measure it.
            theme_source: The theme in use.
            parent: Whose window is blocked meanwhile.
        """
        title = _NEW if before is None else _consequence(before, devices)
        verb = "Add signal" if before is None else "Change signal"
        super().__init__("signal-form", title, verb, theme_source, parent)
        self._before, self._known = before, known
        self._is_key_typed = before is not None
        self._label, self._key, self._unit = QLineEdit(), QLineEdit(), QLineEdit()
        self._decimals = NumberField("signal-decimals")
        self._plausible = RangeField("signal-plausible", "Believed range")
        self._span = RangeField("signal-span", "Range of bars")
        self._states = QPlainTextEdit()
        self._rows: dict[str, FormRow] = {}
        self._lay_out()
        self._show(TypedSignal() if before is None else typed_from_signal(before))
        self._connect()
        self._label.setFocus()

    @property
    def before(self) -> Signal | None:
        """The signal that is changed; None for a new one."""
        return self._before

    @property
    def meant(self) -> MeantSignal:
        """What is typed, understood."""
        typed = TypedSignal(
            self._label.text(),
            self._key.text(),
            self._unit.text(),
            self._decimals.text(),
            self._plausible.pair,
            self._span.pair,
            self._states.toPlainText(),
        )
        return meant_signal(typed, self._known, self._before)

    def check(self) -> bool:
        """Say beside each field what is wrong with it; the first that is gets the keyboard."""
        faults = self.meant.faults
        for field, row in self._rows.items():
            row.set_error(faults.get(field, ""))
        wrong = next((field for field in self._rows if field in faults), None)
        if wrong is not None:
            self._fields_by_name()[wrong].setFocus(Qt.FocusReason.OtherFocusReason)
        return not faults

    def _fields_by_name(self) -> dict[str, QWidget]:
        return {
            "label": self._label,
            "key": self._key,
            "unit": self._unit,
            "decimals": self._decimals,
            "plausible": self._plausible,
            "span": self._span,
            "states": self._states,
        }

    def _lay_out(self) -> None:
        self._label.setObjectName("signal-label")
        self._key.setObjectName("signal-key")
        self._unit.setObjectName("signal-unit")
        self._states.setObjectName("signal-states")
        self._states.setTabChangesFocus(True)
        self._states.setFixedHeight(_STATES_PX)
        self._decimals.start = 2.0
        self._key.setReadOnly(self._before is not None)
        if self._before is not None:
            self._key.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        labels = {
            "label": "&Label",
            "key": "&Key",
            "unit": "&Unit",
            "decimals": "&Decimals",
            "plausible": "&Believed range",
            "span": "&Range of bars",
            "states": "&Names of values",
        }
        holder = QWidget()
        holder.setMinimumWidth(_WIDE_PX)
        grid = QGridLayout(holder)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(4)
        for place, (name, field) in enumerate(self._fields_by_name().items()):
            row = FormRow(labels[name], field, self.theme_source, _HINTS.get(name, ""))
            self._rows[name] = row
            wide = 2 if name == "states" else 1
            grid.addWidget(row, place // 2, place % 2, 1, wide, Qt.AlignmentFlag.AlignTop)
        for column in range(2):
            grid.setColumnStretch(column, 1)
        self.add_widget(holder)

    def _show(self, typed: TypedSignal) -> None:
        self._label.setText(typed.label)
        self._key.setText(typed.key)
        self._unit.setText(typed.unit)
        self._decimals.setText(typed.decimals)
        self._plausible.show_pair(typed.plausible)
        self._span.show_pair(typed.span)
        self._states.setPlainText(typed.states)

    def _connect(self) -> None:
        self._label.textChanged.connect(self._propose_key)
        self._key.textEdited.connect(self._on_key_typed)
        lines = (self._label, self._key, self._unit, self._decimals)
        ends = (end for field in (self._plausible, self._span) for end in (field.low, field.high))
        for line in (*lines, *ends):
            line.textChanged.connect(self._check_again)
        self._states.textChanged.connect(self._check_again)

    def _propose_key(self) -> None:
        if not self._is_key_typed:
            self._key.setText(key_from_label(self._label.text(), self._known))

    def _on_key_typed(self, typed: str) -> None:
        self._is_key_typed = bool(typed)

    def _check_again(self) -> None:
        """Only fields that were wrong: nobody is told of what is wrong with a form that is still empty."""
        faults = self.meant.faults
        for field, row in self._rows.items():
            if row.error:
                row.set_error(faults.get(field, ""))


def _consequence(before: Signal, devices: int) -> str:
    where = f" of {count_text(devices, 'device')}" if devices else ""
    return (
        f"{before.label}{where} will read so everywhere, for everybody. Values that are stored stay as they "
        "are: another unit converts none of them."
    )
