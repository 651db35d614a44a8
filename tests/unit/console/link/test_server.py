"""What windows that were let in hear, and how the socket itself behaves."""

import asyncio
import logging
import socket
import stat
from pathlib import Path

import numpy as np
import pytest

from console.link.frames import frame_from_message
from console.link.messages import PROTOCOL, Hello, LiveBatch, StateChange, States
from console.link.server import LinkServer
from models.records.device import DeviceId
from models.records.reading import Reading
from models.records.station import StationReport
from tests.unit.console.link.link_parts import ADMIN, FIGURES, OPERATOR, FakeDoorkeeper, reading, state


def mode_of(address: str) -> int | None:
    path = Path(address)
    return stat.S_IMODE(path.stat().st_mode) if path.exists() else None


async def test_window_is_greeted_and_told_all_states(server: LinkServer, connect) -> None:
    server.set_states([state(1), state(2, "2 of 6 values are not usable.")], {})
    window = await connect()
    window.greet("Ada")
    hello = await window.next()
    assert isinstance(hello, Hello)
    assert (hello.protocol, hello.name, hello.version) == (PROTOCOL, "station of here", "0.1")
    await window.next()
    assert await window.next() == States(
        [
            StateChange(1, "online", "", 50.0),
            StateChange(2, "online", "2 of 6 values are not usable.", 50.0),
        ]
    )


async def test_readings_of_one_moment_arrive_as_one_batch(server: LinkServer, connect) -> None:
    window = await connect()
    await window.signed_in(ADMIN)
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
    await window.signed_in(ADMIN)
    server.publish_readings([Reading(DeviceId(1), 1.0, (None,) * 6, 63)])
    batch = await window.next()
    assert isinstance(batch, LiveBatch)
    assert np.isnan(np.frombuffer(batch.values, "<f8")).tolist() == [True] * 6


async def test_changes_and_figures_reach_every_window(server: LinkServer, connect) -> None:
    windows = [await connect(), await connect()]
    await windows[0].signed_in(ADMIN)
    await windows[1].signed_in(OPERATOR)
    server.publish_states([state(7)])
    server.publish_figures(FIGURES)
    for window in windows:
        assert await window.next() == States([StateChange(7, "online", "", 50.0)])
        assert await window.next() == StationReport(1, 2, 30, 20, 10, 0, 3, 40, "live", 5.0)


async def test_windows_that_see_everything_share_one_frame(
    server: LinkServer, connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    windows = [await connect() for _ in range(3)]
    for window in windows:
        await window.signed_in(ADMIN)
    encoded = []
    monkeypatch.setattr(
        "console.link.audience.frame_from_message",
        lambda message: encoded.append(message) or frame_from_message(message),
    )
    server.publish_readings([reading(1)])
    for window in windows:
        assert isinstance(await window.next(), LiveBatch)
    assert len(encoded) == 1


async def test_window_that_comes_later_learns_what_changed_before(server: LinkServer, connect) -> None:
    server.set_states([state(1)], {})
    server.publish_states([state(1, "new")])
    assert await (await connect()).signed_in(ADMIN) == States([StateChange(1, "online", "new", 50.0)])


async def test_removed_device_is_not_told_of_any_more(server: LinkServer, connect) -> None:
    server.set_states([state(1), state(2)], {})
    server.set_states([state(2)], {})
    assert await (await connect()).signed_in(ADMIN) == States([StateChange(2, "online", "", 50.0)])


async def test_stuck_window_is_let_go_and_others_are_served(
    server: LinkServer, connect, wait_until, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING, "console.link.window")
    stuck, lively = await connect(), await connect()
    await stuck.signed_in(ADMIN)
    stuck.reader._limit = 1024  # it reads no further than this, whatever the station sends
    await lively.signed_in(OPERATOR)
    drained = asyncio.create_task(lively.until_closed())

    def send() -> bool:
        server.publish_states([state(number, "x" * 200) for number in range(200)])
        return server.window_count == 1

    await wait_until(send)
    assert caplog.messages == [
        "the window Control room (process 77) takes no more data and was disconnected; it may connect again"
    ]
    drained.cancel()


async def test_window_that_went_away_is_forgotten(
    server: LinkServer, connect, wait_until, doorkeeper: FakeDoorkeeper
) -> None:
    window = await connect()
    await window.signed_in(ADMIN)
    await window.close()
    await wait_until(lambda: server.window_count == 0)
    assert doorkeeper.watched == 0
    server.publish_readings([reading(1)])


async def test_socket_is_the_owners_alone_and_gone_after_the_stop(
    address: str, doorkeeper: FakeDoorkeeper
) -> None:
    server = LinkServer(address, "s", "0")
    await server.start(doorkeeper)
    assert mode_of(address) == 0o600
    await server.stop()
    await server.stop()
    assert mode_of(address) is None


async def test_socket_left_by_a_killed_station_is_replaced(
    address: str, connect, doorkeeper: FakeDoorkeeper
) -> None:
    with socket.socket(socket.AF_UNIX) as killed:
        killed.bind(address)
    server = LinkServer(address, "s", "0")
    await server.start(doorkeeper)
    await (await connect()).signed_in(ADMIN)
    await server.stop()


async def test_socket_of_a_living_station_is_left_alone(
    server: LinkServer, address: str, connect, doorkeeper: FakeDoorkeeper
) -> None:
    second = LinkServer(address, "s", "0")
    with pytest.raises(OSError, match="another station answers"):
        await second.start(doorkeeper)
    await second.stop()
    await (await connect()).signed_in(ADMIN)


async def test_stop_closes_every_window_after_its_last_batch(server: LinkServer, connect) -> None:
    window, stranger = await connect(), await connect()
    await window.signed_in(ADMIN)
    server.publish_readings([reading(1)])
    await server.stop()
    assert isinstance(await window.next(), LiveBatch)
    await window.until_closed()
    await stranger.until_closed()
