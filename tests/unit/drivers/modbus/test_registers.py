"""Raw registers for people: refused ones are named, neighbours still come; another maker's server, too."""

import time
from collections.abc import Iterator

import pytest
from pyModbusTCP.server import DataBank, ModbusServer

from drivers.errors import LineLost, Refused
from drivers.modbus.registers import read_registers
from drivers.modbus.settings import ModbusTcpSettings
from drivers.plant.modbus_server import ModbusGateway
from drivers.workbench import RegisterSpan
from tests.unit.drivers.modbus.range_unit import RangeUnit

NOTHING = "it has nothing there; scan for the registers that it has."


@pytest.fixture
async def unit(request):
    made = RangeUnit(holding=[(0, 9), (14, 19)], coil=[(0, 40)])
    gateway = ModbusGateway("127.0.0.1", 0, {7: made})
    await gateway.open()
    made.settings = ModbusTcpSettings(host="127.0.0.1", port=gateway.port, unit=7)
    yield made
    await gateway.close()


@pytest.fixture
def other_maker() -> Iterator[ModbusTcpSettings]:
    """A server of pyModbusTCP with 200 holding registers; its threads end with their connections."""
    bank = DataBank(h_regs_size=200)
    server = ModbusServer("127.0.0.1", 0, no_block=True, data_bank=bank)
    server.start()
    bank.set_holding_registers(0, list(range(1000, 1200)))
    yield ModbusTcpSettings(
        host="127.0.0.1", port=server._service.server_address[1], max_registers_per_read=50
    )
    server.stop()


async def test_registers_of_another_makers_server_come_in_as_many_reads_as_it_takes(hub, other_maker):
    before = time.time()
    registers = await read_registers(hub, other_maker, RegisterSpan("holding", 10, 180))
    assert registers.words == tuple(range(1010, 1190))
    assert registers.refusals == ()
    assert before <= registers.received_unix <= time.time()
    assert registers.took_ms > 0


async def test_its_end_is_named(hub, other_maker):
    registers = await read_registers(hub, other_maker, RegisterSpan("holding", 195, 10))
    assert registers.words == (1195, 1196, 1197, 1198, 1199, None, None, None, None, None)
    assert registers.refusals == (
        f"The device refused holding 200 to 204: illegal data address (exception 2); {NOTHING}",
    )


async def test_refused_registers_leave_their_neighbours_alone(hub, unit):
    registers = await read_registers(hub, unit.settings, RegisterSpan("holding", 7, 11))
    assert registers.words == (7, 8, 9, None, None, None, None, 14, 15, 16, 17)
    assert registers.refusals == (
        f"The device refused holding 10 to 13: illegal data address (exception 2); {NOTHING}",
    )
    assert len(unit.asked) < 2 * 11


async def test_addresses_count_as_the_devices_own_do(hub, unit):
    settings = unit.settings.model_copy(update={"is_one_based": True})
    registers = await read_registers(hub, settings, RegisterSpan("holding", 10, 2))
    assert registers.words == (9, None)
    assert registers.refusals == (
        f"The device refused holding 11: illegal data address (exception 2); {NOTHING}",
    )


async def test_bits_are_0_and_1(hub, unit):
    registers = await read_registers(hub, unit.settings, RegisterSpan("coil", 3, 5))
    assert registers.words == (1, 0, 1, 0, 1)


async def test_a_device_that_gives_less_at_once_is_asked_for_less(hub, unit):
    unit._most = 4
    registers = await read_registers(hub, unit.settings, RegisterSpan("holding", 0, 10))
    assert registers.words == tuple(range(10))


async def test_a_meter_that_gives_floats_whole_only_shows_all_that_are_whole(hub, unit):
    unit.gives_pairs_only = True
    registers = await read_registers(hub, unit.settings, RegisterSpan("holding", 4, 8))
    assert registers.words == (4, 5, 6, 7, 8, 9, None, None)


async def test_a_table_the_device_lacks_is_refused_as_a_whole(hub, unit):
    registers = await read_registers(hub, unit.settings, RegisterSpan("input", 0, 3))
    assert registers.words == (None, None, None)
    assert len(registers.refusals) == 1


async def test_nobody_asks_for_ever_about_what_is_refused(hub, unit):
    registers = await read_registers(hub, unit.settings, RegisterSpan("holding", 1000, 2000))
    assert set(registers.words) == {None}
    assert len(unit.asked) < 200
    assert "were not asked for one by one" in registers.refusals[-1]


@pytest.mark.parametrize(
    ("span", "why"),
    [
        (RegisterSpan("holding", 65530, 10), "it goes from 0 to 65535"),
        (RegisterSpan("holding", -1, 10), "it goes from 0 to 65535"),
        (RegisterSpan("holding", 0, 0), "is no part of the table"),
        (RegisterSpan("holding", 0, 2001), "One look takes 2000 registers, not 2001"),
        (
            RegisterSpan("moon", 0, 1),
            "Modbus has no table called 'moon'; there are coil, discrete, input, hold",
        ),
    ],
)
async def test_a_span_that_cannot_be_is_refused_in_words(hub, unit, span, why):
    with pytest.raises(Refused, match=why):
        await read_registers(hub, unit.settings, span)
    assert unit.asked == []


async def test_a_unit_behind_no_gateway_is_lost(hub, unit):
    settings = unit.settings.model_copy(update={"unit": 99})
    with pytest.raises(LineLost, match="cannot reach unit 99"):
        await read_registers(hub, settings, RegisterSpan("holding", 0, 1))
