"""Real peers for every Modbus line, on loopback and pseudo-terminals: what a driver's settings are held to.

Modbus TCP meets another maker's stack (pyModbusTCP), as devices are; all others meet pymodbus's servers.
"""

import socket
import ssl
import tempfile
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NamedTuple

from pymodbus import ModbusDeviceIdentification
from pymodbus.framer import FramerType
from pymodbus.server import ModbusSerialServer, ModbusTcpServer, ModbusTlsServer, ModbusUdpServer
from pymodbus.simulator import DataType, SimData, SimDevice
from pyModbusTCP.server import DataHandler, DeviceIdentification, ModbusServer

from drivers.modbus.settings_parts import ModbusSettings
from drivers.modbus.spec import MODBUS
from tests.certificates import Authority, Shown
from tests.unit.drivers.modbus.pdu_server import PduServer
from tests.unit.drivers.modbus.serial_bridge import SerialBridge

UNITS = (1, 2, 3, 4)
REGISTERS = 300
BAUD = 115200
VENDOR = b"Acme"
NAMED_HOST = "localhost"


class Seen(NamedTuple):
    """A request as the peer got it; `at` in seconds of `time.monotonic`."""

    at: float
    unit: int
    function: int
    start: int
    count: int


def word_of(unit: int, at: int) -> int:
    """Return what a register holds before anybody writes."""
    return unit * 1000 + at


class Rig:
    """One kind of line and the peer at its end.

    Attributes:
        kind: Of the line.
        base: The settings that lead there.
        asked: Every request, in order.
        is_silent: Decides which requests stay unanswered.
        bridge: The cable of serial lines.
        shown, authority: What a TLS peer shows, and who certified it.
    """

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self.base: dict[str, object] = {}
        self.asked: list[Seen] = []
        self.is_silent: Callable[[Seen], bool] = lambda _: False
        self.bridge: SerialBridge
        self.shown: Shown
        self.authority: Authority

    def settings(self, **more: object) -> ModbusSettings:
        """Return settings of the kind's own type that lead to the peer, but for `more`."""
        spec = next(spec for spec in MODBUS if spec.kind == self.kind)
        made = spec.settings_type.model_validate({"timeout_s": 2.0} | self.base | more)
        assert isinstance(made, ModbusSettings)
        return made

    def take(self, seen: Seen) -> None:
        """Note a request."""
        self.asked.append(seen)

    def on_pdu(self, is_sending: bool, pdu: Any) -> Any:
        """Take what pymodbus tells of a request."""
        if not is_sending:
            count = getattr(pdu, "count", 0)
            start = getattr(pdu, "address", 0)
            self.take(Seen(time.monotonic(), pdu.dev_id, pdu.function_code, start, count))
        return pdu

    def on_packet(self, is_sending: bool, data: bytes) -> bytes:
        """Keep an answer from going out."""
        return b"" if is_sending and self.is_silent(self.asked[-1]) else data


def _units() -> list[SimDevice]:
    def data(unit: int) -> list[SimData]:
        words = [word_of(unit, at) for at in range(REGISTERS)]
        return [SimData(0, values=words, datatype=DataType.REGISTERS)]

    return [SimDevice(id=unit, simdata=data(unit)) for unit in UNITS]


def _hooks(rig: Rig) -> dict[str, Any]:
    identity = ModbusDeviceIdentification(info_name={"VendorName": VENDOR.decode(), "ProductCode": "PM-20"})
    return {"trace_pdu": rig.on_pdu, "trace_packet": rig.on_packet, "identity": identity}


@asynccontextmanager
async def rig_of(kind: str, **more: Any) -> AsyncIterator[Rig]:
    """Yield a rig whose peer runs. `more` is for the maker of the kind."""
    rig = Rig(kind.partition("/")[0])
    async with _MAKERS[kind](rig, **more):
        yield rig


class AnotherMaker:
    """A server of pyModbusTCP that serves one rig after the other: to stop one takes half a second."""

    def __init__(self) -> None:
        self.rig = Rig("modbus-tcp")
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self._server = ModbusServer(
            "127.0.0.1",
            self.port,
            no_block=True,
            data_hdl=_PerUnit(),
            ext_engine=self._engine,
            device_id=DeviceIdentification(
                vendor_name=VENDOR, product_code=b"PM-20", major_minor_revision=b"2"
            ),
        )
        self._server.start()

    def stop(self) -> None:
        """Stop; connections must have ended."""
        self._server.stop()

    def serve(self) -> "Rig":
        """Return a new rig that is served from now on."""
        self.rig = Rig("modbus-tcp")
        self.rig.base = {"host": "127.0.0.1", "port": self.port}
        return self.rig

    def _engine(self, session: Any) -> None:
        seen = _seen(session.request.mbap.unit_id, session.request.pdu.raw)
        self.rig.take(seen)
        if self.rig.is_silent(seen):
            session.response = SimpleNamespace(raw=b"")
        else:
            self._server._internal_engine(session)


