"""What windows may ask of the station, and that nothing they send can harm it; over a real socket."""

import logging
import os
import struct
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import suppress

import msgspec
import pytest

from console.link.frames import LONGEST_GREETING, LONGEST_REQUEST, frame_from_message
from console.link.messages import Acknowledge, Acknowledged, LiveBatch, Message
from console.link.requests import BURST, MOST_ALERTS
from console.link.server import LinkServer
from models.records.ticket import TicketHolder
from tests.unit.console.link.link_parts import (
    ADMIN,
    EMIL,
    OPERATOR,
    UNKNOWN,
    FakeDoorkeeper,
    FakeWindow,
    owned,
    reading,
    state,
)

Connect = Callable[[], Awaitable[FakeWindow]]
WaitUntil = Callable[[Callable[[], bool]], Awaitable[None]]


class FakeDesk:
    """Keeps what it was asked; answers when the test says so."""

    def __init__(self) -> None:
        self.asked: list[tuple[object, ...]] = []
        self.answers: list[Callable[[Sequence[tuple[int, int, bool, str]]], None]] = []

    def acknowledge(self, holder: TicketHolder, ticket, sight, number, alerts, comment, on_outcomes) -> None:
        self.asked.append((holder, ticket, sight, number, list(alerts), comment))
        self.answers.append(on_outcomes)


@pytest.fixture
def desk() -> FakeDesk:
    return FakeDesk()


@pytest.fixture
async def server(address: str, doorkeeper: FakeDoorkeeper, desk: FakeDesk) -> AsyncIterator[LinkServer]:
    server = LinkServer(address, "station of here", "0.1", coalesce_s=0.01)
    await server.start(doorkeeper, desk)
    yield server
    await server.stop()


def say(window: FakeWindow, *messages: Message) -> None:
    window.writer.write(b"".join(frame_from_message(message) for message in messages))


async def test_acknowledgement_reaches_the_desk_in_the_name_of_the_guest(
    server: LinkServer, connect: Connect, desk: FakeDesk, wait_until: WaitUntil
) -> None:
    server.set_states([state(1)], owned(emil=(1,)))
    window = await connect()
    await window.signed_in(EMIL)
    say(window, Acknowledge(7, [(1, 1), (2, 5)], "Looked at it"))
    await wait_until(lambda: bool(desk.asked))
    assert desk.asked == [(EMIL, "Emil", frozenset({1}), 7, [(1, 1), (2, 5)], "Looked at it")]


async def test_answer_goes_to_the_window_that_asked(
    server: LinkServer, connect: Connect, desk: FakeDesk, wait_until: WaitUntil
) -> None:
    windows = [await connect(), await connect()]
    for window in windows:
        await window.signed_in(ADMIN)
    say(windows[0], Acknowledge(7, [(1, 1)]))
    await wait_until(lambda: bool(desk.asked))
    desk.answers[0]([(1, 1, True, "Acknowledged.")])
    server.publish_readings([reading(1)])
    assert await windows[0].next() == Acknowledged(7, [(1, 1, True, "Acknowledged.")])
    assert isinstance(await windows[1].next(), LiveBatch)


async def test_answer_to_a_window_that_went_away_is_dropped(
    server: LinkServer, connect: Connect, desk: FakeDesk, wait_until: WaitUntil
) -> None:
    window = await connect()
    await window.signed_in(ADMIN)
    say(window, Acknowledge(7, [(1, 1)]))
    await wait_until(lambda: bool(desk.asked))
    await window.close()
    await wait_until(lambda: server.window_count == 0)
    desk.answers[0]([(1, 1, True, "Acknowledged.")])


async def test_the_greatest_acknowledgement_there_is_fits(
    server: LinkServer, connect: Connect, desk: FakeDesk, wait_until: WaitUntil
) -> None:
    window = await connect()
    await window.signed_in(ADMIN)
    alerts = [(2**53 + number, 2**53 + number) for number in range(MOST_ALERTS)]
    say(window, Acknowledge(2**53, alerts, "\N{GRINNING FACE}" * 4000))
    await wait_until(lambda: bool(desk.asked))
    assert len(frame_from_message(Acknowledge(2**53, alerts, "\N{GRINNING FACE}" * 4000))) > LONGEST_GREETING


