"""The bad-actor coach: what is wrong with a threshold that brings many alerts, and what would help. Pure.

A proposal is computed from what happened, never taken from the air, and never weaker than what the data
bear out: it would have joined or held back nine of ten of the alerts in question. Whether it would have
missed something that mattered is for the back-test to show; nobody should take it unseen. Diagnoses are those
of ISA-18.2 (16.6): chattering, fleeting, stale, duplicate; what is left is frequent.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from models.alarm_journal import Floats
from models.alarm_sources import FLEETING_S
from models.figure_words import duration_words
from models.quantities import THE_SIX, Quantities
from models.records.alarm_load import BadActor, Diagnosis, SourceLoad
from models.records.threshold import RuleKind, Severity, Threshold
from models.threshold_words import amount_words, number_words

MOST_WORST, MOST_STALE = 10, 3
_ENOUGH = 3
"""Of fewer cases nothing is computed."""
_SHARE = 0.25
"""From here on a habit of some of its alerts is what is wrong with the threshold."""
_PART = 90
"""How many of 100 cases a proposal must cover."""
_MOST_DEADBAND = 0.10
"""A deadband wider than this share of the metric's span would hide the process; then time must do."""
_MOST_ON_DELAY_S, _MOST_OFF_DELAY_S = 60.0, 300.0
TWIN_S, TWIN_SHARE, TWIN_COUNT = 5.0, 0.8, 5


@dataclass(frozen=True, slots=True)
class Twin:
    """Another threshold that annunciates together with this one.

    Attributes:
        share: How many of this one's annunciations came within 5 s of one of the other's, 0 to 1; the other
            way round it is at least as much as `TWIN_SHARE`.
        lag_s: How much later this one came, median, seconds.
    """

    other: SourceLoad
    share: float
    lag_s: float


@dataclass(frozen=True, slots=True, eq=False)
class Evidence:
    """What is known of one source.

    Attributes:
        gaps_s: From clearing to the next annunciation, where that was within a minute, float64.
        depths: How far inside its limit the value went in those gaps, in its unit; NaN where unknown.
        lasted_s: From annunciation to clearing, those nobody touched before, float64.
        peaks: The value farthest beyond the limit in each alert, in its unit; NaN where unknown.
        plateau: Hourly values farthest beyond the limit while its alert was stale.
        twin: Whom it comes together with.
        low_bound, high_bound: Limits of more severe thresholds of the same value, which this one's must stay
            within; infinite where there are none.
        quantities: What can be measured at the site.
    """

    load: SourceLoad
    threshold: Threshold | None
    gaps_s: Floats
    depths: Floats
    lasted_s: Floats
    peaks: Floats
    plateau: Floats
    twin: Twin | None = None
    low_bound: float = -math.inf
    high_bound: float = math.inf
    quantities: Quantities = THE_SIX


def worst_of(sources: tuple[SourceLoad, ...]) -> list[SourceLoad]:
    """Return the ten worst: the most frequent, and in the last places those that are stale."""
    frequent = [load for load in sources if load.count > 1][:MOST_WORST]
    stale = [load for load in sources if load.is_stale and load not in frequent]
    stale.sort(key=lambda load: -load.longest_open_s)
    stale = stale[: max(MOST_STALE, MOST_WORST - len(frequent))]
    return [*frequent[: MOST_WORST - len(stale)], *stale]


def twin_share(mine: Floats, others: Floats) -> tuple[float, float]:
    """Return which part of `mine` has one of `others` within 5 s, and by how much mine is later (median)."""
    if not mine.size or not others.size:
        return 0.0, 0.0
    after = np.searchsorted(others, mine)
    left = others[np.maximum(after - 1, 0)]
    right = others[np.minimum(after, others.size - 1)]
    nearest = np.where(np.abs(mine - left) <= np.abs(right - mine), left, right)
    is_near = np.abs(mine - nearest) <= TWIN_S
    lag = float(np.median((mine - nearest)[is_near])) if is_near.any() else 0.0
    return float(is_near.mean()), lag


def diagnose(evidence: Evidence) -> BadActor:
    """Say what is wrong with a source, and propose what would help."""
    load = evidence.load
    if evidence.twin is not None:
        return _duplicate(evidence, evidence.twin)
    if load.count and load.chattering / load.count >= _SHARE:
        return _chattering(evidence)
    if load.count and load.fleeting / load.count >= _SHARE:
        return _fleeting(evidence)
    if load.is_stale:
        return _stale(evidence)
    return _frequent(evidence)


def _duplicate(evidence: Evidence, twin: Twin) -> BadActor:
    load = evidence.load
    why = (
        f"{twin.share:.0%} of its {load.count:,} alerts came within {TWIN_S:.0f} s of “{twin.other.label}” "
        f"of {twin.other.name}, which is {_rank_words(load, twin.other)}: one event, announced twice. Out of "
        "service, this one leaves the other to tell."
    )
    return _proposed(
        evidence,
        Diagnosis.DUPLICATE,
        why,
        lambda t: replace(t, enabled=False, disabled_reason=f"Says the same as “{twin.other.label}”."),
        "out of service",
    )


