"""Records of files: byte for byte those of pymodbus, within the limits, and no false answer passes."""

import contextlib
from collections.abc import AsyncIterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pymodbus.pdu.file_message import (
    FileRecord,
    ReadFileRecordRequest,
    ReadFileRecordResponse,
    WriteFileRecordRequest,
)
from pymodbus.server import ModbusTcpServer

from drivers.errors import DriverError
from drivers.modbus.asking import visiting
from drivers.modbus.file_records import (
    DATA_AT,
    MOST_READ,
    MOST_WRITTEN,
    read_records,
    write_records,
)
from drivers.modbus.hub import ModbusHub
from drivers.modbus.requests import LARGEST_PDU
from drivers.modbus.settings import ModbusTcpSettings
from tests.unit.drivers.modbus.line_ends import registers_unit
from tests.unit.drivers.modbus.pdu_server import PduServer

FILES, RECORDS = st.integers(1, 0xFFFF), st.integers(0, 9999)
WRITTEN = st.integers(1, MOST_WRITTEN).flatmap(
    lambda count: st.binary(min_size=2 * count, max_size=2 * count)
)


@given(FILES, RECORDS, WRITTEN)
def test_writes_are_those_of_pymodbus_and_fit_a_frame(file: int, record: int, data: bytes) -> None:
    request = write_records(3, file, record, data)
    theirs = WriteFileRecordRequest([FileRecord(file, record, data)])

    assert request.pdu == bytes([21]) + theirs.encode()
    assert request.payload_of(request.pdu) == request.pdu[2:]
    assert len(request.pdu) <= LARGEST_PDU


@given(FILES, RECORDS, st.integers(1, MOST_READ), st.data())
def test_reads_and_their_answers_are_those_of_pymodbus(
    file: int, record: int, count: int, draw: st.DataObject
) -> None:
    data = draw.draw(st.binary(min_size=2 * count, max_size=2 * count))
    request = read_records(3, file, record, count)
    theirs = ReadFileRecordRequest([FileRecord(file, record, record_length=2 * count)])
    answer = bytes([20]) + ReadFileRecordResponse([FileRecord(record_data=data)]).encode()

    assert request.pdu == bytes([20]) + theirs.encode()
    payload = request.payload_of(answer)
    assert payload is not None
    assert payload[DATA_AT:] == data
    assert len(answer) <= LARGEST_PDU


@given(st.binary(max_size=260), st.integers(1, MOST_READ))
def test_any_other_answer_is_named_and_not_used(answer: bytes, count: int) -> None:
    request = read_records(3, 1, 0, count)
    payload = request.payload_of(answer)

    assert payload is None or answer.startswith(request.expected)
    assert payload is not None or request.mismatch(3, answer)


@pytest.mark.parametrize(
    ("file", "record", "count", "why"),
    [
        (0, 0, 1, "0 is none"),
        (65536, 0, 1, "65536 is none"),
        (1, 10_000, 1, "10000 is none"),
        (1, -1, 1, "-1 is none"),
        (1, 0, 0, "not 0"),
        (1, 0, MOST_WRITTEN + 1, "not 123"),
    ],
)
def test_what_the_protocol_does_not_have_is_refused(file: int, record: int, count: int, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        write_records(1, file, record, bytes(2 * count))
    with pytest.raises(ValueError, match=why):
        read_records(1, file, record, count)


def test_half_a_register_is_refused() -> None:
    with pytest.raises(ValueError, match="no whole registers"):
        write_records(1, 1, 0, b"abc")


@pytest.fixture
async def pymodbus_port() -> AsyncIterator[int]:
    server = ModbusTcpServer([registers_unit(1)], address=("127.0.0.1", 0))
    await server.serve_forever(background=True)
    yield server.transport.sockets[0].getsockname()[1]
    await server.shutdown()


async def test_a_server_of_pymodbus_repeats_the_largest_write(hub: ModbusHub, pymodbus_port: int) -> None:
    settings = ModbusTcpSettings(host="127.0.0.1", port=pymodbus_port)
    async with visiting(hub, settings) as visit:
        answer = await visit.ask(write_records(1, 4, 9000, bytes(range(244))))

    assert (answer.code, answer.payload[-244:]) == (0, bytes(range(244)))


async def test_whatever_a_device_answers_is_right_or_a_declared_error(hub: ModbusHub) -> None:
    request = write_records(1, 1, 0, b"\x01\x02\x03\x04")
    pdu = request.pdu
    cases = [
        pdu[:-1] + b"\x05",
        pdu[:-1],
        pdu + b"\x00",
        b"\x15",
        b"\x95",
        b"\x95\x04\x04",
        b"\x14" + pdu[1:],
    ]
    cases += [pdu[:at] + bytes([pdu[at] ^ 1]) + pdu[at + 1 :] for at in range(len(pdu))]
    server = PduServer(lambda unit, asked: b"")
    await server.start()
    settings = ModbusTcpSettings(host="127.0.0.1", port=server.port, timeout_s=0.2)
    taken: list[bytes] = []
    for case in cases:
        server.answer = lambda unit, asked, case=case: case
        async with visiting(hub, settings) as visit:
            with contextlib.suppress(DriverError):
                answer = await visit.ask(request)
                taken.append(case)
                assert answer.code
    await server.stop()

    assert taken == []
