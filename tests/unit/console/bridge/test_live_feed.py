import time
from collections.abc import Iterator

import pytest
from PySide6.QtNetwork import QLocalSocket

from console.bridge import live_feed
from console.bridge.live_feed import LiveFeed
from console.link.frames import frame_from_message
from console.link.messages import PROTOCOL, Hello, LiveBatch, Refused, Withdrawn
from tests.unit.console.bridge.bridge_parts import GREETING, NOW, TICKET, WELCOME, FakeStation, batch

AWAY = Refused("The station cannot check this sign-in while the database is away.", is_final=False)
UNKNOWN = Refused("The station does not know this sign-in; sign in again.", is_final=True)
NOBODY = "Nobody is signed in at this window; sign in to see live values."


class Clock:
    """Seconds since the test began, and as many more as the test wants."""

    def __init__(self) -> None:
        self.ahead_s = 0.0

    def __call__(self) -> float:
        return time.monotonic() + self.ahead_s


class Heard:
    def __init__(self, feed: LiveFeed) -> None:
        self.links: list[tuple[bool, str]] = []
        self.readings: list = []
        self.refusals: list[str] = []
        self.withdrawn: list[frozenset[int]] = []
        feed.ticket_refused.connect(self.refusals.append)
        feed.withdrawn.connect(self.withdrawn.append)
        feed.link_changed.connect(lambda is_connected, text: self.links.append((is_connected, text)))
        feed.arrived.connect(self.readings.append)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def nobodys_feed(station: FakeStation, clock: Clock) -> Iterator[LiveFeed]:
    made = LiveFeed(station.address, Hello(2, "window", "0.1.0", 2), clock)
    yield made
    made.stop()


@pytest.fixture
def feed(nobodys_feed: LiveFeed) -> LiveFeed:
    nobodys_feed.present(TICKET)
    return nobodys_feed


@pytest.fixture
def heard(feed: LiveFeed) -> Heard:
    return Heard(feed)


@pytest.fixture
def talking(qtbot, feed: LiveFeed, heard: Heard, station: FakeStation) -> LiveFeed:
    feed.start()
    meet(qtbot, station, 1, WELCOME)
    qtbot.waitUntil(lambda: feed.is_connected)
    return feed


def meet(qtbot, station: FakeStation, count: int, *answers) -> None:
    """Wait for the window's `count`th introduction, and answer it."""
    qtbot.waitUntil(lambda: len(station.heard) == count, timeout=3000)
    station.send(GREETING, *answers)


def test_the_window_shows_its_ticket_and_takes_batches(qtbot, talking, heard, station):
    assert (station.heard[0].name, station.heard[0].ticket) == ("window", TICKET)
    station.send(batch([1, 2], NOW))
    qtbot.waitUntil(lambda: bool(heard.readings))
    assert heard.readings[0].devices.tolist() == [1, 2]
    assert heard.readings[0].values.shape == (2, 6)
    assert heard.links == [(True, "live")]


def test_a_frame_in_pieces_is_put_together(qtbot, talking, heard, station):
    data = frame_from_message(batch([7], NOW))
    station.send_bytes(data[:9])
    qtbot.waitUntil(lambda: not station.sockets[-1].bytesToWrite())
    station.send_bytes(data[9:])
    qtbot.waitUntil(lambda: bool(heard.readings))
    assert heard.readings[0].devices.tolist() == [7]


def test_a_station_that_comes_back_is_found_again(qtbot, talking, heard, station):
    station.close()
    qtbot.waitUntil(lambda: not talking.is_connected)
    station.open()
    qtbot.waitUntil(lambda: station.accepted == 2, timeout=3000)
    meet(qtbot, station, 2, WELCOME)
    qtbot.waitUntil(lambda: talking.is_connected)
    assert [is_connected for is_connected, _ in heard.links] == [True, False, True]


