"""The verdict of the fault suite on alerts: what the journal tells against what the devices did. Pure."""

from collections.abc import Mapping, Sequence

import msgspec

from console.bench.faults_verdict import left_before_end_s
from console.bench.faults_witness import Excursion, Witnessed

_CLOCK_S = 1.0
"""So far a busy station's idea of the database's time may be off; excursions lie further apart."""


class Found(msgspec.Struct, frozen=True):
    """A line of an alert's journal that says that the episode began, or began again.

    Attributes:
        has_asked: It asked for an operator. What a station tells late, of a time before another's finding, is
            only noted.
    """

    device: int
    unix: float
    has_asked: bool


class AlertVerdict(msgspec.Struct, frozen=True):
    """What became of the excursions.

    Attributes:
        excursions: How many there were.
        missing: Those that somebody was there to see, and of which the journal does not tell.
        unseen: Those that fell into a time in which nobody asked the device.
        doubled: Episodes too many, those of no excursion included.
        unended: Episodes that stand though the value returned.
    """

    excursions: int
    missing: tuple[Excursion, ...]
    unseen: int
    doubled: int
    unended: int


def alert_verdict(
    witnessed: Witnessed,
    begun: Sequence[Found],
    standing: int,
    ends: Mapping[int, Sequence[float]],
    period_s: float,
) -> AlertVerdict:
    """Hold the journal against what the devices did.

    Args:
        witnessed: What the devices saw.
        begun: Beginnings of episodes.
        standing: How many alerts stand now, all devices being quiet.
        ends: As of `verdict`.
        period_s: Between two polls.
    """
    unseen = doubled = 0
    missing: list[Excursion] = []
    unclaimed = set(range(len(begun)))
    for excursion in witnessed.excursions:
        last_unix = excursion.ended_unix + period_s
        own = {
            index
            for index in unclaimed
            if begun[index].device == excursion.device
            and excursion.began_unix - _CLOCK_S <= begun[index].unix <= last_unix + _CLOCK_S
        }
        unclaimed -= own
        doubled += max(0, sum(begun[index].has_asked for index in own) - 1)
        if not own and _is_seen(witnessed, excursion, ends):
            missing.append(excursion)
        elif not own:
            unseen += 1
    return AlertVerdict(
        excursions=len(witnessed.excursions),
        missing=tuple(missing),
        unseen=unseen,
        doubled=doubled + len(unclaimed),
        unended=standing,
    )


def _is_seen(witnessed: Witnessed, excursion: Excursion, ends: Mapping[int, Sequence[float]]) -> bool:
    """Whether somebody asked the device meanwhile, and lived long enough to make that durable."""
    return any(
        excursion.began_unix <= answer.unix <= excursion.ended_unix
        and not answer.is_disturbed
        and left_before_end_s(answer.unix, ends.get(witnessed.stations[answer.connection], ())) is None
        for answer in witnessed.answers[excursion.device]
    )
