"""How long devices wait for their next poll when a station is killed that a window keeps, or a manager.

A station with Modbus devices is killed (SIGKILL) again and again, at random moments, always after it had
settled. Measured is from the kill to the first request that any device gets, and to the moment when every
device got one. "attached" and "detached" stations are kept by the window's own parts (`StationChild`,
`LiveFeed`), and killed is the station, whose keeper forks another. "manager" is whoever starts the process
again at once, as systemd does after its RestartSec, which comes on top: there the keeper is killed, and the
whole program has to be loaded.
"""

import asyncio
import os
import random
import signal
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from PySide6.QtCore import QCoreApplication, QEventLoop, QTimer

from console.app import station_start
from console.bench.figure import Bench, BenchSize, Figure
from console.bench.latency_stamps import modbus_host
from console.bench.modbus_replies import REGISTERS, ModbusReplies
from console.bridge.live_feed import LiveFeed
from console.bridge.station_child import SETTLED_AFTER_S, StationChild
from console.link.frames import FrameReader
from console.link.messages import PROTOCOL, Hello
from console.settings import Settings
from console.storage import open_storage
from drivers.modbus.spec import MODBUS_TCP
from models.database import Database
from models.metrics import METRIC_KEYS
from models.queries.catalogue import import_devices
from models.queries.tickets import issue_ticket
from models.records.device import Device, DeviceId, Tag
from models.records.device_entry import DeviceEntry

_LIMIT_S = 60.0
_TARGET_S = 2.0
_MOMENT_S = (0.5, 1.5)
_LOOK_S = 0.005


class _Plant:
    """Modbus devices that note when each was asked last. The loop runs on a thread of its own."""

    def __init__(self) -> None:
        self.asked_at_s: dict[str, float] = {}
        self.port = 0
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="plant", daemon=True)

    def start(self) -> None:
        self._thread.start()
        self.port = asyncio.run_coroutine_threadsafe(self._serve(), self._loop).result()

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()

    def waits_s(self, since_s: float) -> list[float]:
        """Return after how long each device that was asked since was asked; ascending."""
        return sorted(at_s - since_s for at_s in tuple(self.asked_at_s.values()) if at_s > since_s)

    async def _serve(self) -> int:
        server = await self._loop.create_server(lambda: ModbusReplies(self._values), "0.0.0.0", 0)
        return int(server.sockets[0].getsockname()[1])

    def _values(self, host: str) -> list[float]:
        # The first request after a kill is what counts: `forget` empties the book.
        self.asked_at_s.setdefault(host, time.monotonic())
        return [1.0] * len(METRIC_KEYS)

    def forget(self) -> None:
        self.asked_at_s = {}


@dataclass(frozen=True, slots=True)
class _Waits:
    first_s: float
    all_s: float


Wait = Callable[[Callable[[], bool]], None]


def _run(size: BenchSize) -> list[Figure]:
    devices, kills, settled_s = (4, 1, 0.0) if size.is_small else (100, 10, SETTLED_AFTER_S)
    QCoreApplication.instance() or QCoreApplication(["bench"])
    figures: list[Figure] = []
    with tempfile.TemporaryDirectory(prefix="restart-") as folder:
        settings = Settings(Path(folder), station_name="bench")
        plant = _Plant()
        plant.start()
        try:
            with open_storage(settings, "bench", pool_size=2) as database:
                with database.transaction() as connection:
                    import_devices(connection, _entries(devices, plant.port))
                for name, keeper in (
                    ("attached", lambda: _window(settings, database, is_attached=True)),
                    ("detached", lambda: _window(settings, database, is_attached=False)),
                    ("manager", lambda: _manager(settings)),
                ):
                    with keeper() as (process_id, wait):
                        figures += _figures(
                            name, _measured(plant, devices, (kills, settled_s), process_id, wait)
                        )
        finally:
            plant.stop()
    return figures


def _measured(
    plant: _Plant, devices: int, kills: tuple[int, float], process_id: Callable[[], int], wait: Wait
) -> list[_Waits]:
    dice = random.Random(7)
    waits: list[_Waits] = []
    plant.forget()
    wait(lambda: len(plant.asked_at_s) == devices)
    for _ in range(kills[0]):
        settled_at = time.monotonic() + kills[1] + dice.uniform(*_MOMENT_S)
        wait(lambda at=settled_at: time.monotonic() > at)
        victim = process_id()
        killed_s = time.monotonic()
        os.kill(victim, signal.SIGKILL)
        # What the station had sent before it died is answered still.
        wait(lambda at=killed_s: time.monotonic() > at + 0.05)
        plant.forget()
        wait(lambda: len(plant.asked_at_s) == devices)
        asked = plant.waits_s(killed_s)
        waits.append(_Waits(asked[0], asked[-1]))
    return waits


