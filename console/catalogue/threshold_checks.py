"""What is wrong with a threshold before it is stored: a sentence a field, value and remedy named. Pure."""

import math
from collections.abc import Iterable, Mapping

from console.catalogue.threshold_fields import FIELDS, belongs, key_of
from console.catalogue.typed_number import text_from_number, text_from_seconds
from drivers.events import HIGHEST_SEVERITY
from models.quantities import THE_SIX, Quantities, Quantity
from models.records.device import Device
from models.records.threshold import DEVICE_METRIC, RuleKind, Threshold
from models.threshold_words import RULE_WORDS, metric_label

LONGEST_DELAY_S = 86_400.0
LONGEST_REPEAT_S = 7 * 86_400.0
SHORTEST_REPEAT_S = 60.0
LONGEST_TEXT = 2000
MOST_PERIODS = 100_000.0
_LARGEST = 1e30
_WIDEST_DEADBAND = 0.25
"""Of the range between two limits; the rule of limits cuts a wider one down, see `station/rules/limit.py`."""
_WIDEST_SHARE = 0.9
"""Of what a rate or a clock may differ by; likewise."""


def faults_of(
    threshold: Threshold,
    device: Device,
    others: Iterable[Threshold] = (),
    quantities: Quantities = THE_SIX,
) -> dict[str, str]:
    """Return what is wrong, by the key of the field (`metric`, `severity` and FIELDS'); empty = in order.

    Args:
        threshold: As it would be stored.
        device: Whose it is.
        others: The other thresholds of the device.
        quantities: What can be measured at the site.
    """
    found: dict[str, str] = {}
    _check_numbers(threshold, found)
    if found:
        return found
    _check_metric(threshold, device, quantities, found)
    _check_rule(threshold, device, quantities, found)
    _check_times(threshold, found)
    _check_words(threshold, found)
    if any(key_of(other) == key_of(threshold) and other.id != threshold.id for other in others):
        found.setdefault(
            "severity",
            f"{device.name} has a {threshold.severity} threshold of this rule on "
            f"{metric_label(threshold.metric, quantities)} already; change that one.",
        )
    return found


def _check_numbers(threshold: Threshold, found: dict[str, str]) -> None:
    for field in FIELDS:
        value = field.get(threshold)
        if isinstance(value, int | float) and not (math.isfinite(value) and abs(value) <= _LARGEST):
            found[field.key] = "must be a finite number."


def _check_metric(
    threshold: Threshold, device: Device, quantities: Quantities, found: dict[str, str]
) -> None:
    measured = [tag.metric for tag in device.tags if quantities.find(tag.metric) is not None]
    words = ", ".join(metric_label(metric, quantities) for metric in measured) or "nothing"
    if threshold.rule.is_of_device:
        if threshold.metric != DEVICE_METRIC:
            found["metric"] = f"{RULE_WORDS[threshold.rule]} is about the device, not about one metric."
    elif threshold.metric == DEVICE_METRIC:
        found["metric"] = f"{RULE_WORDS[threshold.rule]} needs a metric; {device.name} measures {words}."
    elif quantities.find(threshold.metric) is None:
        found["metric"] = f"{threshold.metric!r} is no metric; {device.name} measures {words}."
    elif threshold.metric not in measured:
        found["metric"] = (
            f"{device.name} does not measure {metric_label(threshold.metric, quantities)}; "
            f"it measures {words}."
        )


def _check_rule(threshold: Threshold, device: Device, quantities: Quantities, found: dict[str, str]) -> None:
    if threshold.rule is RuleKind.LIMIT:
        quantity = quantities.find(threshold.metric)
        if quantity is not None:
            _check_limits(threshold, quantity, found)
        return
    for key, value in (("min", threshold.min_value), ("max", threshold.max_value)):
        if value is not None:
            found[key] = f"belongs to the rule {RULE_WORDS[RuleKind.LIMIT]} only; leave it empty."
    _check_amount(threshold, device, found)


def _check_limits(threshold: Threshold, metric: Quantity, found: dict[str, str]) -> None:
    low, high, unit = threshold.min_value, threshold.max_value, _unit(metric)
    least, most = metric.plausible
    if low is None and high is None:
        found["max"] = "Give a minimum, a maximum, or both."
    elif low is not None and high is not None and low >= high:
        found["min"] = f"{_n(low)}{unit} must lie below the maximum of {_n(high)}{unit}."
    if high is not None and high >= most:
        found["max"] = f"No value above {_n(most)}{unit} is believed, so the alert could never come."
    if low is not None and low <= least:
        found.setdefault(
            "min", f"No value below {_n(least)}{unit} is believed, so the alert could never come."
        )
    _check_deadband(threshold, metric, found)
    if threshold.amount is not None:
        found["amount"] = f"does not belong to the rule {RULE_WORDS[RuleKind.LIMIT]}; leave it empty."