async def test_nobody_acknowledges_before_being_let_in(
    server: LinkServer, connect: Connect, desk: FakeDesk, doorkeeper: FakeDoorkeeper
) -> None:
    doorkeeper.is_silent = True
    window = await connect()
    window.greet("Ada")
    say(window, Acknowledge(1, [(1, 1)]))
    await window.until_closed()
    assert desk.asked == []


async def test_who_was_let_in_no_longer_acknowledges_no_more(
    server: LinkServer, connect: Connect, desk: FakeDesk, doorkeeper: FakeDoorkeeper
) -> None:
    window = await connect()
    await window.signed_in(OPERATOR)
    say(window, Acknowledge(1, [(1, 1)]))
    doorkeeper.say("Otto", UNKNOWN)
    with suppress(ConnectionResetError):  # what it said last was never read
        await window.until_closed()
    assert desk.asked == []


def _nested(depth: int) -> bytes:
    body = b"\x91" * depth + b"\x01"
    return struct.pack(">I", len(body)) + body


def _frame(**fields: object) -> bytes:
    body = msgspec.msgpack.encode({"type": "acknowledge", **fields})
    return struct.pack(">I", len(body)) + body


HOSTILE = {
    "a frame that is too long": struct.pack(">I", LONGEST_REQUEST + 1),
    "too many alerts": frame_from_message(Acknowledge(1, [(1, 1)] * (MOST_ALERTS + 1))),
    "a number that is a text": _frame(number="one", alerts=[]),
    "a number beyond 64 bits": _frame(number=1, alerts=[[1.5, 1]]),
    "alerts of three parts": _frame(number=1, alerts=[[1, 1, 1]]),
    "a comment that is no text": _frame(number=1, alerts=[], comment=b"\xff\xfe"),
    "halves of characters": _frame(number=1, alerts=[], comment="X").replace(b"\xa1X", b"\xa1\xff"),
    "ten thousand lists in each other": _nested(10_000),
    "an answer": frame_from_message(Acknowledged(1, [])),
    "noise": struct.pack(">I", 64) + os.urandom(64),
}


@pytest.mark.parametrize("what", sorted(HOSTILE))
async def test_hostile_guest_is_let_go_and_others_are_served(
    server: LinkServer, connect: Connect, desk: FakeDesk, what: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING, "console.link")
    hostile, lively = await connect(), await connect()
    await hostile.signed_in(ADMIN)
    await lively.signed_in(OPERATOR)
    hostile.writer.write(HOSTILE[what])
    await hostile.until_closed()
    server.publish_readings([reading(1)])
    assert isinstance(await lively.next(), LiveBatch)
    assert desk.asked == []
    assert len(caplog.messages) == 1


async def test_guest_that_never_stops_asking_is_let_go(
    server: LinkServer, connect: Connect, desk: FakeDesk, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING, "console.link")
    window = await connect()
    await window.signed_in(ADMIN)
    say(window, *[Acknowledge(number, [(1, 1)]) for number in range(BURST + 20)])
    await window.until_closed()
    assert len(desk.asked) == BURST
    assert "it acknowledged more than 60 times at once" in caplog.messages[0]


async def test_repeated_hostility_costs_one_line_a_second(
    server: LinkServer, connect: Connect, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING, "console.link")
    for _ in range(5):
        window = await connect()
        await window.signed_in(ADMIN)
        window.writer.write(HOSTILE["an answer"])
        await window.until_closed()
    assert len(caplog.messages) < 5


async def test_ticket_is_in_no_words_of_the_station(
    server: LinkServer, connect: Connect, desk: FakeDesk, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    window = await connect()
    await window.signed_in(ADMIN)
    say(window, Acknowledge(1, [(1, 1)]), Acknowledged(1, []))
    await window.until_closed()
    assert "Ada" not in caplog.text
