"""Leases: how a station keeps its devices; who has which, now and before; and what people ask of stations."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import cast

import msgspec
from psycopg import errors as pg
from sqlalchemy import RowMapping, text
from sqlalchemy.engine import Connection
from sqlalchemy.exc import OperationalError

from models.errors import LeaseLost
from models.queries.alerts import open_episodes
from models.records.device import DeviceId
from models.records.lease import Lease, LeaseSpan, Peer, Tenure
from models.records.station import OrderKind, StationIdentity, StationNow, StationOrder, StationReport

_RENEW = text(
    "SELECT devices, epochs, surplus, draining, extract(epoch FROM renewed_at)::double precision AS at, key,"
    " has_order "
    "FROM app.renew_lease(:incarnation, CAST(:released AS bigint[]), CAST(:report AS jsonb), :witness)"
)
_PEERS = text(
    "SELECT s.id, s.name, l.witness "
    "FROM app.station_leases AS l JOIN app.stations AS s ON s.id = l.station_id "
    "WHERE s.id <> app.station_id() AND s.is_enabled AND app.is_living(l.lease_until, clock_timestamp()) "
    "ORDER BY s.id"
)
_STATIONS = text(
    "SELECT s.id, s.name, s.is_enabled, s.version, s.incarnation, l.renewed_at, l.report::text AS report, "
    "  coalesce(l.is_draining, false) AS is_draining, "
    "  coalesce(s.is_enabled AND app.is_living(l.lease_until, clock_timestamp()), false) AS is_alive, "
    "  (SELECT count(*) FROM app.device_leases AS d WHERE d.station_id = s.id) AS devices "
    "FROM app.stations AS s LEFT JOIN app.station_leases AS l ON l.station_id = s.id ORDER BY s.name"
)
# Three seconds more: that is how long a station may take to be heard of again.
_OPEN_ORDERS = text(
    "SELECT station_id, kind, kind = 'drill' AND begun_at IS NOT NULL "
    "  AND clock_timestamp() < begun_at + make_interval(secs => amount_s + 3) AS is_in_drill "
    "FROM app.station_orders WHERE ended_at IS NULL"
)
_NO_ORDER = ("", False)
_ORDERS = (
    "SELECT o.id, o.station_id, o.kind, o.amount_s, coalesce(p.name, '') AS asked_by, o.asked_at, "
    "  o.begun_at, o.ended_at, o.outcome "
    "FROM app.station_orders AS o LEFT JOIN app.persons AS p ON p.id = o.asked_by "
)
_HISTORY = text(
    "SELECT h.device_id, d.name AS device_name, h.epoch, h.station_id, s.name AS station_name, h.began_at, "
    "  h.ended_at, CASE WHEN CAST(:device AS bigint) IS NOT NULL AND h.ended_at IS NOT NULL THEN ("
    "    SELECT max(r.recorded_at) FROM app.sensor_readings AS r"
    "    WHERE r.device_id = h.device_id AND r.recorded_at >= h.began_at AND r.recorded_at < h.ended_at"
    "  ) END AS last_reading_at FROM app.lease_history AS h JOIN app.devices AS d ON d.id = h.device_id "
    "JOIN app.stations AS s ON s.id = h.station_id "
    "WHERE CAST(:device AS bigint) IS NULL OR h.device_id = :device "
    "ORDER BY h.began_at DESC, h.device_id LIMIT :limit"
)


def enter_station(conn: Connection, version: str) -> StationIdentity | None:
    """Count one more start of the station whose login this is; what it held stays its own, under new epochs.

    Args:
        conn: With the station's login.
        version: The program's.

    Returns:
        None where the login is not a station's but that of whoever set the server up: it polls without
        leases.

    Raises:
        NotAllowed: The login is neither, or the station is disabled.
    """
    incarnation = conn.execute(text("SELECT app.enter_station(:version)"), {"version": version}).scalar_one()
    if incarnation is None:
        return None
    row = conn.execute(text("SELECT id, name FROM app.stations WHERE id = app.station_id()")).one()
    return StationIdentity(row.id, row.name, incarnation)


def renew(
    conn: Connection,
    incarnation: int,
    released: Sequence[DeviceId],
    report: StationReport | None,
    witness: str,
    known: Collection[DeviceId] = (),
) -> Tenure:
    """Renew the leases of the station whose login this is; once a second.

    Args:
        conn: With the station's login.
        incarnation: Which start of its program asks.
        released: Devices that it polls no more and gives back.
        report: How it is doing, for everybody to see.
        witness: "host:port" where other stations may ask it, or empty.
        known: Devices whose open alerts it knows; those of all others it holds come with the answer.

    Raises:
        LeaseLost: A newer start of this station has taken its place: enter again.
        NotAllowed: The station is disabled.
        DatabaseAway: Not renewed, as far as anybody knows.
    """
    told = None if report is None else msgspec.json.encode(report).decode()
    asked = {"incarnation": incarnation, "released": list(released), "report": told, "witness": witness}
    try:
        row = conn.execute(_RENEW, asked).one()
    except OperationalError as error:
        if isinstance(error.orig, pg.ObjectNotInPrerequisiteState):
            raise LeaseLost("A newer start of this station has taken its place.") from error
        raise
    surplus = frozenset(row.surplus)
    leases = tuple(
        Lease(DeviceId(device), epoch, device in surplus)
        for device, epoch in zip(row.devices, row.epochs, strict=True)
    )
    gained = [lease.device for lease in leases if lease.device not in known]
    return Tenure(
        leases=leases,
        episodes=tuple(open_episodes(conn, gained)) if gained else (),
        peers=tuple(Peer(id, name, witness) for id, name, witness in conn.execute(_PEERS)),
        witness_key=bytes(row.key),
        database_unix=row.at,
        is_draining=row.draining,
        has_order=row.has_order,
    )


def leave_station(conn: Connection, incarnation: int) -> None:
    """Give back everything that this start of the station holds: others take it over at once."""
    conn.execute(text("SELECT app.leave_station(:incarnation)"), {"incarnation": incarnation})


def lease_holders(conn: Connection) -> dict[DeviceId, int]:
    """Return which station (`stations.id`) holds each device; those that nobody holds are left out."""
    rows = conn.execute(
        text("SELECT device_id, station_id FROM app.device_leases WHERE station_id IS NOT NULL")
    )
    return {DeviceId(row[0]): row[1] for row in rows}


def leases_now(conn: Connection) -> list[LeaseSpan]:
    """Return the lease that stands of each device, by device."""
    rows = conn.execute(
        text(
            "SELECT l.device_id, d.name AS device_name, l.epoch, l.station_id, s.name AS station_name, "
            "  l.since AS began_at, NULL AS ended_at FROM app.device_leases AS l "
            "JOIN app.devices AS d ON d.id = l.device_id AND d.deleted_at IS NULL "
            "JOIN app.stations AS s ON s.id = l.station_id ORDER BY l.device_id"
        )
    )
    return [_span(row) for row in rows.mappings()]


def chosen_stations(conn: Connection) -> dict[DeviceId, int]:
    """Return the station that an administrator chose for a device; those left to the balance are left out."""
    rows = conn.execute(
        text("SELECT device_id, wanted_by FROM app.device_leases WHERE wanted_by IS NOT NULL")
    )
    return {DeviceId(row[0]): row[1] for row in rows}


def lease_history(conn: Connection, device: DeviceId | None = None, limit: int = 200) -> list[LeaseSpan]:
    """Return who had a device (None: any) from when to when, newest first; of one, with its last readings."""
    rows = conn.execute(_HISTORY, {"device": device, "limit": limit})
    return [replace(_span(row), last_reading_at=row["last_reading_at"]) for row in rows.mappings()]


def stations_now(conn: Connection) -> list[StationNow]:
    """Return every station as the database knows it, by name."""
    orders = {station: (kind, is_in_drill) for station, kind, is_in_drill in _readable_orders(conn)}
    return [
        StationNow(
            id=row["id"],
            name=row["name"],
            is_enabled=row["is_enabled"],
            is_alive=row["is_alive"],
            version=row["version"],
            incarnation=row["incarnation"],
            seen_at=row["renewed_at"],
            devices=row["devices"],
            is_draining=row["is_draining"],
            report=_report(row["report"]),
            order=orders.get(row["id"], _NO_ORDER)[0],
            is_in_drill=orders.get(row["id"], _NO_ORDER)[1],
        )
        for row in conn.execute(_STATIONS).mappings()
    ]


def assign_devices(conn: Connection, devices: Sequence[DeviceId], station: int | None) -> int:
    """Give devices to a station for as long as it lives (None: back to the balance); return how many changed.

    Raises:
        NotAllowed: The login is no administrator's.
        Rejected: There is no such station, or it is disabled.
    """
    asked = {"devices": list(devices), "station": station}
    return conn.execute(
        text("SELECT app.assign_devices(CAST(:devices AS bigint[]), :station)"), asked
    ).scalar_one()


def drain_station(conn: Connection, station: int, *, is_draining: bool) -> None:
    """Have a station give its devices away, or take some again. Raises like `assign_devices`."""
    asked = {"station": station, "draining": is_draining}
    conn.execute(text("SELECT app.drain_station(:station, :draining)"), asked)


def order_station(conn: Connection, station: int, kind: OrderKind, amount_s: float = 0.0) -> int:
    """Ask something of a station; return the order's number.

    Raises:
        NotAllowed: The login is no administrator's.
        Rejected: The station is dead, or busy with another order.
    """
    asked = {"station": station, "kind": kind.value, "amount": amount_s}
    return conn.execute(text("SELECT app.order_station(:station, :kind, :amount)"), asked).scalar_one()


def withdraw_order(conn: Connection, order: int) -> None:
    """Take back what no station has begun.

    Raises:
        NotAllowed: The login is no administrator's.
        Rejected: The station has begun, or it is done.
    """
    conn.execute(text("SELECT app.withdraw_station_order(:order)"), {"order": order})


def take_order(conn: Connection) -> StationOrder | None:
    """Return what the calling station is asked to do, once; None where there is nothing."""
    taken = conn.execute(text("SELECT id FROM app.take_station_order()")).scalars().all()
    return _orders(conn, f"{_ORDERS} WHERE o.id = :id", {"id": taken[0]})[0] if taken else None


def end_order(conn: Connection, order: int, outcome: str) -> None:
    """Say what came of an order, in a paragraph for people."""
    conn.execute(text("SELECT app.end_station_order(:order, :outcome)"), {"order": order, "outcome": outcome})


def orders(conn: Connection, limit: int = 50) -> list[StationOrder]:
    """Return what was asked of stations, newest first. For administrators and operators."""
    return _orders(conn, f"{_ORDERS} ORDER BY o.id DESC LIMIT :limit", {"limit": limit})


def _orders(conn: Connection, statement: str, parameters: dict[str, int]) -> list[StationOrder]:
    return [
        StationOrder(
            id=row["id"],
            station=row["station_id"],
            kind=OrderKind(row["kind"]),
            amount_s=row["amount_s"],
            asked_by=row["asked_by"],
            asked_at=row["asked_at"],
            begun_at=row["begun_at"],
            ended_at=row["ended_at"],
            outcome=row["outcome"],
        )
        for row in conn.execute(text(statement), parameters).mappings()
    ]


def _readable_orders(conn: Connection) -> Sequence[tuple[int, str, bool]]:
    may = conn.execute(text("SELECT has_table_privilege('app.station_orders', 'SELECT')")).scalar_one()
    return cast(Sequence[tuple[int, str, bool]], conn.execute(_OPEN_ORDERS).all() if may else ())


def _report(told: str | None) -> StationReport | None:
    if told is None:
        return None
    try:
        return msgspec.json.decode(told, type=StationReport)
    except (msgspec.ValidationError, RecursionError):  # of another release, or of none of ours
        return None


def _span(row: RowMapping) -> LeaseSpan:
    return LeaseSpan(
        device=DeviceId(row["device_id"]),
        device_name=row["device_name"],
        epoch=row["epoch"],
        station=row["station_id"],
        station_name=row["station_name"],
        began_at=row["began_at"],
        ended_at=row["ended_at"],
    )
