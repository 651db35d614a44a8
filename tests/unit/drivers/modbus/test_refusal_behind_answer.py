"""A refusal that comes in one piece with the answer before it: both count, and the connection stands."""

import asyncio

from drivers.modbus.address import parse_address
from drivers.modbus.hub import ModbusHub
from drivers.modbus.settings import ModbusTcpSettings
from drivers.plant.modbus_server import ModbusGateway
from drivers.values import Quality
from tests.unit.drivers.modbus.range_unit import RangeUnit


async def test_an_answer_and_another_units_refusal_in_one_piece_are_both_taken(hub: ModbusHub):
    gateway = ModbusGateway("127.0.0.1", 0, {7: RangeUnit(holding=[(0, 9)]), 8: RangeUnit()})
    await gateway.open()
    settings = ModbusTcpSettings(host="127.0.0.1", port=gateway.port, unit=7, turn_ms=0)
    address = parse_address("holding:3:uint16")
    drivers = [hub.driver(settings.model_copy(update={"unit": unit}), [address]) for unit in (7, 8)]
    for driver in drivers:
        await driver.open()
    # Sent together, so the gateway answers both with one write.
    (there,), (refused,) = await asyncio.gather(*(driver.read() for driver in drivers))
    assert (there.value, refused.quality) == (3, Quality.BAD)
    for driver in drivers:
        await driver.close()
    await gateway.close()