@pytest.mark.parametrize(
    "garbage",
    [
        b"GET / HTTP/1.1\r\n\r\n",
        b"\x00\x00\x00\x03abc",
        frame_from_message(LiveBatch(b"12345678", b"1", b"2", b"3")),
        frame_from_message(LiveBatch(b"12345678", b"12345678", b"\0" * 48, b"")),
    ],
    ids=["http", "no msgpack", "cut arrays", "arrays of different length"],
)
def test_garbage_closes_the_connection_and_the_feed_connects_again(qtbot, talking, heard, station, garbage):
    station.send_bytes(garbage)
    qtbot.waitUntil(lambda: not talking.is_connected)
    assert heard.links[-1] == (False, "The station sent something unreadable; connecting again.")
    qtbot.waitUntil(lambda: station.accepted == 2, timeout=3000)
    assert heard.readings == []


@pytest.mark.parametrize("before", [(), (GREETING,)], ids=["the introduction", "the welcome"])
def test_values_before_it_are_refused(qtbot, feed, heard, station, before):
    feed.start()
    qtbot.waitUntil(lambda: bool(station.heard))
    station.send(*before, batch([1], NOW))
    qtbot.waitUntil(lambda: bool(heard.links))
    assert not feed.is_connected
    assert heard.readings == []


def test_a_station_of_another_protocol_is_refused_with_both_numbers(qtbot, feed, heard, station):
    feed.start()
    qtbot.waitUntil(lambda: bool(station.heard))
    station.send(Hello(99, "hall-a", "9.0", 1), batch([1], NOW))
    qtbot.waitUntil(lambda: bool(heard.links))
    assert f"protocol 99, this window {PROTOCOL}" in heard.links[-1][1]
    assert heard.readings == []


def test_a_station_that_falls_silent_is_left(qtbot, monkeypatch, talking, heard, station):
    monkeypatch.setattr(live_feed, "SILENT_AFTER_S", 0.1)
    qtbot.waitUntil(lambda: not talking.is_connected, timeout=3000)
    assert "has not answered" in heard.links[-1][1]


def test_without_a_station_the_feed_says_so_at_once(qtbot, tmp_path):
    feed = LiveFeed(str(tmp_path / "none.sock"), GREETING, time.monotonic)
    heard = Heard(feed)
    feed.start()
    qtbot.waitUntil(lambda: bool(heard.links))
    assert heard.links == [(False, "No station is running on this computer.")]
    feed.stop()


def test_a_ticket_refused_for_now_is_shown_again_and_again(qtbot, feed, heard, station):
    feed.start()
    meet(qtbot, station, 1, AWAY)
    meet(qtbot, station, 2, AWAY)
    meet(qtbot, station, 3, WELCOME)
    qtbot.waitUntil(lambda: feed.is_connected)
    assert heard.links == [(False, AWAY.sentence), (True, "live")]
    assert heard.refusals == []


def test_a_ticket_refused_for_good_is_told_and_not_shown_again_soon(qtbot, feed, heard, station, clock):
    feed.start()
    meet(qtbot, station, 1, UNKNOWN)
    qtbot.waitUntil(lambda: heard.refusals == [UNKNOWN.sentence])
    assert heard.links == [(False, UNKNOWN.sentence)]
    assert (feed.is_connected, feed.is_station_there) == (False, True)
    feed._tick.timeout.emit()
    assert feed._socket.state() == QLocalSocket.LocalSocketState.UnconnectedState
    clock.ahead_s += live_feed.FINAL_PAUSE_S
    meet(qtbot, station, 2, WELCOME)
    qtbot.waitUntil(lambda: feed.is_connected)


def test_another_ticket_ends_the_wait(qtbot, feed, heard, station):
    feed.start()
    meet(qtbot, station, 1, UNKNOWN)
    qtbot.waitUntil(lambda: bool(heard.refusals))
    feed.present("cd" * 32)
    meet(qtbot, station, 2, WELCOME)
    qtbot.waitUntil(lambda: feed.is_connected)
    assert station.heard[1].ticket == "cd" * 32


def test_a_station_that_ends_while_it_checks_another_ticket_is_found_again_soon(qtbot, feed, heard, station):
    feed.start()
    meet(qtbot, station, 1, UNKNOWN)
    qtbot.waitUntil(lambda: bool(heard.refusals))
    feed.present("cd" * 32)
    qtbot.waitUntil(lambda: len(station.heard) == 2)
    station.close()
    station.open()
    meet(qtbot, station, 3, WELCOME)
    qtbot.waitUntil(lambda: feed.is_connected)


