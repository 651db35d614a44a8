"""Frames of lines that carry one request at a time: as pymodbus makes them, and only right answers pass."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pymodbus.framer.ascii import FramerAscii
from pymodbus.framer.rtu import FramerRTU
from pymodbus.pdu import DecodePDU

from drivers.modbus.address import Table
from drivers.modbus.framing import AsciiFraming, DatagramFraming, Found, Framing, RtuFraming, crc16, lrc
from drivers.modbus.requests import IdentifyRequest, ReadRequest, Request, write_register

ASKED = ReadRequest(3, Table.HOLDING, 10, 2)
RIGHT = b"\x03\x04\x00\x01\x00\x02"


def rtu(unit: int, pdu: bytes) -> bytes:
    body = bytes([unit]) + pdu
    return body + crc16(body)


def ascii_line(unit: int, pdu: bytes) -> bytes:
    body = bytes([unit]) + pdu
    return b":" + (body + bytes([lrc(body)])).hex().upper().encode() + b"\r\n"


def datagram(unit: int, pdu: bytes, number: int = 7) -> bytes:
    return struct.pack(">HHHB", number, 0, len(pdu) + 1, unit) + pdu


def find(framing: Framing, data: bytes, asked: Request = ASKED, *, is_quiet: bool = False) -> Found | None:
    return framing.find(asked, 7, data, is_quiet=is_quiet)


@given(st.integers(1, 247), st.binary(min_size=1, max_size=253))
def test_serial_frames_are_those_of_pymodbus(unit: int, pdu: bytes) -> None:
    decoder = DecodePDU(False)
    assert rtu(unit, pdu) == FramerRTU(decoder).encode(pdu, unit, 0)
    assert ascii_line(unit, pdu) == FramerAscii(decoder).encode(pdu, unit, 0)


WRAPPED = pytest.mark.parametrize(
    ("framing", "wrap"),
    [(RtuFraming(), rtu), (AsciiFraming(), ascii_line), (DatagramFraming(), datagram)],
    ids=["rtu", "ascii", "datagram"],
)


@WRAPPED
def test_right_answer_and_refusal_are_found_without_waiting(framing, wrap) -> None:
    for pdu in (RIGHT, b"\x83\x02"):
        found = find(framing, wrap(3, pdu))
        assert found is not None
        assert (found.unit, found.pdu, found.fault) == (3, pdu, "")


@WRAPPED
def test_every_wrong_byte_is_noticed(framing, wrap) -> None:
    good = wrap(3, RIGHT)
    for at in range(len(good)):
        for bit in range(8):
            data = good[:at] + bytes([good[at] ^ 1 << bit]) + good[at + 1 :]
            found = find(framing, data, is_quiet=True)
            is_taken = found is not None and found.unit == 3 and found.pdu == RIGHT
            # Datagrams have no checksum of their own here (UDP has): only what is not data can be noticed.
            assert not is_taken or data.upper() == good.upper()


@given(st.binary(min_size=1, max_size=300))
def test_no_bytes_whatever_become_a_serial_answer(data: bytes) -> None:
    for framing, wrap in ((RtuFraming(), rtu), (AsciiFraming(), ascii_line)):
        found = find(framing, data, is_quiet=True)
        assert found is None or not found.pdu or wrap(found.unit, found.pdu).lower() in data.lower()
        assert found is None or 0 < found.used <= len(data)


def test_rtu_answer_may_come_in_portions_but_never_ends_early() -> None:
    good = rtu(3, RIGHT)
    for size in range(1, len(good)):
        assert find(RtuFraming(), good[:size]) is None
        assert find(RtuFraming(), good[:size], is_quiet=True) is None


def test_rtu_noise_of_a_turning_transceiver_is_no_fault() -> None:
    found = find(RtuFraming(), b"\x00\xff\x00" + rtu(3, RIGHT))
    assert found is not None
    assert found.pdu == RIGHT
    only_noise = find(RtuFraming(), b"\x00\xff", is_quiet=True)
    assert only_noise is not None
    assert only_noise.is_stray


@pytest.mark.parametrize(
    ("unit", "pdu"), [(4, RIGHT), (3, b"\x04\x04\x00\x01\x00\x02"), (3, b"\x03\x02\x00\x01")]
)
def test_rtu_frame_of_another_shape_is_told_apart_once_the_line_is_quiet(unit: int, pdu: bytes) -> None:
    assert find(RtuFraming(), rtu(unit, pdu)) is None
    found = find(RtuFraming(), rtu(unit, pdu), is_quiet=True)
    assert found is not None
    assert (found.unit, found.pdu) == (unit, pdu)


def test_rtu_answer_behind_a_late_one_is_found() -> None:
    late, good = rtu(4, b"\x03\x02\x00\x01"), rtu(3, RIGHT)
    first = find(RtuFraming(), late + good)
    assert first is not None
    assert (first.unit, first.used) == (4, len(late))
    second = find(RtuFraming(), (late + good)[first.used :])
    assert second is not None
    assert second.pdu == RIGHT


@pytest.mark.parametrize(("framing", "wrap"), [(RtuFraming(), rtu), (AsciiFraming(), ascii_line)])
def test_echo_of_an_adapter_is_named(framing, wrap) -> None:
    found = find(framing, wrap(3, ASKED.pdu), is_quiet=True)
    assert found is not None
    assert "echo" in found.fault


def test_echoing_write_is_answered_by_its_own_bytes() -> None:
    asked = write_register(3, 10, 77)
    found = find(RtuFraming(), rtu(3, asked.pdu), asked)
    assert found is not None
    assert found.pdu == asked.pdu


def test_identification_says_itself_how_long_it_is() -> None:
    asked = IdentifyRequest(3, 1)
    pdu = bytes([43, 14, 1, 1, 0, 0, 2, 0, 3]) + b"abc" + bytes([1, 2]) + b"de"
    data = rtu(3, pdu)
    for size in range(1, len(data)):
        assert find(RtuFraming(), data[:size], asked) is None
    found = find(RtuFraming(), data, asked)
    assert found is not None
    assert asked.payload_of(found.pdu) == pdu[2:]


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b":03 3\r\n", "hexadecimal"),
        (b":0303\r\n", "checksum"),
        (ascii_line(3, RIGHT).replace(b"0001", b"0003"), "checksum"),
        (b":" + b"00" * 300, "without an end"),
    ],
)
def test_broken_ascii_frame_is_named(data: bytes, words: str) -> None:
    found = find(AsciiFraming(), data)
    assert found is not None
    assert words in found.fault


def test_ascii_frame_that_was_cut_off_gives_way_to_the_next() -> None:
    found = find(AsciiFraming(), ascii_line(3, RIGHT)[:7] + ascii_line(3, RIGHT))
    assert found is not None
    assert found.pdu == RIGHT


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"\x00\x07", "datagram of 2 bytes"),
        (datagram(3, RIGHT) + b"\x00", "announced 7 bytes and sent 8"),
        (struct.pack(">HHHB", 7, 9, 7, 3) + RIGHT, "not Modbus"),
    ],
)
def test_broken_datagram_is_named(data: bytes, words: str) -> None:
    found = find(DatagramFraming(), data)
    assert found is not None
    assert words in found.fault


def test_late_datagram_is_known_by_its_number() -> None:
    found = find(DatagramFraming(), datagram(3, RIGHT, number=6))
    assert found is not None
    assert found.is_stray
