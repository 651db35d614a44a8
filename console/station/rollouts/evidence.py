"""What the gate is shown: gathered from the database in one transaction."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.engine import Connection

from console.station.rollouts.conducting import SETTLE_S, Stand
from console.station.rollouts.gate import Evidence, Shift
from console.station.rollouts.rate_test import Exposure
from models.queries.rollout_evidence import Span, Watch, episodes_in, level_in, tripped_in, watch_of
from models.records.rollout import DeploymentStatus, RolloutId


def evidence_of(conn: Connection, rollout: RolloutId, stand: Stand, since: datetime | None) -> Evidence:
    """Return what the plant says of a rollout at `stand.now`, of the time since a moment or of all of it."""
    settings = stand.settings
    watch = watch_of(conn, rollout, stand.now, min(SETTLE_S, settings.soak_s), since)
    counted = stand.counted()
    running = [*watch.updated, *watch.already]
    return Evidence(
        tripped=tripped_in(conn, rollout, running, stand.overridden_at) if running else (),
        tried=len(counted),
        failed=sum(one.status is DeploymentStatus.FAILED for one in counted),
        updated=_exposure(conn, watch.updated),
        control=_exposure(conn, watch.control),
        is_own_past=watch.is_own_past,
        is_second_look=since is not None,
        shifts=[_shift(conn, quantity, watch) for quantity in sorted(settings.gate.reading_limits)],
    )


def _exposure(conn: Connection, spans: Sequence[Span]) -> Exposure:
    return Exposure(episodes_in(conn, spans) if spans else 0, sum(span.hours for span in spans))


def _shift(conn: Connection, quantity: str, watch: Watch) -> Shift:
    updated, control = level_in(conn, quantity, watch.updated), level_in(conn, quantity, watch.control)
    before, control_before = (
        level_in(conn, quantity, watch.updated_before),
        level_in(conn, quantity, watch.control_before),
    )
    names = {span.device: span.hardware_id for span in watch.updated}
    return Shift(
        quantity,
        before.mean,
        updated.mean,
        # Compared with their own past, nothing is left to subtract.
        before.mean if watch.is_own_past else control_before.mean,
        before.mean if watch.is_own_past else control.mean,
        tuple(sorted(names[device] for device in updated.frozen - before.frozen)),
        before.bad_share,
        updated.bad_share,
        control.bad_share,
    )
