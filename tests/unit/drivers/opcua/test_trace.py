"""What a driver keeps of what passed between it and its server."""

import asyncio

import pytest
from asyncua import ua

from drivers.driver import TracedDriver
from drivers.errors import LineLost, NeedsHuman
from drivers.opcua.tracing import asked_words
from drivers.trace import ErrorKind

HEAT = "ns=2;s=Heat"
PASSWORD = "Zange-7-Öl"


async def test_exchanges_are_counted_and_the_last_is_kept(plant, driver_of, eventually) -> None:
    await plant.start({"Heat": 21.5})
    driver = driver_of(plant.endpoint, HEAT, mode="poll")
    assert isinstance(driver, TracedDriver)
    await driver.open()
    await driver.read()
    trace = driver.trace
    assert 0 < trace.answers <= trace.requests
    assert trace.sent_bytes > 500
    assert trace.received_bytes > 500
    assert trace.errors == {}
    assert all(0 < took_ms < 1000 for took_ms in trace.round_trips_ms)

    async def is_the_poll() -> bool:
        return driver.trace.last.asked == "read ns=2;s=Heat"

    await eventually(is_the_poll, within_s=2.0)
    last = driver.trace.last
    assert b"Heat" in last.request
    assert len(last.response) > 20
    assert last.outcome == ""
    assert driver.trace.last_failed is None


async def test_bytes_are_kept_as_they_were_meant_where_they_are_encrypted(
    plant, driver_of, showing, papers_office, eventually
) -> None:
    papers = papers_office.self_signed()
    await plant.start({"Heat": 21.5}, prepare=showing(papers))
    driver = driver_of(
        plant.endpoint,
        HEAT,
        mode="poll",
        security="Basic256Sha256",
        server_certificate=papers.base64,
        timeout_s=3.0,
    )
    await driver.open()

    async def is_the_poll() -> bool:
        return b"Heat" in driver.trace.last.request

    await eventually(is_the_poll, within_s=2.0)


async def test_waiting_for_changes_is_no_round_trip(plant, driver_of, eventually) -> None:
    await plant.start({"Heat": 21.5})
    driver = driver_of(plant.endpoint, HEAT)
    await driver.open()

    async def has_published() -> bool:
        return driver.trace.last.asked == "wait for changes"

    await eventually(has_published, within_s=3.0)
    assert max(driver.trace.round_trips_ms) < 400


async def test_a_refused_connection_is_counted_and_kept_in_words(free_port: int, driver_of) -> None:
    driver = driver_of(f"opc.tcp://127.0.0.1:{free_port}/x", HEAT)
    with pytest.raises(LineLost):
        await driver.open()
    assert driver.trace.errors == {ErrorKind.CONNECTION: 1}
    assert (driver.trace.last_failed.asked, driver.trace.last_failed.outcome) == (
        "connect",
        "the connection ended",
    )


async def test_a_silent_server_counts_as_time_out(driver_of) -> None:
    silent = await asyncio.get_running_loop().create_server(asyncio.Protocol, "127.0.0.1", 0)
    port = silent.sockets[0].getsockname()[1]
    driver = driver_of(f"opc.tcp://127.0.0.1:{port}/x", HEAT, timeout_s=0.2)
    with pytest.raises(LineLost):
        await driver.open()
    assert driver.trace.errors == {ErrorKind.TIMEOUT: 1}
    silent.close()


async def test_bad_values_are_each_devices_own(plant, driver_of) -> None:
    await plant.start({"Heat": 21.5})
    good, bad = driver_of(plant.endpoint, HEAT), driver_of(plant.endpoint, "ns=2;s=Missing")
    for driver in (good, bad):
        await driver.open()
        await driver.read()
    assert (good.trace.errors, bad.trace.errors) == ({}, {ErrorKind.BAD_VALUE: 1})


async def test_counts_go_on_over_a_reconnection(plant, driver_of, eventually) -> None:
    await plant.start({"Heat": 21.5})
    driver = driver_of(plant.endpoint, HEAT)
    await driver.open()
    await plant.stop()
    before = driver.trace.requests

    async def is_lost() -> bool:
        try:
            await driver.read()
        except LineLost:
            return True
        return False

    await eventually(is_lost, within_s=3.0)
    await plant.start({"Heat": 21.5})
    await driver.open()
    assert driver.trace.requests > before


async def test_a_driver_made_later_counts_from_nothing(plant, driver_of) -> None:
    await plant.start({"Heat": 21.5})
    first = driver_of(plant.endpoint, HEAT)
    await first.open()
    second = driver_of(plant.endpoint, HEAT)
    assert first.trace.requests > 0
    assert (second.trace.requests, second.trace.received_bytes) == (0, 0)


async def test_a_password_is_in_no_exchange(plant, driver_of) -> None:
    from asyncua import ua

    class Nobody:
        def get_user(self, iserver, username=None, password=None, certificate=None):
            return None

    def prepare(server) -> None:
        server.set_identity_tokens([ua.UserNameIdentityToken])
        server.iserver.user_manager = Nobody()

    await plant.start({"Heat": 21.5}, prepare=prepare)
    driver = driver_of(plant.endpoint, HEAT, username="reader", password=PASSWORD)
    with pytest.raises(NeedsHuman):
        await driver.open()
    trace = driver.trace
    assert trace.last_failed.asked == "sign in"
    assert PASSWORD.encode() not in trace.last_failed.request + trace.last.request


@pytest.mark.parametrize(
    ("parameters", "request_type", "words"),
    [
        ({"NodesToBrowse": [ua.BrowseDescription()]}, ua.BrowseRequest, "browse 1 node"),
        ({"NodesToBrowse": [ua.BrowseDescription()] * 3}, ua.BrowseRequest, "browse 3 nodes"),
        ({}, ua.BrowseNextRequest, "browse on"),
        (
            {"NodesToWrite": [ua.WriteValue(NodeId=ua.NodeId("Heat", 2))]},
            ua.WriteRequest,
            "write ns=2;s=Heat",
        ),
    ],
)
def test_what_tools_ask_is_said_in_words(parameters: dict, request_type: type, words: str) -> None:
    request = request_type()
    for name, value in parameters.items():
        setattr(request.Parameters, name, value)
    assert asked_words(request) == words
