"""The socket is no back door: who is let in, what they are shown, and how they are shown out."""

import asyncio
import logging
import struct
from datetime import timedelta

import numpy as np
import pytest
from msgspec.structs import replace as replaced

from console.link.frames import frame_from_message
from console.link.messages import (
    PROTOCOL,
    Hello,
    LiveBatch,
    Refused,
    StateChange,
    States,
    Welcome,
    Withdrawn,
)
from console.link.server import STRANGERS, LinkServer
from models.records.device import DeviceStatus
from models.records.person import Role
from models.records.station import StationReport
from models.records.ticket import TicketHolder, TicketRefusal
from tests.unit.console.link.link_parts import (
    ADMIN,
    EMIL,
    ERNA,
    EXPIRES_AT,
    FIGURES,
    OPERATOR,
    FakeDoorkeeper,
    owned,
    reading,
    state,
)

DISABLED = TicketRefusal("This account is disabled; ask an administrator.", is_final=True)
LIVING = [state(1), state(2), state(3, status=DeviceStatus.OFFLINE)]


def told(*devices: int) -> States:
    everything = {
        1: StateChange(1, "online", "", 50.0),
        2: StateChange(2, "online", "", 50.0),
        3: StateChange(3, "offline", "", 50.0),
    }
    return States([everything[device] for device in devices])


def publish_everything(server: LinkServer) -> None:
    server.set_states(LIVING, owned(emil=(1,), erna=(2,)))
    server.publish_states(LIVING)
    server.publish_readings([reading(1), reading(2), reading(3)])
    server.publish_figures(FIGURES)


@pytest.mark.parametrize("greeting_s", [0.3])
async def test_whoever_says_nothing_hears_a_greeting_and_is_let_go(server: LinkServer, connect) -> None:
    silent = await connect()
    publish_everything(server)
    said = await silent.until_closed()
    assert [type(message) for message in said] == [Hello]
    assert server.stranger_count == 0


@pytest.mark.parametrize(
    ("ticket", "sentence"),
    [
        ("", "Nobody is signed in at this window; sign in to see live values."),
        ("made up", "The station does not know this sign-in; sign in again."),
        ("0" * 64, "The station does not know this sign-in; sign in again."),
        ("💥' OR 1=1 --\x00", "The station does not know this sign-in; sign in again."),
    ],
)
async def test_a_bad_ticket_hears_why_and_nothing_of_the_plant(
    server: LinkServer, connect, doorkeeper: FakeDoorkeeper, ticket: str, sentence: str
) -> None:
    window = await connect()
    window.greet(ticket)
    publish_everything(server)
    said = await window.until_closed()
    assert said[1:] == [Refused(sentence, is_final=True)]
    assert isinstance(said[0], Hello)
    assert (server.window_count, server.stranger_count, doorkeeper.watched) == (0, 0, 0)


async def test_the_greeting_says_nothing_of_the_plant(server: LinkServer, connect) -> None:
    publish_everything(server)
    hello = await (await connect()).next()
    assert isinstance(hello, Hello)
    assert replaced(hello, pid=0) == Hello(PROTOCOL, "station of here", "0.1", 0, "")


@pytest.mark.parametrize("greeting_s", [0.3])
async def test_a_ticket_that_cannot_be_checked_in_time_is_refused_for_now(
    server: LinkServer, connect, doorkeeper: FakeDoorkeeper
) -> None:
    doorkeeper.is_silent = True
    window = await connect()
    window.greet("Ada")
    publish_everything(server)
    _, refused = await window.until_closed()
    assert isinstance(refused, Refused)
    assert not refused.is_final
    assert refused.sentence.startswith("The station cannot check this sign-in: the database does not answer")
    assert doorkeeper.watched == 0


async def test_a_verdict_after_the_window_left_lets_nobody_in(
    server: LinkServer, connect, wait_until, doorkeeper: FakeDoorkeeper
) -> None:
    doorkeeper.is_silent = True
    window = await connect()
    window.greet("Ada")
    await wait_until(lambda: doorkeeper.watched == 1)
    await window.close()
    await wait_until(lambda: doorkeeper.watched == 0)
    doorkeeper.say("Ada", ADMIN)
    assert server.window_count == 0


async def test_a_disabled_person_is_cut_with_the_reason_and_hears_nothing_after_it(
    server: LinkServer, connect, doorkeeper: FakeDoorkeeper
) -> None:
    window = await connect()
    await window.signed_in(ADMIN)
    doorkeeper.say("Ada", DISABLED)
    publish_everything(server)
    assert await window.until_closed() == [
        Refused("This account is disabled; ask an administrator.", is_final=True)
    ]


