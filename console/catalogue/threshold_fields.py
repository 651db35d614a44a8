"""The fields of a threshold under the names that engineers know: one list for forms, files and commands.

A field says how it is read from a threshold, put into one, written and typed. Which of them belong to a rule
is here too. Pure.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from console.catalogue.typed_number import (
    NotANumber,
    number_from_text,
    seconds_from_text,
    text_from_number,
)
from models.quantities import THE_SIX, Quantities
from models.records.device import DeviceId
from models.records.threshold import RuleKind, Severity, Threshold
from models.threshold_words import RULE_WORDS, metric_label

Value = float | bool | str | None

_YES = ("yes", "true", "1", "on", "x", "ja", "wahr")
_NO = ("no", "false", "0", "off", "nein", "falsch")


class Kind(StrEnum):
    """What a field holds."""

    AMOUNT = "amount"
    """A number in the unit that `unit_of` names."""
    SECONDS = "seconds"
    FLAG = "flag"
    TEXT = "text"


@dataclass(frozen=True, slots=True)
class ThresholdField:
    """One field.

    Attributes:
        key: Its name in commands and in programs; never changes.
        label: What people read, also as the heading of a column.
        empty: What an empty cell means.
    """

    key: str
    label: str
    kind: Kind
    get: Callable[[Threshold], Value]
    put: Callable[[Threshold, Value], Threshold]
    empty: Value = None

    @property
    def heading(self) -> str:
        """The column's heading, with the unit where it is always the same."""
        return f"{self.label} (s)" if self.kind is Kind.SECONDS else self.label

    def text_of(self, threshold: Threshold) -> str:
        """Return the field as somebody would type it; empty for none."""
        value = self.get(threshold)
        if isinstance(value, bool):
            return "yes" if value else "no"
        return value if isinstance(value, str) else text_from_number(value)

    def value_from_text(self, typed: str, *, is_comma_decimal: bool = False) -> Value:
        """Return what was typed. Raises NotANumber with a sentence where it cannot be read."""
        text = typed.strip()
        if not text:
            return self.empty
        match self.kind:
            case Kind.TEXT:
                return text
            case Kind.SECONDS:
                return seconds_from_text(text, is_comma_decimal=is_comma_decimal)
            case Kind.AMOUNT:
                return number_from_text(text, is_comma_decimal=is_comma_decimal)
            case Kind.FLAG:
                return _flag(text)


def _flag(text: str) -> bool:
    word = text.casefold()
    if word not in (*_YES, *_NO):
        raise NotANumber(f"{text[:40]!r} is neither yes nor no.")
    return word in _YES


def _plain(key: str, label: str, kind: Kind, attribute: str, empty: Value = None) -> ThresholdField:
    return ThresholdField(
        key,
        label,
        kind,
        lambda threshold: getattr(threshold, attribute),
        lambda threshold, value: replace(threshold, **{attribute: value}),
        empty,
    )


def _guiding(key: str, label: str, kind: Kind, attribute: str, empty: Value = "") -> ThresholdField:
    def put(threshold: Threshold, value: Value) -> Threshold:
        return replace(threshold, guidance=replace(threshold.guidance, **{attribute: value}))

    return ThresholdField(
        key, label, kind, lambda threshold: getattr(threshold.guidance, attribute), put, empty
    )


FIELDS: tuple[ThresholdField, ...] = (
    _plain("min", "Minimum", Kind.AMOUNT, "min_value"),
    _plain("max", "Maximum", Kind.AMOUNT, "max_value"),
    _plain("amount", "Amount", Kind.AMOUNT, "amount"),
    _plain("deadband", "Deadband", Kind.AMOUNT, "deadband", 0.0),
    _plain("on_delay", "On-delay", Kind.SECONDS, "on_delay_s", 0.0),
    _plain("off_delay", "Off-delay", Kind.SECONDS, "off_delay_s", 0.0),
    _plain("enabled", "In service", Kind.FLAG, "enabled", empty=True),
    _plain("reason", "Out of service because", Kind.TEXT, "disabled_reason", ""),
    _plain("latching", "Latching", Kind.FLAG, "is_latching", empty=False),
    _plain("comment", "Comment required", Kind.FLAG, "requires_comment", empty=False),
    _plain("realarm", "Asks again after", Kind.SECONDS, "realarm_s"),
    _guiding("cause", "Cause", Kind.TEXT, "cause"),
    _guiding("consequence", "Consequence", Kind.TEXT, "consequence"),
    _guiding("action", "Action", Kind.TEXT, "action"),
    _guiding("respond", "Respond within", Kind.SECONDS, "respond_within_s", None),
)
FIELD_BY_KEY: Mapping[str, ThresholdField] = {field.key: field for field in FIELDS}

_AMOUNT_LABELS = {
    RuleKind.RATE_OF_CHANGE: "Fastest change",
    RuleKind.FROZEN: "Still frozen within",
    RuleKind.NO_DATA: "Periods without data",
    RuleKind.CLOCK: "Clock off by",
    RuleKind.DEVICE_EVENT: "From severity",
}