class _PerUnit(DataHandler):
    """Holding registers that differ from unit to unit, and keep what is written to them."""

    def __init__(self) -> None:
        super().__init__()
        self._written: dict[tuple[int, int], int] = {}

    def read_h_regs(self, address: int, count: int, srv_info: Any) -> Any:
        if address + count > REGISTERS:
            return DataHandler.Return(exp_code=2)
        unit = srv_info.recv_frame.mbap.unit_id
        words = [self._written.get((unit, at), word_of(unit, at)) for at in range(address, address + count)]
        return DataHandler.Return(exp_code=0, data=words)

    def write_h_regs(self, address: int, words_l: list[int], srv_info: Any) -> Any:
        unit = srv_info.recv_frame.mbap.unit_id
        self._written |= {(unit, address + at): word for at, word in enumerate(words_l)}
        return DataHandler.Return(exp_code=0)


def _seen(unit: int, pdu: bytes) -> Seen:
    start, count = int.from_bytes(pdu[1:3], "big"), int.from_bytes(pdu[3:5], "big")
    return Seen(time.monotonic(), unit, pdu[0], start, count)


@asynccontextmanager
async def _served(rig: Rig, server: Any) -> AsyncIterator[None]:
    await server.serve_forever(background=True)
    transport = server.transport
    if hasattr(transport, "sockets"):
        rig.base |= {"host": "127.0.0.1", "port": transport.sockets[0].getsockname()[1]}
    elif transport.get_extra_info("sockname"):
        rig.base |= {"host": "127.0.0.1", "port": transport.get_extra_info("sockname")[1]}
    try:
        yield
    finally:
        await server.shutdown()


@asynccontextmanager
async def _gateway(rig: Rig, encryption: ssl.SSLContext | None = None) -> AsyncIterator[None]:
    """Serve as a gateway that takes several requests at a time, which neither library's server does."""

    def answer(unit: int, pdu: bytes) -> bytes | None:
        seen = _seen(unit, pdu)
        rig.take(seen)
        if rig.is_silent(seen):
            return None
        words = [word_of(unit, seen.start + at).to_bytes(2, "big") for at in range(seen.count)]
        return bytes([seen.function, 2 * seen.count]) + b"".join(words)

    server = PduServer(answer, encryption)
    await server.start()
    rig.base |= {"host": "127.0.0.1", "port": server.port}
    try:
        yield
    finally:
        await server.stop()


@asynccontextmanager
async def _rtu_over_tcp(rig: Rig) -> AsyncIterator[None]:
    server = ModbusTcpServer(_units(), framer=FramerType.RTU, address=("127.0.0.1", 0), **_hooks(rig))
    async with _served(rig, server):
        yield


@asynccontextmanager
async def _udp(rig: Rig) -> AsyncIterator[None]:
    async with _served(rig, ModbusUdpServer(_units(), address=("127.0.0.1", 0), **_hooks(rig))):
        yield


def _encryption(rig: Rig, folder: str, *, wants_certificate: bool = False) -> ssl.SSLContext:
    rig.authority = Authority()
    rig.shown = rig.authority.certify(NAMED_HOST)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    pair = Path(folder, "server.pem")
    pair.write_bytes(rig.shown.certificate + rig.shown.key)
    context.load_cert_chain(pair)
    authority = rig.authority.write(Path(folder, "authority.pem"))
    rig.base |= {"authorities": authority.read_text(), "server_name": NAMED_HOST}
    if wants_certificate:
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(authority)
    return context


@asynccontextmanager
async def _tls(rig: Rig, *, wants_certificate: bool = False) -> AsyncIterator[None]:
    with tempfile.TemporaryDirectory() as folder:
        context = _encryption(rig, folder, wants_certificate=wants_certificate)
        server = ModbusTlsServer(_units(), sslctx=context, address=("127.0.0.1", 0), **_hooks(rig))
        async with _served(rig, server):
            yield


@asynccontextmanager
async def _tls_gateway(rig: Rig) -> AsyncIterator[None]:
    with tempfile.TemporaryDirectory() as folder:
        async with _gateway(rig, _encryption(rig, folder)):
            yield


@asynccontextmanager
async def _serial(rig: Rig) -> AsyncIterator[None]:
    framer = FramerType.ASCII if rig.kind == "modbus-ascii" else FramerType.RTU
    rig.bridge = SerialBridge()
    server = ModbusSerialServer(_units(), framer=framer, port=rig.bridge.far, baudrate=BAUD, **_hooks(rig))
    try:
        await server.serve_forever(background=True)
        # A pseudo-terminal carries bytes of eight bits without parity, and refuses to be told otherwise.
        rig.base = {"serial_port": rig.bridge.near, "baud": BAUD, "data_bits": 8, "parity": "none"}
        yield
    finally:
        await server.shutdown()
        rig.bridge.unplug()


_MAKERS: dict[str, Any] = {
    "modbus-tcp/gateway": _gateway,
    "modbus-tls": _tls,
    "modbus-tls/gateway": _tls_gateway,
    "modbus-udp": _udp,
    "modbus-rtu-tcp": _rtu_over_tcp,
    "modbus-rtu": _serial,
    "modbus-ascii": _serial,
}
