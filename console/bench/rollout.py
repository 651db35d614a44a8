"""Three hundred devices brought a new version by two stations, one of which is killed every twenty seconds.

devices (process) ⇄ two stations (main.py station) → PostgreSQL; persons plan, approve and start. Afterwards
the devices are asked: none is dead, none was flashed twice without need, none was talked to by two at once,
and every one runs the new version or is named by the rollout as one that does not.
"""

import hashlib
import random
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from console.bench.faults_database import FaultDatabase, fault_database
from console.bench.faults_scene import Scene, copied, scene
from console.bench.faults_station import StationProcess
from console.bench.figure import Bench, BenchSize, Figure
from console.bench.latency_stamps import modbus_host
from console.bench.processes import Child, child
from console.bench.rollout_devices import UNIT, Fate
from drivers.plant.firmware.image import make_image
from drivers.plant.firmware.products import FILE_PROFILE
from models.database import Database
from models.firmware.manifest import manifest_bytes
from models.firmware.signing import sign_manifest
from models.firmware.trusted_keys import trust_key
from models.logins import person_login
from models.objects.access import ObjectAccess
from models.objects.store import stored_object
from models.passwords import new_password
from models.queries import firmware_versions, rollouts
from models.queries.catalogue import import_devices, load_devices
from models.queries.people import create_person
from models.records.device import Device, DeviceId, Tag
from models.records.device_entry import DeviceEntry
from models.records.firmware import Manifest
from models.records.person import Role
from models.records.rollout import (
    Deployment,
    GateRules,
    PlannedDevice,
    PlanSettings,
    RolloutId,
    RolloutPlan,
    RolloutState,
    StepTimes,
)

_PASSWORD = "a bench's own long password"
_VERSION = "2.0.0"
_PERIOD_S = 1.0
_TIMES = StepTimes(10.0, 30.0, 10.0, 60.0, 20.0, 30.0, 30.0, 10.0)
_WITHIN_S = 1800.0
_LOOK_S = 0.5
_TWICE = frozenset({"lose-power", "hang", "roll-back", "fail-install"})
"""Troubles after which a device is rightly made to run the version once more."""


