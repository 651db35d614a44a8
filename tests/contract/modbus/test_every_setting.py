"""Every setting of every Modbus kind does what it says, against a real peer; and none is left out."""

import asyncio
import base64
import socket
import termios
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack, contextmanager
from itertools import pairwise
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from drivers.errors import DriverError, LineLost, NeedsHuman, Refused
from drivers.modbus.address import parse_address
from drivers.modbus.driver import ModbusDriver
from drivers.modbus.hub import ModbusHub
from drivers.modbus.spec import MODBUS
from drivers.modbus.writing import write
from tests.certificates import Authority, Shown
from tests.contract.modbus.rigs import BAUD, Rig, rig_of, word_of

NETWORK = ("modbus-tcp", "modbus-tls", "modbus-udp", "modbus-rtu-tcp")
SERIAL = ("modbus-rtu", "modbus-ascii")
EVERY = NETWORK + SERIAL
PAUSE_MS = 60
PAUSE_S = 0.058  # The loop may call a timer a little early.

_PROVED: dict[tuple[str, str], str] = {}

Test = Callable[..., Any]


def proves(field: str, *kinds: str) -> Callable[[Test], Test]:
    """Enter a test as the proof of a setting of these kinds, and run it with a rig of each."""

    def enter(test: Test) -> Test:
        for kind in kinds:
            _PROVED[kind.partition("/")[0], field] = test.__name__
        return pytest.mark.parametrize("rig", kinds, indirect=True)(test)

    return enter


def test_every_setting_of_every_kind_has_its_test() -> None:
    settings = {(spec.kind, field) for spec in MODBUS for field in spec.settings_type.model_fields}
    assert set(_PROVED) == settings


async def opened(hub: ModbusHub, rig: Rig, *texts: str, **more: object) -> ModbusDriver:
    driver = hub.driver(rig.settings(**more), [parse_address(text) for text in texts or ("holding:10",)])
    await driver.open()
    return driver


async def value_of(driver: ModbusDriver) -> object:
    return (await driver.read())[0].value


# ---- where


@proves("host", *NETWORK)
async def test_host_is_where_the_values_come_from(hub: ModbusHub, rig: Rig) -> None:
    assert await value_of(await opened(hub, rig)) == word_of(1, 10)
    with pytest.raises(LineLost, match=r"name 'no-such-host\.invalid' is not known"):
        await opened(hub, rig, host="no-such-host.invalid", connect_timeout_s=20)


@proves("port", *NETWORK)
async def test_port_is_where_the_values_come_from(hub: ModbusHub, rig: Rig) -> None:
    assert await value_of(await opened(hub, rig)) == word_of(1, 10)
    with socket.socket(type=socket.SOCK_DGRAM if rig.kind == "modbus-udp" else socket.SOCK_STREAM) as taken:
        taken.bind(("127.0.0.1", 0))
        free = taken.getsockname()[1]
    with pytest.raises(LineLost, match=f"{free} (refused|takes no datagrams)"):
        await (await opened(hub, rig, port=free)).read()


@proves("serial_port", *SERIAL)
async def test_serial_port_is_where_the_values_come_from(hub: ModbusHub, rig: Rig) -> None:
    assert await value_of(await opened(hub, rig)) == word_of(1, 10)
    with pytest.raises(LineLost, match="Serial port /dev/no-such-port is not there"):
        await opened(hub, rig, serial_port="/dev/no-such-port")


@proves("unit", *EVERY)
async def test_unit_is_whom_the_request_names(hub: ModbusHub, rig: Rig) -> None:
    for unit in (1, 3):
        assert await value_of(await opened(hub, rig, unit=unit)) == word_of(unit, 10)
    assert [seen.unit for seen in rig.asked] == [1, 3]


@proves("is_one_based", *EVERY)
async def test_addresses_count_from_one_as_in_the_manual(hub: ModbusHub, rig: Rig) -> None:
    driver = await opened(hub, rig, "holding:1", "holding:0", "holding:400", is_one_based=True)
    first, impossible, missing = await driver.read()
    assert first.value == word_of(1, 0)
    assert impossible.detail == "address 0 does not exist where addresses count from 1"
    assert missing.detail == "illegal data address 400 (exception 2)"
    assert 399 in {seen.start for seen in rig.asked}


