"""Every fault as a client meets it, and the neighbours that must not notice."""

import asyncio
import math
import struct
import time
from contextlib import asynccontextmanager

import pytest
import pytest_asyncio
from asyncua import Client, ua

from drivers.plant.plan import PlantPlan

pytestmark = pytest.mark.asyncio(loop_scope="module")

READ = b"\x03\x0c\x82\x00\x0c"  # the drive's whole block: 12 registers from 3202
FAULTY, NEIGHBOUR = ("DRIVE-02", 2), 3


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def plant(running):
    async with running(PlantPlan(modbus_port=0, opcua_port=0, update_period_s=0.05)) as factory:
        yield factory


@pytest_asyncio.fixture(loop_scope="module")
async def line(plant, line_to):
    async with line_to(plant.plan.modbus_ports[0]) as opened:
        yield opened


@asynccontextmanager
async def fault(plant, device_id, kind, value=None):
    await plant.switch_on(device_id, kind, value)
    try:
        yield
    finally:
        await plant.switch_off(device_id, kind)


def drive(pdu: bytes) -> dict[str, float]:
    """Decode the block of a drive."""
    rpm, _, _, temperature, _, power = struct.unpack(">hhhHhI", pdu[2:16])
    vibration = struct.unpack(">f", pdu[24:26] + pdu[22:24])[0]
    return {"rpm": rpm, "temperature": temperature * 0.1, "power": power, "vibration": vibration}


async def assert_neighbour_answers(line):
    _, unit, pdu = await line.ask(NEIGHBOUR, READ, transaction=77)
    assert (unit, len(pdu)) == (NEIGHBOUR, 26)


async def assert_healed(line):
    transaction, unit, pdu = await line.ask(FAULTY[1], READ, transaction=55)
    assert (transaction, unit, len(pdu)) == (55, FAULTY[1], 26)


async def test_silent_unit_never_answers_while_its_neighbour_does(plant, line):
    async with fault(plant, "DRIVE-02", "silent"):
        line.send(1, 2, READ)
        transaction, unit, _ = await line.ask(NEIGHBOUR, READ, transaction=2)
        assert (transaction, unit) == (2, NEIGHBOUR)
        with pytest.raises(TimeoutError):
            await line.receive(timeout_s=0.2)
    await assert_healed(line)


@pytest.mark.quiet
async def test_slow_unit_answers_late_and_does_not_hold_up_its_neighbour(plant, line):
    async with fault(plant, "DRIVE-02", "slow", 0.3):
        began = time.monotonic()
        line.send(1, 2, READ)
        line.send(2, NEIGHBOUR, READ)
        assert (await line.receive())[1] == NEIGHBOUR
        assert time.monotonic() - began < 0.25
        assert (await line.receive())[:2] == (1, 2)
        assert time.monotonic() - began >= 0.29


async def test_exception_of_choice_answers_every_request(plant, line):
    async with fault(plant, "DRIVE-02", "exception", 4):
        assert await line.ask(2, READ) == (1, 2, b"\x83\x04")
        await assert_neighbour_answers(line)


async def test_garbage_is_no_modbus_frame(plant, line):
    async with fault(plant, "DRIVE-02", "garbage"):
        line.send(1, 2, READ)
        garbage = await asyncio.wait_for(line.reader.read(100), 2.0)
        assert garbage[2:4] != b"\x00\x00"
    await assert_healed(line)


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("wrong-function", (1, 2, 4, 26)),
        ("wrong-unit", (1, 3, 3, 26)),
        ("wrong-count", (1, 2, 3, 24)),
        ("wrong-transaction", (8, 2, 3, 26)),
    ],
)
async def test_reply_is_wrong_in_exactly_one_respect(plant, line, kind, expected):
    async with fault(plant, "DRIVE-02", kind):
        transaction, unit, pdu = await line.ask(2, READ)
        assert (transaction, unit, pdu[0], len(pdu)) == expected
        await assert_neighbour_answers(line)
    await assert_healed(line)


