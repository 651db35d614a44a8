"""The verdict of the fault suite on alerts: what the journal tells against what the devices did. Pure.

Every excursion that somebody was there to see is one episode. It is *covered*, and begins none, where the
episode of the excursion before stood all through it: nobody was there when the value was back in between.
"""

import math
from collections.abc import Mapping, Sequence

import msgspec

from console.bench.faults_verdict import left_before_end_s
from console.bench.faults_witness import Answer, Excursion, Witnessed

_CLOCK_S = 1.0
"""So far a busy station's idea of the database's time may be off; excursions lie further apart."""


class Found(msgspec.Struct, frozen=True):
    """A line of an alert's journal that says that the episode began, began again, or that the value returned.

    Attributes:
        has_asked: It asked for an operator. What a station tells late, of a time before another's finding, is
            only noted.
        alert: Whose journal.
        is_end: The value returned.
    """

    device: int
    unix: float
    has_asked: bool
    alert: int = 0
    is_end: bool = False


class AlertVerdict(msgspec.Struct, frozen=True):
    """What became of the excursions.

    Attributes:
        excursions: How many there were.
        missing: Those that somebody was there to see, and of which the journal does not tell.
        covered: Those through which an episode stood that had begun before, and that nobody could have ended.
        unseen: Those that fell into a time in which nobody asked the device.
        doubled: Episodes too many, those of no excursion included.
        unended: Episodes that stand though the value returned.
    """

    excursions: int
    missing: tuple[Excursion, ...]
    covered: tuple[Excursion, ...]
    unseen: int
    doubled: int
    unended: int


def alert_verdict(
    witnessed: Witnessed,
    journal: Sequence[Found],
    standing: int,
    ends: Mapping[int, Sequence[float]],
    period_s: float,
) -> AlertVerdict:
    """Hold the journal against what the devices did.

    Args:
        witnessed: What the devices saw.
        journal: Beginnings and ends of episodes, in the order in which they were written.
        standing: How many alerts stand now, all devices being quiet.
        ends: As of `verdict`.
        period_s: Between two polls.
    """
    unseen = doubled = 0
    missing: list[Excursion] = []
    covered: list[Excursion] = []
    begun = [found for found in journal if not found.is_end]
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
        if own:
            continue
        if not _seen(witnessed, excursion.device, excursion.began_unix, excursion.ended_unix, ends):
            unseen += 1
        elif is_covered(excursion, witnessed, journal, ends):
            covered.append(excursion)
        else:
            missing.append(excursion)
    return AlertVerdict(
        excursions=len(witnessed.excursions),
        missing=tuple(missing),
        covered=tuple(covered),
        unseen=unseen,
        doubled=doubled + len(unclaimed),
        unended=standing,
    )


def is_covered(
    excursion: Excursion, witnessed: Witnessed, journal: Sequence[Found], ends: Mapping[int, Sequence[float]]
) -> bool:
    """Whether one episode stood from before an excursion until after it, and nobody could have ended it.

    Whoever was there while the value was back had to end the episode: if it stood on all the same, the
    excursion has no episode of its own by a mistake, and is not covered.
    """
    device = excursion.device
    stood = any(
        began < excursion.began_unix and excursion.ended_unix <= ended
        for began, ended in standing_spans(device, journal)
    )
    before = [
        one.ended_unix
        for one in witnessed.excursions
        if one.device == device and one.ended_unix < excursion.began_unix
    ]
    return stood and bool(before) and not _seen(witnessed, device, max(before), excursion.began_unix, ends)


def standing_spans(device: int, journal: Sequence[Found]) -> list[tuple[float, float]]:
    """Return from when to when each episode of a device stood, Unix seconds; without an end: infinity.

    What was told late, and only noted, changed nothing that stood.
    """
    spans: list[tuple[float, float]] = []
    standing: dict[int, float] = {}
    for found in journal:
        if found.device != device:
            continue
        if found.is_end:
            began = standing.get(found.alert)
            if began is not None and found.unix >= began:
                spans.append((began, found.unix))
                del standing[found.alert]
        elif found.has_asked:
            standing.setdefault(found.alert, found.unix)
    return [*spans, *((began, math.inf) for began in standing.values())]


def _seen(
    witnessed: Witnessed, device: int, from_unix: float, to_unix: float, ends: Mapping[int, Sequence[float]]
) -> list[Answer]:
    """Return the answers within a time to whoever lived long enough to make them durable."""
    return [
        answer
        for answer in witnessed.answers[device]
        if from_unix <= answer.unix <= to_unix
        and not answer.is_disturbed
        and left_before_end_s(answer.unix, ends.get(witnessed.stations[answer.connection], ())) is None
    ]