# ---- time


@contextmanager
def nobody_accepts() -> Iterator[int]:
    """Yield a port whose queue is full: the system neither makes a connection nor refuses it."""
    with socket.create_server(("127.0.0.1", 0), backlog=0) as full, ExitStack() as waiting:
        for _ in range(2):
            caller = waiting.enter_context(socket.socket())
            caller.setblocking(False)
            caller.connect_ex(full.getsockname())
        yield full.getsockname()[1]


@proves("connect_timeout_s", "modbus-tcp", "modbus-tls", "modbus-rtu-tcp")
async def test_connecting_ends_with_its_time_out(hub: ModbusHub, rig: Rig) -> None:
    began = time.monotonic()
    with nobody_accepts() as port, pytest.raises(LineLost, match=r"No connection to .* within 0\.1 s"):
        await opened(hub, rig, host="127.0.0.1", port=port, connect_timeout_s=0.1)
    assert time.monotonic() - began < 1.5


@proves("connect_timeout_s", "modbus-udp")
async def test_name_look_up_ends_with_its_time_out(
    hub: ModbusHub, rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def never(*_: object, **__: object) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", never)
    with pytest.raises(LineLost, match=r"No connection to plc\.example:\d+ within 0\.1 s"):
        await opened(hub, rig, host="plc.example", connect_timeout_s=0.1)


@proves("timeout_s", *EVERY)
async def test_waiting_ends_with_the_time_out(hub: ModbusHub, rig: Rig) -> None:
    rig.is_silent = lambda _: True
    driver = await opened(hub, rig, timeout_s=0.1, retries=0)
    began = time.monotonic()
    with pytest.raises(LineLost, match=r"No answer from .* unit 1 within 0\.1 s"):
        await driver.read()
    assert 0.09 <= time.monotonic() - began < 1.0


@proves("retries", *EVERY)
async def test_unanswered_request_is_sent_again_so_often(hub: ModbusHub, rig: Rig) -> None:
    rig.is_silent = lambda _: True
    driver = await opened(hub, rig, timeout_s=0.05, retries=2)
    with pytest.raises(LineLost, match="No answer"):
        await driver.read()
    assert [seen.start for seen in rig.asked] == [10, 10, 10]


@proves("pause_between_requests_ms", *EVERY)
async def test_line_rests_between_requests(hub: ModbusHub, rig: Rig) -> None:
    driver = await opened(
        hub, rig, "holding:0", "holding:100", "holding:200", pause_between_requests_ms=PAUSE_MS
    )
    await driver.read()
    gaps_s = [later.at - earlier.at for earlier, later in pairwise(rig.asked)]
    assert len(gaps_s) == 2
    assert min(gaps_s) >= PAUSE_S


@proves("pause_after_connect_ms", *EVERY)
async def test_new_connection_rests_before_its_first_request(hub: ModbusHub, rig: Rig) -> None:
    began = time.monotonic()
    driver = await opened(hub, rig, pause_after_connect_ms=PAUSE_MS)
    await driver.read()
    await driver.read()
    assert rig.asked[0].at - began >= PAUSE_S
    assert rig.asked[1].at - rig.asked[0].at < 10 * PAUSE_S


# ---- what the device can bear


@proves("max_registers_per_read", *EVERY)
async def test_no_read_is_larger_than_the_device_bears(hub: ModbusHub, rig: Rig) -> None:
    driver = await opened(hub, rig, *(f"holding:{at}" for at in range(25)), max_registers_per_read=10)
    assert [value.value for value in await driver.read()] == [word_of(1, at) for at in range(25)]
    assert [(seen.start, seen.count) for seen in rig.asked] == [(0, 10), (10, 10), (20, 5)]


@proves("max_gap_registers", *EVERY)
async def test_gaps_up_to_the_limit_are_read_along(hub: ModbusHub, rig: Rig) -> None:
    tags = ("holding:0", "holding:6")
    await (await opened(hub, rig, *tags, max_gap_registers=5)).read()
    await (await opened(hub, rig, *tags, max_gap_registers=4)).read()
    assert [(seen.start, seen.count) for seen in rig.asked] == [(0, 7), (0, 1), (6, 1)]


@proves("max_registers_per_write", *EVERY)
async def test_no_write_is_larger_than_the_device_bears(hub: ModbusHub, rig: Rig) -> None:
    with pytest.raises(Refused, match="needs 4 registers in one write, and this device takes 3"):
        await write(hub, rig.settings(max_registers_per_write=3), "holding:10:float64", 1.5)
    assert not rig.asked


# ---- sharing


@proves("max_in_flight", "modbus-tcp/gateway", "modbus-tls/gateway")
async def test_no_more_requests_than_set_are_under_way(hub: ModbusHub, rig: Rig) -> None:
    rig.is_silent = lambda _: True
    rules: dict[str, object] = {"max_in_flight": 2, "turn_ms": 0, "timeout_s": 0.25}
    drivers = [await opened(hub, rig, unit=unit, **rules) for unit in (1, 2, 3)]
    await asyncio.gather(*(driver.read() for driver in drivers), return_exceptions=True)
    first, second, third = (seen.at for seen in rig.asked)
    assert second - first < 0.2
    assert third - first > 0.2


@proves("turn_ms", "modbus-tcp/gateway", "modbus-tls/gateway")
async def test_silent_unit_keeps_the_line_for_its_turn(hub: ModbusHub, rig: Rig) -> None:
    rig.is_silent = lambda seen: seen.unit == 1
    rules: dict[str, object] = {"turn_ms": 100, "timeout_s": 0.4}
    dead, well = [await opened(hub, rig, unit=unit, **rules) for unit in (1, 2)]
    outcomes = await asyncio.gather(dead.read(), well.read(), return_exceptions=True)
    assert isinstance(outcomes[0], LineLost)
    assert [value.value for value in outcomes[1]] == [word_of(2, 10)]
    assert 0.09 <= rig.asked[1].at - rig.asked[0].at < 0.35


# ---- the serial line


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Return what the system is told of characters (termios control flags), which no pseudo-terminal does."""
    flags: list[int] = []
    tell = termios.tcsetattr

    def listen(port: int, when: int, attributes: list[Any]) -> None:
        flags.append(attributes[2])
        attributes[2] = attributes[2] & ~(termios.CSIZE | termios.PARENB | termios.PARODD) | termios.CS8
        tell(port, when, attributes)

    monkeypatch.setattr(termios, "tcsetattr", listen)
    return flags


@proves("baud", *SERIAL)
async def test_port_is_set_to_its_speed(hub: ModbusHub, rig: Rig) -> None:
    for baud, code in ((BAUD, termios.B115200), (19200, termios.B19200)):
        driver = await opened(hub, rig, baud=baud)
        assert rig.bridge.near_settings[4:6] == [code, code]
        await driver.close()


@proves("stop_bits", *SERIAL)
async def test_port_is_set_to_its_stop_bits(hub: ModbusHub, rig: Rig) -> None:
    for bits in (1, 2):
        driver = await opened(hub, rig, stop_bits=bits)
        flags = rig.bridge.near_settings[2]
        assert isinstance(flags, int)
        assert bool(flags & termios.CSTOPB) == (bits == 2)
        await driver.close()


@proves("parity", *SERIAL)
async def test_port_is_set_to_its_parity(hub: ModbusHub, rig: Rig, told: list[int]) -> None:
    both = termios.PARENB | termios.PARODD
    for parity, flags in (("none", 0), ("even", termios.PARENB), ("odd", both)):
        driver = await opened(hub, rig, parity=parity)
        assert told[-1] & both == flags
        assert await value_of(driver) == word_of(1, 10)
        await driver.close()


@proves("data_bits", "modbus-ascii")
async def test_port_is_set_to_its_data_bits(hub: ModbusHub, rig: Rig, told: list[int]) -> None:
    for bits, flags in ((7, termios.CS7), (8, termios.CS8)):
        driver = await opened(hub, rig, data_bits=bits)
        assert told[-1] & termios.CSIZE == flags
        assert await value_of(driver) == word_of(1, 10)
        await driver.close()


@proves("data_bits", "modbus-rtu")
async def test_binary_frames_always_have_eight_bits(hub: ModbusHub, rig: Rig, told: list[int]) -> None:
    await opened(hub, rig)
    assert told[-1] & termios.CSIZE == termios.CS8
    with pytest.raises(ValueError, match="greater than or equal to 8"):
        rig.settings(data_bits=7)


# ---- encryption


def der_of(shown: Shown) -> str:
    certificate = x509.load_pem_x509_certificate(shown.certificate)
    return base64.b64encode(certificate.public_bytes(Encoding.DER)).decode()


async def outcome(hub: ModbusHub, rig: Rig, **more: object) -> object:
    try:
        return await value_of(await opened(hub, rig, **more))
    except DriverError as error:
        return error


@proves("trust", "modbus-tls")
async def test_trust_decides_what_proves_the_device(hub: ModbusHub, rig: Rig) -> None:
    other = der_of(Authority().certify("x"))
    by_authority = await outcome(hub, rig, trust="authorities", server_certificate=other)
    assert by_authority == word_of(1, 10)
    assert isinstance(await outcome(hub, rig, trust="certificate", server_certificate=other), NeedsHuman)


@proves("authorities", "modbus-tls")
async def test_only_named_authorities_are_believed(hub: ModbusHub, rig: Rig) -> None:
    assert await outcome(hub, rig) == word_of(1, 10)
    for unknown in (None, Authority().certify("x").certificate.decode()):
        error = await outcome(hub, rig, authorities=unknown)
        assert isinstance(error, NeedsHuman)
        assert "comes from nobody who is trusted" in str(error)


@proves("server_certificate", "modbus-tls")
async def test_one_certificate_may_be_trusted(hub: ModbusHub, rig: Rig) -> None:
    trusted = {"trust": "certificate", "server_certificate": der_of(rig.shown)}
    assert await outcome(hub, rig, authorities=None, server_name=None, **trusted) == word_of(1, 10)


@proves("server_name", "modbus-tls")
async def test_certificate_may_have_another_name(hub: ModbusHub, rig: Rig) -> None:
    error = await outcome(hub, rig, host="127.0.0.1", server_name=None)
    assert isinstance(error, NeedsHuman)
    assert "was not issued for '127.0.0.1'" in str(error)
    assert await outcome(hub, rig, host="127.0.0.1", server_name="localhost") == word_of(1, 10)


@pytest.fixture
async def strict_rig(hub: ModbusHub) -> AsyncIterator[Rig]:
    """A TLS peer that wants a certificate of whoever comes."""
    async with rig_of("modbus-tls", wants_certificate=True) as made:
        yield made
        await hub.close()


@proves("client_certificate", "modbus-tls")
async def test_own_certificate_opens_what_wants_one(hub: ModbusHub, rig: Rig, strict_rig: Rig) -> None:
    ours, strange = strict_rig.authority.certify("console"), Authority().certify("console")
    pairs = [
        {"client_certificate": pair.certificate.decode(), "client_private_key": pair.key.decode()}
        for pair in (ours, strange)
    ]
    assert await outcome(hub, strict_rig, **pairs[0]) == word_of(1, 10)
    assert isinstance(await outcome(hub, strict_rig, **pairs[1]), NeedsHuman)
    assert isinstance(await outcome(hub, strict_rig), NeedsHuman)


@proves("client_private_key", "modbus-tls")
async def test_own_key_must_belong_to_the_certificate(hub: ModbusHub, rig: Rig) -> None:
    ours, other = rig.authority.certify("console"), rig.authority.certify("console")
    certificate = ours.certificate.decode()
    for key in (None, other.key.decode()):
        with pytest.raises(ValueError, match=r"go together|does not belong"):
            rig.settings(client_certificate=certificate, client_private_key=key)
    made = rig.settings(client_certificate=certificate, client_private_key=ours.key.decode())
    assert "PRIVATE KEY" not in repr(made)
    assert "PRIVATE KEY" not in made.model_dump_json()
