"""A site to do harm to: devices that bear witness, a database, stations, and a bad network between them.

devices (process) ⇄ stations (main.py station) → proxy → PostgreSQL
"""

import random
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

import msgspec
from sqlalchemy import text

from console.bench.faults_database import FaultDatabase, fault_database
from console.bench.faults_proxy import Proxy
from console.bench.faults_scene import Scene, copied
from console.bench.faults_station import StationProcess
from console.bench.faults_verdict import AlertVerdict, Found, Row, Verdict, alert_verdict, verdict
from console.bench.faults_witness import LIMIT_KPA, Witnessed
from console.bench.latency_stamps import modbus_host
from console.bench.modbus_replies import REGISTERS
from console.bench.processes import Child, child
from drivers.modbus.spec import MODBUS_TCP
from models.errors import StorageError
from models.metrics import METRIC_KEYS
from models.queries.catalogue import import_devices
from models.records.device import Device, DeviceId, Tag
from models.records.device_entry import DeviceEntry
from models.records.threshold import Severity, Threshold, ThresholdId

PERIOD_S = 0.2
_WAIT_S = 60.0
_LOOK_S = 0.1
_CALM_S = 1.5
_EXCURSION_S = (0.8, 3.0)
_NAME = "WITNESS-"
_NUMBER = f"substr(d.device_id, {len(_NAME) + 1})::int"
_ROWS = text(
    f"SELECT {_NUMBER}, extract(epoch FROM r.recorded_at)::double precision, r.quality, "
    f"{', '.join(f'r.{key}' for key in METRIC_KEYS)} "
    "FROM app.sensor_readings AS r JOIN app.devices AS d ON d.id = r.device_id"
)
_KEEP = text("INSERT INTO public.kept SELECT * FROM app.sensor_readings")
# What was committed last is told again by the station after every absence of the database.
_BRING_BACK = text("INSERT INTO app.sensor_readings SELECT * FROM public.kept ON CONFLICT DO NOTHING")
_PARTITIONS = text(
    "SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'app.sensor_readings'::regclass"
)
_NEWEST = text(
    "SELECT count(*), coalesce(extract(epoch FROM min(recorded_at))::double precision, 0) "
    "FROM app.device_latest"
)
_EVENTS = text(
    f"SELECT {_NUMBER}, extract(epoch FROM e.at)::double precision, "
    "e.kind IN ('raised', 'reoccurred') FROM app.alert_events AS e JOIN app.alerts AS a ON a.id = e.alert_id "
    "JOIN app.alert_thresholds AS t ON t.id = a.threshold_id JOIN app.devices AS d ON d.id = e.device_id "
    "WHERE t.metric_type = 'pressure' AND e.kind IN ('raised', 'reoccurred', 'cleared') ORDER BY e.at"
)


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
        self._port = port
        self._stack = ExitStack()
        self._calm_at_s: dict[int, float] = {}

    def import_devices(self, period_s: float = PERIOD_S) -> None:
        """Make the devices known to the database."""
        entries = [_entry(index, self._port, period_s) for index in range(self.count)]
        with self.database.owner.transaction() as connection:
            import_devices(connection, entries)
            connection.exec_driver_sql("CREATE TABLE public.kept (LIKE app.sensor_readings)")

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

    def stir(self) -> None:
        """Let a device that has been calm for a while leave its limit for some seconds."""
        now_s = time.monotonic()
        calm = [index for index in range(self.count) if self._calm_at_s.get(index, 0.0) < now_s]
        if calm:
            self.excite(self.dice.choice(calm), self.dice.uniform(*_EXCURSION_S))

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
            rows = [Row(row[0], row[1], tuple(row[3:]), row[2]) for row in connection.execute(_ROWS)]
        return verdict(witnessed, rows, self.ends())

    def alert_verdict(self) -> AlertVerdict:
        """Hold the journal of alerts against what the devices did."""
        witnessed = self.witnessed()
        with self.database.owner.transaction() as connection:
            events = [Found(*row) for row in connection.execute(_EVENTS)]
        return alert_verdict(witnessed, events, self.ends(), PERIOD_S)

    def settled(self) -> tuple[Verdict, AlertVerdict]:
        """Let excursions end and what waits be written, stop the stations, and return both verdicts."""
        time.sleep(max([0.0, *(at_s - _CALM_S - time.monotonic() for at_s in self._calm_at_s.values())]))
        time.sleep(2 * PERIOD_S)
        try:
            wait_until(lambda: not self.verdict().lost and not self.alert_verdict().unended, "the rest", 20.0)
        except TimeoutError:
            pass  # The verdict tells what is missing better than this could.
        for station in self.stations:
            station.stop()
        return self.verdict(), self.alert_verdict()

    def newest_unix(self) -> float:
        """Return the moment up to which every device's readings are stored. Raises StorageError."""
        with self.database.owner.transaction() as connection:
            row = connection.execute(_NEWEST).one()
        return float(row[1]) if row[0] == self.count else 0.0

    def await_news(self) -> None:
        """Wait until what was taken just now is in the database."""
        since = time.time()
        wait_until(lambda: self.is_stored(since), "new readings in the database")

    def await_polls(self, since_unix: float) -> None:
        """Wait until every device was asked since then."""
        wait_until(lambda: self.is_polled(since_unix), "the devices to be polled")

    def drop_partitions(self) -> None:
        """Take every day's partition away, and keep what was in them."""
        with self.database.owner.transaction() as connection:
            connection.execute(_KEEP)
            for name in list(connection.execute(_PARTITIONS).scalars()):
                connection.exec_driver_sql(f"DROP TABLE {name}")

    def restore_dropped(self) -> None:
        """Bring back what `drop_partitions` kept."""
        with self.database.owner.transaction() as connection:
            connection.execute(_BRING_BACK)

    def is_stored(self, since_unix: float) -> bool:
        """Whether readings taken since then are stored of every device; not while the database is away."""
        try:
            return self.newest_unix() > since_unix
        except StorageError:
            return False

    def is_fair(self, stations: Sequence[StationProcess]) -> bool:
        """Whether these stations, and nobody else, poll all devices now, as many each as the others."""
        held = self.held_by(time.time() - 3 * PERIOD_S)
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
            site.import_devices()
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


def _entry(index: int, port: int, period_s: float) -> DeviceEntry:
    device = Device(
        id=DeviceId(0),
        device_id=f"{_NAME}{index}",
        name=f"Witness {index}",
        type="bench",
        location="Hall 1",
        driver=MODBUS_TCP.kind,
        connection={"host": modbus_host(index), "port": port, "unit": 1, "timeout_s": 3.0},
        period_s=period_s,
        tags=tuple(Tag(key, address) for key, address in zip(METRIC_KEYS, REGISTERS, strict=True)),
    )
    limit = Threshold(ThresholdId(0), DeviceId(0), "pressure", None, LIMIT_KPA, Severity.WARNING)
    return DeviceEntry(device, (limit,))
