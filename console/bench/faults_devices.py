"""The devices of the fault suite, in a process of their own: Modbus TCP, and a witness of everything asked.

Run as `python -m console.bench.faults_devices COUNT`: prints its port, takes orders on standard input, one a
line, answers each with a line, ends with its input.

    station PID               connections of this process are that station's
    name PID                  remembers its connections, accepted or not, because it is about to end
    excite DEVICE SECONDS     pressure over the limit for so long
    calm DEVICE               pressure as before
    misbehave DEVICE KIND VALUE SECONDS    a fault of the wire, or nan, or infinity (drivers/plant/faults.py)
    log FILE                  writes the `Witnessed` so far

Every device has a loopback address, and so a connection, of its own. A connection's other end is found in
/proc, which is how two stations on one computer are told apart. A process that has ended is found there no
more, and a busy computer may leave us behind with its connections: so it is held and named before its end.
"""

import asyncio
import json
import math
import os
import socket
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
_NATIVE = struct.Struct("=I")
_NO_NUMBERS = {FaultKind.NAN: math.nan, FaultKind.INFINITY: math.inf}

_Ends = tuple[str, str]
"""The other end of a connection and our own, as /proc writes them."""


class Witness:
    """All devices, and what they saw. Belongs to one event loop."""

    def __init__(self, count: int) -> None:
        self.devices = {modbus_host(index): index for index in range(count)}
        self.answers: list[list[Answer]] = [[] for _ in range(count)]
        self.excursions: list[Excursion] = []
        self.faults: dict[int, Fault] = {}
        self.stations: list[int] = []
        self._pids: list[int] = []
        self._named: dict[_Ends, int] = {}
        self._loud: dict[int, float] = {}  # since when, Unix seconds

    def add_station(self, pid: int) -> None:
        """Look for the owners of connections in this process, too."""
        self._pids.append(pid)

    def name(self, pid: int) -> None:
        """Remember every connection that a process has now, those that were not accepted yet included."""
        held = _sockets_of(pid)
        self._named |= {ends: pid for ends, link in _connections() if link in held}

    def connected(self, peer: tuple[str, int], own: tuple[str, int]) -> int:
        """Count a connection, by host and port of the other end and our own, and return its number."""
        self.stations.append(self._owner_of(peer, own))
        return len(self.stations) - 1

    def look_again(self, connection: int, peer: tuple[str, int], own: tuple[str, int]) -> None:
        """Find out who made a connection: the system's list may leave some out while it changes."""
        self.stations[connection] = self._owner_of(peer, own)

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

    def _owner_of(self, peer: tuple[str, int], own: tuple[str, int]) -> int:
        """Return which process made a loopback connection; 0 where it is no station's."""
        ends = (_as_listed(*peer), _as_listed(*own))
        link = next((link for found, link in _connections() if found == ends), "")
        living = (pid for pid in reversed(self._pids) if link in _sockets_of(pid))
        return next(living, self._named.get(ends, 0))


class _Line(asyncio.Protocol):
    """One connection to one device."""

    def __init__(self, witness: Witness) -> None:
        self._witness = witness
        self._transport: asyncio.Transport | None = None
        self._pending = b""
        self._device = -1
        self._number = -1
        self._ends = (("", 0), ("", 0))

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        host, port = transport.get_extra_info("sockname")[:2]
        self._device = self._witness.devices.get(host, -1)
        self._ends = (transport.get_extra_info("peername")[:2], (host, port))
        self._number = self._witness.connected(*self._ends)

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None

    def data_received(self, data: bytes) -> None:
        if not self._witness.stations[self._number]:
            self._witness.look_again(self._number, *self._ends)
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


def _connections() -> list[tuple[_Ends, str]]:
    """Return the ends of every connection, and how who made it holds it (proc(5), net/tcp)."""
    lines = Path(_SYSTEM, "net", "tcp").read_text(encoding="ascii").splitlines()[1:]
    return [((words[1], words[2]), f"socket:[{words[9]}]") for words in map(str.split, lines)]


def _as_listed(host: str, port: int) -> str:
    return f"{_NATIVE.unpack(socket.inet_aton(host))[0]:08X}:{port:04X}"


def _sockets_of(pid: int) -> set[str]:
    """Return what a process holds; nothing where it has ended."""
    try:
        return {_target(each) for each in Path(_SYSTEM, str(pid), "fd").iterdir()}
    except OSError:
        return set()


def _target(link: Path) -> str:
    try:
        return str(link.readlink())
    except OSError:
        return ""


def _obey(witness: Witness, words: list[str]) -> None:
    match words:
        case ["station", pid]:
            witness.add_station(int(pid))
        case ["name", pid]:
            witness.name(int(pid))
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