def _chattering(evidence: Evidence) -> BadActor:
    load, threshold = evidence.load, evidence.threshold
    found = (
        f"{load.chattering:,} of its {load.count:,} alerts came three or more within a minute: the value "
        "swings round the limit."
    )
    known = evidence.depths[~np.isnan(evidence.depths)]
    if threshold is not None and threshold.rule is RuleKind.LIMIT and known.size >= _ENOUGH:
        depth = float(np.percentile(known, _PART))
        step = _step(threshold.metric, evidence.quantities)
        deadband = _rounded_up(depth * 1.1, step)
        if threshold.deadband < deadband <= _MOST_DEADBAND * _span(threshold.metric, evidence.quantities):
            why = (
                f"{found} Between two of them it came back by no more than "
                f"{amount_words(threshold.metric, _rounded_up(depth, step), evidence.quantities)} "
                f"in {_PART} % of {known.size:,} cases, so a wider deadband makes them one alert."
            )
            wanted = amount_words(threshold.metric, deadband, evidence.quantities)
            change = f"deadband {number_words(threshold.deadband)} → {wanted}"
            return _proposed(
                evidence, Diagnosis.CHATTERING, why, lambda t: replace(t, deadband=deadband), change
            )
    if evidence.gaps_s.size >= _ENOUGH and threshold is not None:
        gap = float(np.percentile(evidence.gaps_s, _PART))
        delay = min(_MOST_OFF_DELAY_S, math.ceil(gap + threshold.off_delay_s + 1))
        if delay > threshold.off_delay_s:
            why = (
                f"{found} Between two of them it was gone for no more than {duration_words(math.ceil(gap))} "
                f"in {_PART} % of {evidence.gaps_s.size:,} cases, so an off-delay makes them one alert."
            )
            change = f"off-delay {_seconds(threshold.off_delay_s)} → {_seconds(delay)}"
            return _proposed(
                evidence, Diagnosis.CHATTERING, why, lambda t: replace(t, off_delay_s=float(delay)), change
            )
    return BadActor(load, Diagnosis.CHATTERING, f"{found} Too few of them are known to propose a setting.")


def _fleeting(evidence: Evidence) -> BadActor:
    load = evidence.load
    brief = evidence.lasted_s[evidence.lasted_s <= FLEETING_S]
    found = (
        f"{load.fleeting:,} of its {load.count:,} alerts cleared by themselves within {FLEETING_S:.0f} s, "
        "sooner than anybody can act."
    )
    return _delayed(evidence, Diagnosis.FLEETING, found, brief)


def _delayed(evidence: Evidence, diagnosis: Diagnosis, found: str, lasted: Floats) -> BadActor:
    """Propose an on-delay that lets alerts pass that last no longer than these did."""
    threshold = evidence.threshold
    if threshold is None or lasted.size < _ENOUGH:
        return BadActor(evidence.load, diagnosis, f"{found} Too few of them are known to propose a setting.")
    longest = float(np.percentile(lasted, _PART))
    # The condition had lasted for the on-delay when it was announced, and was over for the off-delay.
    delay = math.ceil(threshold.on_delay_s + max(0.0, longest - threshold.off_delay_s) + 0.5)
    delay = min(_MOST_ON_DELAY_S, max(delay, threshold.on_delay_s + 1))
    if delay <= threshold.on_delay_s:
        return BadActor(
            evidence.load,
            diagnosis,
            f"{found} Its on-delay is {_seconds(threshold.on_delay_s)} already; look at the sensor instead.",
        )
    why = (
        f"{found} {_PART} % of {lasted.size:,} lasted no longer than {duration_words(math.ceil(longest))}, "
        "so an on-delay lets those pass."
    )
    change = f"on-delay {_seconds(threshold.on_delay_s)} → {_seconds(delay)}"
    return _proposed(evidence, diagnosis, why, lambda t: replace(t, on_delay_s=float(delay)), change)


def _stale(evidence: Evidence) -> BadActor:
    load, threshold = evidence.load, evidence.threshold
    found = f"One of its alerts has been open for {duration_words(load.longest_open_s)}."
    moved = _moved_limit(evidence, evidence.plateau, 95)
    if threshold is None or moved is None:
        return BadActor(
            load,
            Diagnosis.STALE,
            f"{found} Nobody heeds what always stands: repair the cause, or shelve it with a reason and an "
            "end.",
        )
    limit, change, _ = moved
    words = amount_words(threshold.metric, limit, evidence.quantities)
    why = (
        f"{found} In 95 % of those hours the value stayed within {words}: either the cause is repaired, "
        "or the limit lies inside normal operation. Ask whoever owns the process first."
    )
    return _proposed(evidence, Diagnosis.STALE, why, moved[2], change)


