"""The figures of `models.records.alarm_load`, computed from a journal. Pure, numpy over compact arrays.

Step ②: annunciations and stretches → figures with verdicts, EEMUA 191 level, floods, sources.

What each figure counts stands in its `FigureSpec`. Where a count is "a position", the site's annunciations
are divided by the operator positions, since nobody writes down who got which. A period of 10 minutes or an
hour is counted from the beginning of the period, and only where it is full; "most in any 10 minutes" and
floods look at every moment instead. Limits ("more than 10") are passed when the number is greater.
"""

from collections.abc import Mapping
from datetime import tzinfo

import numpy as np

from models.alarm_journal import (
    AlarmJournal,
    Annunciations,
    Floats,
    Ints,
    Stretches,
    annunciations_of,
    stretches_of,
)
from models.alarm_sources import STALE_S, SourceFacts, source_loads
from models.alarm_windows import (
    DAY_S,
    HOUR_S,
    TEN_MIN_S,
    counts_of,
    day_starts,
    floods_of,
    full_counts,
    hours_of_day,
    most_within,
    running,
    share_above,
)
from models.records.alarm_load import (
    AlarmLoad,
    EemuaBand,
    EemuaLevel,
    Figure,
    FigureKey,
    Flood,
    SourceLoad,
    Verdict,
)
from models.records.threshold import Severity

BUSY_HOUR, BUSY_10_MIN, DEMANDING_10_MIN = 30, 10, 5
WORST = 10
_SEVERITIES = (Severity.CRITICAL, Severity.WARNING, Severity.INFO)


def alarm_load(
    journal: AlarmJournal,
    sources: Mapping[int, SourceFacts],
    positions: int = 1,
    zone: tzinfo | None = None,
    asked_since_unix: float | None = None,
) -> AlarmLoad:
    """Compute every figure of a period.

    Args:
        journal: The period.
        sources: Who stands behind each source that annunciated.
        positions: Operator positions, at least 1.
        zone: By whose clock days and hours of the day are counted; None = this computer's.
        asked_since_unix: Where the period that was asked for begins, if earlier than anything was recorded.
    """
    since, until = journal.since_unix, journal.until_unix
    asked = since if asked_since_unix is None else asked_since_unix
    if until <= since:
        return AlarmLoad(since, since, asked, positions, 0, (), None, None)
    asks = annunciations_of(journal)
    open_times = stretches_of(journal)
    counts = counts_of(asks.at, since, until, TEN_MIN_S)
    floods = floods_of(asks.at, until, positions)
    loads = source_loads(asks, open_times, sources)
    standing = running(
        open_times.since[open_times.is_standing], open_times.until[open_times.is_standing], since, until
    )
    shelved = running(journal.shelved_since, journal.shelved_until, since, until)
    figures = [
        *_rates(asks.at.size, until - since, positions),
        *_peaks(asks.at, since, until, positions),
        _flood_figure(floods, until - since),
        *_bad_actor_figures(asks, loads),
        _stale(open_times, since, until, zone),
        *_severity_figures(asks.severity),
        _judged(FigureKey.STANDING, standing[0] / positions, 10, detail=f"most at once {standing[1]}"),
        _judged(FigureKey.SHELVED, shelved[0] / positions, 30, detail=f"most at once {shelved[1]}"),
        *_responses(journal, asks),
    ]
    demanding = share_above(full_counts(asks.at, since, until, TEN_MIN_S), DEMANDING_10_MIN * positions)
    average = asks.at.size / positions / ((until - since) / TEN_MIN_S)
    most = most_within(asks.at, TEN_MIN_S) / positions
    return AlarmLoad(
        since,
        until,
        asked,
        positions,
        asks.at.size,
        tuple(figures),
        None if demanding is None else eemua_level(average, most, demanding),
        None if demanding is None else eemua_band(average),
        counts=tuple(counts.tolist()),
        floods=tuple(floods),
        by_hour=hours_of_day(asks.at, zone),
        severities=_severity_counts(asks.severity),
        sources=tuple(loads),
        standing_most=standing[1],
        shelved_most=shelved[1],
    )


