"""The verdict of the fault suite: what the database holds against what the devices saw. Pure.

An answer of a device must stand in the table, once, as it was given. It may be missing only where nobody can
have taken it: its station ended, or stood still, before it had time to make it durable
(`DURABLE_WITHIN_S`), or the device went to another station with this answer still on its way.
"""

import itertools
import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence

import msgspec

from console.bench.faults_witness import Answer, Witnessed, sequence_of

DURABLE_WITHIN_S = 1.5
"""What a station took longer ago than this must be durable, in the database or in its spool."""

_SAME_MOMENT_S = 0.3
_AT_ONCE_S = 0.05
_TOGETHER_S = 1.0
"""Of one who never stopped: several periods. Whoever is lent a device again is away for longer."""


class Row(msgspec.Struct, frozen=True, gc=False):
    """A stored reading, `device` as the devices count themselves."""

    device: int
    recorded_unix: float
    values: tuple[float | None, ...]
    quality: int


class Verdict(msgspec.Struct, frozen=True):
    """What became of the answers.

    Attributes:
        answered: Answers that the devices gave undisturbed.
        stored: Rows.
        lost: Device and sequence number of answers that had to be durable and are nowhere.
        doubled: Answers that stand in the table more than once.
        wrong: Rows of good quality that no device ever said.
        disordered: Rows whose time contradicts the order in which the devices answered.
        unflushed: Answers that ended with their station, before it had time to make them durable.
        oldest_unflushed_ms: Age of the oldest of these when its station ended.
        handed_over: Answers that were on their way when their device went to another station.
        overlaps: Polls by one station between two of another's that went on as if alone.
        skew_ms: Largest difference between when a device answered and when the row says it did.
    """

    answered: int
    stored: int
    lost: tuple[tuple[int, int], ...]
    doubled: int
    wrong: int
    disordered: int
    unflushed: int
    oldest_unflushed_ms: float
    handed_over: int
    overlaps: int
    skew_ms: float


def verdict(witnessed: Witnessed, rows: Iterable[Row], ends: Mapping[int, Sequence[float]]) -> Verdict:
    """Hold rows against answers.

    Args:
        witnessed: What the devices saw.
        rows: All of them, in any order.
        ends: By process id, when each station ended or stood still, Unix seconds.
    """
    found: dict[int, list[tuple[float, int]]] = defaultdict(list)
    stored = wrong = 0
    for row in rows:
        stored += 1
        sequence = sequence_of(row.device, row.values)
        is_given = sequence is not None and sequence <= len(witnessed.answers[row.device])
        if sequence is not None and is_given:
            found[row.device].append((row.recorded_unix, sequence))
        elif not row.quality:
            wrong += 1
    doubled = disordered = unflushed = handed_over = overlaps = answered = 0
    oldest_s = skew_s = 0.0
    lost: list[tuple[int, int]] = []
    for device, answers in enumerate(witnessed.answers):
        by_time = [sequence for _, sequence in sorted(found[device])]
        counted = Counter(by_time)
        doubled += sum(count - 1 for count in counted.values())
        disordered += sum(1 for one, next_ in itertools.pairwise(by_time) if next_ < one)
        skew_s = max([skew_s, *(abs(at - answers[sequence - 1].unix) for at, sequence in found[device])])
        overlaps += _overlaps(answers, witnessed.stations)
        for position, answer in enumerate(answers):
            if answer.is_disturbed:
                continue
            answered += 1
            if position + 1 in counted:
                continue
            left_s = left_before_end_s(answer.unix, ends.get(witnessed.stations[answer.connection], ()))
            if left_s is not None:
                unflushed += 1
                oldest_s = max(oldest_s, left_s)
            elif _is_last_of_its_station(answers, position, witnessed.stations):
                handed_over += 1
            else:
                lost.append((device, position + 1))
    return Verdict(
        answered=answered,
        stored=stored,
        lost=tuple(lost),
        doubled=doubled,
        wrong=wrong,
        disordered=disordered,
        unflushed=unflushed,
        oldest_unflushed_ms=oldest_s * 1000.0,
        handed_over=handed_over,
        overlaps=overlaps,
        skew_ms=skew_s * 1000.0,
    )


def left_before_end_s(unix: float, ends: Sequence[float]) -> float | None:
    """Return how long after an answer its station ended, where that was too soon to keep it; else None."""
    return next((end - unix for end in ends if -_SAME_MOMENT_S <= end - unix <= DURABLE_WITHIN_S), None)


def _is_last_of_its_station(answers: Sequence[Answer], position: int, stations: Sequence[int]) -> bool:
    own = stations[answers[position].connection]
    following = answers[position + 1 :][:1]
    return any(stations[answer.connection] != own for answer in following)


def _overlaps(answers: Sequence[Answer], stations: Sequence[int]) -> int:
    """Count polls between two of another station that lie too close for it to have been away."""
    count = 0
    runs: list[list[Answer]] = []
    for answer in answers:
        if runs and stations[runs[-1][-1].connection] == stations[answer.connection]:
            runs[-1].append(answer)
        else:
            runs.append([answer])
    for before, between, after in zip(runs, runs[1:], runs[2:], strict=False):
        is_same = stations[before[-1].connection] == stations[after[0].connection]
        if is_same and after[0].unix - before[-1].unix < _TOGETHER_S:
            count += len(between)
    return count


class Span(msgspec.Struct, frozen=True):
    """One lease: a station held a device from then till then; `ended_unix` None: still."""

    device: int
    station: str
    began_unix: float
    ended_unix: float | None


def trespasses(
    witnessed: Witnessed, spans: Iterable[Span], owners: Mapping[int, str]
) -> list[tuple[int, int]]:
    """Return device and number of answers to a station that did not hold the device at that moment.

    Args:
        witnessed: What the devices saw.
        spans: Every lease, by the database's clock, which is the devices' own here.
        owners: Station by process id.
    """
    held: dict[tuple[int, str], list[tuple[float, float]]] = defaultdict(list)
    for span in spans:
        end = math.inf if span.ended_unix is None else span.ended_unix
        held[span.device, span.station].append((span.began_unix - _AT_ONCE_S, end + _AT_ONCE_S))
    found: list[tuple[int, int]] = []
    for device, answers in enumerate(witnessed.answers):
        for position, answer in enumerate(answers):
            own = held[device, owners.get(witnessed.stations[answer.connection], "")]
            if not any(began <= answer.unix <= end for began, end in own):
                found.append((device, position + 1))
    return found
