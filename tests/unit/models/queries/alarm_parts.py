"""One alarm of a real database, with everybody who acts on it under a login of their own."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import count

from sqlalchemy import text
from sqlalchemy.engine import Connection

from models.database import Database
from models.passwords import scram_verifier
from models.queries.alerts import acknowledge, apply_transitions, resolve
from models.queries.people import create_station
from models.queries.shelves import begin_maintenance, end_maintenance, shelve, unshelve
from models.records.alert import AlertId, Transition, TransitionKind
from models.records.device import DeviceId
from models.records.person import Person, Role
from models.records.threshold import Severity, ThresholdId
from tests.account_parts import Site

T0 = float(int(time.time()) - 30 * 86_400)
"""A moment a month ago, for what stations tell late."""
STATION_PASSWORD = "a station's long enough word"

_NUMBERS = count(1)
_DEVICE = """
INSERT INTO app.devices (device_id, name, type, location, user_id, metadata)
VALUES (:name, :title, 'press', 'Hall A', :owner, CAST(:metadata AS jsonb)) RETURNING id
"""
_LEASE = """
INSERT INTO app.lease_history (device_id, epoch, station_id, incarnation, began_at)
VALUES (:device, :station, :station, 1, 'infinity') ON CONFLICT DO NOTHING
"""
"""Of stations that tell of one device in a test, none takes it from another."""
_THRESHOLD = """
INSERT INTO app.alert_thresholds
    (device_id, user_id, metric_type, max_value, severity, latching, requires_comment, realarm_s)
VALUES (:device, (SELECT min(id) FROM app.users), 'rpm', 70, :severity, :latching, :comment, 3600)
RETURNING id
"""


class Plant:
    """A site with an operator, and stations; `alarm()` adds a device with one threshold."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.operator: Person = site.add(Role.OPERATOR)
        self.operators = site.signed_in(self.operator)
        self._stations: dict[Database, int] = {}
        self.station = self.add_station()

    def add_station(self) -> Database:
        """Enrol another station; its way to the database."""
        with self.site.owner.transaction() as connection:
            made = create_station(connection, f"Station {next(_NUMBERS)}", scram_verifier(STATION_PASSWORD))
        opened = self.site.owner.with_login(made.login, STATION_PASSWORD, "station")
        self._stations[opened] = made.id
        return opened

    def leased(self, station: Database, findings: Sequence[Transition]) -> list[Transition]:
        """Let a station have held the devices all the time, and return its findings under that lease."""
        number = self._stations[station]
        with self.site.owner.transaction() as connection:
            for device in sorted({finding.device for finding in findings}):
                connection.execute(text(_LEASE), {"device": device, "station": number})
        return [replace(finding, epoch=number) for finding in findings]

    def tell(self, station: Database, *findings: Transition) -> int:
        """A station tells of what it found, in this order; how many changed something."""
        told = self.leased(station, findings)
        with station.transaction() as connection:
            return apply_transitions(connection, told)

    def close(self) -> None:
        """Close what the stations opened; the site closes the rest."""
        for station in self._stations:
            station.close()

    def alarm(self, **changes: object) -> "Alarm":
        """Add a device with one threshold."""
        return Alarm(self, *self._added(**changes))

    def _added(self, **changes: object) -> tuple[DeviceId, ThresholdId]:
        facts = {
            "owner": None,
            "metadata": "{}",
            "severity": "warning",
            "latching": False,
            "comment": False,
            **changes,
        }
        with self.site.owner.transaction() as connection:
            name = f"PRESS-{next(_NUMBERS)}"
            named = {"name": name, "title": f"Press {name}", **_of(facts, "owner", "metadata")}
            device = connection.execute(text(_DEVICE), named).scalar_one()
            threshold = connection.execute(
                text(_THRESHOLD), {"device": device, **_of(facts, "severity", "latching", "comment")}
            ).scalar_one()
        return DeviceId(device), ThresholdId(threshold)


def _of(facts: dict[str, object], *names: str) -> dict[str, object]:
    return {name: facts[name] for name in names}


