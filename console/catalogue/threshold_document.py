"""Thresholds of the import document: their form, what can be wrong, and the one that comes by itself."""

from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from drivers.events import HIGHEST_SEVERITY, asks_for_events
from models.metrics import METRICS
from models.quantities import THE_SIX, Quantities
from models.records.device import DeviceId
from models.records.threshold import (
    DEVICE_METRIC,
    Guidance,
    RuleKind,
    Severity,
    Threshold,
    ThresholdId,
)

_LARGEST = 1e30
_MOST_NAMED = 12
_Finite = Annotated[float, Field(strict=True, allow_inf_nan=False)]
_Amount = Annotated[float, Field(strict=True, ge=0, le=_LARGEST, allow_inf_nan=False)]
_Delay = Annotated[float, Field(strict=True, ge=0, le=86_400, allow_inf_nan=False)]
_Later = Annotated[float, Field(strict=True, ge=1, le=1e9, allow_inf_nan=False)]
_Flag = Annotated[bool, Field(strict=True)]
_Words = Annotated[str, StringConstraints(strip_whitespace=True, max_length=2000)]
_Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=255)]

_AMOUNTS: Mapping[RuleKind, str] = {
    RuleKind.RATE_OF_CHANGE: "how far the value may move in a minute, in {unit}",
    RuleKind.NO_DATA: "after how many periods without a good value",
    RuleKind.CLOCK: "how many seconds the clock may be wrong",
}

DEFAULT_OFFLINE = Threshold(
    id=ThresholdId(0),
    device=DeviceId(0),
    metric=DEVICE_METRIC,
    min_value=None,
    max_value=None,
    severity=Severity.WARNING,
    on_delay_s=10.0,
    rule=RuleKind.OFFLINE,
    guidance=Guidance(
        cause="Power, cable, switch or gateway; or somebody switched the device off.",
        consequence="Its values are unknown, and its other alerts can neither come nor clear.",
        action="Look at the device and at its neighbours on the same line; restore the connection.",
    ),
)
"""Loss of communication is an alert of its own (ISA-18.2): every imported device gets it without asking."""


DEFAULT_DEVICE_EVENT = Threshold(
    id=ThresholdId(0),
    device=DeviceId(0),
    metric=DEVICE_METRIC,
    min_value=None,
    max_value=None,
    severity=Severity.INFO,
    rule=RuleKind.DEVICE_EVENT,
    guidance=Guidance(
        cause="The device itself, or the control system it belongs to, reports a condition or an event.",
        action="Read what it reports, and look at the device; conditions end when the device says so.",
    ),
)
"""Every device whose connection asks for alarms and events gets it without asking."""


def usual_thresholds(connection: Mapping[str, object]) -> tuple[Threshold, ...]:
    """Return the thresholds that a device gets by itself, given its connection's settings."""
    return (DEFAULT_OFFLINE, *((DEFAULT_DEVICE_EVENT,) if asks_for_events(connection) else ()))


class GuidanceDocument(BaseModel):
    """What an operator reads when the alert comes."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    cause: _Words = ""
    consequence: _Words = ""
    action: _Words = ""
    respond_within_s: _Later | None = None


class ThresholdDocument(BaseModel):
    """One threshold; limits and deadband in the metric's unit, delays in seconds. Defaults: a limit."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    rule: RuleKind = RuleKind.LIMIT
    metric: _Name = DEVICE_METRIC
    min: _Finite | None = None
    max: _Finite | None = None
    amount: _Amount | None = None
    severity: Severity
    enabled: _Flag = True
    disabled_reason: _Words = ""
    deadband: Annotated[float, Field(strict=True, ge=0, allow_inf_nan=False)] = 0.0
    on_delay_s: _Delay = 0.0
    off_delay_s: _Delay = 0.0
    latching: _Flag = False
    requires_comment: _Flag = False
    realarm_s: _Later | None = None
    guidance: GuidanceDocument = GuidanceDocument()


def threshold_faults(
    thresholds: Sequence[ThresholdDocument], metrics: frozenset[str], quantities: Quantities = THE_SIX
) -> list[tuple[str, str]]:
    """Return what is wrong, as pairs of path and sentence.

    Args:
        thresholds: Of one device.
        metrics: Those that a tag of the device is bound to.
        quantities: What can be measured at this site.
    """
    faults: list[tuple[str, str]] = []
    seen: set[tuple[RuleKind, str, Severity]] = set()
    for index, threshold in enumerate(thresholds):
        place = f"thresholds[{index}]"
        key = threshold.rule, threshold.metric, threshold.severity
        if key in seen:
            faults.append((place, _second(threshold)))
        seen.add(key)
        found = [*_metric_faults(threshold, metrics, quantities), *_rule_faults(threshold, quantities)]
        faults += [(f"{place}.{path}" if path else place, text) for path, text in found]
    return faults


def unknown_metric(name: str, quantities: Quantities = THE_SIX) -> str:
    """Return what to say of a word that is no metric."""
    known = [quantity.key for quantity in quantities.all]
    if len(known) > _MOST_NAMED:
        close = get_close_matches(name, known, 3, 0.5)
        known = [*(close or known[: len(METRICS)]), f"{len(known) - len(close or METRICS)} more"]
    return f"{name!r} is no metric; there are {', '.join(known)}."


