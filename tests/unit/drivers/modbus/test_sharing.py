"""Units that share a connection: one dead, slow or mad one never takes the others along."""

import asyncio
import contextlib
import random
import time
from collections.abc import Callable
from itertools import pairwise

import pytest

from drivers.errors import LineLost
from drivers.modbus.address import parse_address
from drivers.modbus.driver import ModbusDriver
from drivers.modbus.faults import NoAnswer
from drivers.modbus.hub import ModbusHub
from drivers.modbus.settings import ModbusTcpSettings
from tests.unit.drivers.modbus.line_ends import Asked, ScriptedServer

TIMEOUT_S = 1.0
MOST_AT_ONCE = 16


def unit_of(hub: ModbusHub, server: ScriptedServer, unit: int, **changes: object) -> ModbusDriver:
    settings = {"host": "127.0.0.1", "port": server.port, "unit": unit, "timeout_s": TIMEOUT_S, **changes}
    return hub.driver(ModbusTcpSettings.model_validate(settings), [parse_address("holding:1")])


async def opened(drivers: list[ModbusDriver]) -> list[ModbusDriver]:
    await asyncio.gather(*(driver.open() for driver in drivers))
    return drivers


async def value_of(driver: ModbusDriver) -> object:
    (value,) = await driver.read()
    return value.value


async def silence_of_two(asked: Asked, writer: asyncio.StreamWriter) -> None:
    writer.write(b"" if asked.unit == 2 else asked.correct())


async def test_units_of_one_gateway_share_one_connection(hub: ModbusHub, server: ScriptedServer) -> None:
    drivers = await opened([unit_of(hub, server, unit) for unit in range(1, 21)])
    values = await asyncio.gather(*map(value_of, drivers))
    assert values == [unit * 100 + 1 for unit in range(1, 21)]
    assert server.accepted == 1


@pytest.mark.quiet
async def test_dead_unit_delays_nobody(hub: ModbusHub, server: ScriptedServer) -> None:
    server.script = silence_of_two
    dead, *well = await opened([unit_of(hub, server, unit) for unit in (2, 1, 3, 4)])
    waiting = asyncio.create_task(dead.read())
    began = time.monotonic()
    for _ in range(5):
        assert await asyncio.gather(*map(value_of, well)) == [101, 301, 401]
    assert time.monotonic() - began < TIMEOUT_S / 2
    assert not waiting.done()
    with pytest.raises(LineLost, match=r"No answer from 127.0.0.1:\d+ unit 2 within 1 s; check cable"):
        await waiting
    assert time.monotonic() - began < TIMEOUT_S * 1.5
    assert server.accepted == 1


async def test_many_dead_units_leave_room_for_the_living(hub: ModbusHub, server: ScriptedServer) -> None:
    async def only_one_lives(asked: Asked, writer: asyncio.StreamWriter) -> None:
        writer.write(asked.correct() if asked.unit == 1 else b"")

    server.script = only_one_lives
    numbers = range(2, 2 + 2 * MOST_AT_ONCE)
    rules: dict[str, object] = {"max_in_flight": MOST_AT_ONCE, "turn_ms": 0}
    living, *dead = await opened(
        [
            unit_of(hub, server, 1, **rules),
            *(unit_of(hub, server, u, timeout_s=0.5, **rules) for u in numbers),
        ]
    )
    # No more together than may be under way: each of them is sent, and so each is known to be silent.
    for some in (dead[:MOST_AT_ONCE], dead[MOST_AT_ONCE:]):
        outcomes = await asyncio.gather(*(driver.read() for driver in some), return_exceptions=True)
        assert {type(outcome) for outcome in outcomes} == {NoAnswer}
        assert await value_of(living) == 101
    # From here on nobody gives up: what is judged is who is sent, which no busy computer changes.
    patient = await opened([unit_of(hub, server, unit, timeout_s=60.0, **rules) for unit in numbers])
    before, places = len(server.asked), MOST_AT_ONCE // 2
    async with asyncio.TaskGroup() as group, asyncio.timeout(30):
        waiting = [group.create_task(driver.read()) for driver in patient]
        await server.until(lambda: len(server.asked) == before + places)
        assert [await value_of(living) for _ in range(5)] == [101] * 5
        assert [asked.unit for asked in server.asked[before + places :]] == [1] * 5
        for task in waiting:
            task.cancel()


async def test_next_request_waits_for_the_answer_of_a_prompt_unit(
    hub: ModbusHub, server: ScriptedServer
) -> None:
    under_way: list[int] = []
    most = 0

    async def take_a_moment(asked: Asked, writer: asyncio.StreamWriter) -> None:
        nonlocal most
        under_way.append(asked.unit)
        most = max(most, len(under_way))
        await asyncio.sleep(0.002)
        under_way.remove(asked.unit)
        writer.write(asked.correct())

    server.script = take_a_moment
    drivers = await opened([unit_of(hub, server, unit, turn_ms=500) for unit in range(1, 11)])
    await asyncio.gather(*map(value_of, drivers))
    assert most == 1