def test_a_station_that_refuses_every_ticket_is_not_given_one_after_the_other(qtbot, feed, heard, station):
    feed.ticket_refused.connect(lambda _sentence: feed.present("cd" * 32))
    feed.start()
    meet(qtbot, station, 1, UNKNOWN)
    meet(qtbot, station, 2, UNKNOWN)
    is_left = QLocalSocket.LocalSocketState.UnconnectedState
    qtbot.waitUntil(lambda: station.sockets[-1].state() == is_left)
    assert heard.refusals == [UNKNOWN.sentence]


def test_a_person_cut_off_while_talking_is_told_why(qtbot, talking, heard, station):
    station.send(UNKNOWN)
    qtbot.waitUntil(lambda: bool(heard.refusals))
    assert heard.links == [(True, "live"), (False, UNKNOWN.sentence)]
    assert talking.is_station_there


def test_a_fresh_ticket_of_somebody_who_is_talking_is_shown_at_once(qtbot, talking, heard, station):
    talking.present("cd" * 32)
    meet(qtbot, station, 2, WELCOME)
    qtbot.waitUntil(lambda: talking.is_connected)
    assert heard.links[1:] == [(False, "Signing in at the station…"), (True, "live")]


def test_the_same_ticket_again_disturbs_nothing(qtbot, talking, heard, station):
    talking.present(TICKET)
    assert talking.is_connected
    assert station.accepted == 1


@pytest.mark.parametrize("nothing", [None, ""])
def test_signing_out_leaves_the_station_and_values_that_still_come_are_refused(
    qtbot, talking, heard, station, nothing
):
    talking.present(nothing)
    assert not talking.is_connected
    assert heard.links[-1] == (False, NOBODY)
    qtbot.waitUntil(lambda: station.accepted == 2)
    station.send(batch([1], NOW))
    qtbot.waitUntil(lambda: heard.links[-1][1].startswith("The station sent something unreadable"))
    assert heard.readings == []


def test_while_nobody_is_signed_in_the_feed_sees_whether_a_station_is_there(qtbot, nobodys_feed, station):
    heard = Heard(nobodys_feed)
    nobodys_feed.start()
    qtbot.waitUntil(lambda: station.accepted == 1)
    station.send(GREETING)
    qtbot.waitUntil(lambda: bool(heard.links))
    assert heard.links == [(False, NOBODY)]
    assert (nobodys_feed.is_connected, nobodys_feed.is_station_there) == (False, True)
    assert station.heard == []


def test_a_station_that_is_gone_is_seen_while_nobody_is_signed_in(
    qtbot, monkeypatch, nobodys_feed, station, clock
):
    heard = Heard(nobodys_feed)
    nobodys_feed.start()
    qtbot.waitUntil(lambda: station.accepted == 1)
    station.send(GREETING)
    qtbot.waitUntil(lambda: nobodys_feed.is_station_there)
    station.close()
    clock.ahead_s += live_feed.LOOK_PAUSE_S
    qtbot.waitUntil(lambda: not nobodys_feed.is_station_there, timeout=3000)
    assert heard.links[-1] == (False, "No station is running on this computer.")


def test_withdrawn_devices_are_told(qtbot, talking, heard, station):
    station.send(Withdrawn([3, 4]))
    qtbot.waitUntil(lambda: heard.withdrawn == [frozenset({3, 4})])


def test_a_station_that_neither_welcomes_nor_refuses_is_left(qtbot, monkeypatch, feed, heard, station):
    monkeypatch.setattr(live_feed, "SILENT_AFTER_S", 0.1)
    feed.start()
    meet(qtbot, station, 1)
    qtbot.waitUntil(lambda: bool(heard.links), timeout=3000)
    assert "has not answered" in heard.links[-1][1]


def test_the_ticket_is_not_in_the_log(qtbot, talking, station, caplog):
    caplog.set_level("DEBUG")
    station.send_bytes(b"GET / HTTP/1.1\r\n\r\n")
    qtbot.waitUntil(lambda: not talking.is_connected)
    assert TICKET not in caplog.text
