"""Every alert rule of this build: one line each."""

from console.station.rules.bad_quality import bad_quality_rule
from console.station.rules.clock import clock_rule
from console.station.rules.device_event import device_event_rule
from console.station.rules.frozen import frozen_rule
from console.station.rules.limit import limit_rule
from console.station.rules.no_data import no_data_rule
from console.station.rules.offline import offline_rule
from console.station.rules.rate_of_change import rate_rule
from console.station.rules.rule import CannotJudge, Circumstances, Rule, RuleMaker
from models.quantities import THE_SIX, Quantities
from models.records.threshold import RuleKind, Threshold

RULES: tuple[tuple[RuleKind, str, RuleMaker], ...] = (
    (RuleKind.LIMIT, "limit", limit_rule),
    (RuleKind.RATE_OF_CHANGE, "rate of change", rate_rule),
    (RuleKind.FROZEN, "frozen value", frozen_rule),
    (RuleKind.NO_DATA, "missing data", no_data_rule),
    (RuleKind.BAD_QUALITY, "bad quality", bad_quality_rule),
    (RuleKind.OFFLINE, "lost communication", offline_rule),
    (RuleKind.CLOCK, "clock", clock_rule),
    (RuleKind.DEVICE_EVENT, "device events", device_event_rule),
)
"""The kind, what it is called in sentences, and who makes it."""

_BY_KIND = {kind: (words, make) for kind, words, make in RULES}


def rule_of(threshold: Threshold, circumstances: Circumstances) -> Rule | CannotJudge:
    """Return the rule that judges a threshold, or why none can."""
    _, make = _BY_KIND[threshold.rule]
    if not threshold.rule.is_of_device:
        if circumstances.quantities.find(threshold.metric) is None:
            return CannotJudge(f"nothing measured here is called {threshold.metric!r}")
        if threshold.metric not in circumstances.metrics:
            return CannotJudge("no tag is bound to it")
    return make(threshold, circumstances)


def sentence_of_unjudged(threshold: Threshold, cannot: CannotJudge, quantities: Quantities = THE_SIX) -> str:
    """Return one sentence for the owner of a threshold that cannot be judged."""
    words, _ = _BY_KIND[threshold.rule]
    if not threshold.rule.is_of_device:
        quantity = quantities.find(threshold.metric)
        words += f" of {threshold.metric if quantity is None else quantity.label}"
    return f"The {threshold.severity} alert ({words}) cannot be judged: {cannot.reason}."