def eemua_level(average: float, most: float, demanding_percent: float) -> EemuaLevel:
    """Return the level of EEMUA 191 that all three hold: the worst of the three.

    Args:
        average: Annunciations a position in 10 minutes.
        most: The most a position in any 10 minutes.
        demanding_percent: Share of the 10-minute periods with more than 5 a position.
    """
    by_average = 0 if average < 1 else 1 if average <= 10 else 3 if average <= 100 else 4
    by_most = 0 if most < 10 else 1 if most <= 100 else 2 if most < 1000 else 3 if most <= 1000 else 4
    by_time = sum(demanding_percent > limit for limit in (5, 25, 50))
    by_time = 0 if demanding_percent < 1 else by_time + 1
    return list(EemuaLevel)[max(by_average, by_most, by_time)]


def eemua_band(average: float) -> EemuaBand:
    """Return what EEMUA 191 says of an average a position in 10 minutes; between two, of the worse."""
    for limit, band in (
        (1, EemuaBand.ACCEPTABLE),
        (2, EemuaBand.MANAGEABLE),
        (10, EemuaBand.OVER_DEMANDING),
    ):
        if average <= limit:
            return band
    return EemuaBand.UNACCEPTABLE


# -- how often ----------------------------------------------------------------------------------------


def _rates(count: int, span_s: float, positions: int) -> list[Figure]:
    """Return the averages; of a time shorter than what is averaged over none, which would be a guess."""
    figures: list[Figure] = []
    for key, length, good, most, word in (
        (FigureKey.PER_10_MIN, TEN_MIN_S, 1, 2, "10 minutes"),
        (FigureKey.PER_HOUR, HOUR_S, 6, 12, "an hour"),
        (FigureKey.PER_DAY, DAY_S, 144, 288, "a day"),
    ):
        if span_s < length - 1:
            figures.append(Figure(key, None, Verdict.NONE, f"needs {word}"))
        else:
            figures.append(_judged(key, count / positions / span_s * length, most, good=good))
    return figures


def _peaks(at: Floats, since: float, until: float, positions: int) -> list[Figure]:
    hours = full_counts(at, since, until, HOUR_S)
    tens = full_counts(at, since, until, TEN_MIN_S)
    most = most_within(at, TEN_MIN_S) / positions
    return [
        _share_figure(FigureKey.BUSY_HOURS, hours, BUSY_HOUR * positions, "hour"),
        _share_figure(FigureKey.BUSY_10_MIN, tens, BUSY_10_MIN * positions, "period"),
        _judged(FigureKey.MOST_IN_10_MIN, most, 10, is_inclusive=True),
    ]


def _share_figure(key: FigureKey, counts: Ints, limit: int, word: str) -> Figure:
    share = share_above(counts, limit)
    if share is None:
        return Figure(key, None, Verdict.NONE, f"no full {word} yet")
    above = int((counts > limit).sum())
    return _judged(key, share, 1, detail=f"{above:,} of {counts.size:,}")


def _flood_figure(floods: list[Flood], span_s: float) -> Figure:
    in_flood = sum(flood.until_unix - flood.since_unix for flood in floods)
    noun = "flood" if len(floods) == 1 else "floods"
    return _judged(FigureKey.FLOOD, 100.0 * in_flood / span_s, 1, detail=f"{len(floods)} {noun}")


# -- from where ---------------------------------------------------------------------------------------


def _bad_actor_figures(asks: Annunciations, loads: list[SourceLoad]) -> list[Figure]:
    loads = [load for load in loads if load.count]
    chattering = [load.chattering for load in loads if load.chattering]
    fleeting = [load.fleeting for load in loads if load.fleeting]
    if len(loads) > WORST:
        share = 100.0 * sum(load.count for load in loads[:WORST]) / asks.at.size
        top = _judged(FigureKey.TOP_TEN, share, 5, is_inclusive=True, detail=f"of {len(loads)} limits")
    else:
        noun = "limit" if len(loads) == 1 else "limits"
        top = Figure(
            FigureKey.TOP_TEN,
            100.0 if loads else None,
            Verdict.NONE,
            f"only {len(loads)} {noun} annunciated" if loads else "nothing annunciated",
        )
    return [
        top,
        _judged(FigureKey.CHATTERING, len(chattering), 0, is_inclusive=True, detail=_in_all(chattering)),
        _judged(FigureKey.FLEETING, len(fleeting), 0, is_inclusive=True, detail=_in_all(fleeting)),
    ]


