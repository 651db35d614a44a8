"""Rollouts as stations work on them: conducted by one, each device updated by the station that polls it.

Every call here is refused where the caller's lease is over: of the rollout for a conductor, of the device for
whoever updates it. Then the work is another's; stop, and do nothing more to the device.
"""

import contextlib
from collections.abc import Generator, Mapping, Sequence

import msgspec
from psycopg import errors as pg
from sqlalchemy import text
from sqlalchemy.engine import Connection
from sqlalchemy.exc import OperationalError

from models.errors import LeaseLost
from models.queries.firmware_versions import load_permits, signing_rule
from models.queries.rollouts import DEPLOYMENT_COLUMNS, deployment_from
from models.records.device import DeviceId, JsonValue
from models.records.rollout import (
    DeploymentId,
    DeploymentOrder,
    Outcome,
    PlanSettings,
    RolloutId,
    RolloutState,
    SiteTerms,
    Step,
    WaveId,
    WaveState,
)

CONDUCT_S = 30.0
"""A conductor that says nothing for so long has lost its rollout; `app.conductor_time`."""

_UNDER_WAY = text(
    "SELECT EXISTS (SELECT FROM app.ota_rollouts WHERE started_at IS NOT NULL AND ended_at IS NULL) "
    # One that was given up has ended, and its devices may be in the middle still.
    "OR EXISTS (SELECT FROM app.ota_deployments "
    "  WHERE rollout_id IS NOT NULL AND status IN ('pending', 'in_progress'))"
)
_ORDERS = text(
    f"SELECT {DEPLOYMENT_COLUMNS}, r.settings::text AS settings, r.state, v.version, v.firmware_url, "
    "  v.manifest, v.signatures, app.sequence_floor(o.device_id, v.product) AS sequence_floor "
    "FROM app.ota_deployments AS o JOIN app.ota_rollouts AS r ON r.id = o.rollout_id "
    "JOIN app.ota_versions AS v ON v.id = o.version_id WHERE o.id = ANY(:ids) ORDER BY o.id"
)


def is_idle(conn: Connection) -> bool:
    """Return whether no rollout goes on and no device is in the middle of an update."""
    return not conn.execute(_UNDER_WAY).scalar_one()


def conduct(conn: Connection, incarnation: int) -> dict[RolloutId, int]:
    """Take the rollouts that nobody conducts, renew one's own; every ten seconds.

    Returns:
        Epoch of each rollout that is this station's for the next CONDUCT_S seconds.

    Raises:
        LeaseLost: A newer start of this station has taken its place.
    """
    with fenced():
        rows = conn.execute(
            text("SELECT rollout_id, epoch FROM app.conduct_rollouts(:incarnation)"),
            {"incarnation": incarnation},
        )
        return {RolloutId(row.rollout_id): row.epoch for row in rows}


def move_wave(
    conn: Connection,
    rollout: RolloutId,
    epoch: int,
    wave: WaveId,
    source: WaveState,
    target: WaveState,
    reason: str = "",
    evidence: Mapping[str, JsonValue] | None = None,
) -> None:
    """Move a wave on. Raises LeaseLost where another conducts, or the wave or rollout stands elsewhere."""
    with fenced():
        conn.execute(
            text(
                "SELECT app.move_wave(:rollout, :epoch, :wave, :source, :target, :reason, "
                "CAST(:evidence AS jsonb))"
            ),
            {
                "rollout": rollout,
                "epoch": epoch,
                "wave": wave,
                "source": source,
                "target": target,
                "reason": reason,
                "evidence": None if evidence is None else msgspec.json.encode(evidence).decode(),
            },
        )


def conclude(
    conn: Connection, rollout: RolloutId, epoch: int, target: RolloutState, reason: str = ""
) -> None:
    """Halt a rollout, or say that it is over (whether with failures, the database counts)."""
    with fenced():
        conn.execute(
            text("SELECT app.conclude_rollout(:rollout, :epoch, :target, :reason)"),
            {"rollout": rollout, "epoch": epoch, "target": target, "reason": reason},
        )


def claim(conn: Connection, incarnation: int, most: int, preflight_s: float) -> list[DeploymentOrder]:
    """Claim at most `most` devices of this station whose turn it is; each is in its preflight then."""
    with fenced():
        ids = conn.execute(
            text("SELECT app.claim_deployments(:incarnation, :most, :deadline)"),
            {"incarnation": incarnation, "most": most, "deadline": preflight_s},
        ).scalars()
        return orders_of(conn, list(ids), is_adopted=False)


def adopt(conn: Connection, incarnation: int) -> list[DeploymentOrder]:
    """Take over what others, or an earlier start, left in the middle of this station's devices.

    Needs a transaction of its own: devices are held until it ends, and whoever begins an installation holds
    the rollout while it waits for its device. A claim in the same transaction would wait in a circle.
    """
    with fenced():
        ids = conn.execute(
            text("SELECT app.adopt_deployments(:incarnation)"), {"incarnation": incarnation}
        ).scalars()
        return orders_of(conn, list(ids), is_adopted=True)