@dataclass
class Alarm:
    """One threshold of one device, and the acts of everybody on it."""

    plant: Plant
    device: DeviceId
    threshold: ThresholdId

    def tell(self, kind: str, at: float | None = None, station: Database | None = None) -> int:
        """A station tells that the condition began ("raised") or ended ("cleared"): now, or `at` after T0."""
        return self.plant.tell(station or self.plant.station, self.finding(kind, at))

    def finding(self, kind: str, at: float | None = None) -> Transition:
        """What a station would tell."""
        moment = time.time() if at is None else T0 + at
        return Transition(
            *(TransitionKind(kind), self.device, self.threshold, Severity.WARNING, moment),
            *(71.5, 70.0, "Speed 71.5 rpm is above 70 rpm"),
        )

    @contextmanager
    def owner(self) -> Iterator[Connection]:
        """A transaction of whoever owns the server, who can turn clocks."""
        with self.plant.site.owner.transaction() as connection:
            yield connection

    def value(self, statement: str) -> object:
        """One value about this alarm; `:device` and `:threshold` stand for it."""
        with self.owner() as connection:
            return connection.execute(text(statement), self._named(statement)).scalar()

    def rows(self, statement: str) -> list[tuple[object, ...]]:
        """Rows about this alarm."""
        with self.owner() as connection:
            return [tuple(row) for row in connection.execute(text(statement), self._named(statement))]

    def _named(self, statement: str) -> dict[str, object]:
        known = {"device": self.device, "threshold": self.threshold}
        return {name: value for name, value in known.items() if f":{name}" in statement}

    def alerts(self) -> list[AlertId]:
        """The open episodes."""
        statement = "SELECT id FROM app.alerts WHERE threshold_id = :threshold AND status <> 'resolved'"
        return [AlertId(row[0]) for row in self.rows(statement)]

    def journal(self) -> list[str]:
        """The kinds of events, as they were written."""
        statement = "SELECT kind FROM app.alert_events WHERE threshold_id = :threshold ORDER BY id"
        return [str(row[0]) for row in self.rows(statement)]

    def acknowledge(self, comment: str = "") -> str:
        """The operator takes note; the sentence told."""
        with self.plant.operators.transaction() as connection:
            outcomes = acknowledge(connection, self.alerts(), self.plant.operator, comment)
        return " ".join(outcome.text for outcome in outcomes)

    def resolve(self, comment: str = "") -> str:
        """The operator resolves; the sentence told."""
        with self.plant.operators.transaction() as connection:
            outcomes = resolve(connection, self.alerts(), self.plant.operator, comment)
        return " ".join(outcome.text for outcome in outcomes)

    def shelve(self, seconds: float = 3600.0, *, once: bool = False) -> str:
        """The operator shelves; the sentence told."""
        with self.plant.operators.transaction() as connection:
            (outcome,) = shelve(connection, [self.threshold], "valve", seconds, is_one_shot=once)
        return outcome.text

    def unshelve(self) -> None:
        """The operator takes it from the shelf."""
        with self.plant.operators.transaction() as connection:
            unshelve(connection, [self.threshold])

    def begin_maintenance(self) -> None:
        """The operator puts the device into maintenance."""
        with self.plant.operators.transaction() as connection:
            begin_maintenance(connection, [self.device], "bearing", 3600.0)

    def end_maintenance(self) -> None:
        """The operator ends it."""
        with self.plant.operators.transaction() as connection:
            end_maintenance(connection, [self.device])

    def pass_time(self) -> int:
        """A station says that time has passed."""
        with self.plant.station.transaction() as connection:
            return int(connection.execute(text("SELECT app.pass_time()")).scalar_one())

    def turn_clock(self, table: str) -> None:
        """Let an hour pass for what is set aside in this table, and let a station notice."""
        moved = {"alert_shelves": "shelved_at", "device_maintenance": "began_at"}[table]
        with self.owner() as connection:
            connection.execute(
                text(
                    f"UPDATE app.{table} SET {moved} = {moved} - interval '1 day', "
                    "until = until - interval '1 day' WHERE device_id = :device AND ended_at IS NULL"
                ),
                {"device": self.device},
            )
        self.pass_time()
