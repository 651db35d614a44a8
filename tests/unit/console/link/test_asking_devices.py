"""What windows ask of devices, over a real socket: bounded, answered by number, ended with their window."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress

import pytest
from msgspec.structs import replace

from console.link.device_requests import BURST, MOST_AT_ONCE, NO_WORKBENCH, OTHER_ROLE, WAIT
from console.link.frames import frame_from_message
from console.link.messages import AskDevice, DeviceAnswer, Message, StopAsking, Welcome
from console.link.server import LinkServer
from models.records.person import Role
from models.records.ticket import TicketHolder, digest_of
from tests.unit.console.link.link_parts import (
    ADMIN,
    EMIL,
    EXPIRES_AT,
    UNKNOWN,
    FakeDoorkeeper,
    FakeWindow,
)

Connect = Callable[[], Awaitable[FakeWindow]]
WaitUntil = Callable[[Callable[[], bool]], Awaitable[None]]
IDENTIFY = AskDevice(1, "identify", "modbus-tcp", b'{"host": "10.0.0.7"}', b"{}", "PRESS-01")


class FakeWorkbench:
    """Keeps what it was asked; answers when the test says so."""

    def __init__(self) -> None:
        self.asked: list[tuple[object, ...]] = []
        self.answers: list[Callable[[bytes, bool, str], None]] = []
        self.stopped: list[int] = []

    def ask_device(self, *question: object) -> Callable[[str], None]:
        *asked, answer = question
        self.asked.append(tuple(asked))
        self.answers.append(answer)
        number = len(self.answers)

        def stop(why: str) -> None:
            self.stopped.append(number)
            answer(b"", True, f"{why} And the rest.")

        return stop


@pytest.fixture
def workbench() -> FakeWorkbench:
    return FakeWorkbench()


@pytest.fixture
async def server(
    address: str, doorkeeper: FakeDoorkeeper, workbench: FakeWorkbench
) -> AsyncIterator[LinkServer]:
    server = LinkServer(address, "station of here", "0.1", coalesce_s=0.01)
    await server.start(doorkeeper, None, workbench)
    yield server
    await server.stop()


def say(window: FakeWindow, *messages: Message) -> None:
    window.writer.write(b"".join(frame_from_message(message) for message in messages))


def numbered(number: int) -> AskDevice:
    return replace(IDENTIFY, number=number)


async def guest(connect: Connect, holder: TicketHolder = EMIL) -> FakeWindow:
    window = await connect()
    await window.signed_in(holder)
    return window


@pytest.mark.usefixtures("server")
async def test_a_question_reaches_the_desk_in_the_name_of_the_guest(connect, workbench, wait_until):
    say(await guest(connect), IDENTIFY)
    await wait_until(lambda: bool(workbench.asked))
    asked = (EMIL, digest_of("Emil"), "identify", "modbus-tcp", b'{"host": "10.0.0.7"}', b"{}", "PRESS-01")
    assert workbench.asked == [asked]


@pytest.mark.usefixtures("server")
async def test_answers_carry_the_number_of_their_question(connect, workbench, wait_until):
    window = await guest(connect)
    say(window, numbered(4), numbered(9))
    await wait_until(lambda: len(workbench.asked) == 2)
    workbench.answers[1](b"1", False, "")
    workbench.answers[0](b"", True, "Gone.")
    workbench.answers[1](b"2", True, "")
    assert [await window.next() for _ in range(3)] == [
        DeviceAnswer(9, b"1", is_last=False),
        DeviceAnswer(4, fault="Gone."),
        DeviceAnswer(9, b"2"),
    ]


@pytest.mark.usefixtures("server")
async def test_a_window_may_stop_what_it_asked_and_hears_no_more_of_it(connect, workbench, wait_until):
    window = await guest(connect)
    say(window, numbered(4), StopAsking(4), StopAsking(4), StopAsking(77), numbered(5))
    await wait_until(lambda: len(workbench.asked) == 2)
    workbench.answers[0](b"1", False, "")
    workbench.answers[1](b"2", True, "")
    assert await window.next() == DeviceAnswer(5, b"2")
    assert workbench.stopped == [1]


@pytest.mark.usefixtures("server")
async def test_what_a_window_asked_ends_when_it_goes(connect, workbench, wait_until):
    window = await guest(connect)
    say(window, numbered(4), numbered(5))
    await wait_until(lambda: len(workbench.asked) == 2)
    await window.close()
    await wait_until(lambda: workbench.stopped == [1, 2])
    workbench.answers[0](b"1", True, "")


@pytest.mark.usefixtures("server")
async def test_what_was_asked_under_another_role_ends(connect, workbench, wait_until, doorkeeper):
    window = await guest(connect)
    say(window, numbered(4))
    await wait_until(lambda: bool(workbench.asked))
    doorkeeper.say("Emil", TicketHolder(EMIL.person_id, "Emil", Role.OPERATOR, EXPIRES_AT, 600.0))
    said = [await window.next() for _ in range(2)]
    assert DeviceAnswer(4, fault=f"{OTHER_ROLE[Role.OPERATOR]} And the rest.") in said
    assert workbench.stopped == [1]


@pytest.mark.usefixtures("server")
async def test_a_ticket_checked_again_disturbs_nothing(connect, workbench, wait_until, doorkeeper):
    window = await guest(connect)
    say(window, numbered(4))
    await wait_until(lambda: bool(workbench.asked))
    doorkeeper.say("Emil", EMIL)
    assert isinstance(await window.next(), Welcome)
    assert workbench.stopped == []


@pytest.mark.usefixtures("server")
async def test_a_window_asks_only_so_many_things_at_once(connect, workbench, wait_until):
    window = await guest(connect)
    say(window, *(numbered(number) for number in range(MOST_AT_ONCE + 1)))
    assert await window.next() == DeviceAnswer(MOST_AT_ONCE, fault=WAIT)
    assert len(workbench.asked) == MOST_AT_ONCE
    workbench.answers[0](b"", True, "")
    assert await window.next() == DeviceAnswer(0)
    say(window, numbered(50))
    await wait_until(lambda: len(workbench.asked) == MOST_AT_ONCE + 1)


@pytest.mark.usefixtures("server")
@pytest.mark.parametrize(
    "nonsense",
    [
        pytest.param([numbered(number) for number in range(BURST + 1)], id="a flood"),
        pytest.param([numbered(4), numbered(4)], id="one number twice"),
        pytest.param([DeviceAnswer(4)], id="an answer"),
    ],
)
async def test_what_no_window_of_ours_says_ends_the_connection(connect, workbench, nonsense, caplog):
    window = await guest(connect, ADMIN)
    say(window, *nonsense)
    with suppress(ConnectionResetError):  # what it said last was never read
        await window.until_closed()
    assert len(workbench.stopped) == len(workbench.asked)
    assert "was disconnected" in caplog.text


@pytest.mark.usefixtures("server")
async def test_nobody_asks_before_being_let_in(connect, workbench, doorkeeper):
    doorkeeper.is_silent = True
    window = await connect()
    window.greet("Ada")
    say(window, IDENTIFY)
    with suppress(ConnectionResetError):
        await window.until_closed()
    assert workbench.asked == []


async def test_who_was_let_in_no_longer_asks_no_more(server, connect, workbench, doorkeeper, wait_until):
    window = await guest(connect)
    say(window, numbered(4))
    await wait_until(lambda: bool(workbench.asked))
    doorkeeper.say("Emil", UNKNOWN)
    await wait_until(lambda: workbench.stopped == [1])
    assert server.window_count == 0


async def test_a_station_without_a_workbench_says_so(address, doorkeeper, connect):
    server = LinkServer(address, "station of here", "0.1", coalesce_s=0.01)
    await server.start(doorkeeper)
    window = await guest(connect)
    say(window, IDENTIFY)
    assert await window.next() == DeviceAnswer(1, fault=NO_WORKBENCH)
    await server.stop()


def test_what_is_asked_shows_no_settings_in_a_log():
    assert "10.0.0.7" not in repr(IDENTIFY)
