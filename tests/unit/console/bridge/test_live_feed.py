import time
from collections.abc import Iterator

import pytest

from console.bridge import live_feed
from console.bridge.live_feed import LiveFeed
from console.link.frames import frame_from_message
from console.link.messages import Hello, LiveBatch
from tests.unit.console.bridge.bridge_parts import GREETING, NOW, FakeStation, batch


class Heard:
    def __init__(self, feed: LiveFeed) -> None:
        self.links: list[tuple[bool, str]] = []
        self.readings: list = []
        feed.link_changed.connect(lambda is_connected, text: self.links.append((is_connected, text)))
        feed.arrived.connect(self.readings.append)


@pytest.fixture
def feed(station: FakeStation) -> Iterator[LiveFeed]:
    made = LiveFeed(station.address, Hello(1, "window", "0.1.0", 2), time.monotonic)
    yield made
    made.stop()


@pytest.fixture
def heard(feed: LiveFeed) -> Heard:
    return Heard(feed)


@pytest.fixture
def talking(qtbot, feed: LiveFeed, heard: Heard, station: FakeStation) -> LiveFeed:
    feed.start()
    qtbot.waitUntil(lambda: bool(station.heard))
    station.send(GREETING)
    qtbot.waitUntil(lambda: feed.is_connected)
    return feed


def test_the_window_introduces_itself_and_takes_batches(qtbot, talking, heard, station):
    assert station.heard[0].name == "window"
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
    qtbot.waitUntil(lambda: len(station.heard) == 2)
    station.send(GREETING)
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


def test_values_before_the_introduction_are_refused(qtbot, feed, heard, station):
    feed.start()
    qtbot.waitUntil(lambda: bool(station.heard))
    station.send(batch([1], NOW))
    qtbot.waitUntil(lambda: bool(heard.links))
    assert not feed.is_connected
    assert heard.readings == []


def test_a_station_of_another_protocol_is_refused_with_both_numbers(qtbot, feed, heard, station):
    feed.start()
    qtbot.waitUntil(lambda: bool(station.heard))
    station.send(Hello(99, "hall-a", "9.0", 1), batch([1], NOW))
    qtbot.waitUntil(lambda: bool(heard.links))
    assert "protocol 99, this window 1" in heard.links[-1][1]
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
