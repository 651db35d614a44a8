"""The form of one threshold: every field of its rule, checked as it is typed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QGridLayout,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from console.catalogue.starting_values import starting_values
from console.catalogue.threshold_checks import faults_of
from console.catalogue.threshold_fields import FIELDS, belongs
from console.catalogue.typed_number import NotANumber, text_from_number, text_from_seconds
from console.panels.limits.form_fields import FormFields
from console.panels.settings.page_parts import heading
from console.panels.wording import SEVERITY_WORDS
from console.widgets.form_row import FormRow
from console.widgets.number_field import NumberField
from console.widgets.theme import ThemeSource
from models.quantities import THE_SIX, Quantities
from models.records.device import Device
from models.records.threshold import DEVICE_METRIC, RuleKind, Severity, Threshold
from models.threshold_words import RULE_WORDS, metric_label

_GUIDANCE = ("cause", "consequence", "action", "respond")


@dataclass(frozen=True, slots=True)
class FormSubject:
    """What a form is about.

    Attributes:
        devices: Offered for a new threshold; the one of an old threshold.
        others: The other thresholds of these devices.
        people: Names of possible owners by `users.id`.
        is_new: Device, metric and rule can be chosen only then.
    """

    threshold: Threshold
    devices: Sequence[Device]
    others: Sequence[Threshold]
    people: Mapping[int, str]
    is_new: bool = False
    may_change: bool = True
    quantities: Quantities = THE_SIX


class LimitForm(QWidget):
    """Holds what is typed. `threshold` is what it says, `faults` what is wrong with that.

    Attributes:
        edited: Something was typed, chosen or moved.
    """

    edited = Signal()

    def __init__(self, theme_source: ThemeSource, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("limit-form")
        self._themes = theme_source
        self._subject: FormSubject | None = None
        self._threshold: Threshold | None = None
        self._faults: dict[str, str] = {}
        self._is_filling = False
        self._is_touched = False
        self._device = _combo("limit-device")
        self._metric = _combo("limit-metric")
        self._rule = _combo("limit-rule")
        self._severity = _combo("limit-severity")
        self._owner = _combo("limit-owner")
        self._parts = FormFields(theme_source, self._on_edit)
        self._fields = self._parts.widgets
        self._rows = self._parts.rows
        self._usual = QPushButton()
        self._usual.setObjectName("limit-usual")
        self._build()
        self._connect()

    # -- what it says ----------------------------------------------------------------------------------

    @property
    def threshold(self) -> Threshold | None:
        """What is typed, as far as it can be read; None before anything was shown."""
        return self._threshold

    @property
    def faults(self) -> Mapping[str, str]:
        """What is wrong, by field; empty = in order."""
        return self._faults

    @property
    def is_touched(self) -> bool:
        """Whether somebody has typed: nobody is told of what is wrong with a form that is still empty."""
        return self._is_touched

    def show_subject(self, subject: FormSubject, wanted: Threshold | None = None) -> None:
        """Show a threshold; `wanted` = with other settings than it has."""
        self._subject = subject
        self._is_touched = not subject.is_new
        shown = wanted or subject.threshold
        self._is_filling = True
        self._offer(self._device, [(device.name, device.id) for device in subject.devices], shown.device)
        self._offer(self._rule, [(words, rule) for rule, words in RULE_WORDS.items()], shown.rule)
        self._offer_metrics(shown.metric)
        self._offer(self._severity, [(SEVERITY_WORDS[s], s) for s in Severity], shown.severity)
        people = [(name, id) for id, name in subject.people.items()]
        self._offer(self._owner, people, shown.user_id)
        for field in FIELDS:
            self._parts.fill(field, shown, may_change=subject.may_change)
        self._is_filling = False
        for key in ("device", "metric"):
            self._rows[key].setVisible(subject.is_new)
        for combo in (self._device, self._metric, self._rule):
            combo.setEnabled(subject.is_new and subject.may_change)
        for widget in (self._severity, self._owner, self._usual):
            widget.setEnabled(subject.may_change)
        self._read()

    def set_number(self, key: str, value: float) -> None:
        """Put a number in as if it had been typed: a line on the chart was dragged there."""
        widget = self._fields[key]
        if isinstance(widget, NumberField):
            widget.show_number(value)

    def focus_first(self) -> None:
        """Put the keyboard where most edits begin."""
        for key in ("max", "min", "amount", "on_delay"):
            if self._rows[key].isVisibleTo(self):
                field = self._fields[key]
                field.setFocus(Qt.FocusReason.OtherFocusReason)
                if isinstance(field, QLineEdit):
                    field.selectAll()
                return

    def focus_fault(self) -> None:
        """Put the keyboard on the first field that is wrong."""
        for key in self._faults:
            widget = {"metric": self._metric, "severity": self._severity}.get(key) or self._fields[key]
            widget.setFocus(Qt.FocusReason.OtherFocusReason)
            return

    # -- private ---------------------------------------------------------------------------------------

    def _build(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 8, 0)
        column.setSpacing(4)
        grid = QGridLayout()
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(2)
        grid.setColumnStretch(0, 1)
        grid.setColumnStretch(1, 1)
        for place, (label, combo) in enumerate(
            (("Device", self._device), ("Metric", self._metric), ("Rule", self._rule))
        ):
            self._rows[label.casefold()] = FormRow(label, combo, self._themes)
            grid.addWidget(self._rows[label.casefold()], place // 2, place % 2)
        self._rows["severity"] = FormRow("&Severity", self._severity, self._themes)
        grid.addWidget(self._rows["severity"], 1, 1)
        places = {"min": (2, 0), "max": (2, 1), "amount": (3, 0), "deadband": (4, 0)}
        for key, (row, at) in (places | {"on_delay": (5, 0), "off_delay": (5, 1)}).items():
            grid.addWidget(self._parts.add(key), row, at, Qt.AlignmentFlag.AlignTop)
        grid.addWidget(self._usual, 4, 1)
        column.addLayout(grid)
        column.addSpacing(2)
        for key in ("latching", "comment", "enabled"):
            column.addWidget(self._parts.add(key))
        column.addWidget(self._parts.add("reason"))
        lower = QGridLayout()
        lower.setHorizontalSpacing(12)
        lower.setColumnStretch(0, 1)
        lower.setColumnStretch(1, 1)
        lower.addWidget(self._parts.add("realarm"), 0, 0, Qt.AlignmentFlag.AlignTop)
        self._rows["owner"] = FormRow("Owner", self._owner, self._themes, "Who keeps it right")
        lower.addWidget(self._rows["owner"], 0, 1, Qt.AlignmentFlag.AlignTop)
        column.addLayout(lower)
        column.addSpacing(4)
        column.addWidget(heading("What the operator reads"))
        for key in _GUIDANCE:
            column.addWidget(self._parts.add(key))
        column.addStretch(1)

    def _connect(self) -> None:
        self._device.currentIndexChanged.connect(self._on_subject_chosen)
        self._rule.currentIndexChanged.connect(self._on_subject_chosen)
        for combo in (self._metric, self._severity, self._owner):
            combo.currentIndexChanged.connect(self._on_edit)
        self._usual.clicked.connect(self._take_usual)

    def _offer(self, combo: QComboBox, choices: Sequence[tuple[str, object]], chosen: object) -> None:
        combo.clear()
        for words, data in choices:
            combo.addItem(words, data)
        combo.setCurrentIndex(next((n for n, (_, data) in enumerate(choices) if data == chosen), -1))

    def _offer_metrics(self, chosen: str) -> None:
        if self._chosen_rule().is_of_device:
            self._offer(self._metric, [(metric_label(DEVICE_METRIC), DEVICE_METRIC)], DEVICE_METRIC)
            return
        device = self._chosen_device()
        tags = device.tags if device is not None else ()
        quantities = self._quantities()
        measured = {tag.metric for tag in tags}
        keys = [quantity.key for quantity in quantities.all if quantity.key in measured]
        if chosen not in keys and self._subject is not None and not self._subject.is_new:
            keys.append(chosen)
        known = chosen if chosen in keys else (keys[0] if keys else chosen)
        self._offer(self._metric, [(metric_label(key, quantities), key) for key in keys], known)

    def _quantities(self) -> Quantities:
        return THE_SIX if self._subject is None else self._subject.quantities

    def _chosen_rule(self) -> RuleKind:
        # Qt keeps the text of an enumeration only.
        return RuleKind(self._rule.currentData() or RuleKind.LIMIT)

    def _chosen_device(self) -> Device | None:
        if self._subject is None:
            return None
        id = self._device.currentData()
        return next((device for device in self._subject.devices if device.id == id), None)

    def _on_subject_chosen(self) -> None:
        if self._is_filling:
            return
        self._is_filling = True
        self._offer_metrics(self._metric.currentData() or "")
        self._is_filling = False
        self._on_edit()

    def _on_edit(self) -> None:
        if not self._is_filling:
            self._is_touched = True
            self._read()
            self.edited.emit()

    def _read(self) -> None:
        """Take what is typed in, and say beside each field what is wrong with it."""
        subject, device = self._subject, self._chosen_device()
        if subject is None or device is None:
            return
        wanted = replace(
            subject.threshold,
            device=device.id,
            metric=self._metric.currentData() or subject.threshold.metric,
            rule=self._chosen_rule(),
            severity=Severity(self._severity.currentData() or subject.threshold.severity),
            user_id=self._owner.currentData() or subject.threshold.user_id,
        )
        unreadable: dict[str, str] = {}
        for field in FIELDS:
            try:
                value = self._parts.value(field) if belongs(field.key, wanted.rule) else field.empty
            except NotANumber as error:
                unreadable[field.key] = str(error)
            else:
                wanted = field.put(wanted, value)
        if wanted.enabled:
            wanted = replace(wanted, disabled_reason="")
        others = [other for other in subject.others if other.device == device.id]
        self._threshold = wanted
        self._faults = unreadable or faults_of(wanted, device, others, subject.quantities)
        self._show_rows(wanted)

    def _show_rows(self, threshold: Threshold) -> None:
        faults = self._faults if self._is_touched else {}
        for field in FIELDS:
            row = self._rows.get(field.key)
            if row is None:
                continue
            row.set_error(faults.get(field.key, ""))
            is_there = belongs(field.key, threshold.rule)
            row.setVisible(is_there if field.key != "reason" else not threshold.enabled)
            self._parts.name(field, threshold, self._quantities())
        for key in ("metric", "severity"):
            self._rows[key].set_error(faults.get(key, ""))
        self._show_usual(threshold)

    def _show_usual(self, threshold: Threshold) -> None:
        usual = starting_values(threshold.metric) if threshold.rule is RuleKind.LIMIT else None
        self._usual.setVisible(usual is not None)
        if usual is None:
            return
        unit = self._quantities().of(threshold.metric).unit
        deadband = text_from_number(usual.deadband)
        self._usual.setText(f"Usual: {deadband} {unit}, {text_from_seconds(usual.on_delay_s)}")
        self._usual.setToolTip(
            f"Deadband {deadband} {unit} ({usual.percent:g} % of the span) and on-delay "
            f"{text_from_seconds(usual.on_delay_s)}: where EEMUA 191 begins"
        )
        is_taken = threshold.deadband == usual.deadband and threshold.on_delay_s == usual.on_delay_s
        may_change = self._subject is not None and self._subject.may_change
        self._usual.setEnabled(may_change and not is_taken)

    def _take_usual(self) -> None:
        usual = None if self._threshold is None else starting_values(self._threshold.metric)
        if usual is not None:
            self.set_number("deadband", usual.deadband)
            self.set_number("on_delay", usual.on_delay_s)


def _combo(name: str) -> QComboBox:
    combo = QComboBox()
    combo.setObjectName(name)
    combo.setMaxVisibleItems(20)
    combo.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    combo.setMinimumContentsLength(8)
    return combo
