"""The devices of the fault suite, in a process of their own: Modbus TCP, and a witness of everything asked.

Run as `python -m console.bench.faults_devices COUNT`: prints its port, takes orders on standard input, one a
line, answers each with a line, ends with its input.

    station PID               connections of this process are that station's
    excite DEVICE SECONDS     pressure over the limit for so long
    calm DEVICE               pressure as before
    misbehave DEVICE KIND VALUE SECONDS    a fault of the wire, or nan, or infinity (drivers/plant/faults.py)
    log FILE                  writes the `Witnessed` so far

Every device has a loopback address, and so a connection, of its own. A connection's other end is found in
/proc while it is being made, which is how two stations on one computer are told apart.
"""

import asyncio
import json
import math
import os
import struct
import sys
import threading
import time
from pathlib import Path
from typing import cast

import msgspec

from console.bench.faults_witness import Answer, Excursion, Witnessed, values_of
from console.bench.latency_stamps import modbus_host
from console.bench.modbus_replies import REGISTERS
from drivers.plant.faults import Fault, FaultKind
from drivers.plant.hostile import TRUTHFUL, deliveries, frame
from drivers.plant.registers import exception

_REQUEST = struct.Struct(">HHHBBHH")
_REPLY = struct.Struct(">BB6d")
_READ_HOLDING = 3
_COUNT = 4 * len(REGISTERS)
_ILLEGAL_ADDRESS = 2
_SYSTEM = "/proc"
_NO_NUMBERS = {FaultKind.NAN: math.nan, FaultKind.INFINITY: math.inf}


class Witness:
    """All devices, and what they saw. Belongs to one event loop."""

    def __init__(self, count: int) -> None:
        self.devices = {modbus_host(index): index for index in range(count)}
        self.answers: list[list[Answer]] = [[] for _ in range(count)]
        self.excursions: list[Excursion] = []
        self.faults: dict[int, Fault] = {}
        self.stations: list[int] = []
        self._pids: list[int] = []
        self._loud: dict[int, float] = {}  # since when, Unix seconds

    def add_station(self, pid: int) -> None:
        """Look for the owners of connections in this process, too."""
        self._pids.append(pid)

    def connected(self, ports: tuple[int, int]) -> int:
        """Count a connection, by the other end's port and our own, and return its number."""
        self.stations.append(_owner_of(*ports, self._pids))
        return len(self.stations) - 1

    def look_again(self, connection: int, ports: tuple[int, int]) -> None:
        """Find out who made a connection: the system's list may leave some out while it changes."""
        self.stations[connection] = _owner_of(*ports, self._pids)

    def answer(self, device: int, connection: int, *, is_disturbed: bool) -> bytes:
        """Return the next answer of a device, as the PDU of a read of all its registers, and note it."""
        seen = self.answers[device]
        seen.append(Answer(time.time(), connection, is_disturbed))
        values = values_of(device, len(seen), is_loud=device in self._loud)
        return _REPLY.pack(_READ_HOLDING, 2 * _COUNT, *values)

    def excite(self, device: int, for_s: float) -> None:
        """Raise a device's pressure over its limit, and lower it again after so many seconds."""
        if device not in self._loud:
            self._loud[device] = time.time()
            asyncio.get_running_loop().call_later(for_s, self.calm, device)

    def calm(self, device: int) -> None:
        """Lower a device's pressure again, where it is raised."""
        if device in self._loud:
            self.excursions.append(Excursion(device, self._loud.pop(device), time.time()))

    def misbehave(self, device: int, fault: Fault, for_s: float) -> None:
        """Let a device break the protocol for so many seconds."""
        self.faults[device] = fault
        asyncio.get_running_loop().call_later(for_s, lambda: self.faults.pop(device, None))

    def witnessed(self) -> Witnessed:
        """Return everything seen so far."""
        return Witnessed(self.answers, self.stations, self.excursions)