def _check_deadband(threshold: Threshold, metric: Quantity, found: dict[str, str]) -> None:
    low, high, unit = threshold.min_value, threshold.max_value, _unit(metric)
    if threshold.deadband < 0:
        found["deadband"] = "must be 0 or more."
    elif low is not None and high is not None and low < high:
        widest = (high - low) * _WIDEST_DEADBAND
        if threshold.deadband > widest:
            found["deadband"] = (
                f"is too wide for {_n(low)} to {_n(high)}{unit}: at most a quarter, {_n(widest)}{unit}."
            )
    else:
        widest = metric.span[1] - metric.span[0]
        if threshold.deadband > widest:
            found["deadband"] = (
                f"is wider than the usual range of {_n(widest)}{unit}; the alert might never clear."
            )


def _check_amount(threshold: Threshold, device: Device, found: dict[str, str]) -> None:
    amount = threshold.amount
    if not belongs("deadband", threshold.rule):
        if threshold.deadband != 0:
            found["deadband"] = f"does not belong to {RULE_WORDS[threshold.rule]}; leave it 0."
    elif amount is not None and not 0 <= threshold.deadband <= _WIDEST_SHARE * amount:
        found["deadband"] = f"must be 0 to nine tenths of {_n(amount)}, {_n(_WIDEST_SHARE * amount)}."
    match threshold.rule:
        case RuleKind.RATE_OF_CHANGE:
            if amount is None or amount <= 0:
                found["amount"] = "Say how fast the value may change; more than 0."
        case RuleKind.FROZEN:
            if amount is not None and amount < 0:
                found["amount"] = "must be 0 or more, or empty for exactly the same value."
            if threshold.on_delay_s < 2 * device.period_s:
                least = text_from_seconds(2 * device.period_s)
                found["on_delay"] = f"Say for how long the value must stand still: {least} at least."
        case RuleKind.NO_DATA:
            if amount is None or not 1 <= amount <= MOST_PERIODS:
                found["amount"] = f"Say for how many periods of {_n(device.period_s)} s: 1 to 100000."
        case RuleKind.CLOCK:
            if amount is None or not 0 < amount <= LONGEST_REPEAT_S:
                found["amount"] = "Say by how many seconds the clock may be wrong; more than 0."
        case RuleKind.DEVICE_EVENT:
            if amount is not None and not 1 <= amount <= HIGHEST_SEVERITY:
                found["amount"] = f"Say from which severity, 1 to {HIGHEST_SEVERITY}; empty: from any."
        case _:
            if amount is not None:
                found["amount"] = f"does not belong to {RULE_WORDS[threshold.rule]}; leave it empty."


def _check_times(threshold: Threshold, found: dict[str, str]) -> None:
    for key, delay_s in (("on_delay", threshold.on_delay_s), ("off_delay", threshold.off_delay_s)):
        if delay_s < 0:
            found[key] = "must be 0 or more."
        elif delay_s > LONGEST_DELAY_S:
            found[key] = f"is {text_from_seconds(delay_s)}; at most {text_from_seconds(LONGEST_DELAY_S)}."
    repeats: Mapping[str, float | None] = {
        "realarm": threshold.realarm_s,
        "respond": threshold.guidance.respond_within_s,
    }
    for key, seconds in repeats.items():
        least = SHORTEST_REPEAT_S if key == "realarm" else 1.0
        if seconds is not None and not least <= seconds <= LONGEST_REPEAT_S:
            between = f"{text_from_seconds(least)} to {text_from_seconds(LONGEST_REPEAT_S)}"
            found[key] = f"must be {between}, or empty."


def _check_words(threshold: Threshold, found: dict[str, str]) -> None:
    if not threshold.enabled and not threshold.disabled_reason.strip():
        found["reason"] = "Say why it is out of service: the permit, the work, who knows about it."
    for field in FIELDS:
        value = field.get(threshold)
        if isinstance(value, str):
            if len(value) > LONGEST_TEXT:
                found[field.key] = f"is longer than {LONGEST_TEXT} characters."
            elif "\x00" in value:
                found[field.key] = "holds a sign that cannot be stored."


def _n(value: float) -> str:
    return text_from_number(value)


def _unit(metric: Quantity) -> str:
    return f" {metric.unit}" if metric.unit else ""