def threshold_from_document(threshold: ThresholdDocument) -> Threshold:
    """Make the record, without id and device."""
    guidance = threshold.guidance
    return Threshold(
        id=ThresholdId(0),
        device=DeviceId(0),
        metric=threshold.metric,
        min_value=threshold.min,
        max_value=threshold.max,
        severity=threshold.severity,
        enabled=threshold.enabled,
        deadband=threshold.deadband,
        on_delay_s=threshold.on_delay_s,
        off_delay_s=threshold.off_delay_s,
        rule=threshold.rule,
        amount=threshold.amount,
        is_latching=threshold.latching,
        requires_comment=threshold.requires_comment,
        realarm_s=threshold.realarm_s,
        guidance=Guidance(guidance.cause, guidance.consequence, guidance.action, guidance.respond_within_s),
        disabled_reason=threshold.disabled_reason,
    )


def document_from_threshold(threshold: Threshold) -> ThresholdDocument:
    """Return what `threshold_from_document` would turn into the same record."""
    guidance = threshold.guidance
    return ThresholdDocument(
        rule=threshold.rule,
        metric=threshold.metric,
        min=threshold.min_value,
        max=threshold.max_value,
        amount=threshold.amount,
        severity=threshold.severity,
        enabled=threshold.enabled,
        disabled_reason=threshold.disabled_reason,
        deadband=threshold.deadband,
        on_delay_s=threshold.on_delay_s,
        off_delay_s=threshold.off_delay_s,
        latching=threshold.is_latching,
        requires_comment=threshold.requires_comment,
        realarm_s=threshold.realarm_s,
        guidance=GuidanceDocument(
            cause=guidance.cause,
            consequence=guidance.consequence,
            action=guidance.action,
            respond_within_s=guidance.respond_within_s,
        ),
    )


def _second(threshold: ThresholdDocument) -> str:
    if threshold.rule is RuleKind.LIMIT:
        words = f"a second {threshold.severity} threshold on {threshold.metric}"
        return f"{words}; join min and max in one."
    words = f"a second {threshold.severity} threshold of the rule {threshold.rule} on {threshold.metric}"
    return f"{words}; keep one."


def _metric_faults(
    threshold: ThresholdDocument, metrics: frozenset[str], quantities: Quantities
) -> list[tuple[str, str]]:
    metric = threshold.metric
    if threshold.rule.is_of_device:
        text = f"{threshold.rule} judges the device as a whole; leave the metric out."
        return [] if metric == DEVICE_METRIC else [("metric", text)]
    if metric == DEVICE_METRIC:
        return [("metric", "is missing.")]
    if quantities.find(metric) is None:
        return [("metric", unknown_metric(metric, quantities))]
    text = f"{metric!r} is not measured: no tag is bound to it."
    return [] if metric in metrics else [("metric", text)]


def _rule_faults(threshold: ThresholdDocument, quantities: Quantities) -> list[tuple[str, str]]:
    rule, faults = threshold.rule, list[tuple[str, str]]()
    if rule is RuleKind.LIMIT:
        faults += _limit_faults(threshold)
    else:
        text = f"belongs to the rule limit; {rule} has none."
        faults += [(key, text) for key in ("min", "max") if getattr(threshold, key) is not None]
    if rule.needs_amount and not threshold.amount:
        what = "is missing" if threshold.amount is None else "must be above 0"
        faults.append(("amount", f"{what}: say {_amount_words(threshold, quantities)}."))
    elif rule is RuleKind.DEVICE_EVENT and threshold.amount is not None:
        if not 1 <= threshold.amount <= HIGHEST_SEVERITY:
            text = f"{threshold.amount:g} is no severity; say from which, 1 to {HIGHEST_SEVERITY}."
            faults.append(("amount", text))
    elif rule is not RuleKind.FROZEN and not rule.needs_amount and threshold.amount is not None:
        faults.append(("amount", f"means nothing to the rule {rule}; leave it out."))
    if rule is RuleKind.FROZEN and threshold.on_delay_s <= 0:
        faults.append(("on_delay_s", "is missing: say for how long the value may stand still."))
    has_deadband = rule in (RuleKind.LIMIT, RuleKind.RATE_OF_CHANGE, RuleKind.CLOCK)
    if threshold.deadband and not has_deadband:
        faults.append(("deadband", f"means nothing to the rule {rule}; leave it out."))
    elif rule is not RuleKind.LIMIT and threshold.amount and threshold.deadband >= threshold.amount:
        text = f"{threshold.deadband:g} must be below the amount {threshold.amount:g}."
        faults.append(("deadband", text))
    if threshold.enabled and threshold.disabled_reason:
        faults.append(("disabled_reason", "says why a threshold is switched off, and this one is on."))
    return faults


def _limit_faults(threshold: ThresholdDocument) -> list[tuple[str, str]]:
    low, high = threshold.min, threshold.max
    if low is None and high is None:
        return [("", "has neither min nor max; give at least one.")]
    if low is None or high is None:
        return []
    if low >= high:
        return [("min", f"{low:g} must be below max {high:g}.")]
    if threshold.deadband * 2 >= high - low:
        text = f"{threshold.deadband:g} leaves nothing between {low:g} and {high:g}; make it smaller."
        return [("deadband", text)]
    return []


def _amount_words(threshold: ThresholdDocument, quantities: Quantities) -> str:
    quantity = quantities.find(threshold.metric)
    unit = "the metric's unit" if quantity is None else quantity.unit
    return _AMOUNTS[threshold.rule].format(unit=unit)
