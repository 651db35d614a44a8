"""Servers that are away, die, hang, move their namespaces, or want another security."""

import asyncio
import subprocess
import time
from collections.abc import Awaitable, Callable

import pytest
from asyncua import Server, ua

from drivers.errors import DriverError, LineLost, NeedsHuman
from drivers.opcua.address import parse_address
from drivers.opcua.driver import OpcuaDriver, OpcuaHub
from drivers.opcua.settings import OpcuaSettings

MakeDriver = Callable[..., OpcuaDriver]
Eventually = Callable[..., Awaitable[float]]


async def is_lost(driver: OpcuaDriver) -> bool:
    try:
        await driver.read()
    except LineLost:
        return True
    return False


async def is_reading(driver: OpcuaDriver) -> bool:
    """Do what a poller does: open again after a loss."""
    try:
        await driver.open()
        return (await driver.read())[0].value is not None
    except DriverError:
        return False


async def test_refused_port_is_said_in_one_sentence(free_port: int, driver_of: MakeDriver) -> None:
    driver = driver_of(f"opc.tcp://127.0.0.1:{free_port}/x", "i=2259")
    with pytest.raises(LineLost, match=rf"^opc.tcp://127.0.0.1:{free_port}/x refuses the connection"):
        await driver.open()


async def test_unknown_host_is_said_in_one_sentence(driver_of: MakeDriver) -> None:
    driver = driver_of("opc.tcp://no-such-host.invalid:4840/x", "i=2259", timeout_s=5.0)
    with pytest.raises(LineLost, match=r"^The host name in \S+no-such-host\.invalid:4840/x cannot be"):
        await driver.open()


@pytest.mark.quiet
async def test_silent_port_is_given_up_after_the_time_out(driver_of: MakeDriver) -> None:
    silent = await asyncio.get_running_loop().create_server(asyncio.Protocol, "127.0.0.1", 0)
    port = silent.sockets[0].getsockname()[1]
    began = time.monotonic()
    with pytest.raises(LineLost, match=r"within 0\.3 s; check that the server runs"):
        await driver_of(f"opc.tcp://127.0.0.1:{port}/x", "i=2259", timeout_s=0.3).open()
    assert time.monotonic() - began < 2.0
    silent.close()


