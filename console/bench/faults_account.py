"""What is known of an excursion without an episode of its own: who asked, what was told, who held it. Pure.

device 3: over its limit for 2.41 s from 14:03:11.208 UTC, covered; seconds from then:
  over      -9.90 ..     -7.20
  told      -9.80 ..     -9.71  of a beginning, arrived then
  stood     -9.80 ..      2.61
  asked     -9.80 ..     -8.90  5 over the limit, 5 stored; by A, process 4711
"""

import itertools
import math
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

import msgspec

from console.bench.faults_alert_verdict import Found, standing_spans
from console.bench.faults_verdict import Row, Span
from console.bench.faults_witness import Excursion, Witnessed, sequence_of

_AROUND_S = 5.0
"""Of a time before the excursion before, and after this one, nothing is told."""


class Lived(msgspec.Struct, frozen=True):
    """A run of a station's program; `ended_unix` None: it runs still."""

    station: str
    pid: int
    began_unix: float
    ended_unix: float | None


class Told(msgspec.Struct, frozen=True):
    """A finding that arrived in the database, whether or not it changed anything there."""

    device: int
    unix: float
    is_end: bool
    came_unix: float


class Known(msgspec.Struct, frozen=True):
    """Everything that the database and the suite know of a site."""

    journal: Sequence[Found]
    told: Sequence[Told]
    rows: Sequence[Row]
    spans: Sequence[Span]
    lives: Sequence[Lived]


def account_of(excursion: Excursion, verdict: str, witnessed: Witnessed, known: Known) -> list[str]:
    """Return what is known of an excursion, a line each.

    Args:
        excursion: Which.
        verdict: What it is called: missing, or covered.
        witnessed: What the devices saw.
        known: What else is known.
    """
    device, zero = excursion.device, excursion.began_unix
    own = [one for one in witnessed.excursions if one.device == device]
    before = [one.began_unix for one in own if one.ended_unix < zero]
    first, last = max(before, default=zero) - _AROUND_S, excursion.ended_unix + _AROUND_S
    spans = standing_spans(device, known.journal)
    when = datetime.fromtimestamp(zero, UTC).isoformat(timespec="milliseconds")[11:23]
    for_s = excursion.ended_unix - zero
    return [
        f"device {device}: over its limit for {for_s:.2f} s from {when} UTC, {verdict}; seconds from then:",
        *_in_order(
            [
                *((one.began_unix, one.ended_unix, "over", "") for one in own),
                *_asked(device, witnessed, known),
                *(
                    (one.unix, one.came_unix, "told", _what(one))
                    for one in known.told
                    if one.device == device
                ),
                *((began, ended, "stood", "") for began, ended in spans),
                *(
                    (one.began_unix, _or_now(one.ended_unix), "lent", f"to {one.station}")
                    for one in known.spans
                    if one.device == device
                ),
            ],
            (first, last),
            zero,
        ),
    ]


def _asked(device: int, witnessed: Witnessed, known: Known) -> Iterable[tuple[float, float, str, str]]:
    """Return the answers to one process after another, and since the value last changed."""
    loud = [(one.began_unix, one.ended_unix) for one in witnessed.excursions if one.device == device]
    stored = {sequence_of(device, row.values) for row in known.rows if row.device == device}
    lives = {one.pid: one for one in known.lives}
    answers = [
        (
            witnessed.stations[answer.connection],
            any(began <= answer.unix < ended for began, ended in loud),
            answer.unix,
            sequence in stored,
        )
        for sequence, answer in enumerate(witnessed.answers[device], 1)
    ]
    for (pid, is_loud), some in itertools.groupby(answers, key=lambda one: one[:2]):
        group = list(some)
        life = lives.get(pid)
        who = f"{life.station}, process {pid}" if life else f"process {pid}"
        kept = sum(is_stored for *_, is_stored in group)
        value = "over the limit" if is_loud else "quiet"
        yield group[0][2], group[-1][2], "asked", f"{len(group)} {value}, {kept} stored; by {who}"
    for life in known.lives:
        yield life.began_unix, _or_now(life.ended_unix), "ran", f"{life.station}, process {life.pid}"


def _in_order(
    told: Iterable[tuple[float, float, str, str]], within: tuple[float, float], zero: float
) -> list[str]:
    """Return what touches a time as lines, in the order in which it began."""
    return [
        f"  {what:<6}{began - zero:9.2f} .. {_ended(ended - zero):>9}  {words}".rstrip()
        for began, ended, what, words in sorted(told)
        if began <= within[1] and ended >= within[0]
    ]


def _what(told: Told) -> str:
    return "of an end, arrived then" if told.is_end else "of a beginning, arrived then"


def _or_now(unix: float | None) -> float:
    return math.inf if unix is None else unix


def _ended(seconds: float) -> str:
    return "now" if math.isinf(seconds) else f"{seconds:.2f}"
