"""A site to do harm to: devices that bear witness, a database, stations, and a bad network between them.

devices (process) ⇄ stations (main.py station) → proxy → PostgreSQL
"""

import random
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

import msgspec

from console.bench.faults_account import Known, Lived, account_of
from console.bench.faults_alert_verdict import AlertVerdict, alert_verdict
from console.bench.faults_database import FaultDatabase, fault_database
from console.bench.faults_durable import durable_in_spool
from console.bench.faults_proxy import Proxy
from console.bench.faults_records import (
    device_numbers,
    journal,
    lease_spans,
    make_devices,
    newest_unix,
    standing_alerts,
    stored_rows,
    told_findings,
)
from console.bench.faults_scene import Scene, copied
from console.bench.faults_station import StationProcess
from console.bench.faults_verdict import Row, Verdict, trespasses, verdict
from console.bench.faults_witness import Witnessed, sequence_of
from console.bench.processes import Child, child
from models.errors import StorageError

PERIOD_S = 0.2
_WAIT_S = 60.0
_LOOK_S = 0.1
_CALM_S = 2.5
_JUST_NOW_S = 2.0
_EXCURSION_S = (0.8, 3.0)


class FaultSite:
    """Everything of one scenario. Use from one thread at a time.

    Attributes:
        dice: Of this scenario; every run rolls others.
        stations: In the order in which they were started.
        networks: Between the station at the same position and the database.
    """

    def __init__(self, folder: Path, database: FaultDatabase, devices: Child, port: int, count: int) -> None:
        self.folder = folder
        self.database = database
        self.count = count
        self.dice = random.Random()
        self.stations: list[StationProcess] = []
        self.networks: list[Proxy] = []
        self._devices = devices
        self.port = port
        self._stack = ExitStack()
        self._calm_at_s: dict[int, float] = {}
        self._durable: set[tuple[int, int]] = set()

    def add_station(
        self, name: str, *, folder: Path | None = None, variables: Mapping[str, str] | None = None
    ) -> StationProcess:
        """Enrol a station behind a network of its own, and start it; both end with the site."""
        network = Proxy(self.database.socket)
        network.start()
        self._stack.callback(network.stop)
        login = self.database.enrol(name)
        made = StationProcess(
            name,
            folder or self.folder / name,
            f"postgresql://{login}@127.0.0.1:{network.port}/{self.database.name}",
            lambda pid: self._order(f"station {pid}"),
            lambda pid: self._order(f"name {pid}"),
            variables,
        )
        self.networks.append(network)
        self.stations.append(made)
        made.start()
        return made

    def close(self) -> None:
        """End stations and proxies. The devices and the database are whoever's who made them."""
        for station in self.stations:
            station.thaw()
            station.stop()
        self._stack.close()

    def stir(self, *, longest_s: float = _EXCURSION_S[1]) -> None:
        """Let a device that has been calm for a while leave its limit for some seconds."""
        now_s = time.monotonic()
        calm = [index for index in range(self.count) if self._calm_at_s.get(index, 0.0) < now_s]
        if calm:
            self.excite(self.dice.choice(calm), self.dice.uniform(_EXCURSION_S[0], longest_s))

    def excite(self, device: int, for_s: float) -> None:
        """Let one device leave its limit."""
        self._calm_at_s[device] = time.monotonic() + for_s + _CALM_S
        self._order(f"excite {device} {for_s:.3f}")

    def calm(self, device: int) -> None:
        """Let one device come back inside its limit at once."""
        self._calm_at_s[device] = time.monotonic() + _CALM_S
        self._order(f"calm {device}")

    def misbehave(self, device: int, kind: str, value: float, for_s: float) -> None:
        """Let one device break the protocol for so many seconds."""
        self._order(f"misbehave {device} {kind} {value} {for_s:.3f}")

    def witnessed(self) -> Witnessed:
        """Return what the devices saw so far."""
        file = self.folder / "witnessed"
        self._order(f"log {file}")
        return msgspec.msgpack.decode(file.read_bytes(), type=Witnessed)

    def note_durable(self, station: StationProcess) -> None:
        """Remember what is durable now that a station is dead: what its spool and the database hold."""
        with self.database.owner.transaction() as connection:
            devices = device_numbers(connection)
            self._durable |= _answers_of(stored_rows(connection))
        self._durable |= durable_in_spool(station.settings.data_dir, devices)

    def forgotten(self) -> int:
        """Return how many answers were durable once (`note_durable`) and are not in the database now."""
        with self.database.owner.transaction() as connection:
            return len(self._durable - _answers_of(stored_rows(connection)))

    def trespasses(self) -> list[tuple[int, int]]:
        """Return device and number of polls by stations that did not hold the device, says the database."""
        owners = {life.pid: station.name for station in self.stations for life in station.lives}
        with self.database.owner.transaction() as connection:
            return trespasses(self.witnessed(), lease_spans(connection), owners)

    def ends(self) -> dict[int, list[float]]:
        """Return when each station's process ended or stood still, by its id."""
        return {
            life.pid: [*life.froze_unix, *([life.ended_unix] if life.ended_unix is not None else [])]
            for station in self.stations
            for life in station.lives
        }

    def verdict(self) -> Verdict:
        """Hold what is stored now against what the devices saw."""
        witnessed = self.witnessed()
        with self.database.owner.transaction() as connection:
            return verdict(witnessed, stored_rows(connection), self.ends())

    def alert_verdict(self) -> AlertVerdict:
        """Hold the journal of alerts against what the devices did."""
        witnessed = self.witnessed()
        with self.database.owner.transaction() as connection:
            told, standing = journal(connection), standing_alerts(connection)
        return alert_verdict(witnessed, told, standing, self.ends(), PERIOD_S)

    def account(self, verdict: AlertVerdict) -> list[str]:
        """Return what is known of each excursion that has no episode of its own, though somebody saw it."""
        witnessed = self.witnessed()
        with self.database.owner.transaction() as connection:
            known = Known(
                journal(connection),
                told_findings(connection),
                stored_rows(connection),
                lease_spans(connection),
                [
                    Lived(station.name, life.pid, life.began_unix, life.ended_unix)
                    for station in self.stations
                    for life in station.lives
                ],
            )
        found = {"missing": verdict.missing, "covered": verdict.covered}
        return [
            line
            for name, excursions in found.items()
            for excursion in excursions
            for line in account_of(excursion, name, witnessed, known)
        ]

    def settled(self) -> tuple[Verdict, AlertVerdict]:
        """Let excursions end and what waits be written, stop the stations, and return both verdicts."""
        time.sleep(max([0.0, *(at_s - _CALM_S - time.monotonic() for at_s in self._calm_at_s.values())]))
        time.sleep(2 * PERIOD_S)
        try:
            wait_until(lambda: not self.verdict().lost and not self.alert_verdict().unended, "the rest", 20.0)
        except TimeoutError:
            pass  # The verdict tells what is missing better than this could.
        for station in self.stations:
            self._order(f"name {station.pid}")
            station.stop()
        return self.verdict(), self.alert_verdict()

    def await_news(self) -> None:
        """Wait until what was taken just now is in the database."""
        since = time.time()
        wait_until(lambda: self.is_stored(since), "new readings in the database")

    def await_polls(self, since_unix: float) -> None:
        """Wait until every device was asked since then."""
        wait_until(lambda: self.is_polled(since_unix), "the devices to be polled")

    def is_stored(self, since_unix: float) -> bool:
        """Whether readings taken since then are stored of every device; not while the database is away."""
        try:
            with self.database.owner.transaction() as connection:
                return newest_unix(connection, self.count) > since_unix
        except StorageError:
            return False

    def is_fair(self, stations: Sequence[StationProcess]) -> bool:
        """Whether these stations, and nobody else, poll all devices now, as many each as the others."""
        held = self.held_by(time.time() - _JUST_NOW_S)
        least = self.count // len(stations)
        return sum(held.values()) == self.count and all(
            least <= held.get(station.pid, 0) <= least + 1 for station in stations
        )

    def is_polled(self, since_unix: float, pids: set[int] | None = None) -> bool:
        """Whether every device was asked since then, by one of these processes if any are named."""
        witnessed = self.witnessed()
        return all(
            any(
                answer.unix > since_unix and (pids is None or witnessed.stations[answer.connection] in pids)
                for answer in answers[-50:]
            )
            for answers in witnessed.answers
        )

    def held_by(self, since_unix: float) -> dict[int, int]:
        """Return how many devices each process was the last to ask, of those asked since then."""
        witnessed = self.witnessed()
        held: dict[int, int] = {}
        for answers in witnessed.answers:
            if answers and answers[-1].unix > since_unix:
                pid = witnessed.stations[answers[-1].connection]
                held[pid] = held.get(pid, 0) + 1
        return held

    def _order(self, words: str) -> None:
        self._devices.tell(words)
        self._devices.answer()


