"""One form for many thresholds: only the fields that are ticked are written."""

from collections.abc import Mapping, Sequence

from PySide6.QtWidgets import QCheckBox, QComboBox, QGridLayout, QLineEdit, QWidget

from console.catalogue.threshold_fields import FIELDS, Kind, ThresholdField, Value, belongs, unit_of
from console.catalogue.typed_number import NotANumber
from console.panels.limits.limit_rows import LimitRow
from console.panels.limits.lines_view import LinesView
from console.panels.limits.many_edits import Changes, Order, change_order, counted
from console.panels.limits.order_dialogs import OrderDialog
from console.panels.wording import SEVERITY_WORDS, count_text
from console.widgets.plain_text import plain_label
from console.widgets.theme import ThemeSource
from models.records.threshold import Severity

_LEFT_OUT = ("enabled", "reason")
"""Out of service and back is an order of its own, with its own reason."""
_NOW_PX = 240
_LINES = 6
_WIDE_PX = 660


class ManyDialog(OrderDialog):
    """The list below the fields says what will be different before the order is given."""

    def __init__(
        self,
        rows: Sequence[LimitRow],
        all_rows: Sequence[LimitRow],
        people: Mapping[int, str],
        theme_source: ThemeSource,
        parent: QWidget,
    ) -> None:
        count = count_text(len(rows), "limit")
        title = f"Tick what shall be the same in {count}; everything else stays as it is in each."
        super().__init__("limits-many", title, f"Change {count}", theme_source, parent)
        self._rows, self._all_rows, self._people = rows, all_rows, people
        self._ticks: dict[str, QCheckBox] = {}
        self._inputs: dict[str, QLineEdit | QComboBox] = {}
        self._sounds: dict[str, str] = {}
        self._order = Order((), ())
        grid = QWidget()
        self._grid = QGridLayout(grid)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(10)
        self._grid.setVerticalSpacing(4)
        self._grid.setColumnStretch(1, 1)
        self._add_combo("severity", "Severity", [(SEVERITY_WORDS[s], s) for s in Severity])
        for field in FIELDS:
            if field.key not in _LEFT_OUT and any(belongs(field.key, r.threshold.rule) for r in rows):
                self._add_field(field)
        self._add_combo("owner", "Owner", [(name, id) for id, name in people.items()])
        self._list = LinesView("limits-many-lines", "What will be different", _LINES)
        self._list.setMinimumWidth(_WIDE_PX)
        self.add_widget(grid)
        self.add_widget(self._list)
        self._follow()
        next(iter(self._ticks.values())).setFocus()

    def order(self) -> Order:
        """Return what is asked for now."""
        self.pending, self.told = "Changing…", f"{count_text(len(self._order.edits), 'limit')} changed."
        return self._order

    def refuse(self, sentence: str) -> None:
        """Say why it was not stored; what is not ticked stays closed."""
        super().refuse(sentence)
        for key, tick in self._ticks.items():
            self._inputs[key].setEnabled(tick.isChecked())
        self._follow()

    # -- private ---------------------------------------------------------------------------------------

    def _add_field(self, field: ThresholdField) -> None:
        units = {
            unit_of(field, row.threshold, row.quantities)
            for row in self._rows
            if belongs(field.key, row.threshold.rule)
        }
        unit = units.pop() if len(units) == 1 else ("unit of each" if field.kind is Kind.AMOUNT else "")
        label = f"{field.label} ({unit})" if unit else field.label
        if field.kind is Kind.FLAG:
            self._add_combo(field.key, label, [("yes", True), ("no", False)])
            return
        self._add(field.key, label, QLineEdit())

    def _add_combo(self, key: str, label: str, choices: Sequence[tuple[str, object]]) -> None:
        combo = QComboBox()
        combo.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        for words, data in choices:
            combo.addItem(words, data)
        self._add(key, label, combo)

    def _add(self, key: str, label: str, widget: QLineEdit | QComboBox) -> None:
        row = self._grid.rowCount()
        tick = QCheckBox(label)
        tick.setObjectName(f"limits-many-tick-{key}")
        widget.setObjectName(f"limits-many-{key}")
        widget.setAccessibleName(label)
        widget.setEnabled(False)
        now = plain_label(self._now_text(key))
        now.setFixedWidth(_NOW_PX)
        now.setStyleSheet(f"color: {self.theme_source.theme.muted.name()};")
        now.setToolTip("What these limits have now")
        self._ticks[key], self._inputs[key] = tick, widget
        for column, part in enumerate((tick, widget, now)):
            self._grid.addWidget(part, row, column)
        tick.toggled.connect(widget.setEnabled)
        tick.toggled.connect(lambda on: on and widget.setFocus())
        tick.toggled.connect(self._follow)
        if isinstance(widget, QComboBox):
            widget.currentIndexChanged.connect(self._follow)
        else:
            widget.setPlaceholderText("as it is")
            tick.toggled.connect(lambda on: widget.setPlaceholderText("none" if on else "as it is"))
            widget.textChanged.connect(self._follow)

    def _now_text(self, key: str) -> str:
        if key == "severity":
            said = [row.threshold.severity.value for row in self._rows]
        elif key == "owner":
            said = [row.entry.owner or "nobody" for row in self._rows]
        else:
            field = next(field for field in FIELDS if field.key == key)
            said = [
                field.text_of(row.threshold) or "none"
                for row in self._rows
                if belongs(key, row.threshold.rule)
            ]
        different = list(dict.fromkeys(said))
        if len(different) == 1:
            return f"now {_short(different[0])}"
        return f"now {_short(different[0], 12)}, {_short(different[1], 12)}" + (
            f" and {count_text(len(different) - 2, 'other')}" if len(different) > 2 else ""
        )

    def _changes(self) -> Changes:
        """Return what is ticked; what cannot be read is noted in `_sounds`."""
        self._sounds = {}
        values: dict[str, Value] = {}
        severity: Severity | None = None
        owner: int | None = None
        for key, tick in self._ticks.items():
            if not tick.isChecked():
                continue
            widget = self._inputs[key]
            if isinstance(widget, QComboBox):
                data = widget.currentData()
                if key == "severity":
                    severity = Severity(data)
                elif key == "owner":
                    owner = data
                else:
                    values[key] = data
                continue
            field = next(field for field in FIELDS if field.key == key)
            try:
                values[key] = field.value_from_text(widget.text())
            except NotANumber as error:
                self._sounds[key] = f"{field.label}: {error}"
        return Changes(values, severity, owner)

    def _follow(self) -> None:
        changes = self._changes()
        self._order = change_order(self._rows, changes, self._all_rows)
        faults = (*self._sounds.values(), *self._order.faults)
        is_ticked = any(tick.isChecked() for tick in self._ticks.values())
        if faults:
            self._list.show_lines([f"✕ {fault}" for fault in faults])
        elif is_ticked:
            self._list.show_lines([counted(self._order, "changed"), *self._order.lines])
        else:
            self._list.show_lines(["Nothing is ticked yet."])
        self._go.setEnabled(bool(self._order.edits) and not faults)
        self._go.setText(f"Change {count_text(len(self._order.edits), 'limit')}")


def _short(words: str, most: int = 24) -> str:
    return words if len(words) <= most else words[: most - 1] + "…"
