"""Rollouts as people see and order them: plan, approval, start, pause, halt, going on, giving up."""

import contextlib
from collections.abc import Generator, Mapping, Sequence
from typing import Any

import msgspec
from psycopg import errors as pg
from sqlalchemy import RowMapping, text
from sqlalchemy.engine import Connection
from sqlalchemy.exc import OperationalError

from models.errors import Rejected
from models.queries.refusals import told_plainly
from models.records.device import DeviceId
from models.records.rollout import (
    Approval,
    Deployment,
    DeploymentId,
    DeploymentStatus,
    Outcome,
    Rollout,
    RolloutEvent,
    RolloutId,
    RolloutPlan,
    RolloutState,
    Step,
    Wave,
    WaveId,
    WaveState,
)

_PLANNERS = "an administrator, or the engineer of all its devices,"

_ROLLOUTS = (
    "SELECT r.id, r.name, r.version_id, v.version, r.state, r.reason, r.plan, r.plan_hash, r.undoes, "
    "  r.created_by, r.edited_by, coalesce(p.name, '') AS creator, r.created_at, r.started_at, r.ended_at, "
    "  CASE WHEN r.conductor_until > clock_timestamp() THEN coalesce(s.name, '') ELSE '' END AS conductor "
    "FROM app.ota_rollouts AS r JOIN app.ota_versions AS v ON v.id = r.version_id "
    "LEFT JOIN app.persons AS p ON p.id = r.created_by LEFT JOIN app.stations AS s ON s.id = r.conductor_id "
)
_APPROVALS = text(
    "SELECT a.rollout_id, a.person_id, coalesce(p.name, '') AS person, a.kind, a.plan_hash, a.reason, a.at "
    "FROM app.ota_approvals AS a LEFT JOIN app.persons AS p ON p.id = a.person_id "
    "WHERE a.rollout_id = ANY(:rollouts) AND a.voided_at IS NULL ORDER BY a.id"
)
_WAVES = text(
    "SELECT id, rollout_id, place, state, since, reason, evidence FROM app.ota_waves "
    "WHERE rollout_id = :rollout ORDER BY place"
)
DEPLOYMENT_COLUMNS = (
    "o.id, o.rollout_id, o.wave_id, o.device_id, o.status, o.step, o.outcome, o.attempt, "
    "coalesce(o.progress_percent, 0) AS progress_percent, o.bytes_sent, o.from_version, "
    "o.observed_version, o.serial, "
    "o.waits_for, coalesce(o.error_message, '') AS error_message, o.station_id, o.driver_epoch, "
    "o.started_at, o.completed_at, o.step_deadline, o.next_attempt_at "
)
_EVENTS = text(
    "SELECT e.at, coalesce(p.name, s.name, '') AS who, e.kind, e.words, e.device_id "
    "FROM app.ota_events AS e LEFT JOIN app.persons AS p ON p.id = e.user_id "
    "LEFT JOIN app.stations AS s ON s.id = e.station_id "
    "WHERE e.rollout_id = :rollout ORDER BY e.id DESC LIMIT :limit"
)


def plan_bytes(plan: RolloutPlan) -> str:
    """Return a plan as it is stored and hashed: JSON with the keys in a fixed order."""
    return msgspec.json.encode(plan, order="sorted").decode()


def plan_from(stored: str) -> RolloutPlan:
    """Return the plan that was stored."""
    return msgspec.json.decode(stored, type=RolloutPlan)


def save_plan(conn: Connection, rollout: RolloutId | None, name: str, plan: RolloutPlan) -> RolloutId:
    """Store a new draft (`rollout` None) or another plan for one that has not begun; voids its approval.

    Raises:
        NotAllowed: An operator, or an engineer who does not own every device of the plan.
        Rejected: The plan is impossible, or the rollout has begun; the text says which.
    """
    with _told():
        made = conn.execute(
            text("SELECT app.save_rollout_plan(:rollout, :name, :plan)"),
            {"rollout": rollout, "name": name, "plan": plan_bytes(plan)},
        ).scalar_one()
    return RolloutId(made)


def submit(conn: Connection, rollout: RolloutId, plan_hash: bytes) -> None:
    """Ask for a second person's approval of the plan with that hash."""
    _order(conn, "submit_rollout(:rollout, :hash)", rollout=rollout, hash=plan_hash)


