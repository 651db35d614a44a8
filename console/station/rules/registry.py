"""Every alert rule of this build: one line each."""

from console.station.rules.limit import limit_rule
from console.station.rules.rule import Rule, RuleMaker
from models.records.threshold import Threshold

RULES: tuple[RuleMaker, ...] = (limit_rule,)


def rule_of(threshold: Threshold, longest_gap_s: float) -> Rule | None:
    """Return the rule that judges a threshold, None where no rule of this build applies to it."""
    for make in RULES:
        rule = make(threshold, longest_gap_s)
        if rule is not None:
            return rule
    return None