async def test_a_disabled_person_who_does_not_read_is_cut_too(
    server: LinkServer, connect, wait_until, doorkeeper: FakeDoorkeeper
) -> None:
    window = await connect()
    await window.signed_in(ADMIN)
    window.reader._limit = 1024  # it reads no further than this, whatever the station sends
    server.publish_states([state(number, "x" * 200) for number in range(1200)])
    doorkeeper.say("Ada", DISABLED)
    await wait_until(lambda: server.window_count == 0 and doorkeeper.watched == 0)
    window.reader._limit = 2**20
    assert not [message for message in await window.until_closed() if isinstance(message, States)]


async def test_an_engineer_sees_own_devices_only(server: LinkServer, connect) -> None:
    server.set_states(LIVING, owned(emil=(1, 3), erna=(2,)))
    window = await connect()
    assert await window.signed_in(EMIL) == told(1, 3)
    server.publish_readings([reading(1), reading(2), reading(3)])
    batch = await window.next()
    assert isinstance(batch, LiveBatch)
    assert np.frombuffer(batch.devices, "<i8").tolist() == [1, 3]
    server.publish_states([state(2, "secret"), state(3, "told")])
    assert await window.next() == States([StateChange(3, "online", "told", 50.0)])


async def test_nothing_is_sent_to_an_engineer_when_only_others_have_news(server: LinkServer, connect) -> None:
    server.set_states(LIVING, owned(emil=(1,)))
    window = await connect()
    await window.signed_in(EMIL)
    server.publish_readings([reading(2)])
    server.publish_states([state(2, "secret")])
    server.publish_figures(FIGURES)
    assert isinstance(await window.next(), StationReport)


async def test_a_device_that_nobody_owns_is_no_engineers(server: LinkServer, connect) -> None:
    server.set_states(LIVING, {})
    assert await (await connect()).signed_in(EMIL) == told()


async def test_an_engineer_is_told_of_no_others_not_even_their_number(server: LinkServer, connect) -> None:
    server.set_states(LIVING, owned(emil=(1, 3)))
    window = await connect()
    await window.signed_in(EMIL)
    server.publish_figures(replaced(FIGURES, configured=3, collecting=2))
    assert await window.next() == replaced(FIGURES, configured=2, collecting=1)