def approve(conn: Connection, rollout: RolloutId, plan_hash: bytes, reason: str = "") -> None:
    """Approve the plan with that hash.

    Raises:
        NotAllowed: The login is the planner's, or may not plan for these devices.
        Rejected: The plan was changed meanwhile, or does not await approval.
    """
    _order(conn, "approve_rollout(:rollout, :hash, :reason)", rollout=rollout, hash=plan_hash, reason=reason)


def send_back(conn: Connection, rollout: RolloutId, reason: str) -> None:
    """Give a plan that is not good back to its planner."""
    _order(conn, "return_rollout(:rollout, :reason)", rollout=rollout, reason=reason)


def start(conn: Connection, rollout: RolloutId, plan_hash: bytes) -> None:
    """Begin with the first wave. Raises Rejected where approval, version or a device stands in the way."""
    _order(conn, "start_rollout(:rollout, :hash)", rollout=rollout, hash=plan_hash)


def pause(conn: Connection, rollout: RolloutId, reason: str) -> None:
    """Begin no further device until it is resumed; anybody in the control room may."""
    _order(conn, "pause_rollout(:rollout, :reason)", rollout=rollout, reason=reason)


def halt(conn: Connection, rollout: RolloutId, reason: str) -> None:
    """Stop it; going on takes two persons. Anybody in the control room may."""
    _order(conn, "halt_rollout(:rollout, :reason)", rollout=rollout, reason=reason)


def resume(conn: Connection, rollout: RolloutId) -> None:
    """Go on after a pause."""
    _order(conn, "resume_rollout(:rollout)", rollout=rollout)


def ask_override(conn: Connection, rollout: RolloutId, reason: str) -> None:
    """Say why it should go on after a halt, or past a wave that is held."""
    _order(conn, "ask_override(:rollout, :reason)", rollout=rollout, reason=reason)


def agree_to_override(conn: Connection, rollout: RolloutId) -> None:
    """Agree, as a second person, to what is asked; raises Rejected where nothing is."""
    asked = conn.execute(
        text(
            "SELECT max(id) FROM app.ota_approvals "
            "WHERE rollout_id = :rollout AND kind = 'override asked' AND voided_at IS NULL"
        ),
        {"rollout": rollout},
    ).scalar_one()
    if asked is None:
        raise Rejected("Nobody has asked for this rollout to go on.")
    _order(conn, "agree_to_override(:asked)", asked=asked)


def soak_again(conn: Connection, rollout: RolloutId) -> None:
    """Watch a held wave for once more its time."""
    _order(conn, "soak_again(:rollout)", rollout=rollout)


def abort(conn: Connection, rollout: RolloutId, reason: str) -> None:
    """Give up what has not begun; a device in the middle reaches its end all the same."""
    _order(conn, "abort_rollout(:rollout, :reason)", rollout=rollout, reason=reason)


def load_rollouts(conn: Connection, most: int = 200) -> list[Rollout]:
    """Return the rollouts that this login sees, the newest first."""
    return _rollouts(conn, "ORDER BY r.id DESC LIMIT :most", {"most": most})


def load_rollout(conn: Connection, rollout: RolloutId) -> Rollout:
    """Return one rollout. Raises Rejected where this login sees none of that number."""
    found = _rollouts(conn, "WHERE r.id = :rollout", {"rollout": rollout})
    if not found:
        raise Rejected(f"There is no rollout with number {rollout}.")
    return found[0]


def load_waves(conn: Connection, rollout: RolloutId) -> list[Wave]:
    """Return the waves of a rollout that has begun, in their order."""
    return [
        Wave(
            WaveId(row.id),
            RolloutId(row.rollout_id),
            row.place,
            WaveState(row.state),
            row.since,
            row.reason,
            row.evidence,
        )
        for row in conn.execute(_WAVES, {"rollout": rollout})
    ]