def _frequent(evidence: Evidence) -> BadActor:
    load, threshold = evidence.load, evidence.threshold
    brief = evidence.lasted_s[evidence.lasted_s <= _MOST_ON_DELAY_S]
    if load.count and brief.size >= max(_ENOUGH, load.count / 2):
        found = f"{brief.size:,} of its {load.count:,} alerts cleared within a minute before anybody acted."
        return _delayed(evidence, Diagnosis.FREQUENT, found, brief)
    lasted = (
        "" if load.standing_s is None else f", half of them for more than {duration_words(load.standing_s)}"
    )
    found = f"It annunciated {load.count:,} times{lasted}: a condition that is real, and common."
    if threshold is not None and _is_a_state(threshold, evidence.peaks):
        return BadActor(
            load,
            Diagnosis.FREQUENT,
            f"{found} The value goes to the same place each time, so the alert tells of a state, and no "
            "limit helps: if nobody has to act, make it info; otherwise repair the cause.",
        )
    moved = _moved_limit(evidence, evidence.peaks, 80)
    if threshold is None or moved is None:
        return BadActor(load, Diagnosis.FREQUENT, f"{found} No setting helps; repair the cause.")
    limit, change, apply = moved
    words = amount_words(threshold.metric, limit, evidence.quantities)
    why = (
        f"{found} In 80 % of them the value stayed within {words}; if that is harmless, the limit may lie "
        "there. Ask whoever owns the process first."
    )
    return _proposed(evidence, Diagnosis.FREQUENT, why, apply, change)


def _is_a_state(threshold: Threshold, extremes: Floats) -> bool:
    """Tell whether a value jumps to one place, as when a machine stops, instead of drifting past a limit."""
    known = extremes[~np.isnan(extremes)]
    limit = threshold.min_value if threshold.max_value is None else threshold.max_value
    if limit is None or known.size < _ENOUGH:
        return False
    return bool(np.ptp(known) < 0.2 * abs(float(np.median(known)) - limit))


def _moved_limit(
    evidence: Evidence, extremes: Floats, part: int
) -> tuple[float, str, Callable[[Threshold], Threshold]] | None:
    """Return a limit that `part` of 100 extremes stay within, and how to set it.

    None for critical thresholds, which are not moved to be rid of their alerts, where it would reach a more
    severe one, and where little is known.
    """
    threshold = evidence.threshold
    known = extremes[~np.isnan(extremes)]
    if threshold is None or threshold.severity is Severity.CRITICAL or known.size < _ENOUGH:
        return None
    step = _step(threshold.metric, evidence.quantities)
    if threshold.max_value is not None and threshold.min_value is None:
        limit = _rounded_up(float(np.percentile(known, part)), step)
        words = amount_words(threshold.metric, limit, evidence.quantities)
        change = f"upper limit {number_words(threshold.max_value)} → {words}"
        if threshold.max_value < limit < evidence.high_bound:
            return limit, change, lambda t: replace(t, max_value=limit)
    if threshold.min_value is not None and threshold.max_value is None:
        limit = 0.0 - _rounded_up(-float(np.percentile(known, 100 - part)), step)
        words = amount_words(threshold.metric, limit, evidence.quantities)
        change = f"lower limit {number_words(threshold.min_value)} → {words}"
        if evidence.low_bound < limit < threshold.min_value:
            return limit, change, lambda t: replace(t, min_value=limit)
    return None


def _proposed(
    evidence: Evidence,
    diagnosis: Diagnosis,
    why: str,
    change_of: Callable[[Threshold], Threshold],
    change: str,
) -> BadActor:
    if evidence.threshold is None or not evidence.threshold.enabled:
        gone = "It is out of service by now." if evidence.threshold else "The threshold is gone by now."
        return BadActor(evidence.load, diagnosis, f"{why} {gone}")
    return BadActor(evidence.load, diagnosis, why, change_of(evidence.threshold), change)


def _rank_words(mine: SourceLoad, other: SourceLoad) -> str:
    return "more severe" if other.severity.rank < mine.severity.rank else "as severe and earlier"


def _step(metric: str, quantities: Quantities) -> float:
    """Return the smallest difference that a metric's values show."""
    quantity = quantities.find(metric)
    return 0.01 if quantity is None else 10.0**-quantity.decimals


def _span(metric: str, quantities: Quantities) -> float:
    quantity = quantities.find(metric)
    return math.inf if quantity is None else quantity.span[1] - quantity.span[0]


def _rounded_up(value: float, step: float) -> float:
    return round(math.ceil(round(value / step, 6)) * step, 6) + 0.0


def _seconds(value: float) -> str:
    return f"{number_words(value)}\N{NO-BREAK SPACE}s"
