"""What station and window take together with 1,000 devices, and how much more after some minutes.

PSS counts a page that several processes share by its share, so the sum is what the two really cost; RSS
counts it in each, and is given for information. The database's processes and the simulated plant are not in
it. The window keeps ten minutes of every device in rings that are filled as values come: they grow by design
until they are full.
"""

import json
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import text

from console.bench.figure import Bench, BenchSize, Figure
from console.bench.processes import child
from console.catalogue.document import entries_from_document
from console.demo_people import PASSWORD, PERSONS, add_missing
from console.settings import Settings
from console.storage import open_storage
from models.database import Database
from models.queries.catalogue import import_devices

_REACH_MB = 350.0
_READY_WITHIN_S = 90.0
_CONNECTED = "03"  # state of a socket in /proc/net/unix


@dataclass(frozen=True, slots=True)
class _Sizes:
    devices: int
    settle_s: float
    watch_s: float


_FULL = _Sizes(devices=1000, settle_s=60.0, watch_s=120.0)
_SMALL = _Sizes(devices=20, settle_s=1.0, watch_s=1.0)


@dataclass(frozen=True, slots=True)
class _Memory:
    """Of one or more processes, in MB (10⁶ bytes)."""

    pss_mb: float
    rss_mb: float

    def __add__(self, other: "_Memory") -> "_Memory":
        return _Memory(self.pss_mb + other.pss_mb, self.rss_mb + other.rss_mb)


def _run(size: BenchSize) -> list[Figure]:
    if sys.platform != "linux":
        raise NotImplementedError("The memory bench reads /proc, which only Linux has; run it there.")
    sizes = _SMALL if size.is_small else _FULL
    with tempfile.TemporaryDirectory(prefix="memory-") as folder:
        settings = Settings(Path(folder).resolve(), station_name="bench")
        document = Path(folder) / "plant.json"
        plant = ["main.py", "--data", folder, "plant", "--devices", str(sizes.devices), "--attached"]
        plant += ["--modbus-port", "0", "--opcua-port", "0", "--document", str(document)]
        with child("The simulated plant", plant) as devices:
            devices.answer()
            with open_storage(settings, "bench", pool_size=1) as database:
                with database.transaction() as connection:
                    add_missing(connection)
                    import_devices(
                        connection, entries_from_document(json.loads(document.read_text(encoding="utf-8")))
                    )
                station_command = ["main.py", "--data", folder, "station", "--exit-with-parent"]
                with child("The station", station_command) as station:
                    station.answer()
                    window_command = ["main.py", "--data", folder, "--as", PERSONS[0].email]
                    variables = {"CONSOLE_PASSWORD": PASSWORD, "CONSOLE_CREDENTIALS": "file"}
                    with child("The window", window_command, variables) as window:
                        try:
                            _wait(lambda: _answering(database) >= sizes.devices, "the devices to answer")
                            address = settings.socket_name("station")
                            _wait(lambda: _is_connected(address), "the window to connect")
                            time.sleep(sizes.settle_s)
                            parts = _memory_of(station.pid), _memory_of(window.pid)
                            time.sleep(sizes.watch_s)
                            later = _memory_of(station.pid), _memory_of(window.pid)
                        finally:
                            window.terminate()
    return _figures(parts, later, sizes.watch_s)


def _figures(first: tuple[_Memory, _Memory], last: tuple[_Memory, _Memory], watch_s: float) -> list[Figure]:
    total = last[0] + last[1]
    pss_mb, rss_mb = total.pss_mb, total.rss_mb
    grown = [after.pss_mb - before.pss_mb for before, after in zip(first, last, strict=True)]
    told = "for information"
    return [
        Figure("memory.pss", pss_mb, "MB", None, None, "≤ 350 MB", pss_mb <= _REACH_MB),
        Figure("memory.pss_station", last[0].pss_mb, "MB", None, None, told, met=True),
        Figure("memory.pss_window", last[1].pss_mb, "MB", None, None, told, met=True),
        Figure("memory.rss", rss_mb, "MB", None, None, told, met=True),
        Figure(
            "memory.grown_station", grown[0], "MB", None, None, f"{told}, within {watch_s:.0f} s", met=True
        ),
        Figure(
            "memory.grown_window", grown[1], "MB", None, None, f"{told}, within {watch_s:.0f} s", met=True
        ),
    ]


def _memory_of(pid: int) -> _Memory:
    """Return what the kernel says a process takes (proc(5), smaps_rollup)."""
    found = {"Pss": 0.0, "Rss": 0.0}
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        name, _, rest = line.partition(":")
        if name in found:
            found[name] = float(rest.split()[0]) * 1024 / 1e6
    return _Memory(found["Pss"], found["Rss"])


def _answering(database: Database) -> int:
    with database.transaction() as connection:
        return int(connection.execute(text("SELECT count(*) FROM app.device_latest")).scalar_one())


def _is_connected(address: str) -> bool:
    """Whether somebody is connected to the station's socket."""
    lines = (line.split() for line in Path("/proc/net/unix").read_text().splitlines())
    return any(words[-1] == address and words[5] == _CONNECTED for words in lines)


def _wait(is_so: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + _READY_WITHIN_S
    while not is_so():
        if time.monotonic() > deadline:
            raise TimeoutError(f"Waited {_READY_WITHIN_S:.0f} s for {what} in vain.")
        time.sleep(0.2)


BENCH = Bench("memory", "what station and window take with 1,000 devices, and how it grows", _run)