async def test_short_reply_never_ends(plant, line):
    async with fault(plant, "DRIVE-02", "short"):
        line.send(1, 2, READ)
        with pytest.raises(TimeoutError):
            await line.receive(timeout_s=0.2)


async def test_dripping_reply_arrives_byte_by_byte(plant, line):
    async with fault(plant, "DRIVE-02", "drip", 0.01):
        began = time.monotonic()
        assert len((await line.ask(2, READ))[2]) == 26
        assert time.monotonic() - began >= 0.3


async def test_flood_precedes_the_true_reply(plant, line):
    async with fault(plant, "DRIVE-02", "flood", 50):
        line.send(1, 2, READ)
        replies = [await line.receive() for _ in range(51)]
        assert [transaction for transaction, _, _ in replies].count(1) == 1
        assert replies[-1][0] == 1


async def test_reset_drops_the_line_and_only_for_that_unit(plant, line, line_to):
    async with fault(plant, "DRIVE-02", "reset"):
        await assert_neighbour_answers(line)
        line.send(1, 2, READ)
        with pytest.raises((ConnectionError, asyncio.IncompleteReadError)):
            await line.receive()
    async with line_to(plant.plan.modbus_ports[0]) as again:
        await assert_healed(again)


async def test_false_replies_are_not_counted_and_late_ones_are(plant, line):
    before = plant.answered("DRIVE-02").get((3, 3202, 12), 0)
    async with fault(plant, "DRIVE-02", "wrong-unit"):
        await line.ask(2, READ)
    assert plant.answered("DRIVE-02").get((3, 3202, 12), 0) == before
    async with fault(plant, "DRIVE-02", "slow", 0.01):
        await line.ask(2, READ)
    assert plant.answered("DRIVE-02")[3, 3202, 12] == before + 1


async def test_gateway_that_is_down_refuses_connections_and_comes_back_at_its_port(plant, line, line_to):
    port = plant.plan.modbus_ports[0]
    async with fault(plant, "DRIVE-02", "down"):
        await plant.switch_on("DRIVE-01", "down")
        with pytest.raises((ConnectionError, asyncio.IncompleteReadError)):
            await line.ask(NEIGHBOUR, READ)
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection("127.0.0.1", port)
        async with line_to(plant.plan.modbus_ports[1]) as other:
            assert (await other.ask(1, b"\x04\x00\x00\x00\x02"))[1] == 1
    with pytest.raises(ConnectionRefusedError):  # the neighbour's fault still stands
        await asyncio.open_connection("127.0.0.1", port)
    await plant.switch_off("DRIVE-01", "down")
    async with line_to(port) as again:
        await assert_healed(again)


async def test_frozen_device_repeats_itself_while_its_neighbour_moves(plant, line, until):
    async with fault(plant, "DRIVE-02", "frozen"):
        frozen = (await line.ask(2, READ))[2]
        moving = (await line.ask(NEIGHBOUR, READ))[2]
        began = plant.plant_time_s
        await until(lambda: plant.plant_time_s > began + 0.3)
        assert (await line.ask(2, READ))[2] == frozen
        assert (await line.ask(NEIGHBOUR, READ))[2] != moving


@pytest.mark.parametrize(("kind", "is_so"), [("nan", math.isnan), ("infinity", math.isinf)])
async def test_float_register_holds_no_number(plant, line, until, kind, is_so):
    async with fault(plant, "DRIVE-02", kind):
        await until(lambda: is_so(plant.values("DRIVE-02")["vibration"]))
        assert is_so(drive((await line.ask(2, READ))[2])["vibration"])


async def test_implausible_temperature_is_on_the_wire(plant, line, until):
    async with fault(plant, "DRIVE-02", "implausible"):
        await until(lambda: plant.values("DRIVE-02")["temperature"] == 2500.0)
        assert drive((await line.ask(2, READ))[2])["temperature"] == pytest.approx(2500.0)


