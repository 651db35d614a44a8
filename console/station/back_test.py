"""The back-test: what a threshold would have raised on the readings of the last weeks.

    bounds of every minute ─→ minutes that can change anything ─→ their readings ─→ the rule ─→ episodes

The rule and its judgement are the live evaluator's. Of limits and rates the rollups decide most minutes; of
the other rules every reading is looked at. Two things history does not hold: failed polls (silence of more
than three periods stands for them), and devices' clocks and reports (rules on those cannot be replayed).
"""

from collections.abc import Callable
from dataclasses import dataclass

import msgspec
import numpy as np
from sqlalchemy.engine import Connection

from console.station.errors import BackTestCancelled, NotReplayable
from console.station.minute_walk import MinuteWalk
from console.station.replay import Replay, raising_verdict
from console.station.rules.registry import rule_of, sentence_of_unjudged
from console.station.rules.rule import (
    CannotJudge,
    Rule,
    Subject,
    circumstances_of,
)
from console.station.sample_memory import SampleMemory, SamplesKey
from models.quantities import THE_SIX, Quantities
from models.queries.back_test_samples import Column, acted_on_alerts, recorded_count
from models.records.alert import Alert
from models.records.device import Device
from models.records.threshold import RuleKind, Threshold
from models.series import FloatArray

__all__ = [
    "BackTest",
    "BackTestCancelled",
    "BackTestEpisode",
    "NotReplayable",
    "SampleMemory",
    "run_back_test",
]

EPISODES_AT_MOST = 20_000
"""So many are told one by one; of a limit that was passed more often, an even choice."""

_COLUMNS = {
    Subject.VALUE: Column.VALUE,
    Subject.DATA: Column.VALUE,
    Subject.QUALITY: Column.QUALITY,
    Subject.CONTACT: Column.PRESENCE,
}


class BackTestEpisode(msgspec.Struct, frozen=True, gc=False):
    """One alert that would have been raised.

    Attributes:
        began_unix: When the on-delay was over.
        ended_unix: When the off-delay was over; None where it still stood at the end of the period.
        value: What raised it, in the metric's unit; None where it is not about a value.
        limit: The limit that was passed; of other rules their amount.
        message: As an operator would have read it.
    """

    began_unix: float
    ended_unix: float | None
    value: float | None
    limit: float | None
    message: str


@dataclass(frozen=True, slots=True)
class BackTest:
    """What a threshold would have done, beside what really happened.

    Attributes:
        threshold: As it was tried.
        since_unix, until_unix: The period, Unix seconds.
        episodes: In order of time. Where there were more than EPISODES_AT_MOST, an even choice of them.
        recorded: How often the stored threshold really raised in the period; 0 for one not stored yet.
        acted_on: Its alerts that somebody acknowledged, commented or resolved, oldest first.
        missed: Those of `acted_on` during which nothing would have been raised.
        left_out: How many episodes are not listed.
    """

    threshold: Threshold
    since_unix: float
    until_unix: float
    episodes: tuple[BackTestEpisode, ...]
    recorded: int
    acted_on: tuple[Alert, ...]
    missed: tuple[Alert, ...]
    left_out: int = 0

    @property
    def count(self) -> int:
        """How many alerts there would have been."""
        return len(self.episodes) + self.left_out


def run_back_test(
    connection: Connection,
    device: Device,
    threshold: Threshold,
    since_unix: float,
    until_unix: float,
    memory: SampleMemory,
    on_progress: Callable[[float], None],
    is_cancelled: Callable[[], bool],
    quantities: Quantities = THE_SIX,
) -> BackTest:
    """Replay a period through a threshold, beginning with nothing open. Blocks; for a worker's thread.

    Args:
        connection: In a transaction; row-level security applies.
        device: Whose readings; its period and tags count as they are now.
        threshold: As somebody would like to have it; whether it is enabled does not matter.
        since_unix, until_unix: Unix seconds, from inclusive to exclusive.
        memory: Give the same one, and the same period, while a value is being dragged.
        on_progress: Called with 0 … 1.
        is_cancelled: Asked several times a second.
        quantities: What can be measured at the site.

    Raises:
        NotReplayable: The threshold cannot be judged, or history does not hold what it is judged on.
        BackTestCancelled: As asked; what was read is kept in `memory`.
        StorageError: The database's.
    """
    rule = _replayable_rule(device, threshold, quantities)
    key = SamplesKey(
        device.id, "" if rule.metric_index < 0 else threshold.metric, _COLUMNS[rule.subject],
        since_unix, max(since_unix, until_unix),
    )  # fmt: skip
    replay = Replay(rule, circumstances_of(device).longest_gap_s)
    walk = MinuteWalk(connection, memory.samples(connection, key), rule, on_progress, is_cancelled)
    walk.run(replay)
    replay.finish(until_unix)
    began, values, ended = replay.log.began_unix, replay.log.values, replay.log.ended_unix
    acted_on = acted_on_alerts(connection, threshold.id, since_unix, until_unix)
    episodes = _episodes(rule, threshold, began, values, ended)
    result = BackTest(
        threshold=threshold,
        since_unix=since_unix,
        until_unix=until_unix,
        episodes=episodes,
        recorded=recorded_count(connection, threshold.id, since_unix, until_unix),
        acted_on=tuple(acted_on),
        missed=tuple(alert for alert in acted_on if not _is_met(alert, began, ended, until_unix)),
        left_out=len(began) - len(episodes),
    )
    on_progress(1.0)
    return result


def _replayable_rule(device: Device, threshold: Threshold, quantities: Quantities) -> Rule:
    if threshold.rule is RuleKind.CLOCK:
        raise NotReplayable(
            "What devices' clocks showed is not stored, so an alert on a clock cannot be tried on history."
        )
    if threshold.rule is RuleKind.DEVICE_EVENT:
        raise NotReplayable(
            "What devices reported is not stored apart from its alerts, so an alert on events cannot be "
            "tried on history."
        )
    rule = rule_of(threshold, circumstances_of(device, quantities))
    if isinstance(rule, CannotJudge):
        raise NotReplayable(sentence_of_unjudged(threshold, rule, quantities))
    return rule


def _episodes(
    rule: Rule, threshold: Threshold, began: FloatArray, values: FloatArray, ended: FloatArray
) -> tuple[BackTestEpisode, ...]:
    chosen = np.arange(len(began))
    if len(began) > EPISODES_AT_MOST:
        chosen = np.linspace(0, len(began) - 1, EPISODES_AT_MOST).astype(np.int64)
    episodes: list[BackTestEpisode] = []
    for place in chosen.tolist():
        value = None if np.isnan(values[place]) else float(values[place])
        verdict = raising_verdict(rule, value, threshold.amount)
        end = float(ended[place]) if place < len(ended) else None
        episodes.append(
            BackTestEpisode(float(began[place]), end, value, verdict.limit, rule.sentence(verdict))
        )
    return tuple(episodes)


def _is_met(alert: Alert, began: FloatArray, ended: FloatArray, until_unix: float) -> bool:
    """Whether any episode overlaps the time in which an alert stood."""
    over_at = alert.cleared_at or alert.resolved_at
    over_unix = until_unix if over_at is None else over_at.timestamp()
    first = int(np.searchsorted(ended, alert.triggered_at.timestamp()))
    return first < len(began) and bool(began[first] <= over_unix)