@contextmanager
def fault_site(
    scene: Scene, name: str, devices: int = 6, *, database_in: Path | None = None
) -> Iterator[FaultSite]:
    """Give out a site without stations yet; nothing of it runs afterwards.

    Args:
        scene: Of the run.
        name: For its folder.
        devices: How many.
        database_in: Where the database shall lie instead of beside everything else.
    """
    place = scene.place(name)
    cluster = copied(scene.template, (database_in or place) / "database")
    with (
        child("The witness", ["-m", "console.bench.faults_devices", str(devices)]) as process,
        fault_database(cluster) as database,
    ):
        site = FaultSite(place, database, process, int(process.answer()), devices)
        try:
            with database.owner.transaction() as connection:
                make_devices(connection, devices, site.port, PERIOD_S)
            yield site
        finally:
            site.close()


def wait_until(is_so: Callable[[], bool], what: str, within_s: float = _WAIT_S) -> float:
    """Wait for a condition; return how long it took, s. Raises TimeoutError."""
    began_s = time.monotonic()
    while not is_so():
        if time.monotonic() - began_s > within_s:
            raise TimeoutError(f"Waited {within_s:.0f} s in vain for {what}")
        time.sleep(_LOOK_S)
    return time.monotonic() - began_s


def _answers_of(rows: Sequence[Row]) -> set[tuple[int, int]]:
    """Return device and number of every answer among these rows."""
    told = ((row.device, sequence_of(row.device, row.values)) for row in rows)
    return {(device, sequence) for device, sequence in told if sequence is not None}