def belongs(key: str, rule: RuleKind) -> bool:
    """Tell whether a field means something to a rule."""
    match key:
        case "min" | "max":
            return rule is RuleKind.LIMIT
        case "deadband":
            return rule in (RuleKind.LIMIT, RuleKind.RATE_OF_CHANGE, RuleKind.CLOCK)
        case "amount":
            return rule in _AMOUNT_LABELS
        case _:
            return True


def label_of(field: ThresholdField, rule: RuleKind) -> str:
    """Return what a field is called where the rule is known."""
    return _AMOUNT_LABELS.get(rule, field.label) if field.key == "amount" else field.label


def unit_of(field: ThresholdField, threshold: Threshold, quantities: Quantities = THE_SIX) -> str:
    """Return the unit of a field of this threshold; empty where it has none."""
    if field.kind is Kind.SECONDS:
        return "s"
    if field.kind is not Kind.AMOUNT:
        return ""
    quantity = quantities.find(threshold.metric)
    unit = "" if quantity is None else quantity.unit
    if field.key != "amount":
        return "s" if threshold.rule is RuleKind.CLOCK else unit
    units = {RuleKind.RATE_OF_CHANGE: f"{unit or '1'}/min", RuleKind.NO_DATA: "periods", RuleKind.CLOCK: "s"}
    return units.get(threshold.rule, unit)


def shown(field: ThresholdField, threshold: Threshold, quantities: Quantities = THE_SIX) -> str:
    """Return a field with its unit: "70 °C", "yes", "none"."""
    text = field.text_of(threshold)
    if not text:
        return "none"
    unit = unit_of(field, threshold, quantities)
    return f"{_grouped(text)} {unit}" if unit else text


def _grouped(number: str) -> str:
    """Return a number as it was typed with its thousands apart, as everywhere else on the screens."""
    whole, dot, rest = number.partition(".")
    return f"{int(whole):,}{dot}{rest}" if re.fullmatch(r"-?[1-9]\d{3,}", whole) else number


@dataclass(frozen=True, slots=True)
class Difference:
    """One field that is another than before, in words."""

    label: str
    old: str
    new: str

    def __str__(self) -> str:
        """Return "Maximum 70 °C → 75 °C"."""
        return f"{self.label} {self.old} → {self.new}"


def differences(before: Threshold, after: Threshold, quantities: Quantities = THE_SIX) -> list[Difference]:
    """Return what differs, in the order of the form; owner and moments aside."""
    found: list[Difference] = []
    for label, old, new in (
        ("Metric", metric_label(before.metric, quantities), metric_label(after.metric, quantities)),
        ("Rule", RULE_WORDS[before.rule], RULE_WORDS[after.rule]),
        ("Severity", before.severity.value, after.severity.value),
    ):
        if old != new:
            found.append(Difference(label, old, new))
    for field in FIELDS:
        if field.key == "reason" and after.enabled:
            continue  # the database forgets it with the return to service
        if field.get(before) != field.get(after):
            old, new = (shown(field, each, quantities) for each in (before, after))
            found.append(Difference(label_of(field, after.rule), old, new))
    return found


def condition_text(threshold: Threshold, quantities: Quantities = THE_SIX) -> str:
    """Return when a threshold alerts, as part of a sentence: "above 70 °C", "no data for 5 periods"."""
    amount = shown(FIELD_BY_KEY["amount"], threshold, quantities)
    match threshold.rule:
        case RuleKind.LIMIT:
            low, high = (shown(FIELD_BY_KEY[key], threshold, quantities) for key in ("min", "max"))
            sides = [
                f"below {low}" if threshold.min_value is not None else "",
                f"above {high}" if threshold.max_value is not None else "",
            ]
            return " or ".join(filter(None, sides)) or "no limit set"
        case RuleKind.RATE_OF_CHANGE:
            return f"changes faster than {amount}"
        case RuleKind.FROZEN:
            within = f" within {amount}" if threshold.amount else ""
            return f"stands still{within} for {text_from_number(threshold.on_delay_s)} s"
        case RuleKind.NO_DATA:
            return f"no good value for {amount}"
        case RuleKind.BAD_QUALITY:
            return "value of bad quality"
        case RuleKind.OFFLINE:
            return "device does not answer"
        case RuleKind.CLOCK:
            return f"device's clock wrong by more than {amount}"
        case RuleKind.DEVICE_EVENT:
            least = f" of severity {amount} or more" if threshold.amount else ""
            return f"device reports an alarm or an event{least}"


def key_of(threshold: Threshold) -> tuple[DeviceId, RuleKind, str, Severity]:
    """Return what no two thresholds of a database share: device, rule, metric, severity."""
    return (threshold.device, threshold.rule, threshold.metric, threshold.severity)
