"""What the plant says of a rollout: alerts, contact and readings of devices with and without the update.

*Updated* are the devices that the rollout changed, each watched from a while after its update on; those that
ran the version *already* are watched for what trips the gate, and compared with nothing. *Control*
are the others of the same product over the same time; where none is left, the updated devices' own time
before. Everything is read in the caller's transaction, so that it belongs to one moment.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import text
from sqlalchemy.engine import Connection

from models.queries.quantity_columns import QuantityColumns, columns_of
from models.records.device import DeviceId
from models.records.rollout import RolloutId

_HEARD_WITHIN = timedelta(seconds=10)
"""So long after a device counts as updated its station has told that it answers again."""

_UPDATED = text(
    "SELECT o.device_id, d.device_id AS hardware_id, o.started_at, o.completed_at, "
    "  o.outcome = 'updated' AS is_changed "
    "FROM app.ota_deployments AS o JOIN app.devices AS d ON d.id = o.device_id "
    "WHERE o.rollout_id = :rollout AND o.status = 'completed' ORDER BY o.device_id"
)
_CONTROL = text(
    "SELECT d.id FROM app.ota_rollouts AS r JOIN app.ota_versions AS v ON v.id = r.version_id "
    "JOIN app.devices AS d ON d.metadata ->> 'product' = v.product AND d.deleted_at IS NULL "
    "WHERE r.id = :rollout AND NOT EXISTS ("
    "  SELECT FROM app.ota_deployments AS o "
    "  WHERE o.rollout_id = r.id AND o.device_id = d.id AND o.attempt > 0) ORDER BY d.id"
)
_EPISODES = text(
    "SELECT count(*) FROM unnest(CAST(:devices AS bigint[]), CAST(:since AS timestamptz[]), "
    "  CAST(:until AS timestamptz[])) AS s (device, since, until) "
    "JOIN app.alert_events AS e ON e.device_id = s.device AND e.at >= s.since AND e.at < s.until "
    "WHERE e.kind IN ('raised', 'reoccurred') AND e.is_annunciated"
)
_CRITICAL = text(
    "SELECT d.name, a.message FROM unnest(CAST(:devices AS bigint[]), CAST(:since AS timestamptz[])) "
    "  AS s (device, since) "
    "JOIN app.alerts AS a ON a.device_id = s.device JOIN app.devices AS d ON d.id = s.device "
    "WHERE a.severity = 'critical' AND a.hidden_by = '' "
    "  AND greatest(a.annunciated_at, a.triggered_at) >= s.since ORDER BY a.triggered_at LIMIT 5"
)
_FLIPPED = text(
    "SELECT d.name, o.flip_words FROM app.ota_deployments AS o JOIN app.devices AS d ON d.id = o.device_id "
    "WHERE o.rollout_id = :rollout AND o.flipped_at > coalesce(CAST(:after AS timestamptz), '-infinity') "
    "ORDER BY o.flipped_at LIMIT 5"
)
_SILENT = text(
    "SELECT d.name, d.status_detail FROM app.devices AS d "
    "WHERE d.id = ANY(:devices) AND d.status = 'offline' ORDER BY d.name LIMIT 5"
)


@dataclass(frozen=True, slots=True)
class Span:
    """A device, and the time for which it counts."""

    device: DeviceId
    hardware_id: str
    since: datetime
    until: datetime

    @property
    def hours(self) -> float:
        """Its length; never below 0."""
        return max(0.0, (self.until - self.since).total_seconds() / 3600.0)


@dataclass(frozen=True, slots=True)
class Watch:
    """Who is watched.

    Attributes:
        updated, control: Devices, each with its time.
        updated_before, control_before: The same devices, as long before; of fresh time, before what the time
            until then was held to.
        is_own_past: `control` are the updated devices before their update.
        already: Devices that ran the version when their turn came.
    """

    updated: Sequence[Span]
    control: Sequence[Span]
    updated_before: Sequence[Span]
    control_before: Sequence[Span]
    is_own_past: bool
    already: Sequence[Span] = ()


def watch_of(
    conn: Connection, rollout: RolloutId, now: datetime, settle_s: float, since: datetime | None = None
) -> Watch:
    """Return who is compared with whom, as of `now`.

    Args:
        conn: Of a station.
        rollout: Whose devices.
        now: Until when they are watched.
        settle_s: So long after its update what a device does counts for nothing.
        since: Nor does what was before that; None = everything counts.
    """
    settle = timedelta(seconds=settle_s)
    updated: list[Span] = []
    before: list[Span] = []
    already: list[Span] = []
    for row in conn.execute(_UPDATED, {"rollout": rollout}):
        settled = min(row.completed_at + settle, now)
        began = settled if since is None else max(settled, min(since, now))
        span = Span(DeviceId(row.device_id), row.hardware_id, began, now)
        if not row.is_changed:
            already.append(span)
            continue
        updated.append(span)
        # The mirror image of the time since: fresh time is held to a past that nobody looked at either.
        before.append(
            Span(
                span.device,
                span.hardware_id,
                row.started_at - (now - settled),
                row.started_at - (began - settled),
            )
        )
    if not updated:
        return Watch((), (), (), (), is_own_past=False, already=already)
    first = min(span.since for span in updated)
    others = [DeviceId(id) for id in conn.execute(_CONTROL, {"rollout": rollout}).scalars()]
    if not others:
        return Watch(updated, before, before, before, is_own_past=True, already=already)
    began = min(span.until for span in before)
    return Watch(
        updated,
        [Span(device, "", first, now) for device in others],
        before,
        [Span(device, "", began - (now - first), began) for device in others],
        is_own_past=False,
        already=already,
    )


def episodes_in(conn: Connection, spans: Sequence[Span]) -> int:
    """Return how often alerts of these devices asked for an operator in their time."""
    return conn.execute(
        _EPISODES,
        {
            "devices": [span.device for span in spans],
            "since": [span.since for span in spans],
            "until": [span.until for span in spans],
        },
    ).scalar_one()


def tripped_in(
    conn: Connection, rollout: RolloutId, updated: Sequence[Span], after: datetime | None
) -> list[str]:
    """Return one sentence for each tripwire: what flipped back or is not well, critical alerts, silence.

    Args:
        conn: Of a station.
        rollout: Whose devices.
        updated: The devices that run the version.
        after: What happened before is settled: somebody overrode it.
    """
    since = [span.since if after is None else max(span.since, after) for span in updated]
    devices = [span.device for span in updated]
    settled = [span.device for span in updated if span.until - span.since >= _HEARD_WITHIN]
    return [
        *(
            f"Since its update {row.name} {row.flip_words}."
            for row in conn.execute(_FLIPPED, {"rollout": rollout, "after": after})
        ),
        *(
            f"{row.name} has a critical alert since its update: {row.message}."
            for row in conn.execute(_CRITICAL, {"devices": devices, "since": since})
        ),
        *(
            f"{row.name} cannot be read since its update: {row.status_detail or 'it does not answer'}"
            for row in conn.execute(_SILENT, {"devices": settled})
        ),
    ]


@dataclass(frozen=True, slots=True)
class Level:
    """What was read of one quantity over some spans.

    Attributes:
        mean: Of the good values; None where there are none.
        bad_share: Readings without a good value, of all; 0 where there are none.
        frozen: Devices whose every minute had one and the same value, with at least three minutes.
    """

    mean: float | None
    bad_share: float
    frozen: frozenset[DeviceId]


def level_in(conn: Connection, quantity: str, spans: Sequence[Span]) -> Level:
    """Return the level of a quantity. Raises KeyError for one that does not exist."""
    (column,) = columns_of(conn, [quantity])
    given = {
        "devices": [span.device for span in spans],
        "since": [span.since for span in spans],
        "until": [span.until for span in spans],
    }
    sums, frozen = 0.0, set[DeviceId]()
    count = 0
    for row in conn.execute(text(_minutes(column)), given):
        sums += row.total or 0.0
        count += row.good or 0
        if row.minutes >= 3 and row.low == row.high:
            frozen.add(DeviceId(row.device))
    bad = conn.execute(text(_bad(column)), given).one()
    return Level(
        sums / count if count else None, bad.bad / bad.every if bad.every else 0.0, frozenset(frozen)
    )


_SPANS = (
    "FROM unnest(CAST(:devices AS bigint[]), CAST(:since AS timestamptz[]), CAST(:until AS timestamptz[])) "
    "AS s (device, since, until) "
)


def _minutes(column: QuantityColumns) -> str:
    return (
        f"SELECT s.device, count(*) AS minutes, sum(m.{column.mean} * m.{column.count}) AS total, "
        f"  sum(m.{column.count}) AS good, min(m.{column.low}) AS low, max(m.{column.high}) AS high "
        f"{_SPANS} JOIN app.{column.minutes} AS m ON m.device_id = s.device "
        f"  AND m.bucket >= s.since AND m.bucket < s.until{column.condition} "
        f"WHERE m.{column.count} > 0 GROUP BY s.device"
    )


def _bad(column: QuantityColumns) -> str:
    # The last ten minutes of each span only: rollups keep no bad values, and raw readings are many.
    return (
        f"SELECT count(*) AS every, count(*) FILTER (WHERE {column.is_bad}) AS bad "
        f"{_SPANS} JOIN app.{column.readings} AS m ON m.device_id = s.device "
        "  AND m.recorded_at >= greatest(s.since, s.until - interval '10 minutes') "
        f"  AND m.recorded_at < s.until{column.condition}"
    )
