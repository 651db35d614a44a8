"""Firmware from a signed manifest to devices that run it: planned, approved, conducted, judged."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import text

from console.settings import Settings
from console.station.pipeline import Station
from console.station.rollouts.database_store import DatabaseRolloutStore
from console.station.rollouts.floors import Floors
from console.station.rollouts.pace import Pace
from console.station.tuning import Tuning
from drivers.plant.firmware.image import make_image
from drivers.plant.firmware.products import FILE_PROFILE
from drivers.plant.firmware.troubles import Trouble, TroubleKind
from models.database import Database
from models.firmware.manifest import manifest_bytes
from models.firmware.signing import sign_manifest, texts_from_signatures
from models.firmware.trusted_keys import trust_key
from models.objects.access import ObjectAccess
from models.objects.store import stored_object
from models.queries import rollouts
from models.queries.catalogue import import_devices
from models.records.device import Device, DeviceId, JsonValue, Tag
from models.records.device_entry import DeviceEntry
from models.records.firmware import Manifest
from models.records.person import Role
from models.records.rollout import (
    Deployment,
    GateRules,
    Outcome,
    PlannedDevice,
    PlanSettings,
    RolloutId,
    RolloutPlan,
    RolloutState,
    Step,
    StepTimes,
)
from tests.account_parts import Site
from tests.contract.firmware.updatable import UNIT, Updatable, updatable
from tests.firmware_parts import RELEASE_KEY

DEVICES = 6
IMAGE = make_image("drive-a", "2.0.0", 3001)
MANIFEST = Manifest(
    product="drive-a",
    hardware=("A1",),
    version="2.0.0",
    sequence=2,
    minimum_from="",
    size=len(IMAGE),
    sha256=hashlib.sha256(IMAGE).digest(),
    expires_at=datetime.now(UTC).replace(microsecond=0) + timedelta(days=30),
    way="modbus-file-record",
    profile=FILE_PROFILE,
)
PACE = Pace(0.02, 0.1, 0.05, 0.5, 0.1, 0.1, again_s=0.1, good_polls=2)
TIMES = StepTimes(5.0, 5.0, 5.0, 10.0, 5.0, 5.0, 10.0, 5.0)
SETTINGS = PlanSettings(
    wave_sizes=(),
    concurrency=4,
    soak_s=0.0,
    retries=1,
    retry_s=0.1,
    times=TIMES,
    gate=GateRules(least_device_hours=0.0),
)
WITHIN_S = 40.0


class Plant:
    """Devices of the plant behind two stations, a release, and everybody who has a say."""

    manifest, image = MANIFEST, IMAGE

    def __init__(self, owner: Database, folder: Path) -> None:
        self.site = Site(owner)
        self.owner, self.folder = owner, folder
        self.devices: list[Updatable] = []
        self.ids: list[DeviceId] = []
        self.stations: list[Station] = []
        self._opened: list[Database] = []
        self.engineers = self.site.signed_in(engineer := self.site.add(Role.USER))
        self.engineer = engineer
        self.admins = self.site.signed_in(self.site.add(Role.ADMIN))
        self.access = ObjectAccess(folder=folder / "images")
        (folder / "images").mkdir()
        self.version = self._release()

    def _release(self) -> int:
        url = stored_object((self.folder / "images").as_uri(), "drive-a-2.0.0.bin", self.image, self.access)
        data = manifest_bytes(self.manifest)
        signatures = texts_from_signatures([sign_manifest(data, RELEASE_KEY)])
        with self.admins.transaction() as connection:
            made = connection.execute(
                text(
                    "INSERT INTO app.ota_versions (version, firmware_url, manifest, signatures) "
                    "VALUES (:version, :url, :manifest, CAST(:signatures AS jsonb)) RETURNING id"
                ),
                {
                    "version": self.manifest.full_version,
                    "url": url,
                    "manifest": data,
                    "signatures": msgspec.json.encode(signatures).decode(),
                },
            ).scalar_one()
        with self.admins.transaction() as connection:
            connection.execute(
                text("UPDATE app.ota_versions SET status = 'released' WHERE id = :id"), {"id": made}
            )
        return made

    def enter_devices(self) -> None:
        entries = [
            DeviceEntry(
                Device(
                    DeviceId(0),
                    f"D-{number}",
                    f"Drive {number}",
                    "drive",
                    "Hall A",
                    *self.way_to(device),
                    self.engineer.id,
                    extra={"product": self.manifest.product, "hardware": "A1"},
                ),
                (),
            )
            for number, device in enumerate(self.devices)
        ]
        with self.owner.transaction() as connection:
            import_devices(connection, entries)
            self.ids = [
                DeviceId(id)
                for id in connection.execute(text("SELECT id FROM app.devices ORDER BY device_id")).scalars()
            ]

    def way_to(self, device: Updatable) -> tuple[str, dict[str, JsonValue], float, tuple[Tag, ...]]:
        """Return driver, settings, period and tags of a device."""
        settings = {"host": "127.0.0.1", "port": device.gateway.port, "unit": UNIT, "timeout_s": 0.5}
        return "modbus-tcp", settings, 0.1, (Tag("rpm", "holding:60001:uint16"),)

    async def add_station(self) -> Station:
        number = len(self.stations)
        login = f"st_fw_{number}_{self.owner.address.database}"
        with self.owner.transaction() as connection:
            connection.exec_driver_sql(f"CREATE ROLE {login} LOGIN PASSWORD 'hands' IN ROLE console_station")
            connection.execute(
                text("INSERT INTO app.stations (name, db_role) VALUES (:name, :login)"),
                {"name": f"Station {number}", "login": login},
            )
        database = self.owner.with_login(login, "hands", "station")
        self._opened.append(database)
        folder = self.folder / f"station-{number}"
        folder.mkdir(mode=0o700)
        trust_key(folder, "release", RELEASE_KEY.public_key())
        store = DatabaseRolloutStore(database, self.access, folder)
        station = Station(Settings(folder), database, tuning=replace(Tuning(), rollouts=PACE), rollouts=store)
        await station.start()
        self.stations.append(station)
        return station

    def lend_rollouts_for(self, seconds: int) -> None:
        """Have whoever conducts a rollout lose it so long after their last look, instead of after 30 s."""
        with self.owner.transaction() as connection:
            connection.exec_driver_sql(
                "CREATE OR REPLACE FUNCTION app.conductor_time() RETURNS interval "
                f"LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN interval '{seconds} seconds'"
            )

    def start(self, *waves: list[DeviceId], settings: PlanSettings = SETTINGS) -> RolloutId:
        devices = tuple(
            PlannedDevice(device, place, "") for place, wave in enumerate(waves) for device in wave
        )
        plan = RolloutPlan(self.version, settings, devices)
        with self.engineers.transaction() as connection:
            made = rollouts.save_plan(connection, None, "Drives", plan)
            planned = rollouts.load_rollout(connection, made).plan_hash
            rollouts.submit(connection, made, planned)
        with self.admins.transaction() as connection:
            rollouts.approve(connection, made, planned)
        with self.engineers.transaction() as connection:
            rollouts.start(connection, made, planned)
        return made

    def state(self, rollout: RolloutId) -> RolloutState:
        with self.admins.transaction() as connection:
            return rollouts.load_rollout(connection, rollout).state

    def said(self, rollout: RolloutId) -> tuple[RolloutState, str]:
        """Where it stands, and why."""
        with self.admins.transaction() as connection:
            found = rollouts.load_rollout(connection, rollout)
        return found.state, found.reason

    def deployments(self, rollout: RolloutId) -> list[Deployment]:
        with self.admins.transaction() as connection:
            return rollouts.load_deployments(connection, rollout)

    async def until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(WITHIN_S):
            while True:
                if await asyncio.to_thread(condition):
                    return
                await asyncio.sleep(0.05)

    async def close(self) -> None:
        for station in self.stations:
            await station.stop()
        # What a station was asking in a thread when it was stopped is answered before the database is closed.
        await asyncio.get_running_loop().shutdown_default_executor()
        for database in self._opened:
            database.close()
        with self.owner.transaction() as connection:
            for number in range(len(self._opened)):
                login = f"st_fw_{number}_{self.owner.address.database}"
                connection.exec_driver_sql(f"DROP OWNED BY {login}; DROP ROLE {login}")


@pytest.fixture
async def plant(database_url: str, tmp_path: Path) -> AsyncIterator[Plant]:
    async with AsyncExitStack() as stack:
        made = Plant(Database(database_url, "tests"), tmp_path)
        with closing(made.site):
            for _ in range(DEVICES):
                made.devices.append(await stack.enter_async_context(updatable()))
            made.enter_devices()
            yield made
            await made.close()


async def test_two_stations_bring_every_device_the_version_wave_by_wave(plant: Plant) -> None:
    await plant.add_station()
    await plant.add_station()
    made = await asyncio.to_thread(plant.start, plant.ids[:1], plant.ids[1:])
    await plant.until(lambda: plant.state(made) is not RolloutState.RUNNING)
    assert plant.said(made) == (RolloutState.COMPLETED, "")
    assert {one.outcome for one in plant.deployments(made)} == {Outcome.UPDATED}
    assert len({one.station_id for one in plant.deployments(made)}) == 2
    for device in plant.devices:
        assert (device.flash.running, device.flash.flashed) == ("2.0.0", ["2.0.0"])
        assert device.flash.interleaved == 0


async def test_a_device_that_does_not_come_back_halts_the_rollout_after_the_canary(plant: Plant) -> None:
    plant.devices[0].flash.trouble = Trouble(TroubleKind.OTHER_SERIAL)
    await plant.add_station()
    made = await asyncio.to_thread(plant.start, plant.ids[:1], plant.ids[1:])
    await plant.until(lambda: plant.state(made) is not RolloutState.RUNNING)
    assert plant.state(made) is RolloutState.HALTED
    first, *others = plant.deployments(made)
    assert (first.step, first.outcome) == (Step.NEEDS_PERSON, Outcome.NEEDS_PERSON)
    assert {one.step for one in others} == {Step.QUEUED}
    assert [device.flash.flashed for device in plant.devices[1:]] == [[]] * (DEVICES - 1)


async def test_a_device_that_goes_back_while_its_wave_is_watched_halts_the_rollout(plant: Plant) -> None:
    plant.devices[0].flash.trouble = Trouble(TroubleKind.ROLL_BACK, seconds=3.0)
    await plant.add_station()
    watched = replace(SETTINGS, soak_s=9.0)
    made = await asyncio.to_thread(lambda: plant.start(plant.ids[:1], plant.ids[1:], settings=watched))
    await plant.until(lambda: plant.state(made) is not RolloutState.RUNNING)
    assert plant.said(made) == (RolloutState.HALTED, "Since its update Drive 0 runs 1.0.0, not 2.0.0.")
    assert [device.flash.flashed for device in plant.devices[1:]] == [[]] * (DEVICES - 1)
    # What the station saw running it remembers itself, should the database be set back.
    assert Floors(plant.folder / "station-0").of("D-0", "drive-a") == MANIFEST.sequence


async def test_the_next_station_goes_on_where_the_first_one_stopped(plant: Plant) -> None:
    plant.lend_rollouts_for(3)
    first = await plant.add_station()
    for device in plant.devices:
        device.flash.trouble = Trouble(TroubleKind.SLOW_REBOOT, seconds=1.5)
    made = await asyncio.to_thread(plant.start, plant.ids)
    await plant.until(lambda: any(one.step is Step.REBOOTING for one in plant.deployments(made)))
    await first.stop()
    await plant.add_station()
    await plant.until(lambda: plant.state(made) is not RolloutState.RUNNING)
    assert plant.state(made) is RolloutState.COMPLETED
    assert [device.flash.flashed for device in plant.devices] == [["2.0.0"]] * DEVICES
