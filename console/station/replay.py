"""A rule judged over columns of history instead of live signs: the same rule, and the same episodes. Pure.

What makes thirty days quick is what is left out, and only what provably changes nothing is: a rule may say
of many signs at once that they leave a settled state as it is (`SkippingRule.stays`). Where it has no delays,
signs that raise and signs that clear simply take turns. Everything else goes through `Rule.judge`.
"""

from array import array
from collections.abc import Callable
from typing import Final

import numpy as np
from numpy.typing import NDArray

from console.station.rules.rule import (
    ANSWERS,
    LOST,
    Phase,
    Rule,
    RuleState,
    SkippingRule,
    Subject,
    Verdict,
)
from models.records.alert import TransitionKind
from models.series import FloatArray

TICK_S: Final = 1.0
"""History knows no ticks; a station tells its rules the time about so often."""

_ROUNDING_S = 1e-3


class EpisodeLog:
    """Beginnings and ends as they come, a few bytes each: a limit may be passed a million times a month."""

    def __init__(self) -> None:
        """Begin empty."""
        self._began = array("d")
        self._values = array("d")
        self._ended = array("d")

    def note(self, at_unix: float, verdict: Verdict) -> None:
        """Add one beginning or end."""
        if verdict.kind is TransitionKind.RAISED:
            self._began.append(at_unix)
            self._values.append(float("nan") if verdict.value is None else verdict.value)
        else:
            self._ended.append(at_unix)

    def extend(self, began_unix: FloatArray, values: FloatArray, ended_unix: FloatArray) -> None:
        """Add many at once, in order."""
        self._began.frombytes(began_unix.tobytes())
        self._values.frombytes(values.tobytes())
        self._ended.frombytes(ended_unix.tobytes())

    @property
    def began_unix(self) -> FloatArray:
        """float64, shape (n,), ascending."""
        return np.frombuffer(self._began, np.float64) if self._began else np.empty(0)

    @property
    def values(self) -> FloatArray:
        """float64, shape (n,): what raised each; NaN where it was no value."""
        return np.frombuffer(self._values, np.float64) if self._values else np.empty(0)

    @property
    def ended_unix(self) -> FloatArray:
        """float64, shape (n,) or (n - 1,): the last one may still stand."""
        return np.frombuffer(self._ended, np.float64) if self._ended else np.empty(0)