def load_deployments(conn: Connection, rollout: RolloutId) -> list[Deployment]:
    """Return the deployments of a rollout that this login sees, in the order of their waves."""
    rows = conn.execute(
        text(
            f"SELECT {DEPLOYMENT_COLUMNS} FROM app.ota_deployments AS o "
            "JOIN app.ota_waves AS w ON w.id = o.wave_id WHERE o.rollout_id = :rollout ORDER BY w.place, o.id"
        ),
        {"rollout": rollout},
    )
    return [deployment_from(row) for row in rows.mappings()]


def load_history(conn: Connection, device: DeviceId, most: int = 50) -> list[Deployment]:
    """Return the updates of one device, the newest first."""
    rows = conn.execute(
        text(
            f"SELECT {DEPLOYMENT_COLUMNS} FROM app.ota_deployments AS o "
            "WHERE o.device_id = :device AND o.rollout_id IS NOT NULL ORDER BY o.id DESC LIMIT :most"
        ),
        {"device": device, "most": most},
    )
    return [deployment_from(row) for row in rows.mappings()]


def load_events(conn: Connection, rollout: RolloutId, most: int = 500) -> list[RolloutEvent]:
    """Return the journal of a rollout, the newest line first."""
    return [
        RolloutEvent(row.at, row.who, row.kind, row.words, row.device_id and DeviceId(row.device_id))
        for row in conn.execute(_EVENTS, {"rollout": rollout, "limit": most})
    ]


def deployment_from(row: RowMapping) -> Deployment:
    """Return the record of a row with DEPLOYMENT_COLUMNS."""
    return Deployment(
        id=DeploymentId(row["id"]),
        rollout=RolloutId(row["rollout_id"]),
        wave=WaveId(row["wave_id"]),
        device=DeviceId(row["device_id"]),
        status=DeploymentStatus(row["status"]),
        step=Step(row["step"]),
        outcome=row["outcome"] and Outcome(row["outcome"]),
        attempt=row["attempt"],
        progress_percent=row["progress_percent"],
        bytes_sent=row["bytes_sent"],
        from_version=row["from_version"],
        observed_version=row["observed_version"],
        serial=row["serial"],
        waits_for=row["waits_for"],
        error=row["error_message"],
        station_id=row["station_id"],
        epoch=row["driver_epoch"],
        started_at=row["started_at"],
        completed_at=row["completed_at"],
        deadline_at=row["step_deadline"],
        next_attempt_at=row["next_attempt_at"],
    )


def _rollouts(conn: Connection, rest: str, given: Mapping[str, Any]) -> list[Rollout]:
    rows = conn.execute(text(_ROLLOUTS + rest), given).mappings().all()
    approvals = _approvals(conn, [row["id"] for row in rows])
    return [
        Rollout(
            id=RolloutId(row["id"]),
            name=row["name"],
            version_id=row["version_id"],
            version=row["version"],
            state=RolloutState(row["state"]),
            reason=row["reason"],
            created_by=row["created_by"],
            edited_by=row["edited_by"],
            creator=row["creator"],
            created_at=row["created_at"],
            started_at=row["started_at"],
            ended_at=row["ended_at"],
            plan=plan_from(row["plan"]),
            plan_hash=bytes(row["plan_hash"]),
            approvals=tuple(approvals.get(row["id"], ())),
            conductor=row["conductor"],
            undoes=row["undoes"] and RolloutId(row["undoes"]),
        )
        for row in rows
    ]


def _approvals(conn: Connection, rollouts: Sequence[int]) -> dict[int, list[Approval]]:
    found: dict[int, list[Approval]] = {}
    for row in conn.execute(_APPROVALS, {"rollouts": list(rollouts)}):
        approval = Approval(row.person_id, row.person, row.kind, bytes(row.plan_hash), row.reason, row.at)
        found.setdefault(row.rollout_id, []).append(approval)
    return found


def _order(conn: Connection, call: str, **given: object) -> None:
    with _told():
        conn.execute(text(f"SELECT app.{call}"), given)


@contextlib.contextmanager
def _told() -> Generator[None]:
    """Turn what the database says of a move that is not legal (any more) into a refusal in its words."""
    with told_plainly(_PLANNERS):
        try:
            yield
        except OperationalError as error:
            if isinstance(error.orig, pg.ObjectNotInPrerequisiteState):
                said = error.orig.diag.message_primary or "It is not possible any more"
                raise Rejected(said[0].upper() + said[1:] + ".") from error
            raise
