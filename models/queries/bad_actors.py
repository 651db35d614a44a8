"""The ten worst thresholds of a period, with what the readings round their alerts say of them.

Read are the newest alerts of each only: some two hundred pauses from readings themselves, some hundred
alerts and the hours of a stale one from the minute and hour rollups.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

import numpy as np
from sqlalchemy import text
from sqlalchemy.engine import Connection

from models.alarm_journal import AlarmJournal, Annunciations, Floats, annunciations_of
from models.alarm_sources import CHATTERING_S
from models.bad_actors import (
    TWIN_COUNT,
    TWIN_SHARE,
    Evidence,
    Twin,
    diagnose,
    twin_share,
    worst_of,
)
from models.quantities import Quantities
from models.queries.alarm_load import load_with_journal
from models.queries.catalogue import load_thresholds
from models.queries.quantity_columns import QuantityColumns, columns_of
from models.queries.signals import load_quantities
from models.records.alarm_load import AlarmLoad, BadActor, SourceLoad
from models.records.device import DeviceId
from models.records.threshold import RuleKind, Threshold, ThresholdId

_MOST_PAUSES, _MOST_PEAKS, _STALE_HOURS = 200, 100, 24 * 30
_NOTHING = np.empty(0)


def load_alarm_report(
    conn: Connection, since: datetime, until: datetime
) -> tuple[AlarmLoad, tuple[BadActor, ...]]:
    """Return the alarm load of a period and its ten worst thresholds, from one look at the journal."""
    load, journal = load_with_journal(conn, since, until)
    if load.is_empty:
        return load, ()
    thresholds = {threshold.id: threshold for threshold in load_thresholds(conn)}
    quantities = load_quantities(conn)
    asks = annunciations_of(journal)
    worst = worst_of(load.sources)
    twins = _twins(worst, load.sources, asks)
    found = (
        diagnose(_evidence(conn, source, thresholds, quantities, asks, journal, twins.get(i)))
        for i, source in enumerate(worst)
    )
    return load, tuple(found)


def _evidence(
    conn: Connection,
    source: SourceLoad,
    thresholds: dict[ThresholdId, Threshold],
    quantities: Quantities,
    asks: Annunciations,
    journal: AlarmJournal,
    twin: Twin | None,
) -> Evidence:
    threshold = None if source.threshold is None else thresholds.get(source.threshold)
    is_mine = asks.source == _number(source)
    at, cleared, touched = asks.at[is_mine], asks.cleared[is_mine], asks.is_touched[is_mine]
    # Pauses between one's clearing and the next: from what chatters.
    ends = cleared[:-1]
    is_pause = (at[1:] - ends <= CHATTERING_S) & (at[1:] > ends)
    begins, ends = ends[is_pause][-_MOST_PAUSES:], at[1:][is_pause][-_MOST_PAUSES:]
    lasted = (cleared - at)[~np.isnan(cleared) & ~touched]
    depths = peaks = plateau = _NOTHING
    low_bound, high_bound = -np.inf, np.inf
    is_limit = threshold is not None and threshold.rule is RuleKind.LIMIT
    if threshold is not None and is_limit and quantities.find(threshold.metric) is not None:
        [of] = columns_of(conn, [threshold.metric])
        depths = _depths(threshold, _extremes(conn, threshold.device, of, of.readings, begins, ends))
        is_known = ~np.isnan(cleared)
        peaks = _beyond(
            threshold,
            _extremes(
                conn,
                threshold.device,
                of,
                of.minutes,
                np.floor(at[is_known][-_MOST_PEAKS:] / 60) * 60,
                cleared[is_known][-_MOST_PEAKS:],
            ),
        )
        if source.is_stale:
            hours = np.arange(min(_STALE_HOURS, source.longest_open_s // 3600))
            first = journal.until_unix - (hours[::-1] + 1) * 3600
            plateau = _beyond(threshold, _extremes(conn, threshold.device, of, of.hours, first, first + 3599))
        low_bound, high_bound = _bounds(threshold, thresholds.values())
    return Evidence(
        source,
        threshold,
        ends - begins,
        depths,
        lasted,
        peaks,
        plateau,
        twin,
        low_bound,
        high_bound,
        quantities,
    )


def _number(source: SourceLoad) -> int:
    return -int(source.device) if source.threshold is None else int(source.threshold)


def _extremes(
    conn: Connection, device: DeviceId, of: QuantityColumns, table: str, begins: Floats, ends: Floats
) -> "tuple[Floats, Floats]":
    """Return lowest and highest value of each span, NaN where there is none."""
    if not begins.size:
        return _NOTHING, _NOTHING
    low, high, time = of.low, of.high, "bucket"
    if table == of.readings:
        low, high, time = of.value, of.value, "recorded_at"
    # The names are those of our tables and columns, never what somebody typed.
    rows = conn.execute(
        text(
            f"SELECT s.place, v.low, v.high FROM unnest(CAST(:begins AS timestamptz[]), "
            "  CAST(:ends AS timestamptz[])) WITH ORDINALITY AS s (began, ended, place) "
            f"CROSS JOIN LATERAL (SELECT min(r.{low}) AS low, max(r.{high}) AS high FROM app.{table} AS r "
            f"  WHERE r.device_id = :device{of.condition} AND r.{time} >= s.began "
            f"  AND r.{time} <= s.ended) AS v "
            "WHERE v.low IS NOT NULL"
        ),
        {
            "device": device,
            "begins": [datetime.fromtimestamp(moment, UTC) for moment in begins.tolist()],
            "ends": [datetime.fromtimestamp(moment, UTC) for moment in ends.tolist()],
        },
    )
    lows, highs = np.full(begins.size, np.nan), np.full(begins.size, np.nan)
    for place, lowest, highest in rows:
        lows[place - 1], highs[place - 1] = lowest, highest
    return lows, highs


def _depths(threshold: Threshold, extremes: tuple[Floats, Floats]) -> Floats:
    """Return how far inside its limits a value came; of two limits the one it stayed nearer to."""
    lows, highs = extremes
    inside = np.full(lows.size, np.nan)
    if threshold.max_value is not None:
        inside = np.fmax(inside, threshold.max_value - lows)
    if threshold.min_value is not None:
        other = highs - threshold.min_value
        inside = other if threshold.max_value is None else np.fmin(inside, other)
    return np.where(inside > 0, inside, np.nan)


def _beyond(threshold: Threshold, extremes: tuple[Floats, Floats]) -> Floats:
    """Return the values farthest beyond the limit, of those that were beyond it."""
    lows, highs = extremes
    if threshold.max_value is not None and threshold.min_value is None:
        return np.where(highs > threshold.max_value, highs, np.nan)
    if threshold.min_value is not None and threshold.max_value is None:
        return np.where(lows < threshold.min_value, lows, np.nan)
    return _NOTHING


def _bounds(threshold: Threshold, others: Iterable[Threshold]) -> tuple[float, float]:
    """Return the limits of more severe thresholds of the same value."""
    low, high = -np.inf, np.inf
    for other in others:
        is_worse = (
            other.enabled
            and other.device == threshold.device
            and other.metric == threshold.metric
            and other.rule is RuleKind.LIMIT
            and other.severity.rank < threshold.severity.rank
        )
        if is_worse and other.min_value is not None:
            low = max(low, other.min_value)
        if is_worse and other.max_value is not None:
            high = min(high, other.max_value)
    return low, high


def _twins(
    worst: Sequence[SourceLoad], sources: Sequence[SourceLoad], asks: Annunciations
) -> dict[int, Twin]:
    """Return, by place among the worst, which of them say what another one says that is kept."""
    order = np.lexsort((asks.at, asks.source))
    by_source, at = asks.source[order], asks.at[order]

    def moments(source: SourceLoad) -> Floats:
        number = _number(source)
        return at[np.searchsorted(by_source, number) : np.searchsorted(by_source, number, side="right")]

    found: dict[int, Twin] = {}
    for place, mine in enumerate(worst):
        if mine.count < TWIN_COUNT:
            continue
        for other in sources:
            is_alike = mine.count * TWIN_SHARE <= other.count <= mine.count / TWIN_SHARE
            if other is mine or not is_alike or other.severity.rank > mine.severity.rank:
                continue
            share, lag = twin_share(moments(mine), moments(other))
            back, _ = twin_share(moments(other), moments(mine))
            is_kept = (other.severity.rank, -lag) < (mine.severity.rank, lag)
            if min(share, back) >= TWIN_SHARE and is_kept:
                found[place] = Twin(other, share, lag)
                break
    return found
