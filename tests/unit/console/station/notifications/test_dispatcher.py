"""Hands messages out: one thread a channel, rests for servers that fail, nothing held up at the end."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest

from console.station.health import LoopHealth
from console.station.notifications.dispatcher import Dispatcher
from console.station.notifications.errand import Errand
from console.station.notifications.limits import SendLimits
from console.station.notifications.sending import send
from console.station.notifications.store import DueChannel, Taken
from models.errors import DatabaseAway, NotAllowed
from models.records.notification import Attempt, Channel, ChannelId, Claimed, DeliveryId, Outcome
from tests.unit.console.station.notifications.conftest import NOW, mail_channel, message, web_channel
from tests.unit.console.station.notifications.servers import hostile_server

LIMITS = SendLimits()
FAULT = Attempt(Outcome.RETRY, error="No answer.", is_channel_fault=True)
SENT = Attempt(Outcome.SENT)


@dataclass
class FakeQueue:
    """Messages by channel; those claimed are gone until `finish` brings them back."""

    channels: dict[ChannelId, Channel]
    waiting: dict[ChannelId, list[Claimed]] = field(default_factory=dict)
    finished: list[tuple[DeliveryId, Outcome, float]] = field(default_factory=list)
    troubles: list[tuple[ChannelId, str]] = field(default_factory=list)
    trouble: str = ""
    due_since: datetime = NOW
    is_away: bool = False
    is_refused: bool = False
    rounds: int = 0

    def _require(self) -> None:
        if self.is_refused:
            raise NotAllowed("Only a station may do this.")
        if self.is_away:
            raise DatabaseAway("The database does not answer.")

    def make_messages(self) -> int:
        self._require()
        self.rounds += 1
        return 0

    def due(self) -> list[DueChannel]:
        return [
            DueChannel(self.channels[id], self.due_since, self.trouble)
            for id, ones in self.waiting.items()
            if ones
        ]

    def claim(self, channel: ChannelId, seconds: float) -> Taken | None:
        return Taken(self.waiting[channel].pop(0), "secret") if self.waiting[channel] else None

    def finish(self, message: Claimed, attempt: Attempt, wait_s: float) -> str:
        self._require()
        self.finished.append((message.delivery, attempt.outcome, wait_s))
        return ""

    def note_trouble(self, channel: ChannelId, sentence: str) -> None:
        self.troubles.append((channel, sentence))


@dataclass
class FakeWay:
    """Ends attempts as told; while `gate` is closed they last."""

    outcomes: list[Attempt] = field(default_factory=list)
    gate: threading.Event = field(default_factory=threading.Event)
    seen: list[tuple[str, str]] = field(default_factory=list)

    def __call__(self, message: Claimed, secret: str, station: str, now: datetime, errand: Errand) -> Attempt:
        self.seen.append((message.channel.name, secret))
        assert self.gate.wait(5)
        return self.outcomes.pop(0) if self.outcomes else SENT


HOOK = web_channel("http://h/")
MAIL = mail_channel(25)


def of(channel: Channel, *numbers: int) -> list[Claimed]:
    return [message(channel, delivery=DeliveryId(number), attempt=1) for number in numbers]


@pytest.fixture
def queue() -> FakeQueue:
    return FakeQueue({HOOK.id: HOOK, MAIL.id: MAIL})


@pytest.fixture
def way() -> FakeWay:
    made = FakeWay()
    made.gate.set()
    return made


@pytest.fixture
def dispatcher(queue, way, clock) -> Dispatcher:
    return Dispatcher(queue, clock, LIMITS, LoopHealth(), "Hall A", 0.5, way, lambda: 0.0)


@pytest.fixture
def run(dispatcher, queue, wait_until) -> Callable[[], None]:
    """Do a round, and wait until what it began has ended and is noted."""

    def do() -> None:
        dispatcher.run_due()

        def is_over() -> bool:
            dispatcher.settle()
            return not dispatcher.channels_under_way

        wait_until(is_over)

    return do


def test_a_message_is_sent_with_its_secret_and_noted(run, queue, way):
    queue.waiting[HOOK.id] = of(HOOK, 1)
    run()
    assert way.seen == [("Hook", "secret")]
    assert [(number, outcome) for number, outcome, _ in queue.finished] == [(1, Outcome.SENT)]


def test_a_station_that_is_refused_asks_again_only_after_minutes(dispatcher, queue):
    assert dispatcher.attend() == 1.0

    queue.is_refused = True

    assert dispatcher.attend() == LIMITS.refused_s


def test_a_channel_that_hangs_holds_up_no_other(dispatcher, queue, way, wait_until):
    way.gate.clear()
    queue.waiting = {MAIL.id: of(MAIL, 1, 2), HOOK.id: of(HOOK, 3)}
    dispatcher.run_due()
    wait_until(lambda: len(way.seen) == 2)
    dispatcher.run_due()
    assert sorted(way.seen) == [("Hook", "secret"), ("Mail", "secret")]
    assert dispatcher.channels_under_way == {MAIL.id, HOOK.id}
    assert len(queue.waiting[MAIL.id]) == 1
    way.gate.set()
    wait_until(lambda: (dispatcher.settle(), not dispatcher.channels_under_way)[1])


def test_waits_between_attempts_grow_and_a_server_may_ask_for_more(run, queue, way, clock):
    waits = []
    for attempt in (1, 2, 3, 20):
        queue.waiting[HOOK.id] = [message(HOOK, attempt=attempt)]
        way.outcomes = [Attempt(Outcome.RETRY)]
        run()
        waits.append(queue.finished[-1][2])
    for asked_s in (1200.0, 1e9):
        queue.waiting[HOOK.id] = of(HOOK, 1)
        way.outcomes = [Attempt(Outcome.RETRY, retry_after_s=asked_s)]
        run()
        waits.append(queue.finished[-1][2])
    assert waits == [10.0, 20.0, 40.0, 900.0, 1200.0, 3600.0]


def test_after_a_servers_fault_its_channel_rests_longer_each_time_and_the_others_go_on(
    run, queue, way, clock
):
    way.outcomes = [FAULT, FAULT, SENT]
    queue.waiting[MAIL.id] = of(MAIL, 1, 2, 3, 4)
    run()
    clock.turn(4.9)
    run()
    assert len(queue.finished) == 1
    clock.turn(0.2)
    run()
    assert len(queue.finished) == 2
    clock.turn(9.9)
    queue.waiting[HOOK.id] = of(HOOK, 9)
    run()
    assert [number for number, _, _ in queue.finished] == [1, 2, 9]
    clock.turn(0.2)
    run()
    run()
    assert [number for number, _, _ in queue.finished] == [1, 2, 9, 3, 4]


def test_one_recipients_fault_lets_the_channel_go_on(run, queue, way):
    way.outcomes = [Attempt(Outcome.FAILED, error="550 no such user")]
    queue.waiting[MAIL.id] = of(MAIL, 1, 2)
    run()
    run()
    assert [outcome for _, outcome, _ in queue.finished] == [Outcome.FAILED, Outcome.SENT]


def test_what_was_sent_while_the_database_was_away_is_noted_when_it_is_back(
    dispatcher, queue, way, wait_until
):
    queue.waiting[HOOK.id] = of(HOOK, 1)
    dispatcher.run_due()
    queue.is_away = True
    with pytest.raises(DatabaseAway):
        wait_until(lambda: (dispatcher.settle(), False)[1])
    queue.is_away = False
    dispatcher.settle()
    assert [(number, outcome) for number, outcome, _ in queue.finished] == [(1, Outcome.SENT)]


def test_a_station_without_the_key_leaves_the_message_and_speaks_only_if_nobody_takes_it(
    run, queue, way, clock
):
    clock.now_unix = NOW.timestamp() + 59
    queue.trouble = "The key is not on this workstation."
    queue.waiting[MAIL.id] = of(MAIL, 1)
    run()
    assert (queue.troubles, way.seen) == ([], [])
    queue.due_since = NOW - timedelta(seconds=2)
    run()
    assert queue.troubles == [(MAIL.id, "The key is not on this workstation.")]
    assert len(queue.waiting[MAIL.id]) == 1


def test_the_end_of_the_station_waits_for_no_mail_server_and_gives_the_message_back(queue, clock, wait_until):
    heard = threading.Event()

    def hang(talker):
        heard.set()
        talker.hang()

    with hostile_server(hang) as port:
        channel = mail_channel(port)
        queue.channels[channel.id] = channel
        queue.waiting[channel.id] = of(channel, 1)
        dispatcher = Dispatcher(queue, clock, LIMITS, LoopHealth(), "Hall A", 10.0, send)
        dispatcher.start()
        assert heard.wait(5)
        began = datetime.now(UTC)
        dispatcher.stop()
        dispatcher.stop()
        assert (datetime.now(UTC) - began).total_seconds() < 5.0  # of the 10 that it may wait
    assert [(number, outcome) for number, outcome, _ in queue.finished] == [(1, Outcome.RELEASED)]


def test_a_mistake_of_ours_ends_no_thread(queue, clock, wait_until, caplog):
    queue.waiting[HOOK.id] = of(HOOK, 1)

    def break_down(seconds):
        raise RuntimeError("nobody thought of this")

    queue.claim = lambda channel, seconds: break_down(seconds)
    health = LoopHealth()
    dispatcher = Dispatcher(queue, clock, LIMITS, health, "Hall A", 0.5)
    dispatcher.start()
    wait_until(lambda: health.failures == 1)
    dispatcher._wake.set()
    wait_until(lambda: health.failures == 2)
    dispatcher.stop()
    assert "Notifications failed in a way nobody foresaw" in caplog.messages
    caplog.clear()


def test_a_message_that_breaks_the_sender_is_kept_for_later(caplog):
    broken = message(HOOK, lines=None)
    ended = send(broken, "", "", NOW, Errand(LIMITS))
    assert (ended.outcome, ended.is_channel_fault) == (Outcome.RETRY, False)
    assert "mistake in this program" in ended.error
    caplog.clear()
