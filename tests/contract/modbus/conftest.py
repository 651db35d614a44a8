"""A hub, and a rig of the kind that a test names: `@pytest.mark.parametrize("rig", kinds, indirect=True)`."""

from collections.abc import AsyncIterator, Iterator

import pytest

from drivers.modbus.hub import ModbusHub
from tests.contract.modbus.rigs import AnotherMaker, Rig, rig_of


@pytest.fixture
async def hub() -> AsyncIterator[ModbusHub]:
    made = ModbusHub()
    yield made
    await made.close()


@pytest.fixture(scope="module")
def another_maker() -> Iterator[AnotherMaker]:
    made = AnotherMaker()
    yield made
    made.stop()


@pytest.fixture
async def rig(
    request: pytest.FixtureRequest, hub: ModbusHub, another_maker: AnotherMaker
) -> AsyncIterator[Rig]:
    if request.param == "modbus-tcp":
        yield another_maker.serve()
        return
    async with rig_of(request.param) as made:
        yield made
        await hub.close()
