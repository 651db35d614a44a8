"""What tests of rules share: a rule made from a threshold, and what it says of a row of signs."""

from collections.abc import Iterable
from dataclasses import replace

from console.station.rules.registry import rule_of
from console.station.rules.rule import CannotJudge, Circumstances, Rule, RuleState
from models.records.device import DeviceId
from models.records.threshold import DEVICE_METRIC, RuleKind, Severity, Threshold, ThresholdId

EVERY_SECOND = Circumstances(1.0, frozenset({"temperature"}), reports_events=True)


def threshold_of(rule: RuleKind, **changes: object) -> Threshold:
    metric = DEVICE_METRIC if rule.is_of_device else "temperature"
    plain = Threshold(ThresholdId(1), DeviceId(1), metric, None, None, Severity.WARNING, rule=rule)
    return replace(plain, **changes)


def made(rule: RuleKind, circumstances: Circumstances = EVERY_SECOND, **changes: object) -> Rule:
    rule_made = rule_of(threshold_of(rule, **changes), circumstances)
    assert not isinstance(rule_made, CannotJudge), rule_made
    return rule_made


def refusal(rule: RuleKind, circumstances: Circumstances = EVERY_SECOND, **changes: object) -> str:
    found = rule_of(threshold_of(rule, **changes), circumstances)
    assert isinstance(found, CannotJudge)
    return found.reason


class Told:
    """A rule under way: give it signs, see when it raises and clears, and what it says."""

    def __init__(self, rule: Rule, *, is_standing: bool = False) -> None:
        self.rule = rule
        self.state: RuleState = rule.start(is_standing=is_standing)
        self.moments: list[tuple[str, float]] = []
        self.sentences: list[str] = []

    def hear(self, *signs: tuple[float, float | None]) -> "Told":
        """Take in pairs of time and sign."""
        for at_unix, sign in signs:
            self.state, verdict = self.rule.judge(self.state, sign, at_unix)
            if verdict is not None:
                self.moments.append((verdict.kind.value, at_unix))
                self.sentences.append(self.rule.sentence(verdict))
        return self

    def every_second(self, signs: Iterable[float | None], since: float = 0.0) -> "Told":
        return self.hear(*((since + index, sign) for index, sign in enumerate(signs)))
