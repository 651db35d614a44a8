"""What a threshold judges, in a few words: "Temperature above 70 °C". Pure; every report says it alike."""

from models.quantities import THE_SIX, Quantities, Quantity
from models.records.threshold import DEVICE_METRIC, RuleKind, Threshold

RULE_WORDS = {
    RuleKind.LIMIT: "Limit",
    RuleKind.RATE_OF_CHANGE: "Rate of change",
    RuleKind.FROZEN: "Frozen value",
    RuleKind.NO_DATA: "No data",
    RuleKind.BAD_QUALITY: "Bad quality",
    RuleKind.OFFLINE: "Device offline",
    RuleKind.CLOCK: "Clock wrong",
    RuleKind.DEVICE_EVENT: "Device event",
}
"""What people call a rule, on screens and in files alike."""


def metric_label(metric: str | None, quantities: Quantities = THE_SIX) -> str:
    """Return what people call a metric or a signal; the key itself where it is none of ours."""
    if metric is None or metric == DEVICE_METRIC:
        return "Device"
    quantity = quantities.find(metric)
    return metric if quantity is None else quantity.label


def number_words(value: float) -> str:
    """Return a number as it was typed: at most four decimals, none that say nothing."""
    return f"{value:,.4f}".rstrip("0").rstrip(".").replace("-", "\N{MINUS SIGN}")


def amount_words(metric: str, value: float, quantities: Quantities = THE_SIX) -> str:
    """Return a number with the unit of a metric or a signal."""
    return quantity_words(quantities.find(metric), value)


def quantity_words(quantity: Quantity | None, value: float) -> str:
    """Return a number with the unit of what is known, without one of what is not."""
    unit = "" if quantity is None else quantity.unit
    return f"{number_words(value)}\N{NO-BREAK SPACE}{unit}" if unit else number_words(value)


def threshold_words(threshold: Threshold, quantities: Quantities = THE_SIX) -> str:
    """Return what a threshold judges."""
    if threshold.rule.is_of_device:
        return RULE_WORDS[threshold.rule]
    label = metric_label(threshold.metric, quantities)
    if threshold.rule is not RuleKind.LIMIT:
        return f"{label}: {RULE_WORDS[threshold.rule].lower()}"
    sides = sides_words(threshold, quantities)
    return f"{label} {sides}" if sides else label


def sides_words(threshold: Threshold, quantities: Quantities = THE_SIX) -> str:
    """Return which limits a threshold has: "above 70 °C", "below 2 kPa or above 8 kPa"; empty where none."""
    sides = (("below", threshold.min_value), ("above", threshold.max_value))
    return " or ".join(
        f"{word} {amount_words(threshold.metric, limit, quantities)}"
        for word, limit in sides
        if limit is not None
    )


def lost_threshold_words(metric: str | None, rule: RuleKind, quantities: Quantities = THE_SIX) -> str:
    """Return what a threshold judged that is there no more."""
    word = RULE_WORDS[rule]
    text = word if rule.is_of_device else f"{metric_label(metric, quantities)}: {word.lower()}"
    return f"{text} (threshold removed)"