async def test_turn_of_zero_sends_ahead_up_to_the_limit(hub: ModbusHub, server: ScriptedServer) -> None:
    gathered = asyncio.Event()
    under_way: list[Asked] = []

    async def wait_for_four(asked: Asked, writer: asyncio.StreamWriter) -> None:
        under_way.append(asked)
        assert len(under_way) <= 4
        if len(under_way) == 4:
            gathered.set()
        await gathered.wait()
        under_way.remove(asked)
        writer.write(asked.correct())

    server.script = wait_for_four
    drivers = await opened([unit_of(hub, server, unit, turn_ms=0, max_in_flight=4) for unit in range(1, 5)])
    assert await asyncio.gather(*map(value_of, drivers)) == [101, 201, 301, 401]


async def test_one_place_only_never_has_two_requests_under_way(
    hub: ModbusHub, server: ScriptedServer
) -> None:
    server.script = silence_of_two
    dead, well = await opened([unit_of(hub, server, u, max_in_flight=1, timeout_s=0.2) for u in (2, 1)])
    waiting = asyncio.create_task(dead.read())
    await asyncio.sleep(0)
    assert await value_of(well) == 101
    assert waiting.done()
    with pytest.raises(LineLost):
        await waiting


async def test_pause_between_requests_is_kept(hub: ModbusHub, server: ScriptedServer) -> None:
    sent_at: list[float] = []

    async def note(asked: Asked, writer: asyncio.StreamWriter) -> None:
        sent_at.append(time.monotonic())
        writer.write(asked.correct())

    server.script = note
    drivers = await opened([unit_of(hub, server, u, pause_between_requests_ms=50) for u in (1, 2, 3)])
    await asyncio.gather(*map(value_of, drivers))
    pauses = [later - earlier for earlier, later in pairwise(sent_at)]
    assert min(pauses) >= 0.045


async def test_late_answer_is_never_taken_for_the_next(hub: ModbusHub, server: ScriptedServer) -> None:
    async def answer_the_one_before(asked: Asked, writer: asyncio.StreamWriter) -> None:
        late = server.asked[-2:-1]
        writer.write(b"".join(each.frame(b"\x02\xbe\xef") for each in late))
        writer.write(asked.correct() if len(server.asked) == 3 else b"")

    server.script = answer_the_one_before
    (driver,) = await opened([unit_of(hub, server, 1, timeout_s=0.15)])
    with pytest.raises(LineLost):
        await driver.read()
    with pytest.raises(LineLost, match="1 answer with the number of no open request"):
        await driver.read()
    assert await value_of(driver) == 101


async def test_cancelled_read_harms_nobody(hub: ModbusHub, server: ScriptedServer) -> None:
    server.script = silence_of_two
    dead, well = await opened([unit_of(hub, server, unit, timeout_s=30) for unit in (2, 1)])
    waiting = asyncio.create_task(dead.read())
    assert await value_of(well) == 101
    await server.until(lambda: len(server.asked) == 2)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    server.script = ScriptedServer().script
    async with asyncio.timeout(5):
        assert [await value_of(well), await value_of(dead)] == [101, 201]


async def test_lost_connection_wakes_every_waiter_at_once_and_open_mends_it(
    hub: ModbusHub, server: ScriptedServer
) -> None:
    async def be_silent(asked: Asked, writer: asyncio.StreamWriter) -> None:
        writer.write(b"")

    truth, server.script = server.script, be_silent
    drivers = await opened([unit_of(hub, server, u, timeout_s=30, turn_ms=0) for u in (1, 2, 3)])
    waiting = [asyncio.create_task(driver.read()) for driver in drivers]
    async with asyncio.timeout(5):
        await server.until(lambda: len(server.asked) == 3)
        await server.stop()
        outcomes = await asyncio.gather(*waiting, return_exceptions=True)
    assert all(isinstance(outcome, LineLost) for outcome in outcomes)
    with pytest.raises(LineLost, match="refused the connection"):
        await drivers[0].open()
    server.script = truth
    await server.start()
    await opened(drivers)
    assert await asyncio.gather(*map(value_of, drivers)) == [101, 201, 301]


async def test_opening_together_makes_one_attempt(hub: ModbusHub, server: ScriptedServer) -> None:
    drivers = [unit_of(hub, server, unit) for unit in range(1, 11)]
    given_up = asyncio.create_task(drivers[0].open())
    others = asyncio.gather(*(driver.open() for driver in drivers[1:]))
    await asyncio.sleep(0)
    given_up.cancel()
    await others
    assert await value_of(drivers[1]) == 201
    assert server.accepted == 1


