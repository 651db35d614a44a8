"""How much of what devices should have told arrived, and when they were silent: from the rollups.

A reading counts where at least one of its metrics or signals had a good value. What a device should tell is
one reading a period, the period it has now; a minute or an hour counts at most as full. Counted from the
moment the device was added (or from its first reading, should that be older), up to where readings have been
condensed, some ten minutes ago.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import RowMapping, text
from sqlalchemy.engine import Connection

from models.metrics import METRIC_KEYS
from models.records.alarm_load import Availability
from models.records.device import DeviceId

_METRICS = "greatest(" + ", ".join(f"r.{key}_count" for key in METRIC_KEYS) + ")"
# The latest values name the signals of a device, and each is then found by its key.
_FULL = (
    f"(CASE WHEN {_METRICS} > 0 THEN {_METRICS} ELSE coalesce((SELECT max(s.count) "
    "FROM app.signal_latest AS n JOIN app.%s AS s "
    "ON s.device_id = n.device_id AND s.signal_id = n.signal_id AND s.bucket = r.bucket "
    "WHERE n.device_id = r.device_id), 0) END)"
)
_OF_MINUTE, _OF_HOUR = _FULL % "signal_1m", _FULL % "signal_1h"
_PERIOD_S = (
    "greatest(CASE WHEN jsonb_typeof(d.metadata -> 'period_s') = 'number' "
    "THEN least((d.metadata ->> 'period_s')::double precision, 86400) ELSE 1 END, 0.001)"
)
_MINUTES_FOR = timedelta(hours=36)
"""Up to here minutes are read; beyond, whole hours, and minutes at both ends."""
_LEAST_OUTAGE_S, _LEAST_PERIODS = 120.0, 3

# Hours from the coarse table, what is before the first and after the last full hour from the fine one.
_AVAILABILITY = f"""
WITH told AS (
    SELECT device_id, bucket, full_s, readings FROM (
        SELECT r.device_id, r.bucket, 60.0 AS full_s, {_OF_MINUTE} AS readings FROM app.readings_1m AS r
        WHERE (r.bucket >= :since AND r.bucket < :first) OR (r.bucket >= :last AND r.bucket < :until)
        UNION ALL
        SELECT r.device_id, r.bucket, 3600.0, {_OF_HOUR} FROM app.readings_1h AS r
        WHERE r.bucket >= :first AND r.bucket < :last
    ) AS buckets
)
SELECT d.id, d.name, d.location, l.recorded_at,
       greatest(extract(epoch FROM CAST(:until AS timestamptz)
           - greatest(least(date_trunc('minute', d.created_at), min(t.bucket)), :since)), 0) AS counted_s,
       coalesce(sum(least(t.readings * {_PERIOD_S}, greatest(t.full_s, {_PERIOD_S})))
           FILTER (WHERE t.readings IS NOT NULL), 0) AS told_s
FROM app.devices AS d
LEFT JOIN told AS t ON t.device_id = d.id
LEFT JOIN app.device_latest AS l ON l.device_id = d.id
WHERE d.deleted_at IS NULL
GROUP BY d.id, l.recorded_at ORDER BY d.location, d.name, d.id
"""
_OUTAGES = f"""
SELECT device_id, name, location, after, before FROM (
    SELECT p.device_id, d.name, d.location, {_PERIOD_S} AS period_s, p.ended AS after,
           lead(p.began, 1, CAST(:until AS timestamptz)) OVER (PARTITION BY p.device_id ORDER BY p.began)
           AS before
    FROM (
        SELECT r.device_id, r.bucket AS began, r.bucket + interval '1 minute' AS ended
        FROM app.readings_1m AS r WHERE r.bucket >= :since AND r.bucket < :until AND {_OF_MINUTE} > 0
        UNION ALL
        SELECT d.id, greatest(:since, d.created_at) - interval '1 minute', greatest(:since, d.created_at)
        FROM app.devices AS d WHERE d.deleted_at IS NULL
    ) AS p JOIN app.devices AS d ON d.id = p.device_id AND d.deleted_at IS NULL
) AS gaps
WHERE before - after >= make_interval(secs => greatest({_LEAST_OUTAGE_S}, {_LEAST_PERIODS} * period_s))
ORDER BY location, name, device_id, after
"""
_CONDENSED = text("SELECT rolled_before, hours_before FROM app.rollup_progress")


@dataclass(frozen=True, slots=True)
class Outage:
    """No reading with a good value for two minutes, or three periods where that is longer.

    Attributes:
        until: None where it had not ended by the end of what is counted.
    """

    device: DeviceId
    device_name: str
    since: datetime
    until: datetime | None


def load_availability(conn: Connection, since: datetime, until: datetime) -> list[Availability]:
    """Return one row a device, by location and name. 1,000 devices over 30 days take about a second."""
    rolled, hours = conn.execute(_CONDENSED).one()
    since, until = _minute(since), min(_minute(until), rolled)
    if until <= since:
        until = since
    first = last = until
    if until - since > _MINUTES_FOR:
        first = since if _hour(since) == since else _hour(since) + timedelta(hours=1)
        last = max(first, min(_hour(until), hours))
    rows = conn.execute(
        text(_AVAILABILITY), {"since": since, "until": until, "first": first, "last": last}
    ).mappings()
    return [_availability(row) for row in rows]


def load_outages(conn: Connection, since: datetime, until: datetime) -> list[Outage]:
    """Return when which device was silent, by location, name and time. For spans of hours."""
    rolled = conn.execute(_CONDENSED).one()[0]
    until = min(until, rolled)
    if until <= since:
        return []
    rows = conn.execute(text(_OUTAGES), {"since": since, "until": until})
    return [
        Outage(DeviceId(row.device_id), row.name, row.after, None if row.before >= until else row.before)
        for row in rows
    ]


def _availability(row: RowMapping) -> Availability:
    counted, latest = float(row["counted_s"]), row["recorded_at"]
    return Availability(
        device=DeviceId(row["id"]),
        name=row["name"],
        location=row["location"],
        counted_s=counted,
        share=min(1.0, float(row["told_s"]) / counted) if counted > 0 else None,
        last_reading_unix=None if latest is None else latest.timestamp(),
    )


def _minute(moment: datetime) -> datetime:
    return moment.replace(second=0, microsecond=0)


def _hour(moment: datetime) -> datetime:
    # Buckets are hours of UTC; clocks that differ by half an hour have other ones.
    offset = timedelta(seconds=moment.timestamp() % 3600)
    return moment - offset