class _Factory:
    """Everything of one run. Use from one thread."""

    def __init__(self, folder: Path, database: FaultDatabase, devices: Child, count: int) -> None:
        self._folder = folder
        self._database = database
        self._devices = devices
        self._port = int(devices.answer())
        self._count = count
        self._key = Ed25519PrivateKey.generate()
        self._images = folder / "images"
        self._images.mkdir()
        self.stations: list[StationProcess] = []
        self._people = [self._person(f"person{number}@bench.local") for number in (1, 2)]
        self.ids = self._enter_devices()
        self._version = self._release()

    def add_station(self, name: str) -> None:
        """Enrol a station that trusts the release key, and start it."""
        login = self._database.enrol(name)
        folder = self._folder / name
        folder.mkdir(mode=0o700)
        trust_key(folder, "release", self._key.public_key())
        address = self._database.socket
        station = StationProcess(
            name,
            folder,
            f"postgresql://{login}@/{self._database.name}?host={address.parent}",
            lambda _: None,
            lambda _: None,
            {"CONSOLE_FIRMWARE_FOLDER": str(self._images)},
        )
        station.start()
        self.stations.append(station)

    def start(self, waves: int, concurrency: int) -> RolloutId:
        """Plan as one person, approve as another, start."""
        sizes = [1, *self._sizes(waves - 1)]
        places = [place for place, size in enumerate(sizes) for _ in range(size)]
        devices = tuple(PlannedDevice(id, place, "") for id, place in zip(self.ids, places, strict=True))
        settings = PlanSettings(
            concurrency=concurrency,
            soak_s=2.0,
            retries=3,
            retry_s=2.0,
            times=_TIMES,
            # Devices of this bench fail on purpose, and have no alerts to be judged by.
            gate=GateRules(failure_share=0.5, least_device_hours=0.0),
        )
        planner, approver = self._people
        with planner.transaction() as connection:
            made = rollouts.save_plan(
                connection, None, "Drives", RolloutPlan(self._version, settings, devices)
            )
            planned = rollouts.load_rollout(connection, made).plan_hash
            rollouts.submit(connection, made, planned)
        with approver.transaction() as connection:
            rollouts.approve(connection, made, planned)
        with planner.transaction() as connection:
            rollouts.start(connection, made, planned)
        return made

    def state(self, rollout: RolloutId) -> RolloutState:
        """Return where the rollout stands."""
        with self._people[0].transaction() as connection:
            return rollouts.load_rollout(connection, rollout).state

    def deployments(self, rollout: RolloutId) -> Sequence[Deployment]:
        """Return what became of every device, by the rollout."""
        with self._people[0].transaction() as connection:
            return rollouts.load_deployments(connection, rollout)

    def fates(self) -> list[Fate]:
        """Return what became of every device, by the devices."""
        file = self._folder / "fates"
        self._devices.tell(f"log {file}")
        self._devices.answer()
        return msgspec.msgpack.decode(file.read_bytes(), type=list[Fate])

    def close(self) -> None:
        """End the stations."""
        for station in self.stations:
            station.stop()
        for person in self._people:
            person.close()

    def _sizes(self, waves: int) -> list[int]:
        rest = self._count - 1
        each = [rest * (place + 1) * 2 // (waves * (waves + 1)) for place in range(waves - 1)]
        return [*each, rest - sum(each)]

    def _person(self, email: str) -> Database:
        with self._database.owner.transaction() as connection:
            create_person(
                connection, email, email, Role.ADMIN, new_password(_PASSWORD, email=email, name=email)
            )
        return self._database.owner.with_login(person_login(self._database.name, email), _PASSWORD, "bench")

    def _enter_devices(self) -> list[DeviceId]:
        entries = [
            DeviceEntry(
                Device(
                    DeviceId(0),
                    f"D-{index:04}",
                    f"Drive {index}",
                    "drive",
                    f"Hall {index % 5}",
                    "modbus-tcp",
                    {"host": modbus_host(index), "port": self._port, "unit": UNIT, "timeout_s": 0.5},
                    _PERIOD_S,
                    (Tag("rpm", "holding:60001:uint16"),),
                    extra={"product": "drive-a", "hardware": "A1"},
                ),
                (),
            )
            for index in range(self._count)
        ]
        with self._database.owner.transaction() as connection:
            import_devices(connection, entries)
        with self._people[0].transaction() as connection:
            found = {device.device_id: device.id for device in load_devices(connection)}
        return [found[f"D-{index:04}"] for index in range(self._count)]

    def _release(self) -> int:
        image = make_image("drive-a", _VERSION, 6001)
        url = stored_object(
            self._images.as_uri(), f"drive-a-{_VERSION}.bin", image, ObjectAccess(folder=self._images)
        )
        manifest = Manifest(
            product="drive-a",
            hardware=("A1",),
            version=_VERSION,
            sequence=2,
            minimum_from="",
            size=len(image),
            sha256=hashlib.sha256(image).digest(),
            expires_at=datetime.now(UTC).replace(microsecond=0) + timedelta(days=1),
            way="modbus-file-record",
            profile=FILE_PROFILE,
        )
        data = manifest_bytes(manifest)
        with self._people[0].transaction() as connection:
            made = firmware_versions.add_version(connection, url, "", data, [sign_manifest(data, self._key)])
            draft = firmware_versions.load_version(connection, manifest.full_version)
            firmware_versions.mark_released(connection, draft)
        return int(made)


def _run(size: BenchSize) -> list[Figure]:
    with scene(is_small=size.is_small) as shared, _factory(shared, 12 if size.is_small else 300) as factory:
        for name in ("A", "B"):
            factory.add_station(name)
        began_s = time.monotonic()
        rollout = factory.start(*((2, 8) if size.is_small else (5, 40)))
        kills = _killing(factory, rollout, every_s=4.0 if size.is_small else 20.0)
        took_s = time.monotonic() - began_s
        return _figures(factory, rollout, kills, took_s)


def _killing(factory: _Factory, rollout: RolloutId, every_s: float) -> int:
    """Kill one of the two at a random moment of every so many seconds, until the rollout is over."""
    dice = random.Random()
    kills, began_s = 0, time.monotonic()
    while factory.state(rollout) is RolloutState.RUNNING:
        if time.monotonic() - began_s > _WITHIN_S:
            break
        round_s = time.monotonic()
        moment_s = dice.uniform(0.0, every_s)
        while time.monotonic() - round_s < moment_s:
            time.sleep(min(_LOOK_S, moment_s))
            if factory.state(rollout) is not RolloutState.RUNNING:
                return kills
        station = factory.stations[kills % len(factory.stations)]
        station.kill()
        station.start()
        kills += 1
        while time.monotonic() - round_s < every_s and factory.state(rollout) is RolloutState.RUNNING:
            time.sleep(_LOOK_S)
    return kills


def _figures(factory: _Factory, rollout: RolloutId, kills: int, took_s: float) -> list[Figure]:
    fates, deployments = factory.fates(), factory.deployments(rollout)
    by_device = {deployment.device: deployment for deployment in deployments}
    pairs = [(fate, by_device[id]) for id, fate in zip(factory.ids, fates, strict=True)]
    state = factory.state(rollout)
    is_over = state in (RolloutState.COMPLETED, RolloutState.COMPLETED_WITH_FAILURES)
    unnamed = sum(
        deployment.outcome is None or (deployment.outcome == "updated" and fate.running != _VERSION)
        for fate, deployment in pairs
    )
    twice = sum(fate.flashed.count(_VERSION) > (2 if fate.trouble in _TWICE else 1) for fate, _ in pairs)
    return [
        _told("devices", len(fates), "devices"),
        _told("kills", kills, "kills"),
        _told("took", took_s, "s"),
        _told("updated", sum(fate.running == _VERSION for fate in fates), "devices"),
        _none("unfinished", 0 if is_over else 1, "rollouts"),
        _none("unnamed", unnamed, "devices"),
        _none("bricked", sum(fate.is_bricked for fate in fates), "devices"),
        _none("flashed_twice", twice, "devices"),
        _none("talked_over", sum(fate.interleaved for fate in fates), "blocks"),
    ]


def _told(name: str, value: float, unit: str) -> Figure:
    return Figure(f"rollout.{name}", value, unit, None, None, "for information", met=True)


def _none(name: str, value: float, unit: str) -> Figure:
    return Figure(f"rollout.{name}", value, unit, None, None, "0", met=not value)


@contextmanager
def _factory(shared: Scene, count: int) -> Iterator[_Factory]:
    place = shared.place("rollout")
    cluster = copied(shared.template, place / "database")
    with (
        child("The devices", ["-m", "console.bench.rollout_devices", str(count)]) as process,
        fault_database(cluster) as database,
        closing(_Factory(place, database, process, count)) as factory,
    ):
        yield factory


BENCH = Bench("rollout", "firmware on 300 devices while stations are killed", _run)