async def test_last_unit_to_leave_closes_the_connection(hub: ModbusHub, server: ScriptedServer) -> None:
    first, second = await opened([unit_of(hub, server, unit) for unit in (1, 2)])
    await first.close()
    assert await value_of(second) == 201
    await second.close()
    async with asyncio.timeout(5):
        await server.until(lambda: not server.open_now)


async def test_connection_that_carries_nothing_any_more_is_given_up(
    hub: ModbusHub, server: ScriptedServer
) -> None:
    server.script = silence_of_two
    (dead,) = await opened([unit_of(hub, server, 2, timeout_s=0.1)])
    for _ in range(3):
        with pytest.raises(LineLost):
            await dead.read()
    with pytest.raises(LineLost, match="connected but answers nobody"):
        await dead.read()
    await dead.open()
    assert server.accepted == 2


@pytest.mark.parametrize(
    "breaking",
    [
        lambda asked: None,
        lambda asked: b"\xde\xad\xbe\xef\x00\x03\xff\x55HTTP/1.1 400\r\n",
        lambda asked: asked.correct()[:8],
        lambda asked: asked._replace(transaction=9999).correct() * 150,
    ],
    ids=["reset", "garbage", "half an answer", "flood"],
)
async def test_unit_that_breaks_the_connection_is_set_apart(
    hub: ModbusHub, server: ScriptedServer, breaking: Callable[[Asked], bytes | None]
) -> None:
    async def break_for_two(asked: Asked, writer: asyncio.StreamWriter) -> None:
        answer = breaking(asked) if asked.unit == 2 else asked.correct()
        _ = writer.transport.abort() if answer is None else writer.write(answer)

    server.script = break_for_two
    mad, well = await opened([unit_of(hub, server, u, timeout_s=0.3) for u in (2, 1)])
    for _ in range(2):
        assert await value_of(well) == 101
        with pytest.raises(LineLost):
            await mad.read()
        await opened([well, mad])
    shared = server.accepted
    for _ in range(3):
        with pytest.raises(LineLost):
            await mad.read()
        assert await value_of(well) == 101
        await mad.open()
    assert server.accepted > shared
    server.script = ScriptedServer().script
    assert await value_of(mad) == 201


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("turn_ms", [0, 5])
async def test_whatever_a_unit_does_no_value_is_wrong(
    hub: ModbusHub, server: ScriptedServer, seed: int, turn_ms: int
) -> None:
    chance = random.Random(seed)

    async def misbehave(asked: Asked, writer: asyncio.StreamWriter) -> None:
        truth = asked.correct()
        dripping = [truth[at : at + 1] for at in range(len(truth))]
        tricks = [
            [b""],
            [truth[:-1]],
            [truth[:12]],
            [truth[:-9], truth[-9:]],
            [truth * 2],
            [truth[::-1]],
            dripping,
        ]
        mad = chance.choice([[truth], *tricks])
        await asyncio.sleep(chance.choice([0, 0, 0.004, 0.02, 0.12]))
        for piece in mad if asked.unit == 1 else [truth]:
            writer.write(b"" if writer.transport.is_closing() else piece)
            await asyncio.sleep(0.002)

    server.script = misbehave
    values: list[tuple[int, list[object]]] = []

    async def poll(unit: int) -> None:
        changes = {
            "host": "127.0.0.1",
            "port": server.port,
            "unit": unit,
            "timeout_s": 0.1,
            "turn_ms": turn_ms,
        }
        addresses = [parse_address(f"holding:{at}") for at in range(8)]
        driver = hub.driver(ModbusTcpSettings.model_validate(changes), addresses)
        for _ in range(25):
            with contextlib.suppress(LineLost):
                await driver.open()
                values.append((unit, [value.value for value in await driver.read()]))

    await asyncio.gather(*map(poll, range(1, 6)))
    assert len(values) > 25
    assert values == [(unit, [unit * 100 + at for at in range(8)]) for unit, _ in values]


async def test_answers_in_pieces_among_others_are_not_used_until_the_unit_has_its_own_connection(
    hub: ModbusHub, server: ScriptedServer
) -> None:
    async def send_head_and_body_apart(asked: Asked, writer: asyncio.StreamWriter) -> None:
        truth = asked.correct() if asked.unit == 1 else b""
        writer.write(truth[:7])
        await asyncio.sleep(0.01)
        writer.write(truth[7:])

    server.script = send_head_and_body_apart
    dead, pieced = await opened([unit_of(hub, server, 2), unit_of(hub, server, 1)])
    waiting = asyncio.create_task(dead.read())
    await server.until(lambda: len(server.asked) == 1)
    for _ in range(2):
        with pytest.raises(LineLost, match="in pieces while another"):
            await pieced.read()
        await pieced.open()
    assert await value_of(pieced) == 101
    assert server.accepted == 2
    waiting.cancel()
