"""What is told of connections: made of counters, of some devices at a time, and at once where it is news."""

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from console.station.clocks.site_clock import SiteClock
from console.station.connections.diary import quantile
from console.station.connections.looking import CALM_S, FEW, LOOK_S, TURN_S, ConnectionLook
from console.station.polling.channel import Channel, PollTarget
from drivers.trace import ErrorKind, ExchangeTrace, LineTrace
from drivers.values import Quality, RawValue, bad
from models.records.device import DeviceId, Tag
from models.records.device_health import LONGEST_FRAME, SLOT_S, SLOTS, DeviceHealth

NOW_UNIX = 1_700_000_000.0
AHEAD_S = 3.0
"""By so much the computer's clock is ahead of the site's."""
A_SLOT_S = SLOT_S + TURN_S
"""Until the look that ends the first value of the sparkline."""
TAGS = (Tag("temperature", "holding:0:uint16", scale=0.1),)


@dataclass
class TracedDriver:
    """A driver that keeps what passed; it is never asked."""

    trace: LineTrace = field(default_factory=LineTrace)

    async def open(self) -> None: ...

    async def read(self) -> list[RawValue]:
        return []

    async def close(self) -> None: ...


class Site:
    """Channels that the test fills, and what is told of them."""

    def __init__(self) -> None:
        self.now_s = 1000.0
        self.channels: list[Channel] = []
        self.told: list[DeviceHealth] = []
        clock = SiteClock(
            AHEAD_S, lambda: NOW_UNIX + AHEAD_S + self.now_s - 1000.0, running=lambda: self.now_s
        )
        self.look = ConnectionLook(
            lambda: self.channels, lambda _: TAGS, lambda id: id * 10, lambda: 7, clock, self.told.extend
        )

    def add(self, driver: object | None = None) -> Channel:
        target = PollTarget(DeviceId(len(self.channels) + 1), "Drive", 1.0, 10.0, "", TracedDriver)
        self.channels.append(Channel(target, driver or TracedDriver(), 50, 0))  # type: ignore[arg-type]
        return self.channels[-1]

    def run(self, seconds: float, each: Callable[[], None] = lambda: None) -> list[DeviceHealth]:
        """Let that much time go by; returns what was told meanwhile."""
        self.told.clear()
        for _ in range(round(seconds / TURN_S)):
            each()
            self.look.turn()
            self.now_s += TURN_S
        return list(self.told)


@pytest.fixture
def site() -> Site:
    return Site()


def answer(channel: Channel, took_ms: float = 5.0, value: RawValue | None = None) -> None:
    """Have a device answer one poll of one request, as poller and driver would count it."""
    line = channel.trace
    channel.health.due += 1
    channel.health.answered += 1
    channel.values = [value or RawValue(215, Quality.GOOD, NOW_UNIX + AHEAD_S)]
    if line is not None:
        line.answers += 1
        line.sent_bytes += 12
        line.received_bytes += 11
        line.round_trips_ms.append(took_ms)


def test_record_says_what_driver_and_poller_counted(site: Site) -> None:
    channel = site.add()
    for took_ms in range(1, 101):
        answer(channel, took_ms)
    [told] = site.run(TURN_S)
    assert (told.device, told.station, told.epoch) == (1, 7, 10)
    assert (told.polls_due, told.polls_answered, told.polls_failed) == (100, 100, 0)
    assert (told.round_trip_p50_ms, told.round_trip_p99_ms, told.is_line_measured) == (50, 99, True)
    assert (told.sent_bytes, told.received_bytes) == (1200, 1100)
    assert told.tags[0].value == 215


def test_every_moment_is_by_the_site_s_clock(site: Site) -> None:
    channel = site.add()
    answer(channel)
    channel.driver.trace.last = ExchangeTrace(NOW_UNIX + AHEAD_S - 1.0, 5.0, asked="read")  # type: ignore[attr-defined]
    [told] = site.run(TURN_S)
    assert told.last is not None
    assert (told.good_read_unix, told.tags[0].received_unix) == (NOW_UNIX, NOW_UNIX)
    assert (told.last.sent_unix, told.as_of_unix) == (NOW_UNIX - 1.0, NOW_UNIX)


def test_long_frames_are_cut_and_say_how_long_they_were(site: Site) -> None:
    channel = site.add()
    long = bytes(2 * LONGEST_FRAME)
    channel.driver.trace.last_failed = ExchangeTrace(1.0, 5.0, long, b"", "read", "no answer")  # type: ignore[attr-defined]
    [told] = site.run(TURN_S)
    assert told.last_failed is not None
    assert (len(told.last_failed.request), told.last_failed.request_bytes) == (LONGEST_FRAME, len(long))


