"""Second looks at updated devices while their rollout is under way: at which, and what was found."""

from dataclasses import replace

from sqlalchemy import text
from sqlalchemy.engine import Connection

from models.queries.rollout_work import fenced, orders_of
from models.records.rollout import Deployment, DeploymentOrder

_DUE = text(
    "SELECT o.id, l.epoch FROM app.ota_rollouts AS r "
    "JOIN app.ota_deployments AS o ON o.rollout_id = r.id AND o.status = 'completed' "
    "JOIN app.device_leases AS l ON l.device_id = o.device_id AND l.station_id = app.station_id() "
    "WHERE r.state IN ('running', 'paused') AND r.ended_at IS NULL AND NOT app.is_superseded(o.id)"
)


def load_second_looks(conn: Connection) -> list[DeploymentOrder]:
    """Return the updates of devices that this station polls, of every rollout that is under way.

    The epoch of each deployment is that of this station's lease of the device.
    """
    epochs = {row.id: row.epoch for row in conn.execute(_DUE)}
    return [
        replace(order, deployment=replace(order.deployment, epoch=epochs[order.deployment.id]))
        for order in orders_of(conn, list(epochs), is_adopted=False)
    ]


def tell_second_look(
    conn: Connection,
    deployment: Deployment,
    observed_version: str,
    *,
    is_healthy: bool | None,
    detail: str,
    serial: str,
) -> None:
    """Tell what a device says some time after its update; the database decides what that means.

    Args:
        conn: Of the station that polls the device.
        deployment: As `load_second_looks` returned it.
        observed_version: What runs.
        is_healthy: What the device says of its health; None where it does not tell.
        detail: In the device's words.
        serial: What it says of itself; empty where it tells none.

    Raises:
        LeaseLost: The device is another station's now, or another update's.
    """
    with fenced():
        conn.execute(
            text("SELECT app.tell_second_look(:id, :epoch, :seen, :healthy, :detail, :serial)"),
            {
                "id": deployment.id,
                "epoch": deployment.epoch,
                "seen": observed_version,
                "healthy": is_healthy,
                "detail": detail,
                "serial": serial,
            },
        )