def _in_all(counts: list[int]) -> str:
    return f"{sum(counts):,} {'alert' if sum(counts) == 1 else 'alerts'}" if counts else ""


# -- how long -----------------------------------------------------------------------------------------


def _stale(open_times: Stretches, since: float, until: float, zone: tzinfo | None) -> Figure:
    from_when = np.maximum(open_times.since, open_times.triggered + STALE_S)
    chosen = np.flatnonzero(open_times.until > from_when)
    days = day_starts(since, until, zone)
    first = np.searchsorted(days, from_when[chosen], side="right") - 1
    last = np.searchsorted(days, open_times.until[chosen], side="left") - 1
    found: list[set[int]] = [set() for _ in days]
    for alert, begin, end in zip(
        open_times.alert[chosen].tolist(), first.tolist(), last.tolist(), strict=True
    ):
        for day in range(max(begin, 0), end + 1):
            found[day].add(alert)
    return _judged(FigureKey.STALE, max(map(len, found), default=0), 5)


# -- how urgent, how answered -------------------------------------------------------------------------


def _severity_counts(ranks: Ints) -> tuple[int, int, int]:
    critical, warning, info = (int((ranks == severity.rank).sum()) for severity in _SEVERITIES)
    return critical, warning, info


def _severity_figures(ranks: Ints) -> list[Figure]:
    counts = _severity_counts(ranks)
    keys = (FigureKey.CRITICAL_SHARE, FigureKey.WARNING_SHARE, FigureKey.INFO_SHARE)
    if not ranks.size:
        return [Figure(key, None, Verdict.NONE, "nothing annunciated") for key in reversed(keys)]
    figures: list[Figure] = []
    for key, count, limit in zip(keys, counts, (5, 15, 80), strict=True):
        share = 100.0 * count / ranks.size
        is_good = share >= limit if key is FigureKey.INFO_SHARE else share <= limit
        figures.append(Figure(key, share, Verdict.GOOD if is_good else Verdict.MISSED, f"{count:,}"))
    return figures[::-1]


def _responses(journal: AlarmJournal, asks: Annunciations) -> list[Figure]:
    events = journal.events
    is_within = (events.at >= journal.since_unix) & (events.at < journal.until_unix)
    silent = int((is_within & ~events.is_annunciated & np.isin(events.code, (1, 2))).sum())
    waits = (asks.acknowledged - asks.at)[~np.isnan(asks.acknowledged)]
    never = int(np.isnan(asks.acknowledged).sum())
    p50, p95 = (float(np.percentile(waits, part)) if waits.size else None for part in (50, 95))
    note = f"of {waits.size:,}" if waits.size else "nobody acknowledged any"
    return [
        Figure(FigureKey.SUPPRESSED, silent, Verdict.NONE),
        Figure(FigureKey.ACKNOWLEDGED_P50, p50, Verdict.NONE, note),
        Figure(FigureKey.ACKNOWLEDGED_P95, p95, Verdict.NONE, note),
        Figure(FigureKey.UNACKNOWLEDGED, never, Verdict.NONE, f"of {asks.at.size:,}" if asks.at.size else ""),
    ]


def _judged(
    key: FigureKey,
    value: float,
    most: float,
    *,
    good: float | None = None,
    is_inclusive: bool = False,
    detail: str = "",
) -> Figure:
    """Judge a figure that is good below `most`.

    Args:
        good: Up to here it is good, and from there to `most`, included, acceptable.
        is_inclusive: `most` itself is good.
    """
    if good is not None:
        verdict = Verdict.GOOD if value <= good else Verdict.ACCEPTABLE if value <= most else Verdict.MISSED
    else:
        is_good = value <= most if is_inclusive else value < most
        verdict = Verdict.GOOD if is_good else Verdict.MISSED
    return Figure(key, value, verdict, detail)