async def test_stopped_machine_comes_to_rest_and_starts_again(plant, until):
    async with fault(plant, "DRIVE-02", "stop"):
        await until(lambda: plant.values("DRIVE-02")["rpm"] < 1300.0)
    await until(lambda: plant.values("DRIVE-02")["rpm"] < 10.0)  # a start begins from standstill
    await until(lambda: plant.values("DRIVE-02")["rpm"] > 20.0)


async def test_a_second_fault_of_a_layer_replaces_the_first(plant):
    async with fault(plant, "DRIVE-02", "slow"), fault(plant, "DRIVE-02", "silent"):
        assert [str(one.kind) for one in plant.faults] == ["silent"]
    assert plant.faults == ()


# -- OPC UA ---------------------------------------------------------------------------------------


async def opcua_value(plant, node: str) -> ua.DataValue:
    async with Client(plant.plan.opcua_endpoint) as client:
        return await client.get_node(f"ns=1;s={node}").read_data_value(raise_on_bad_status=False)


async def status_of(plant, node: str) -> int:
    return (await opcua_value(plant, node)).StatusCode.value


@pytest.mark.parametrize(
    ("kind", "value", "code"),
    [
        ("silent", None, ua.StatusCodes.BadNoCommunication),
        ("bad-status", None, ua.StatusCodes.BadSensorFailure),
        ("bad-status", ua.StatusCodes.UncertainLastUsableValue, ua.StatusCodes.UncertainLastUsableValue),
    ],
)
async def test_status_of_one_machine_changes_and_its_neighbour_stays_good(plant, until, kind, value, code):
    written = plant.counts()["opcua-values-written"]
    async with fault(plant, "PRESS-01", kind, value):
        await until(lambda: plant.counts()["opcua-values-written"] > written + 200)
        assert await status_of(plant, "Press01.Temperature") == code
        assert await status_of(plant, "Press02.Temperature") == ua.StatusCodes.Good
    written = plant.counts()["opcua-values-written"]
    await until(lambda: plant.counts()["opcua-values-written"] > written + 200)
    assert await status_of(plant, "Press01.Temperature") == ua.StatusCodes.Good


async def test_not_a_number_shows_in_floats_and_as_bad_status_in_integers(plant, until):
    async with fault(plant, "PRESS-01", "nan"):
        await until(lambda: math.isnan(plant.values("PRESS-01")["rpm"]))
        assert math.isnan((await opcua_value(plant, "Press01.Temperature")).Value.Value)
        assert await status_of(plant, "Press01.Speed") == ua.StatusCodes.BadOutOfRange


async def test_slow_machine_publishes_rarely(plant, until):
    async with fault(plant, "PRESS-01", "slow", 60):
        written = plant.counts()["opcua-values-written"]
        await until(lambda: plant.counts()["opcua-values-written"] > written + 200)
        first = await opcua_value(plant, "Press01.Power")
        written = plant.counts()["opcua-values-written"]
        await until(lambda: plant.counts()["opcua-values-written"] > written + 200)
        assert (await opcua_value(plant, "Press01.Power")).SourceTimestamp == first.SourceTimestamp


async def test_subscription_gets_changes_with_source_times(plant):
    arrived = asyncio.Queue()

    class Handler:
        def datachange_notification(self, node, value, data):
            arrived.put_nowait(data.monitored_item.Value)

    async with Client(plant.plan.opcua_endpoint) as client:
        subscription = await client.create_subscription(50, Handler())
        await subscription.subscribe_data_change(client.get_node("ns=1;s=Press01.Power"))
        values = [await asyncio.wait_for(arrived.get(), 5.0) for _ in range(5)]
        await subscription.delete()
    times = [value.SourceTimestamp for value in values]
    assert times == sorted(set(times))
    assert len({value.Value.Value for value in values}) > 1


async def test_opcua_server_that_is_down_refuses_connections_and_comes_back(plant):
    async with fault(plant, "PRESS-01", "down"):
        with pytest.raises(OSError):  # noqa: PT011 - refused, however the system words it
            await Client(plant.plan.opcua_endpoint).connect()
    assert await status_of(plant, "Press01.Temperature") == ua.StatusCodes.Good