class _Line(asyncio.Protocol):
    """One connection to one device."""

    def __init__(self, witness: Witness) -> None:
        self._witness = witness
        self._transport: asyncio.Transport | None = None
        self._pending = b""
        self._device = -1
        self._number = -1
        self._ports = (0, 0)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        host, port = transport.get_extra_info("sockname")[:2]
        self._device = self._witness.devices.get(host, -1)
        self._ports = (transport.get_extra_info("peername")[1], port)
        self._number = self._witness.connected(self._ports)

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None

    def data_received(self, data: bytes) -> None:
        if not self._witness.stations[self._number]:
            self._witness.look_again(self._number, self._ports)
        data, start = self._pending + data, 0
        while len(data) - start >= _REQUEST.size:
            transaction, _, _, unit, function, first, count = _REQUEST.unpack_from(data, start)
            start += _REQUEST.size
            if (function, first, count) != (_READ_HOLDING, 0, _COUNT) or self._device < 0:
                self._send(frame(transaction, unit, exception(function, _ILLEGAL_ADDRESS)))
                continue
            # Whoever asks again has given up the question before, and its answer with it.
            is_given_up = len(data) - start >= _REQUEST.size
            self._reply(transaction, unit, is_given_up=is_given_up)
        self._pending = data[start:]

    def _reply(self, transaction: int, unit: int, *, is_given_up: bool) -> None:
        witness, fault = self._witness, self._witness.faults.get(self._device)
        if fault is None:
            reply = witness.answer(self._device, self._number, is_disturbed=is_given_up)
            self._send(frame(transaction, unit, reply))
            return
        if fault.kind in TRUTHFUL:
            reply = witness.answer(self._device, self._number, is_disturbed=True)
        elif fault.kind in _NO_NUMBERS:
            reply = _REPLY.pack(_READ_HOLDING, 2 * _COUNT, *[_NO_NUMBERS[fault.kind]] * len(REGISTERS))
            self._send(frame(transaction, unit, reply))
            return
        else:  # A false answer: of no number that was ever given, so that a stored one is found out.
            reply = _REPLY.pack(_READ_HOLDING, 2 * _COUNT, *values_of(self._device, 10**7, is_loud=False))
        loop = asyncio.get_running_loop()
        for delay_s, content in deliveries(fault, transaction, unit, reply):
            loop.call_later(delay_s, self._send, content)

    def _send(self, content: bytes) -> None:
        if self._transport is None:
            return
        if content:
            self._transport.write(content)
        else:
            self._transport.abort()


def _owner_of(peer_port: int, own_port: int, pids: list[int]) -> int:
    """Return which process made a loopback connection (proc(5), net/tcp); 0 where it is none of `pids`."""
    ends = (f":{peer_port:04X}", f":{own_port:04X}")
    for line in Path(_SYSTEM, "net", "tcp").read_text(encoding="ascii").splitlines()[1:]:
        words = line.split()
        if words[1].endswith(ends[0]) and words[2].endswith(ends[1]):
            return next((pid for pid in reversed(pids) if _holds(pid, f"socket:[{words[9]}]")), 0)
    return 0


def _holds(pid: int, link: str) -> bool:
    try:
        folder = Path(_SYSTEM, str(pid), "fd")
        return any(_target(each) == link for each in folder.iterdir())
    except OSError:
        return False


def _target(link: Path) -> str:
    try:
        return str(link.readlink())
    except OSError:
        return ""


def _obey(witness: Witness, words: list[str]) -> None:
    match words:
        case ["station", pid]:
            witness.add_station(int(pid))
        case ["excite", device, for_s]:
            witness.excite(int(device), float(for_s))
        case ["calm", device]:
            witness.calm(int(device))
        case ["misbehave", device, kind, value, for_s]:
            witness.misbehave(int(device), Fault("", FaultKind(kind), float(value)), float(for_s))
        case ["log", file]:
            Path(file).write_bytes(msgspec.msgpack.encode(witness.witnessed()))
        case _:
            raise ValueError(f"{' '.join(words)!r} is no order that the devices know")


async def _serve(count: int) -> None:
    loop = asyncio.get_running_loop()
    witness = Witness(count)
    # All of 127.0.0.0/8 ends at 0.0.0.0.
    server = await loop.create_server(lambda: _Line(witness), "0.0.0.0", 0, backlog=4096)
    _say(server.sockets[0].getsockname()[1])
    is_over = asyncio.Event()

    def obey(line: str) -> None:
        _obey(witness, line.split())
        _say("done")

    def listen() -> None:
        with os.fdopen(0, "r", closefd=False) as orders:
            for line in orders:
                loop.call_soon_threadsafe(obey, line)
        loop.call_soon_threadsafe(is_over.set)

    threading.Thread(target=listen, name="orders", daemon=True).start()
    await is_over.wait()
    server.close()


def _say(what: object) -> None:
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(_serve(int(sys.argv[1])))