def test_sparkline_has_one_median_every_ten_seconds_and_gaps_where_nothing_was_answered(site: Site) -> None:
    channel = site.add()
    answer(channel, 1000.0)
    site.run(A_SLOT_S)
    site.run(SLOT_S, lambda: answer(channel, 4.0))
    channel.driver.trace.count_error(ErrorKind.TIMEOUT)  # type: ignore[attr-defined]
    told = site.run(SLOT_S)[-1]
    assert told.recent_ms == (1000.0, 4.0, None)
    assert list(told.recent_errors) == [0, 0, 1]
    assert (told.recent_error_count, told.errors) == (1, {"timeout": 1})


def test_sparkline_holds_ten_minutes_also_after_a_night_asleep(site: Site) -> None:
    answer(site.add())
    site.run(SLOT_S)
    site.now_s += 8 * 3600
    told = site.run(LOOK_S)[-1]
    assert len(told.recent_ms) == SLOTS
    assert set(told.recent_ms) == {None}


def test_rate_is_of_the_last_ten_seconds(site: Site) -> None:
    channel = site.add()
    answer(channel)
    site.run(A_SLOT_S)
    for _ in range(20):
        answer(channel)
    told = site.run(SLOT_S)[-1]
    assert told.bytes_per_s == pytest.approx(20 * 23 / SLOT_S)


def test_last_good_read_stays_while_values_are_bad(site: Site) -> None:
    channel = site.add()
    answer(channel)
    site.run(LOOK_S)
    answer(channel, value=bad("illegal data address 3205 (exception 2)", NOW_UNIX + AHEAD_S + 9.0))
    told = site.run(LOOK_S)[-1]
    assert told.good_read_unix == NOW_UNIX
    assert (told.tags[0].quality, told.tags[0].detail) == ("bad", "illegal data address 3205 (exception 2)")


def test_devices_without_a_trace_are_timed_by_the_poll(site: Site, make_driver) -> None:
    channel = site.add(make_driver())
    assert channel.durations_ms is not None
    channel.durations_ms.extend((3.0, 5.0, 7.0))
    channel.errors["timeout"] = 2
    [told] = site.run(TURN_S)
    assert (told.round_trip_p50_ms, told.is_line_measured, told.errors) == (5.0, False, {"timeout": 2})
    assert told.last is None


def test_a_thousand_devices_are_looked_at_in_parts_and_told_in_turns(site: Site) -> None:
    for _ in range(1000):
        answer(site.add())
    parts = [len(site.run(TURN_S)) for _ in range(round(LOOK_S / TURN_S))]
    assert set(parts) == {100}
    rounds = [len(site.run(LOOK_S)) for _ in range(2 * round(CALM_S / LOOK_S))]
    assert sum(rounds) == 2000
    assert max(rounds) < 1000 * LOOK_S / CALM_S + 10


def test_what_fails_is_told_at_the_next_look_among_however_many(site: Site) -> None:
    for _ in range(FEW + 1):
        site.add()
    site.run(LOOK_S)
    site.channels[3].health.failed += 1
    site.channels[3].failure = "No answer."
    told = {record.device: record for record in site.run(LOOK_S)}
    assert (told[DeviceId(4)].failure, told[DeviceId(4)].polls_failed) == ("No answer.", 1)
    assert len(told) < FEW / 2


def test_counts_of_another_driver_begin_anew(site: Site) -> None:
    channel = site.add()
    for _ in range(9):
        answer(channel)
    before = site.run(A_SLOT_S)[-1]
    channel.use(TracedDriver())
    answer(channel, 2.0)
    told = site.run(SLOT_S)[-1]
    assert told.since_unix > before.since_unix
    assert (told.round_trip_p50_ms, told.recent_ms[-1]) == (2.0, 2.0)


def test_answers_that_nobody_timed_leave_a_gap_and_no_old_figure(site: Site) -> None:
    channel = site.add()
    answer(channel, 4.0)
    site.run(A_SLOT_S)
    for _ in range(5):
        channel.driver.trace.answers += 1  # type: ignore[attr-defined]
    told = site.run(SLOT_S)[-1]
    assert told.recent_ms == (4.0, None)


def test_device_that_is_no_longer_polled_is_no_longer_told_of(site: Site) -> None:
    site.add()
    site.run(LOOK_S)
    site.channels.clear()
    assert site.run(2 * SLOT_S) == []


@pytest.mark.parametrize(("share", "expected"), [(0.5, 2.0), (0.99, 4.0), (0.0, 1.0)])
def test_quantile_is_one_of_the_values(share: float, expected: float) -> None:
    assert quantile([1.0, 2.0, 3.0, 4.0], share) == expected


def test_quantile_of_nothing_is_nothing() -> None:
    assert quantile([], 0.5) is None