@pytest.mark.parametrize(
    "garbage", [b"HTTP/1.1 400 Bad Request\r\n\r\n", b"\xff" * 64, b"ACKF\x08\x00\x00\x00"]
)
async def test_a_port_that_speaks_something_else_is_a_lost_line(
    driver_of: MakeDriver, garbage: bytes
) -> None:
    async def babble(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.write(garbage)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(babble, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    with pytest.raises(LineLost, match=rf"opc\.tcp://127\.0\.0\.1:{port}/x"):
        await driver_of(f"opc.tcp://127.0.0.1:{port}/x", "i=2259").open()
    server.close()


async def test_security_that_the_server_does_not_offer_needs_a_human(plant, driver_of: MakeDriver) -> None:
    def offer_encryption_only(server: Server) -> None:
        async def endpoints(*args: object, **kwargs: object) -> list[ua.EndpointDescription]:
            return [
                ua.EndpointDescription(
                    EndpointUrl=plant.endpoint,
                    SecurityMode=ua.MessageSecurityMode.SignAndEncrypt,
                    SecurityPolicyUri="http://opcfoundation.org/UA/SecurityPolicy#Basic256Sha256",
                )
            ]

        server.iserver.get_endpoints = endpoints

    await plant.start({"Heat": 21.5}, prepare=offer_encryption_only)
    with pytest.raises(
        NeedsHuman,
        match=r"offers no endpoint with security None, only Basic256Sha256 \(SignAndEncrypt\); enable",
    ):
        await driver_of(plant.endpoint, "ns=2;s=Heat").open()


async def test_a_server_without_anonymous_sign_in_needs_a_human(plant, driver_of: MakeDriver) -> None:
    await plant.start(
        {"Heat": 21.5}, prepare=lambda server: server.set_identity_tokens([ua.UserNameIdentityToken])
    )
    with pytest.raises(NeedsHuman, match="refuses to sign in anonymously; give user name and password"):
        await driver_of(plant.endpoint, "ns=2;s=Heat").open()


@pytest.mark.quiet
async def test_many_devices_share_one_attempt_and_each_gets_its_own_error(
    free_port: int, driver_of: MakeDriver
) -> None:
    drivers = [driver_of(f"opc.tcp://127.0.0.1:{free_port}/x", "i=2259") for _ in range(50)]
    began = time.monotonic()
    errors = await asyncio.gather(*(driver.open() for driver in drivers), return_exceptions=True)
    assert time.monotonic() - began < 1.0
    assert all(isinstance(error, LineLost) for error in errors)
    assert len({id(error) for error in errors}) == 50


async def test_cancelling_one_open_does_not_disturb_the_others(plant, driver_of: MakeDriver) -> None:
    await plant.start({"Heat": 21.5})
    impatient, patient = driver_of(plant.endpoint, "ns=2;s=Heat"), driver_of(plant.endpoint, "ns=2;s=Heat")
    leaving = asyncio.create_task(impatient.open())
    staying = asyncio.create_task(patient.open())
    await asyncio.sleep(0)
    leaving.cancel()
    await staying
    assert (await patient.read())[0].value == 21.5
    assert leaving.cancelled()


@pytest.mark.quiet
@pytest.mark.parametrize("mode", ["subscribe", "poll"])
async def test_a_server_that_stops_is_seen_and_heals_after_its_return(
    plant, driver_of: MakeDriver, eventually: Eventually, mode: str
) -> None:
    await plant.start({"Heat": 21.5})
    driver = driver_of(plant.endpoint, "ns=2;s=Heat", mode=mode)
    await driver.open()
    await driver.read()
    await plant.stop()
    await eventually(lambda: is_lost(driver), within_s=2.0)
    await plant.start({"Heat": 25.0})
    await eventually(lambda: is_reading(driver), within_s=10.0)
    assert (await driver.read())[0].value == 25.0


@pytest.mark.quiet
async def test_a_frozen_server_is_seen_within_two_seconds_and_heals_when_thawed(
    server_process, driver_of: MakeDriver, eventually: Eventually
) -> None:
    await server_process.start()
    pushed = driver_of(server_process.endpoint, "ns=2;s=Count")
    polled = driver_of(server_process.endpoint, "ns=2;s=Count", mode="poll", timeout_s=0.9)
    for driver in (pushed, polled):
        await driver.open()
        await driver.read()
    server_process.freeze()
    began = time.monotonic()
    await asyncio.gather(
        eventually(lambda: is_lost(pushed), within_s=2.1), eventually(lambda: is_lost(polled), within_s=2.1)
    )
    assert time.monotonic() - began > 0.5, "seen before the silence could mean anything"
    assert not await is_reading(pushed)
    server_process.thaw()
    await asyncio.gather(
        eventually(lambda: is_reading(pushed), within_s=10.0),
        eventually(lambda: is_reading(polled), within_s=10.0),
    )


@pytest.mark.quiet
def test_a_killed_server_is_seen_within_two_seconds_and_heals_but_our_own_standstill_is_not_its_death(
    counting_process: tuple[str, subprocess.Popen[bytes]], plant_at, eventually: Eventually
) -> None:
    endpoint, process = counting_process

    async def live_through_it() -> None:
        hub = OpcuaHub()
        settings = OpcuaSettings(endpoint=endpoint, timeout_s=0.5, publishing_interval_ms=50)
        driver = hub.driver(settings, [parse_address("ns=2;s=Count")])
        await driver.open()
        assert (await driver.read())[0].value is not None

        time.sleep(1.8)  # noqa: ASYNC251 - the stimulus: as when a computer is suspended
        woke_unix = time.time()

        async def is_fresh_again() -> bool:
            return (await driver.read())[0].received_unix > woke_unix + 0.3

        await eventually(is_fresh_again, within_s=2.0)

        process.kill()
        await eventually(lambda: is_lost(driver), within_s=2.0)
        successor = plant_at(endpoint)
        await successor.start({"Count": -1})
        await eventually(lambda: is_reading(driver), within_s=10.0)
        assert (await driver.read())[0].value == -1
        await hub.close()
        await successor.stop()

    # The station's loop, where there is one; it orders timers and sockets differently from asyncio's.
    with asyncio.Runner(loop_factory=pytest.importorskip("uvloop").new_event_loop) as runner:
        runner.run(live_through_it())


async def test_namespace_uri_is_looked_up_anew_after_the_server_renumbered(
    plant, driver_of: MakeDriver, eventually: Eventually
) -> None:
    await plant.start({"Heat": 21.5})
    driver = driver_of(plant.endpoint, "nsu=urn:test:plant;s=Heat")
    await driver.open()
    assert (await driver.read())[0].value == 21.5
    before = plant.index
    await plant.stop()
    await eventually(lambda: is_lost(driver), within_s=2.0)
    await plant.start({"Heat": 26.0}, namespaces_before=("urn:test:other", "urn:test:another"))
    await eventually(lambda: is_reading(driver), within_s=10.0)
    assert plant.index == before + 2
    assert (await driver.read())[0].value == 26.0


async def test_a_subscription_that_falls_silent_while_the_session_answers_is_made_anew(
    plant, driver_of: MakeDriver, eventually: Eventually
) -> None:
    await plant.start({"Heat": 21.5})
    driver = driver_of(plant.endpoint, "ns=2;s=Heat", timeout_s=0.3)
    await driver.open()
    await driver.read()
    (subscription,) = plant.server.iserver.subscription_service.subscriptions.values()
    subscription._task.cancel()
    await eventually(lambda: is_lost(driver), within_s=3.0)
    await eventually(lambda: is_reading(driver), within_s=3.0)