def _figures(name: str, waits: Sequence[_Waits]) -> list[Figure]:
    firsts, alls = [one.first_s for one in waits], [one.all_s for one in waits]
    target = f"≤ {_TARGET_S:g} s"
    return [
        _figure(f"{name}_first_p50", median(firsts), "for information", is_met=True),
        _figure(f"{name}_first_max", max(firsts), target, is_met=max(firsts) <= _TARGET_S),
        _figure(f"{name}_all_p50", median(alls), "for information", is_met=True),
        _figure(f"{name}_all_max", max(alls), "for information", is_met=True),
    ]


def _figure(name: str, value_s: float, target: str, *, is_met: bool) -> Figure:
    return Figure(f"restart.{name}", round(value_s, 3), "s", None, None, target, is_met)


@contextmanager
def _window(
    settings: Settings, database: Database, *, is_attached: bool
) -> Iterator[tuple[Callable[[], int], Wait]]:
    """Keep a station as a window does; gives out its process id, and how to wait."""
    with database.transaction() as connection:
        ticket = issue_ticket(connection).token
    feed = LiveFeed(settings.socket_name("station"), Hello(PROTOCOL, "bench", "0", 1), time.monotonic)
    child = StationChild(station_start(settings, is_attached=is_attached), time.monotonic)
    feed.link_changed.connect(lambda *_: child.on_link(feed.is_connected or feed.is_station_there))
    child.begin()
    feed.present(ticket)
    feed.start()
    try:
        yield (lambda: _listener(settings)), _wait_in_loop
    finally:
        victim = _listener(settings)
        feed.stop()
        child.stop()
        if not is_attached:
            os.kill(victim, signal.SIGTERM)
            _wait_in_loop(lambda: not _is_alive(victim))


@contextmanager
def _manager(settings: Settings) -> Iterator[tuple[Callable[[], int], Wait]]:
    """Start a station, and start it again as soon as it ends."""
    start = station_start(settings, is_attached=True)
    process: list[subprocess.Popen[bytes]] = []
    is_over = threading.Event()

    def keep() -> None:
        while not is_over.is_set():
            one = subprocess.Popen(
                [start.program, *start.arguments], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL
            )
            process[:] = [one]
            one.wait()
            assert one.stdin is not None
            one.stdin.close()

    thread = threading.Thread(target=keep, name="manager")
    thread.start()
    try:
        yield (lambda: process[0].pid), _wait_in_loop
    finally:
        is_over.set()
        process[0].send_signal(signal.SIGTERM)
        thread.join()


def _wait_in_loop(condition: Callable[[], bool]) -> None:
    """Let Qt's event loop run until a condition is true. Raises RuntimeError where it never is."""
    loop, tick = QEventLoop(), QTimer()
    deadline_s = time.monotonic() + _LIMIT_S

    def look() -> None:
        if condition() or time.monotonic() > deadline_s:
            loop.quit()

    tick.timeout.connect(look)
    tick.start(int(_LOOK_S * 1000))
    loop.exec()
    tick.stop()
    if time.monotonic() > deadline_s:
        raise RuntimeError(f"The station did not poll every device within {_LIMIT_S:.0f} s.")


def _listener(settings: Settings) -> int:
    """Return the process of the station that listens on this data folder: it says so to whoever connects."""
    frames = FrameReader()
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as way:
        way.settimeout(_LIMIT_S)
        way.connect(settings.socket_name("station"))
        while True:
            for message in frames.feed(way.recv(65536)):
                if isinstance(message, Hello):
                    return message.pid


def _is_alive(process_id: int) -> bool:
    return Path(f"/proc/{process_id}").exists()


def _entries(count: int, port: int) -> list[DeviceEntry]:
    return [
        DeviceEntry(
            Device(
                id=DeviceId(0),
                device_id=f"BENCH-{number:04}",
                name=f"Device {number}",
                type="bench",
                location="Hall",
                driver=MODBUS_TCP.kind,
                connection={"host": modbus_host(number), "port": port, "unit": 1, "timeout_s": 3.0},
                period_s=1.0,
                tags=tuple(Tag(key, address) for key, address in zip(METRIC_KEYS, REGISTERS, strict=True)),
            ),
            (),
        )
        for number in range(count)
    ]


BENCH = Bench("restart", "a station killed with SIGKILL → it polls again; kept by window or manager", _run)
