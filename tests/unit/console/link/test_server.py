import asyncio
import logging
import socket
import stat
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from console.link.frames import FrameReader, frame_from_message
from console.link.messages import PROTOCOL, Hello, LiveBatch, Message, StateChange, States
from console.link.server import LinkServer
from models.records.device import DeviceId, DeviceState, DeviceStatus
from models.records.reading import Reading
from models.records.station import StationReport

DEADLINE_S = 5.0
FIGURES = StationReport(1, 2, 30, 20, 10, 0, 3, 40, "live", 5.0)


def reading(device: int, *, value: float | None = 1.5) -> Reading:
    return Reading(DeviceId(device), 100.25, (value, None, 2.0, None, None, None), 3)


def state(device: int, detail: str = "") -> DeviceState:
    return DeviceState(DeviceId(device), DeviceStatus.ONLINE, detail, datetime.fromtimestamp(50, UTC))


class FakeWindow:
    """The other end of the socket, as a window would be."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer
        self._frames = FrameReader()
        self._messages: list[Message] = []

    async def next(self) -> Message:
        async with asyncio.timeout(DEADLINE_S):
            while not self._messages:
                data = await self.reader.read(65536)
                assert data, "the station closed the connection"
                self._messages += self._frames.feed(data)
        return self._messages.pop(0)

    async def welcome(self) -> tuple[Message, Message]:
        return await self.next(), await self.next()

    async def until_closed(self) -> None:
        async with asyncio.timeout(DEADLINE_S):
            while await self.reader.read(65536):
                pass

    async def close(self) -> None:
        self.writer.close()


@pytest.fixture
def address(tmp_path: Path) -> str:
    return str(tmp_path / "s.sock")


@pytest.fixture
async def server(address: str) -> AsyncIterator[LinkServer]:
    server = LinkServer(address, "station of here", "0.1", coalesce_s=0.01, buffer_bytes=100_000)
    await server.start()
    yield server
    await server.stop()


@pytest.fixture
async def connect(address: str) -> AsyncIterator[Callable[[], Awaitable[FakeWindow]]]:
    windows: list[FakeWindow] = []

    async def make() -> FakeWindow:
        windows.append(FakeWindow(*await asyncio.open_unix_connection(address)))
        return windows[-1]

    yield make
    for window in windows:
        await window.close()


def mode_of(address: str) -> int | None:
    path = Path(address)
    return stat.S_IMODE(path.stat().st_mode) if path.exists() else None


async def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + DEADLINE_S
    while not condition():
        assert time.monotonic() < deadline, "the condition never came true"
        await asyncio.sleep(0.002)


async def test_window_is_greeted_and_told_all_states(server: LinkServer, connect) -> None:
    server.set_states([state(1), state(2, "2 of 6 values are not usable.")])
    hello, states = await (await connect()).welcome()
    assert isinstance(hello, Hello)
    assert (hello.protocol, hello.name, hello.version) == (PROTOCOL, "station of here", "0.1")
    assert states == States(
        [
            StateChange(1, "online", "", 50.0),
            StateChange(2, "online", "2 of 6 values are not usable.", 50.0),
        ]
    )


async def test_readings_of_one_moment_arrive_as_one_batch(server: LinkServer, connect) -> None:
    window = await connect()
    await window.welcome()
    server.publish_readings([reading(1)])
    server.publish_readings([reading(2), reading(3)])
    batch = await window.next()
    assert isinstance(batch, LiveBatch)
    assert np.frombuffer(batch.devices, "<i8").tolist() == [1, 2, 3]
    assert np.frombuffer(batch.recorded_unix, "<f8").tolist() == [100.25] * 3
    values = np.frombuffer(batch.values, "<f8").reshape(3, 6)
    assert values[0].tolist() == pytest.approx([1.5, np.nan, 2.0, np.nan, np.nan, np.nan], nan_ok=True)
    assert np.frombuffer(batch.quality, "<i2").tolist() == [3, 3, 3]


async def test_batch_without_a_single_value_arrives_whole(server: LinkServer, connect) -> None:
    window = await connect()
    await window.welcome()
    server.publish_readings([Reading(DeviceId(1), 1.0, (None,) * 6, 63)])
    batch = await window.next()
    assert isinstance(batch, LiveBatch)
    assert np.isnan(np.frombuffer(batch.values, "<f8")).tolist() == [True] * 6


async def test_changes_and_figures_reach_every_window(server: LinkServer, connect) -> None:
    windows = [await connect(), await connect()]
    for window in windows:
        await window.welcome()
    server.publish_states([state(7)])
    server.publish_figures(FIGURES)
    for window in windows:
        assert await window.next() == States([StateChange(7, "online", "", 50.0)])
        assert await window.next() == StationReport(1, 2, 30, 20, 10, 0, 3, 40, "live", 5.0)


async def test_window_that_comes_later_learns_what_changed_before(server: LinkServer, connect) -> None:
    server.set_states([state(1)])
    server.publish_states([state(1, "new")])
    _, states = await (await connect()).welcome()
    assert states == States([StateChange(1, "online", "new", 50.0)])


async def test_removed_device_is_not_told_of_any_more(server: LinkServer, connect) -> None:
    server.set_states([state(1), state(2)])
    server.set_states([state(2)])
    _, states = await (await connect()).welcome()
    assert states == States([StateChange(2, "online", "", 50.0)])


async def test_stuck_window_is_let_go_and_others_are_served(
    server: LinkServer, connect, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING, "console.link.window")
    stuck, lively = await connect(), await connect()
    stuck.writer.write(frame_from_message(Hello(PROTOCOL, "Control room", "0.1", 77)))
    stuck.reader._limit = 1024  # it reads no further than this, whatever the station sends
    await lively.welcome()
    drained = asyncio.create_task(lively.until_closed())

    def send() -> bool:
        server.publish_states([state(number, "x" * 200) for number in range(200)])
        return server.window_count == 1

    await wait_until(send)
    assert caplog.messages == [
        "the window Control room (process 77) takes no more data and was disconnected; it may connect again"
    ]
    drained.cancel()


@pytest.mark.parametrize("noise", [b"GET / HTTP/1.1\r\n\r\n", b"\x00\x00\x00\x03abc"])
async def test_stranger_is_let_go(
    server: LinkServer, connect, caplog: pytest.LogCaptureFixture, noise: bytes
) -> None:
    stranger = await connect()
    stranger.writer.write(noise)
    await stranger.until_closed()
    await wait_until(lambda: server.window_count == 0)
    assert "was disconnected" in caplog.text


async def test_window_of_another_protocol_is_greeted_and_let_go(server: LinkServer, connect) -> None:
    other = await connect()
    other.writer.write(frame_from_message(Hello(PROTOCOL + 1, "Old window", "9", 1)))
    hello, _ = await other.welcome()
    assert isinstance(hello, Hello)
    await other.until_closed()


async def test_window_that_went_away_is_forgotten(server: LinkServer, connect) -> None:
    window = await connect()
    await window.welcome()
    await window.close()
    await wait_until(lambda: server.window_count == 0)
    server.publish_readings([reading(1)])


async def test_socket_is_the_owners_alone_and_gone_after_the_stop(address: str) -> None:
    server = LinkServer(address, "s", "0")
    await server.start()
    assert mode_of(address) == 0o600
    await server.stop()
    await server.stop()
    assert mode_of(address) is None


async def test_socket_left_by_a_killed_station_is_replaced(address: str, connect) -> None:
    with socket.socket(socket.AF_UNIX) as killed:
        killed.bind(address)
    server = LinkServer(address, "s", "0")
    await server.start()
    await (await connect()).welcome()
    await server.stop()


async def test_socket_of_a_living_station_is_left_alone(server: LinkServer, address: str, connect) -> None:
    second = LinkServer(address, "s", "0")
    with pytest.raises(OSError, match="another station answers"):
        await second.start()
    await second.stop()
    await (await connect()).welcome()


async def test_stop_closes_every_window_after_its_last_batch(server: LinkServer, connect) -> None:
    window = await connect()
    await window.welcome()
    server.publish_readings([reading(1)])
    await server.stop()
    assert isinstance(await window.next(), LiveBatch)
    await window.until_closed()
