"""Which minutes of history a replay looks at: those that the rollups say nothing of, or cannot decide.

    settled, and the minute stays so     left out: not even read
    settled, and it may not              its readings, through the rule
    a delay runs                         every reading, until settled again

Minutes that are surely needed are read first, many at once; the few that a running delay adds, as they come.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.engine import Connection

from console.station.errors import BackTestCancelled
from console.station.replay import Replay
from console.station.rules.rule import Phase, Rule, SkippingRule
from console.station.sample_memory import Samples

_MINUTE_S = 60.0
_READING_SHARE = 0.8  # of the progress
_DAY = 1440


class MinuteWalk:
    """One rule's way through the minutes of a period: what is left out, what is read, what is judged."""

    def __init__(
        self,
        connection: Connection,
        samples: Samples,
        rule: Rule,
        on_progress: Callable[[float], None],
        is_cancelled: Callable[[], bool],
    ) -> None:
        """Ask the rule what can be left out; reads nothing yet. Arguments as of `run_back_test`."""
        self._connection = connection
        self._samples = samples
        self._rule = rule
        self._on_progress = on_progress
        self._is_cancelled = is_cancelled
        self._count = len(samples.bounds.low)
        self._warm_up = 0
        self._stays: dict[Phase, NDArray[np.bool_]] = {}
        if isinstance(rule, SkippingRule):
            self._warm_up = int(-(-rule.reach_s // _MINUTE_S))
            self._stays = _stays(rule, samples, self._warm_up)

    def run(self, replay: Replay) -> None:
        """Judge the whole period. Raises BackTestCancelled, or the database's StorageError."""
        self._load(self._wanted(), lambda part: self._on_progress(part * _READING_SHARE))
        stretches = _ends_of_stretches(self._stays, self._count)
        place, fed_until = 0, 0
        while place < self._count:
            if self._is_cancelled():
                raise BackTestCancelled
            stays = self._stays.get(replay.phase)
            if stays is not None and stays[place]:
                place = _next_false(stays, place)
                continue
            first = place
            if self._warm_up and place > fed_until:
                # Signs of the time before matter, and were left out.
                first = max(fed_until, place - self._warm_up)
                if first > fed_until:
                    replay.restart()
            end = min(int(stretches[place]), place + _DAY)
            if not self._samples.has(first, end):
                self._load(np.arange(first, self._delayed(end)), lambda _: None)
            replay.walk(*self._samples.readings(first, end))
            place = fed_until = end
            self._on_progress(_READING_SHARE + (1 - _READING_SHARE) * place / self._count)

    def _wanted(self) -> NDArray[np.int64]:
        """Return the minutes (places) whose readings are surely, or nearly surely, needed."""
        if not self._stays or not self._count:
            return np.arange(self._count)
        normal, standing = self._stays[Phase.NORMAL], self._stays[Phase.STANDING]
        # Where neither state is left as it is, and where one that was begins to be touched.
        wanted = ~normal & ~standing
        wanted |= ~normal & np.append(True, normal[:-1])
        wanted |= ~standing & np.append(False, standing[:-1])
        places = np.flatnonzero(wanted)
        around = [places]
        around += [places - back for back in range(1, self._warm_up + 1)]
        around += [places + 1] if self._delayed(0) else []
        every = np.unique(np.concatenate(around))
        return every[(every >= 0) & (every < self._count)]

    def _delayed(self, end: int) -> int:
        """Return `end`, and the minutes after it that a running delay would still look at."""
        rule = self._rule
        delay_s = max(rule.on_delay_s, rule.off_delay_s) if isinstance(rule, SkippingRule) else 0.0
        return min(self._count, end + int(-(-delay_s // _MINUTE_S)))

    def _load(self, wanted: NDArray[np.int64], on_progress: Callable[[float], None]) -> None:
        self._samples.load(self._connection, wanted, on_progress, self._is_cancelled)


def _stays(rule: SkippingRule, samples: Samples, warm_up: int) -> dict[Phase, NDArray[np.bool_]]:
    """Return for both settled states which minutes leave them as they are."""
    low, high = samples.bounds.low, samples.bounds.high
    lowest, highest = low.copy(), high.copy()
    for back in range(1, min(warm_up, len(low)) + 1):
        # minimum and maximum keep NaN: what is not known makes a minute unknown.
        lowest[back:] = np.minimum(lowest[back:], low[:-back])
        highest[back:] = np.maximum(highest[back:], high[:-back])
    return {
        Phase.NORMAL: rule.stays(Phase.NORMAL, lowest, highest),
        Phase.STANDING: rule.stays(Phase.STANDING, low, high),
    }


def _ends_of_stretches(stays: dict[Phase, NDArray[np.bool_]], count: int) -> NDArray[np.int64]:
    """Return for each minute where to look again whether something can be left out."""
    if not stays:
        return np.full(count, count)
    is_touched = ~stays[Phase.NORMAL] & ~stays[Phase.STANDING]
    places = np.where(is_touched, count, np.arange(count))
    following = np.minimum.accumulate(places[::-1])[::-1]
    return np.maximum(following, np.arange(count) + 1)


def _next_false(flags: NDArray[np.bool_], place: int) -> int:
    """Return the first place from `place` on whose flag is not set; the length where there is none."""
    width = 64
    while place < len(flags):
        piece = flags[place : place + width]
        if not piece.all():
            return place + int(piece.argmin())
        place, width = place + width, width * 4
    return len(flags)
