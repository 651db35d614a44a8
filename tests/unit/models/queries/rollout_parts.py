"""A site with planners, an approver and two stations that share its devices, for tests of rollouts."""

import itertools
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from sqlalchemy import text
from sqlalchemy.engine import Connection

from models.database import Database
from models.passwords import scram_verifier
from models.queries import rollouts
from models.queries.leases import enter_station, renew
from models.queries.people import create_station
from models.records.device import DeviceId
from models.records.person import Role
from models.records.rollout import (
    Deployment,
    PlannedDevice,
    PlanSettings,
    RolloutId,
    RolloutPlan,
    RolloutState,
    WaveState,
)
from tests.account_parts import Site

STATION_PASSWORD = "a station's long enough word"
_NUMBERS = itertools.count(1)


class Station:
    """One station at work, on a login of its own."""

    def __init__(self, owner: Database) -> None:
        with owner.transaction() as connection:
            made = create_station(connection, f"Updater {next(_NUMBERS)}", scram_verifier(STATION_PASSWORD))
        self.id = made.id
        self.database = owner.with_login(made.login, STATION_PASSWORD, "station")
        self.incarnation = 0

    def enter(self) -> None:
        with self.database.transaction() as connection:
            identity = enter_station(connection, "9.9")
        assert identity is not None
        self.incarnation = identity.incarnation

    def renew(self) -> None:
        with self.database.transaction() as connection:
            renew(connection, self.incarnation, [], None, "")

    @contextmanager
    def works(self) -> Iterator[Connection]:
        with self.database.transaction() as connection:
            yield connection


class FirmwareSite:
    """A released version, devices of one engineer, an administrator who approves, an operator."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.admin = site.add(Role.ADMIN)
        self.engineer = site.add(Role.USER)
        self.stranger = site.add(Role.USER)
        self.operator = site.add(Role.OPERATOR)
        self.admins = site.signed_in(self.admin)
        self.engineers = site.signed_in(self.engineer)
        self.strangers = site.signed_in(self.stranger)
        self.operators = site.signed_in(self.operator)
        self.station, self.other = Station(site.owner), Station(site.owner)
        self.version = self.add_version()
        self.runs = f"{self.version_number}.0.0"
        """What a device says that runs it."""

    def add_version(self, status: str = "released") -> int:
        """Store a version past every check: what is signed is no matter of these tests."""
        self.version_number = number = next(_NUMBERS)
        with self.site.owner.transaction() as connection:
            connection.exec_driver_sql("SET LOCAL session_replication_role = 'replica'")
            return connection.execute(
                text(
                    "INSERT INTO app.ota_versions (version, firmware_url, status, product, version_seq, "
                    "  size_bytes, sha256, expires_at, manifest) "
                    "VALUES (:version, 's3://fw/x', :status, :product, :number, 1, sha256('x'), 'infinity', "
                    "  '{}') RETURNING id"
                ),
                {
                    "version": f"{number}.0.0+p{number}",
                    "status": status,
                    "product": f"p{number}",
                    "number": number,
                },
            ).scalar_one()

    def add_devices(self, count: int, owner: int | None = None, location: str = "Hall A") -> list[DeviceId]:
        with self.site.owner.transaction() as connection:
            made = connection.execute(
                text(
                    "INSERT INTO app.devices (device_id, name, type, location, user_id, metadata) "
                    "SELECT 'fw-' || n, 'Drive ' || n, 'drive', :location, :owner, '{}' "
                    "FROM generate_series(CAST(:first AS bigint), :last) AS n RETURNING id"
                ),
                {
                    "owner": owner or self.engineer.id,
                    "location": location,
                    "first": (first := next(_NUMBERS) * 1000),
                    "last": first + count - 1,
                },
            ).scalars()
            return [DeviceId(id) for id in made]

    def give(self, station: Station, devices: Sequence[DeviceId]) -> None:
        """Let a station hold these devices under a new epoch, as a takeover does."""
        with self.site.owner.transaction() as connection:
            connection.execute(
                text(
                    "INSERT INTO app.device_leases (device_id, station_id, epoch, since) "
                    "SELECT d, :station, 1, clock_timestamp() FROM unnest(CAST(:devices AS bigint[])) AS d "
                    "ON CONFLICT (device_id) DO UPDATE "
                    "SET station_id = excluded.station_id, epoch = app.device_leases.epoch + 1"
                ),
                {"station": station.id, "devices": list(devices)},
            )

    def plan(self, waves: Sequence[Sequence[DeviceId]], **settings: object) -> RolloutPlan:
        return RolloutPlan(
            self.version,
            PlanSettings(**settings),  # pyright: ignore[reportArgumentType]
            tuple(
                PlannedDevice(device, place, "") for place, devices in enumerate(waves) for device in devices
            ),
        )

    def draft(self, plan: RolloutPlan, by: Database | None = None) -> RolloutId:
        with (by or self.engineers).transaction() as connection:
            return rollouts.save_plan(connection, None, "Drives", plan)

    def started(self, waves: Sequence[Sequence[DeviceId]], **settings: object) -> RolloutId:
        """Plan as the engineer, approve as the administrator, start."""
        made = self.draft(self.plan(waves, **settings))
        of_plan = self.seen(made).plan_hash
        with self.engineers.transaction() as connection:
            rollouts.submit(connection, made, of_plan)
        with self.admins.transaction() as connection:
            rollouts.approve(connection, made, of_plan)
        with self.engineers.transaction() as connection:
            rollouts.start(connection, made, of_plan)
        return made

    def seen(self, rollout: RolloutId, by: Database | None = None):
        with (by or self.admins).transaction() as connection:
            return rollouts.load_rollout(connection, rollout)

    def state(self, rollout: RolloutId) -> RolloutState:
        return self.seen(rollout).state

    def wave_states(self, rollout: RolloutId) -> list[WaveState]:
        with self.admins.transaction() as connection:
            return [wave.state for wave in rollouts.load_waves(connection, rollout)]

    def deployments(self, rollout: RolloutId) -> list[Deployment]:
        with self.admins.transaction() as connection:
            return rollouts.load_deployments(connection, rollout)

    def close(self) -> None:
        self.station.database.close()
        self.other.database.close()
