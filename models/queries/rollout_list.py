"""Rollouts as a list shows them, and what a plan must know of devices: light enough to ask every second."""

from sqlalchemy import text
from sqlalchemy.engine import Connection

from models.records.device import DeviceId
from models.records.rollout import RolloutHead, RolloutId, RolloutState, UpdateFacts

# The plan is parsed only where there are no deployments to count yet.
_HEADS = text(
    "SELECT r.id, r.name, v.version, r.state, r.reason, r.created_at, "
    "  CASE WHEN r.started_at IS NULL THEN (SELECT count(*) "
    "    FROM jsonb_array_elements(r.plan::jsonb -> 'devices') AS d WHERE d ->> 'wave' IS NOT NULL) "
    "  ELSE o.devices END AS devices, coalesce(o.done, 0) AS done, coalesce(o.failed, 0) AS failed, "
    "  EXISTS (SELECT FROM app.ota_waves AS w WHERE w.rollout_id = r.id AND w.state = 'held') AS is_held "
    "FROM app.ota_rollouts AS r JOIN app.ota_versions AS v ON v.id = r.version_id "
    "LEFT JOIN LATERAL (SELECT count(*) AS devices, count(*) FILTER (WHERE d.status = 'completed') AS done, "
    "  count(*) FILTER (WHERE d.status = 'failed' AND d.outcome <> 'not begun') AS failed "
    "  FROM app.ota_deployments AS d WHERE d.rollout_id = r.id) AS o ON true "
    "ORDER BY r.id DESC LIMIT :most"
)
_FACTS = text(
    "SELECT o.device_id, bool_or(o.status IN ('pending', 'in_progress')) AS is_busy, "
    "  coalesce((array_agg(o.observed_version ORDER BY o.id DESC) "
    "    FILTER (WHERE o.observed_version <> ''))[1], '') AS running, "
    "  coalesce(bool_or(o.rollout_id = :undoes AND o.outcome IN ('updated', 'needs a person')), false) "
    "    AS is_changed "
    "FROM app.ota_deployments AS o GROUP BY o.device_id"
)


def load_heads(conn: Connection, most: int = 200) -> list[RolloutHead]:
    """Return the rollouts that this login sees, the newest first, without plans and devices."""
    return [
        RolloutHead(
            RolloutId(row.id),
            row.name,
            row.version,
            RolloutState(row.state),
            row.reason,
            row.created_at,
            row.devices,
            row.done,
            row.failed,
            row.is_held,
        )
        for row in conn.execute(_HEADS, {"most": most})
    ]


def update_facts(conn: Connection, undoes: RolloutId | None = None) -> dict[DeviceId, UpdateFacts]:
    """Return what is known of the devices that an update was ever tried on, as far as this login sees them.

    Args:
        conn: Of a person.
        undoes: A rollout that is to be taken back.
    """
    return {
        DeviceId(row.device_id): UpdateFacts(row.running, row.is_busy, row.is_changed)
        for row in conn.execute(_FACTS, {"undoes": undoes})
    }
