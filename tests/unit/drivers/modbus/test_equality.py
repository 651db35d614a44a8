"""Our read path sees what pymodbus's client sees on the same server: equal values and equal refusals."""

import asyncio

from hypothesis import given, settings
from hypothesis import strategies as st
from pymodbus.client import AsyncModbusTcpClient
from pymodbus.client.mixin import ModbusClientMixin
from pymodbus.server import ModbusTcpServer

from drivers.modbus.address import DataType, ModbusAddress, Table, WordOrder
from drivers.modbus.hub import ModbusHub
from drivers.modbus.settings import ModbusTcpSettings
from drivers.values import Quality, RawValue
from tests.unit.drivers.modbus.line_ends import registers_unit

KINDS = {
    DataType.INT16: ModbusClientMixin.DATATYPE.INT16,
    DataType.UINT16: ModbusClientMixin.DATATYPE.UINT16,
    DataType.INT32: ModbusClientMixin.DATATYPE.INT32,
    DataType.UINT32: ModbusClientMixin.DATATYPE.UINT32,
    DataType.INT64: ModbusClientMixin.DATATYPE.INT64,
    DataType.UINT64: ModbusClientMixin.DATATYPE.UINT64,
    DataType.FLOAT32: ModbusClientMixin.DATATYPE.FLOAT32,
    DataType.FLOAT64: ModbusClientMixin.DATATYPE.FLOAT64,
}
WORD_ORDERS = {WordOrder.ABCD: "big", WordOrder.CDAB: "little"}
BIT_TABLES = st.sampled_from([Table.COIL, Table.DISCRETE])
REGISTER_TABLES = st.sampled_from([Table.INPUT, Table.HOLDING])
# The served unit ends at register 299 and bit 2399: some of these addresses do not exist.
ADDRESSES = st.one_of(
    st.builds(ModbusAddress, BIT_TABLES, st.integers(0, 2420), st.just(DataType.BOOL)),
    st.builds(ModbusAddress, REGISTER_TABLES, st.integers(0, 310), st.just(DataType.UINT16)),
    st.builds(
        ModbusAddress,
        REGISTER_TABLES,
        st.integers(0, 310),
        st.sampled_from([kind for kind in KINDS if kind.registers > 1]),
        st.none(),
        st.sampled_from(list(WORD_ORDERS)),
    ),
)


async def read_with_pymodbus(client: AsyncModbusTcpClient, address: ModbusAddress, unit: int) -> object:
    """Read one value alone, decoded by pymodbus; None where it is refused or no number."""
    reads = {
        Table.COIL: client.read_coils,
        Table.DISCRETE: client.read_discrete_inputs,
        Table.INPUT: client.read_input_registers,
        Table.HOLDING: client.read_holding_registers,
    }
    reply = await reads[address.table](address.offset, count=address.width, device_id=unit)
    if reply.isError():
        return None
    if address.table.is_bits:
        return reply.bits[0]
    order = WORD_ORDERS[address.order]
    value = client.convert_from_registers(reply.registers, KINDS[address.type], word_order=order)
    return value if value - value == 0 else None


async def read_both(addresses: list[ModbusAddress], unit: int) -> tuple[list[RawValue], list[object]]:
    server = ModbusTcpServer(
        [registers_unit(1), registers_unit(9, list(range(300)))], address=("127.0.0.1", 0)
    )
    await server.serve_forever(background=True)
    port = server.transport.sockets[0].getsockname()[1]
    hub = ModbusHub()
    client = AsyncModbusTcpClient("127.0.0.1", port=port, timeout=5, retries=0)
    try:
        driver = hub.driver(ModbusTcpSettings(host="127.0.0.1", port=port, unit=unit, timeout_s=5), addresses)
        await driver.open()
        ours = await driver.read()
        await client.connect()
        theirs = [await read_with_pymodbus(client, address, unit) for address in addresses]
    finally:
        client.close()
        await hub.close()
        await server.shutdown()
    return ours, theirs


@settings(max_examples=25, deadline=None)
@given(st.lists(ADDRESSES, min_size=1, max_size=15), st.sampled_from([1, 9]))
def test_values_equal_those_of_pymodbus(addresses: list[ModbusAddress], unit: int) -> None:
    ours, theirs = asyncio.run(read_both(addresses, unit))
    assert [value.value for value in ours] == theirs
    assert [value.quality is Quality.GOOD for value in ours] == [value is not None for value in theirs]