class Replay:
    """One rule on its way through history. Columns are given in order of time, in pieces of any size.

    Attributes:
        log: What was found so far.
    """

    def __init__(self, rule: Rule, longest_gap_s: float) -> None:
        """Begin as a station does that knows of no open episode.

        Args:
            rule: Judges; Subject.CLOCK cannot be replayed, for nothing of it is stored.
            longest_gap_s: So long after a reading, silence counts as no answer.
        """
        self.log = EpisodeLog()
        self._rule = rule
        self._longest_gap_s = longest_gap_s
        self._state = rule.start(is_standing=False)
        self._last_unix: float | None = None
        self._walk: Callable[[FloatArray, FloatArray], None] = self._judge_all
        if rule.subject in (Subject.DATA, Subject.CONTACT):
            self._walk = self._judge_silence
        elif isinstance(rule, SkippingRule) and rule.reach_s == 0:
            has_delays = rule.on_delay_s > 0 or rule.off_delay_s > 0
            self._walk = self._judge_unsettled if has_delays else self._take_turns

    @property
    def phase(self) -> Phase:
        """Where the condition is."""
        return self._state.phase

    def restart(self) -> None:
        """Forget what was judged before a span that was left out; only while the state is NORMAL."""
        assert self._state.phase is Phase.NORMAL
        self._state = self._rule.start(is_standing=False)

    def walk(self, times: FloatArray, signs: FloatArray) -> None:
        """Judge readings: float64, shape (n,), Unix seconds and signs, NaN for None."""
        if len(times):
            self._walk(times, signs)
            self._last_unix = float(times[-1])

    def finish(self, until_unix: float) -> None:
        """Let time pass to the end of the period."""
        if self._rule.subject in (Subject.DATA, Subject.CONTACT) and self._last_unix is not None:
            self._pass_time(self._last_unix, until_unix)

    def _judge(self, sign: float | None, at_unix: float) -> None:
        self._state, verdict = self._rule.judge(self._state, sign, at_unix)
        if verdict is not None:
            self.log.note(at_unix, verdict)

    def _judge_all(self, times: FloatArray, signs: FloatArray) -> None:
        judge, note = self._rule.judge, self.log.note
        state = self._state
        for at_unix, sign in zip(times.tolist(), signs.tolist(), strict=True):
            # NaN alone differs from itself.
            state, verdict = judge(state, sign if sign == sign else None, at_unix)
            if verdict is not None:
                note(at_unix, verdict)
        self._state = state

    def _judge_unsettled(self, times: FloatArray, signs: FloatArray) -> None:
        """Judge only spells that may outlast a delay, and what follows until the state is settled again."""
        rule = self._rule
        assert isinstance(rule, SkippingRule)
        next_of = {
            phase: _next_places(_long_spells(times, signs, rule.stays(phase, signs, signs), delay_s))
            for phase, delay_s in ((Phase.NORMAL, rule.on_delay_s), (Phase.STANDING, rule.off_delay_s))
        }
        moments, values = times.tolist(), signs.tolist()
        place, count, state, judge = 0, len(moments), self._state, rule.judge
        while place < count:
            following = next_of.get(state.phase)
            if following is not None:
                place = following[place]
                if place == count:
                    break
            sign = values[place]
            state, verdict = judge(state, sign if sign == sign else None, moments[place])
            if verdict is not None:
                self.log.note(moments[place], verdict)
            place += 1
        self._state = state

    def _take_turns(self, times: FloatArray, signs: FloatArray) -> None:
        """Without delays what does not stay raises or clears at once: find the first of each turn."""
        rule = self._rule
        assert isinstance(rule, SkippingRule)
        is_sign = ~np.isnan(signs)
        turns = np.zeros(len(signs), np.int8)
        turns[is_sign & ~rule.stays(Phase.NORMAL, signs, signs)] = 1
        turns[is_sign & ~rule.stays(Phase.STANDING, signs, signs)] = -1
        places = np.flatnonzero(turns)
        if not len(places):
            return
        before = 1 if self._state.is_standing else -1
        places = places[np.diff(turns[places], prepend=np.int8(before)) != 0]
        if not len(places):
            return
        raising, clearing = places[turns[places] == 1], places[turns[places] == -1]
        values = signs[raising]
        if rule.subject is not Subject.VALUE:
            values = np.full(len(raising), np.nan)
        self.log.extend(times[raising], values, times[clearing])
        self._state = rule.start(is_standing=bool(turns[places[-1]] == 1))

    def _judge_silence(self, times: FloatArray, signs: FloatArray) -> None:
        """Judge what time without readings means; a settled state is left out from gap to gap."""
        heard = np.flatnonzero(~np.isnan(signs))
        gaps = np.diff(times[heard])
        long_ones = heard[:-1][gaps >= self._least_gap_s()]
        moments, values = times.tolist(), signs.tolist()
        place, count = 0, len(moments)
        while place < count:
            sign = values[place] if values[place] == values[place] else None
            if self._last_unix is not None:
                self._pass_time(self._last_unix, moments[place])
            self._judge(sign, moments[place])
            self._last_unix = moments[place]
            place += 1
            if self._state.phase is Phase.NORMAL and sign is not None and place < count:
                # Nothing can be found before the next long gap; begin again with the reading before it. What
                # follows the last one heard belongs to the next piece.
                following = np.searchsorted(long_ones, place - 1)
                target = int(long_ones[following]) if following < len(long_ones) else int(heard[-1])
                if target > place - 1:
                    self._state = self._rule.start(is_standing=False)
                    self._judge(values[target], moments[target])
                    self._last_unix = moments[target]
                    place = target + 1

    def _least_gap_s(self) -> float:
        """Return the shortest gap in which something can be found, or a little less."""
        if self._rule.subject is Subject.CONTACT:
            return self._longest_gap_s - _ROUNDING_S
        return getattr(self._rule, "longest_age_s", 0.0) - _ROUNDING_S

    def _pass_time(self, last_unix: float, until_unix: float) -> None:
        """Tell the rule the time, second by second, between two readings."""
        at_unix = last_unix + TICK_S
        while at_unix < until_unix and self._state.phase is not Phase.STANDING:
            if self._rule.subject is Subject.DATA:
                self._judge(None, at_unix)
            elif at_unix - last_unix >= self._longest_gap_s:
                self._judge(LOST, at_unix)
            elif self._state.phase is Phase.CLEARING:
                self._judge(ANSWERS, at_unix)
            at_unix += TICK_S


def raising_verdict(rule: Rule, value: float | None, amount: float | None) -> Verdict:
    """Return the verdict that began an episode, from what the log keeps of it."""
    if rule.calm is not None and value is not None:
        ripe = RuleState(Phase.RAISING, float("inf"), 0.0)
        _, verdict = rule.judge(ripe, value, 0.0)
        if verdict is not None:
            return verdict
    return Verdict(TransitionKind.RAISED, value, amount, LOST)


def _long_spells(
    times: FloatArray, signs: FloatArray, stays: NDArray[np.bool_], delay_s: float
) -> NDArray[np.bool_]:
    """Return where spells of signs that do not stay begin, of those that may last for a delay.

    A spell ends with the first sign that stays; one that the last sign does not end may go on. A delay never
    grows by more than the time that passes, so a shorter spell leaves the state as it was.
    """
    heard = np.flatnonzero(~np.isnan(signs))
    is_touched = ~stays[heard]
    begins = np.flatnonzero(is_touched & np.append(np.True_, ~is_touched[:-1])[: len(heard)])
    ends = np.flatnonzero(is_touched & np.append(~is_touched[1:], np.True_)[: len(heard)])
    may_last = times[heard[ends]] - times[heard[begins]] >= delay_s - _ROUNDING_S
    may_last |= ends == len(heard) - 1
    chosen = np.zeros(len(signs), np.bool_)
    chosen[heard[begins[may_last]]] = True
    return chosen


def _next_places(chosen: NDArray[np.bool_]) -> list[int]:
    """Return for every place the next chosen one, itself included; the length where none follows."""
    count = len(chosen)
    places = np.where(chosen, np.arange(count), count)
    return np.minimum.accumulate(places[::-1])[::-1].tolist()
