"""What windows are told of open alerts, over a real socket; and what becomes of devices that others poll."""

import asyncio
import time
from collections.abc import Awaitable, Callable

import pytest

from console.link.alert_board import PAUSE_S
from console.link.messages import AlertChanges, Hello, LiveBatch, Released, StateChange, States, Welcome
from console.link.server import LinkServer
from models.records.station_alert import StationAlert
from tests.unit.console.link.link_parts import (
    ADMIN,
    EMIL,
    ERNA,
    OPERATOR,
    FakeDoorkeeper,
    FakeWindow,
    owned,
    reading,
    state,
)
from tests.unit.console.station.alert_parts import FIRST, ONE, TWO, alert

Connect = Callable[[], Awaitable[FakeWindow]]


async def let_in(window: FakeWindow, name: str) -> list[StationAlert]:
    """Show a ticket; returns the alerts told at the beginning."""
    window.greet(name)
    for kind in (Hello, Welcome, States):
        assert isinstance(await window.next(), kind)
    alerts: list[StationAlert] = []
    told = await window.next()
    assert isinstance(told, AlertChanges)
    assert told.is_all
    alerts += told.changes
    return alerts


async def test_window_that_comes_in_is_told_every_open_alert(server: LinkServer, connect: Connect) -> None:
    server.publish_alerts([alert(1), alert(2)], [])
    server.publish_alerts([alert(1, acknowledged_unix=20.0, acknowledged_by="Ada")], [(TWO, FIRST)])
    assert await let_in(await connect(), "Ada") == [
        alert(1, acknowledged_unix=20.0, acknowledged_by="Ada"),
    ]


async def test_engineer_is_told_alerts_of_own_devices_only(server: LinkServer, connect: Connect) -> None:
    server.set_states([state(1), state(2)], owned(emil=(1,), erna=(2,)))
    server.publish_alerts([alert(1), alert(2)], [])
    emil = await connect()
    assert await let_in(emil, "Emil") == [alert(1)]
    server.publish_alerts([alert(2, message="not his")], [(TWO, FIRST)])
    server.publish_alerts([alert(1, message="his")], [])
    server.publish_alerts([], [(ONE, FIRST)])
    told = [await emil.next()]
    assert told == [AlertChanges([], [(1, 1)])]


async def test_changes_that_come_together_are_one_message(server: LinkServer, connect: Connect) -> None:
    window = await connect()
    await window.signed_in(OPERATOR)
    for number in range(50):
        server.publish_alerts([alert(1, message=str(number)), alert(2 + number)], [])
    server.publish_alerts([], [(TWO, FIRST)])
    told = await window.next()
    assert isinstance(told, AlertChanges)
    assert told.changes[0] == alert(1, message="49")
    assert (len(told.changes), told.gone, told.is_all) == (50, [(2, 1)], False)


async def test_changes_are_told_four_times_a_second_at_most(server: LinkServer, connect: Connect) -> None:
    window = await connect()
    await window.signed_in(OPERATOR)
    began_s = time.monotonic()
    for number in range(3):
        server.publish_alerts([alert(1, message=str(number))], [])
        await window.next()
    assert time.monotonic() - began_s >= 2 * PAUSE_S


async def test_end_of_an_alert_that_nobody_was_told_of_is_no_news(
    server: LinkServer, connect: Connect
) -> None:
    window = await connect()
    await window.signed_in(OPERATOR)
    server.publish_alerts([], [(ONE, FIRST)])
    server.publish_readings([reading(1)])
    assert isinstance(await window.next(), LiveBatch)


async def test_device_given_to_another_takes_its_alerts_along(server: LinkServer, connect: Connect) -> None:
    server.set_states([state(1)], owned(emil=(1,)))
    server.publish_alerts([alert(1)], [])
    emil, erna = await connect(), await connect()
    assert await let_in(emil, "Emil") == [alert(1)]
    assert await let_in(erna, "Erna") == []
    server.set_states([state(1)], owned(erna=(1,)))
    told = {"emil": [await emil.next() for _ in range(3)], "erna": [await erna.next() for _ in range(2)]}
    assert told["emil"][2] == AlertChanges([], is_all=True)
    assert told["erna"][1] == AlertChanges([alert(1)], is_all=True)


