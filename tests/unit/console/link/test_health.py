"""What windows are told of connections, over a real socket: of what their person may see, and no more."""

from collections.abc import Awaitable, Callable

from console.link.messages import DeviceFigures
from console.link.server import LinkServer
from models.records.device import DeviceId
from models.records.device_health import DeviceHealth, Exchange
from tests.unit.console.link.link_parts import ADMIN, EMIL, ERNA, FakeDoorkeeper, FakeWindow, owned, state

Connect = Callable[[], Awaitable[FakeWindow]]


def health(device: int, failed: int = 0) -> DeviceHealth:
    """A record with something of everything that is not a number."""
    return DeviceHealth(
        DeviceId(device),
        polls_failed=failed,
        errors={"timeout": failed},
        last=Exchange(10.0, 4.5, "read holding 0 to 9 of unit 3", request=b"\x00\xff", request_bytes=2),
        recent=b"\x00\x00\xc0\x7f",
    )


async def test_window_that_comes_in_is_told_the_newest_of_every_device(
    server: LinkServer, connect: Connect
) -> None:
    server.publish_health([health(1), health(2)])
    server.publish_health([health(1, failed=3)])
    window = await connect()
    await window.signed_in(ADMIN)
    assert await window.next() == DeviceFigures([health(1, failed=3), health(2)])


async def test_window_that_is_there_is_told_of_each_as_it_is_looked_at(
    server: LinkServer, connect: Connect
) -> None:
    window = await connect()
    await window.signed_in(ADMIN)
    server.publish_health([health(2)])
    assert await window.next() == DeviceFigures([health(2)])


async def test_engineers_are_told_of_their_own_devices_only(server: LinkServer, connect: Connect) -> None:
    server.set_states([state(1), state(2)], owned(emil=(1,), erna=(2,)))
    server.publish_health([health(1), health(2)])
    emil = await connect()
    await emil.signed_in(EMIL)
    assert await emil.next() == DeviceFigures([health(1)])
    server.publish_health([health(2, failed=1)])
    server.publish_health([health(1, failed=1), health(2, failed=2)])
    assert await emil.next() == DeviceFigures([health(1, failed=1)])


async def test_whoever_may_see_more_from_now_on_is_told_of_it(
    server: LinkServer, connect: Connect, doorkeeper: FakeDoorkeeper
) -> None:
    server.set_states([state(1)], owned(emil=(1,)))
    server.publish_health([health(1)])
    erna = await connect()
    await erna.signed_in(ERNA)
    server.set_states([state(1)], owned(erna=(1,)))
    told = [await erna.next(), await erna.next()]
    assert DeviceFigures([health(1)]) in told


async def test_nothing_is_told_of_devices_that_others_poll_from_now_on(
    server: LinkServer, connect: Connect
) -> None:
    server.publish_health([health(1), health(2)])
    server.release([DeviceId(1)])
    window = await connect()
    await window.signed_in(ADMIN)
    assert await window.next() == DeviceFigures([health(2)])