def tell_step(
    conn: Connection,
    deployment: DeploymentId,
    epoch: int,
    step: Step,
    *,
    deadline_s: float,
    bytes_sent: int = 0,
    percent: int = 0,
    from_version: str = "",
    observed_version: str = "",
    serial: str = "",
    waits_for: str = "",
) -> RolloutState:
    """Tell the step, or how far it has come; returns where the rollout stands.

    Raises:
        LeaseLost: The device is another station's now.
    """
    with fenced():
        state = conn.execute(
            text(
                "SELECT app.tell_deployment(:id, :epoch, :step, :deadline, :bytes, :percent, :from, "
                ":seen, :serial, :wait)"
            ),
            {
                "id": deployment,
                "epoch": epoch,
                "step": step,
                "deadline": deadline_s,
                "bytes": bytes_sent,
                "percent": percent,
                "from": from_version,
                "seen": observed_version,
                "serial": serial,
                "wait": waits_for,
            },
        ).scalar_one()
    return RolloutState(state)


def begin_install(conn: Connection, deployment: DeploymentId, epoch: int, deadline_s: float) -> str:
    """Decide, under the rollout's lock, whether the device may be installed now.

    Returns:
        What it waits for, one clause; empty = it is installing now.
    """
    with fenced():
        return conn.execute(
            text("SELECT app.begin_install(:id, :epoch, :deadline)"),
            {"id": deployment, "epoch": epoch, "deadline": deadline_s},
        ).scalar_one()


def end_try(
    conn: Connection,
    deployment: DeploymentId,
    epoch: int,
    step: Step,
    outcome: Outcome | None,
    *,
    error: str = "",
    observed_version: str = "",
    again_s: float = 0.0,
) -> None:
    """End a try: done, rolled back, failed, needs a person; or to be tried again `again_s` from now.

    Args:
        conn: With the station's login.
        deployment, epoch: As claimed or adopted.
        step: `Step.DONE`, RETRY, ROLLED_BACK, FAILED or NEEDS_PERSON.
        outcome: As `models.rollout_states.OUTCOMES_OF_STEP` allows; None for a retry.
        error: One sentence, empty where nothing went wrong.
        observed_version: What the device says it runs.
        again_s: For a retry.
    """
    with fenced():
        conn.execute(
            text("SELECT app.end_deployment(:id, :epoch, :step, :outcome, :error, :seen, :again)"),
            {
                "id": deployment,
                "epoch": epoch,
                "step": step,
                "outcome": outcome,
                "error": error,
                "seen": observed_version,
                "again": again_s,
            },
        )


def devices_under_way(conn: Connection) -> frozenset[DeviceId]:
    """Return which devices any station updates at this moment: none of them is given away meanwhile."""
    rows = conn.execute(
        text(
            "SELECT device_id FROM app.ota_deployments "
            "WHERE status = 'in_progress' AND rollout_id IS NOT NULL"
        )
    )
    return frozenset(DeviceId(row.device_id) for row in rows)


def site_terms(conn: Connection, product: str, version: str) -> SiteTerms:
    """Return what the site asks of a version (without its product) at this moment."""
    rule, permits = signing_rule(conn), load_permits(conn, product, version)
    zone = conn.execute(text("SELECT time_zone FROM app.alarm_settings")).scalar_one()
    return SiteTerms(rule.now, rule.needed, tuple(permits), zone)


def orders_of(conn: Connection, ids: Sequence[int], *, is_adopted: bool) -> list[DeploymentOrder]:
    """Return everything that a station must know of these deployments."""
    if not ids:
        return []
    return [
        DeploymentOrder(
            deployment=deployment_from(row),
            settings=msgspec.json.decode(row["settings"], type=PlanSettings),
            version=row["version"],
            firmware_url=row["firmware_url"],
            manifest=bytes(row["manifest"] or b""),
            signatures=row["signatures"],
            sequence_floor=row["sequence_floor"],
            is_adopted=is_adopted,
            is_draining=row["state"] != RolloutState.RUNNING,
        )
        for row in conn.execute(_ORDERS, {"ids": list(ids)}).mappings()
    ]


@contextlib.contextmanager
def fenced() -> Generator[None]:
    """Turn what the database says to whom a rollout or device is no longer lent into LeaseLost."""
    try:
        yield
    except OperationalError as error:
        if isinstance(error.orig, pg.ObjectNotInPrerequisiteState):
            said = error.orig.diag.message_primary or "this is another station's now"
            raise LeaseLost(f"{said[:1].upper()}{said[1:]}.") from error
        raise