async def test_frames_of_engineers_are_made_once_a_distinct_set(
    server: LinkServer, connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.set_states(LIVING, owned(emil=(1,), erna=(2,)))
    windows = [await connect() for _ in range(5)]
    for window, holder in zip(windows, (EMIL, EMIL, ERNA, ADMIN, OPERATOR), strict=True):
        await window.signed_in(holder)
    encoded = []
    monkeypatch.setattr(
        "console.link.audience.frame_from_message",
        lambda message: encoded.append(message) or frame_from_message(message),
    )
    server.publish_readings([reading(1), reading(2), reading(3)])
    for window in windows:
        assert isinstance(await window.next(), LiveBatch)
    assert len(encoded) == 3


async def test_a_device_given_to_another_is_withdrawn_from_its_former_owner(
    server: LinkServer, connect
) -> None:
    server.set_states(LIVING, owned(emil=(1, 3)))
    emil, erna = await connect(), await connect()
    await emil.signed_in(EMIL)
    await erna.signed_in(ERNA)
    server.set_states(LIVING, owned(emil=(3,), erna=(1,)))
    server.publish_readings([reading(1)])
    assert await emil.next() == Withdrawn([1])
    assert await emil.next() == told(3)
    assert await erna.next() == told(1)
    assert isinstance(await erna.next(), LiveBatch)
    server.publish_figures(FIGURES)
    assert isinstance(await emil.next(), StationReport)


async def test_readings_that_waited_for_others_are_not_sent_to_a_former_owner(
    server: LinkServer, connect
) -> None:
    server.set_states(LIVING, owned(emil=(1,)))
    window = await connect()
    await window.signed_in(EMIL)
    server.publish_readings([reading(1)])
    server.set_states(LIVING, {})
    assert await window.next() == Withdrawn([1])
    assert await window.next() == told()
    await server.stop()
    assert await window.until_closed() == []


async def test_a_removed_device_is_withdrawn_from_everybody(server: LinkServer, connect) -> None:
    server.set_states(LIVING, {})
    window = await connect()
    await window.signed_in(ADMIN)
    server.set_states(LIVING[1:], {})
    assert await window.next() == Withdrawn([1])
    assert await window.next() == told(2, 3)


async def test_an_operator_who_becomes_an_engineer_keeps_own_devices_only(
    server: LinkServer, connect, doorkeeper: FakeDoorkeeper
) -> None:
    server.set_states(LIVING, {state(2).device: OPERATOR.person_id})
    window = await connect()
    assert await window.signed_in(OPERATOR) == told(1, 2, 3)
    doorkeeper.say("Otto", TicketHolder(2, "Otto", Role.USER, EXPIRES_AT, 1.0))
    assert await window.next() == Welcome(2, "Otto", "user", EXPIRES_AT.timestamp())
    assert await window.next() == Withdrawn([1, 3])
    assert await window.next() == told(2)
    server.publish_readings([reading(1), reading(2)])
    batch = await window.next()
    assert isinstance(batch, LiveBatch)
    assert np.frombuffer(batch.devices, "<i8").tolist() == [2]


async def test_an_engineer_who_becomes_an_operator_sees_all_at_once(
    server: LinkServer, connect, doorkeeper: FakeDoorkeeper
) -> None:
    server.set_states(LIVING, owned(emil=(1,)))
    window = await connect()
    await window.signed_in(EMIL)
    later = EXPIRES_AT + timedelta(days=1)
    doorkeeper.say("Emil", TicketHolder(3, "Emil", Role.OPERATOR, later, 1.0))
    assert await window.next() == Welcome(3, "Emil", "operator", later.timestamp())
    assert await window.next() == told(1, 2, 3)


@pytest.mark.parametrize(
    "noise",
    [
        b"GET / HTTP/1.1\r\n\r\n",
        b"\x00\x00\x00\x03abc",
        struct.pack(">I", 9000),
        frame_from_message(LiveBatch(b"", b"", b"", b"")),
        frame_from_message(Welcome(1, "me", "admin", 1e12)),
        frame_from_message(Hello(PROTOCOL, "x", "", 1, "Ada")) * 2,
    ],
    ids=["http", "no msgpack", "too long a greeting", "values", "welcome", "greets twice"],
)
async def test_stranger_who_speaks_nonsense_is_let_go(
    server: LinkServer, connect, wait_until, caplog: pytest.LogCaptureFixture, noise: bytes
) -> None:
    stranger = await connect()
    stranger.writer.write(noise)
    said = await asyncio.wait_for(_until_cut(stranger), 5.0)
    await wait_until(lambda: (server.window_count, server.stranger_count) == (0, 0))
    assert not [message for message in said if isinstance(message, Welcome | States)]
    assert "was disconnected" in caplog.text


async def test_what_a_stranger_calls_itself_stays_on_one_short_line(
    server: LinkServer, connect, caplog: pytest.LogCaptureFixture
) -> None:
    stranger = await connect()
    stranger.greet("Ada", "x\n2026-01-01 ERROR all is lost\x1b[31m" + "y" * 5000)
    stranger.writer.write(b"nonsense!")
    await _until_cut(stranger)
    (line,) = caplog.messages
    assert "\n" not in line
    assert "\x1b" not in line
    assert len(line) < 300


async def test_window_of_another_protocol_is_greeted_and_let_go(
    server: LinkServer, connect, doorkeeper: FakeDoorkeeper
) -> None:
    other = await connect()
    other.writer.write(frame_from_message(Hello(PROTOCOL + 1, "Old window", "9", 1, "Ada")))
    publish_everything(server)
    said = await other.until_closed()
    assert [type(message) for message in said] == [Hello]
    assert doorkeeper.watched == 0


async def test_neither_greeting_nor_log_shows_a_ticket(
    server: LinkServer, connect, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    assert "Ada" not in repr(Hello(PROTOCOL, "x", "1", 2, "Ada"))
    window = await connect()
    window.greet("made up", "Window")
    await window.until_closed()
    assert "made up" not in caplog.text


async def test_strangers_who_hold_the_door_make_room_for_those_who_come(server: LinkServer, connect) -> None:
    first = await connect()
    await first.next()
    for _ in range(0, STRANGERS + 100, 50):
        await asyncio.gather(*(connect() for _ in range(50)))  # the system queues a hundred
    await first.until_closed()
    assert server.stranger_count <= STRANGERS
    await (await connect()).signed_in(ADMIN)


async def test_a_crowd_of_garbage_stops_no_window_and_fills_no_log(
    server: LinkServer, address: str, connect, caplog: pytest.LogCaptureFixture
) -> None:
    window = await connect()
    await window.signed_in(ADMIN)
    heard = asyncio.create_task(_batches(window, 20))

    async def shout(number: int) -> None:
        reader, writer = await asyncio.open_unix_connection(address)
        writer.write(struct.pack(">I", 40) + number.to_bytes(40))
        await reader.read()
        writer.close()

    for start in range(0, 1000, 100):
        server.publish_readings([reading(1)])
        await asyncio.gather(*(shout(number) for number in range(start, start + 100)))
        server.publish_readings([reading(2)])
        await asyncio.sleep(0.02)
    assert await heard == 20
    assert len(caplog.messages) < 20
    assert server.window_count == 1


async def _batches(window, count: int) -> int:
    devices = 0
    while devices < count:
        message = await window.next()
        assert isinstance(message, LiveBatch)
        devices += len(message.devices) // 8
    return devices


async def _until_cut(window):
    try:
        return await window.until_closed()
    except ConnectionError:
        return []
