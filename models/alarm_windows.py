"""Moments counted by time: intervals, sliding windows, hours of the day; and how many run at once. Pure.

Moments are float64, shape (n,), Unix seconds, ascending.
"""

from datetime import datetime, timedelta, tzinfo

import numpy as np

from models.alarm_journal import Floats, Ints
from models.records.alarm_load import FLOOD_BEGINS_ABOVE, FLOOD_ENDS_BELOW, FLOOD_WINDOW_S, Flood

TEN_MIN_S, HOUR_S, DAY_S = 600.0, 3600.0, 86_400.0


def counts_of(at: Floats, since: float, until: float, length: float) -> Ints:
    """Count each interval from `since` on, the last one too where it is not full."""
    number = max(1, int(np.ceil(round((until - since) / length, 6))))
    return np.bincount(((at - since) / length).astype(np.int64).clip(max=number - 1), minlength=number)


def full_counts(at: Floats, since: float, until: float, length: float) -> Ints:
    """Count each interval from `since` on, the last one only where it is full."""
    number = int((until - since + 1e-6) // length)
    return counts_of(at[at < since + number * length], since, since + number * length, length)[:number]


def share_above(counts: Ints, limit: int) -> float | None:
    """Return how many percent of the counts are above a limit; None where there are none."""
    return None if not counts.size else 100.0 * float((counts > limit).mean())


def most_within(at: Floats, span_s: float) -> int:
    """Return the most moments in any span of this length: from one of them on, its end excluded."""
    if not at.size:
        return 0
    return int((np.searchsorted(at, at + span_s, side="left") - np.arange(at.size)).max())


def floods_of(at: Floats, until: float, positions: int) -> list[Flood]:
    """Return the floods: each begins when the eleventh within 10 minutes comes, per position.

    It ends at the moment from which fewer than 5 a position lie within the last 10 minutes.
    """
    moments = np.concatenate((at, at + FLOOD_WINDOW_S))
    steps = np.concatenate((np.ones(at.size, dtype=np.int64), np.full(at.size, -1, dtype=np.int64)))
    order = np.lexsort((steps, moments))  # what leaves the window leaves before what comes at that moment
    moments, recent = moments[order], np.cumsum(steps[order])
    begins = np.flatnonzero(recent > FLOOD_BEGINS_ABOVE * positions)
    ends = np.flatnonzero(recent < FLOOD_ENDS_BELOW * positions)
    found: list[Flood] = []
    place = 0
    while (first := np.searchsorted(begins, place)) < begins.size:
        begin = int(begins[first])
        if moments[begin] >= until:
            break
        last = np.searchsorted(ends, begin)
        place = int(ends[last]) if last < ends.size else moments.size
        over = min(float(moments[place]) if place < moments.size else until, until)
        inside = int((at > moments[begin] - FLOOD_WINDOW_S).sum() - (at >= over).sum())
        found.append(Flood(float(moments[begin]), over, inside))
    return found


def running(begins: Floats, ends: Floats, since: float, until: float) -> tuple[float, int]:
    """Return how many stretches run at once: on average over the time, and the most."""
    begins, ends = np.clip(begins, since, until), np.clip(ends, since, until)
    is_real = ends > begins
    begins, ends = begins[is_real], ends[is_real]
    if not begins.size:
        return 0.0, 0
    moments = np.concatenate((begins, ends))
    steps = np.concatenate((np.ones(begins.size, dtype=np.int64), np.full(ends.size, -1, dtype=np.int64)))
    at_once = np.cumsum(steps[np.lexsort((steps, moments))])
    return float((ends - begins).sum() / (until - since)), int(at_once.max())


def hours_of_day(at: Floats, zone: tzinfo | None) -> tuple[int, ...]:
    """Return how many of the moments lie in each hour of the day, by the clock of `zone`."""
    # Clocks everywhere differ by whole quarters of an hour, and change at such.
    quarters, counts = np.unique(np.floor(at / 900.0), return_counts=True)
    hours = [0] * 24
    for quarter, count in zip(quarters.tolist(), counts.tolist(), strict=True):
        hours[datetime.fromtimestamp(quarter * 900.0, zone).hour] += count
    return tuple(hours)


def day_starts(since: float, until: float, zone: tzinfo | None) -> list[float]:
    """Return the local midnights from the last one before `since` on, Unix seconds, up to `until`."""
    day = datetime.fromtimestamp(since, zone).replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None)
    starts: list[float] = []
    while not starts or starts[-1] < until:
        local = day.replace(tzinfo=zone) if zone is not None else day.astimezone()
        starts.append(local.timestamp())
        day += timedelta(days=1)
    return starts[:-1] if len(starts) > 1 else starts