async def test_operator_who_becomes_an_engineer_keeps_alerts_of_own_devices_only(
    server: LinkServer, connect: Connect, doorkeeper: FakeDoorkeeper
) -> None:
    server.set_states([state(1), state(2)], owned(emil=(2,)))
    server.publish_alerts([alert(1), alert(2)], [])
    window = await connect()
    assert await let_in(window, "Otto") == [alert(1), alert(2)]
    doorkeeper.say("Otto", EMIL)
    told = [await window.next() for _ in range(4)]
    assert told[3] == AlertChanges([alert(2)], is_all=True)


async def test_flood_is_told_whole_in_frames_of_a_bounded_size(server: LinkServer, connect: Connect) -> None:
    flood = [alert(number) for number in range(1, 2502)]
    server.publish_alerts(flood, [])
    window = await connect()
    first = await let_in(window, "Ada")
    rest = [await window.next() for _ in range(2)]
    assert [len(first), *(len(told.changes) for told in rest)] == [1000, 1000, 501]
    assert [told.is_all for told in rest] == [False, False]
    assert first + [one for told in rest for one in told.changes] == flood


async def test_released_device_is_forgotten_and_every_window_that_sees_it_told(
    server: LinkServer, connect: Connect
) -> None:
    server.set_states([state(1), state(2)], owned(emil=(1,), erna=(2,)))
    server.publish_alerts([alert(1), alert(2)], [])
    ada, emil, erna = await connect(), await connect(), await connect()
    for window, name in ((ada, "Ada"), (emil, "Emil"), (erna, "Erna")):
        await let_in(window, name)
    server.release({ONE})
    server.publish_alerts([], [(ONE, FIRST)])
    server.publish_readings([reading(2)])
    assert [await ada.next(), await emil.next()] == [Released([1])] * 2
    assert isinstance(await ada.next(), LiveBatch)
    assert isinstance(await erna.next(), LiveBatch)
    later = await connect()
    later.greet("Ada")
    assert [await later.next() for _ in range(4)][2:] == [
        States([StateChange(2, "online", "", 50.0)]),
        AlertChanges([alert(2)], is_all=True),
    ]


async def test_device_that_comes_back_is_seen_by_who_saw_it_before(
    server: LinkServer, connect: Connect
) -> None:
    server.set_states([state(1)], owned(emil=(1,)))
    window = await connect()
    await window.signed_in(EMIL)
    server.release([ONE])
    server.publish_states([state(1, "again")])
    assert [await window.next(), await window.next()] == [
        Released([1]),
        States([StateChange(1, "online", "again", 50.0)]),
    ]


async def test_stop_tells_what_waits(server: LinkServer, connect: Connect) -> None:
    window = await connect()
    await window.signed_in(ADMIN)
    server.publish_alerts([alert(1)], [])
    await server.stop()
    assert await window.until_closed() == [AlertChanges([alert(1)])]


@pytest.mark.parametrize("holder", [ADMIN, OPERATOR, ERNA])
async def test_stuck_window_does_not_keep_the_flood(
    server: LinkServer, connect: Connect, wait_until, holder
) -> None:
    server.set_states([state(number) for number in range(1, 1001)], owned(erna=tuple(range(1, 1001))))
    window = await connect()
    window.greet(holder.name)
    await wait_until(lambda: server.window_count == 1)

    def flood() -> bool:
        server.publish_alerts([alert(number, message="x" * 500) for number in range(1, 1001)], [])
        server._alerts.stop()
        return server.window_count == 0

    await asyncio.wait_for(wait_until(flood), 5.0)
