"""Redundant servers: which one is used, and when another takes over."""

import socket
from collections.abc import AsyncIterator

import pytest
from asyncua import Server, ua

from drivers.errors import LineLost, NeedsHuman
from drivers.opcua.redundancy import is_better, level_text

HEAT = "ns=2;s=Heat"
LEVEL = ua.NodeId(ua.ObjectIds.Server_ServiceLevel)


class Pair:
    """Two servers with the same nodes; the value tells which one answered."""

    def __init__(self, first, second) -> None:
        self.first = first
        self.second = second

    async def start(self, first_level: int = 255, second_level: int = 255, **prepare: object) -> None:
        await self.first.start({"Heat": 1.0}, **prepare)
        await self.second.start({"Heat": 2.0})
        await self.set_levels(first_level, second_level)

    async def set_levels(self, first: int, second: int) -> None:
        for plant, level in ((self.first, first), (self.second, second)):
            await plant.server.get_node(LEVEL).write_value(ua.Variant(level, ua.VariantType.Byte))


@pytest.fixture
async def pair(plant_at, plant) -> AsyncIterator[Pair]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        second = plant_at(f"opc.tcp://127.0.0.1:{probe.getsockname()[1]}/plant")
    yield Pair(plant, second)
    await second.stop()


@pytest.fixture(autouse=True)
def _asks_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("drivers.opcua.line._LEVEL_S", 0.05)
    monkeypatch.setattr("drivers.opcua.line._PARTNERS_S", 0.1)


@pytest.fixture
def pair_driver(pair: Pair, driver_of):
    return lambda **settings: driver_of(
        pair.first.endpoint, HEAT, other_endpoints=[pair.second.endpoint], **settings
    )


async def value_of(driver) -> object:
    return (await driver.read())[0].value


async def test_the_server_that_serves_best_is_used(pair, pair_driver) -> None:
    await pair.start()
    best = {(255, 255): 1.0, (150, 255): 2.0, (150, 180): 2.0, (200, 255): 1.0, (0, 1): 2.0}
    used = {}
    for levels in best:
        await pair.set_levels(*levels)
        driver = pair_driver()
        await driver.open()
        used[levels] = await value_of(driver)
        await driver.close()
    assert used == best


async def test_the_other_takes_over_when_the_level_falls_and_no_read_is_lost(
    pair, pair_driver, eventually
) -> None:
    await pair.start()
    driver = pair_driver()
    await driver.open()
    assert await value_of(driver) == 1.0
    await pair.set_levels(100, 255)

    async def is_on_the_second() -> bool:
        return await value_of(driver) == 2.0

    await eventually(is_on_the_second, within_s=5.0)
    assert not pair.first.server.bserver.clients


async def test_the_other_takes_over_when_the_first_is_lost(pair, pair_driver, eventually) -> None:
    await pair.start()
    driver = pair_driver(timeout_s=0.5)
    await driver.open()
    assert await value_of(driver) == 1.0
    await pair.first.stop()

    async def is_on_the_second() -> bool:
        try:
            await driver.open()
            return await value_of(driver) == 2.0
        except LineLost:
            return False

    assert await eventually(is_on_the_second, within_s=5.0) < 5.0


async def test_a_healthy_server_is_not_left_for_a_healthier_one(pair, pair_driver, eventually) -> None:
    await pair.start()
    driver = pair_driver()
    await driver.open()
    await pair.set_levels(201, 255)
    asked = pair.first.server.iserver.attribute_service
    reads, read = [], asked.read

    def counting(params: ua.ReadParameters) -> list[ua.DataValue]:
        reads.extend(node.NodeId for node in params.NodesToRead)
        return read(params)

    asked.read = counting

    async def was_asked() -> bool:
        return reads.count(LEVEL) > 3

    await eventually(was_asked, within_s=3.0)
    assert await value_of(driver) == 1.0
    assert pair.second.sessions <= 1


async def test_servers_that_a_server_names_take_over_too(pair, driver_of, eventually) -> None:
    def name_the_other(server: Server) -> None:
        description = ua.ApplicationDescription(
            ApplicationUri="urn:test:second", DiscoveryUrls=[pair.second.endpoint]
        )
        find = server.iserver.find_servers

        def find_both(params: ua.FindServersParameters, sockname: object = None) -> list[object]:
            return [*find(params, sockname), description]

        server.iserver.find_servers = find_both

    await pair.start(prepare=name_the_other)
    uris = ua.NodeId(ua.ObjectIds.Server_ServerRedundancy_ServerUriArray)
    await pair.first.server.get_node(uris).write_value(["urn:test:first", "urn:test:second"])
    driver = driver_of(pair.first.endpoint, HEAT)
    await driver.open()
    assert await value_of(driver) == 1.0
    await pair.set_levels(100, 255)

    async def is_on_the_second() -> bool:
        return await value_of(driver) == 2.0

    await eventually(is_on_the_second, within_s=5.0)


async def test_all_away_is_said_of_each(driver_of) -> None:
    driver = driver_of("opc.tcp://127.0.0.1:1/a", HEAT, other_endpoints=["opc.tcp://127.0.0.1:2/b"])
    with pytest.raises(LineLost, match=r"^None of 2 .*127\.0\.0\.1:1/a refuses .*127\.0\.0\.1:2/b refuses"):
        await driver.open()


async def test_all_that_need_a_human_need_a_human(pair, pair_driver) -> None:
    await pair.start()
    with pytest.raises(NeedsHuman, match="None of 2 redundant servers can be used"):
        await pair_driver(security="Basic256Sha256").open()


@pytest.mark.parametrize(
    ("current", "other", "changes"),
    [
        (255, 255, False),
        (200, 255, False),
        (199, 200, True),
        (100, 101, True),
        (100, 100, False),
        (0, 0, False),
    ],
)
def test_a_degraded_server_gives_way_to_a_better_one(current: int, other: int, changes: bool) -> None:
    assert is_better(other, current) == changes


@pytest.mark.parametrize(
    ("told", "words"),
    [
        (255, "255 (healthy)"),
        (199, "199 (degraded)"),
        (1, "1 (no data)"),
        (0, "0 (maintenance)"),
        (None, "the server tells none"),
    ],
)
def test_levels_in_words(told: int | None, words: str) -> None:
    assert level_text(told) == words
