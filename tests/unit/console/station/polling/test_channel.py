"""When a device that sends by itself is read: as its news come, and still once a period."""

from collections.abc import Callable

import pytest

from console.station.polling.channel import Channel, PollTarget
from models.records.device import DeviceId

PERIOD_TICKS = 50


class Device:
    """A channel whose reads come when due or when news call for them, and the ticks at which they came."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        channel.is_answering = True
        channel.due_tick = 10
        self.reads: list[int] = []

    def run(self, ticks: int, news_at: Callable[[int], bool]) -> None:
        for tick in range(1, ticks):
            channel = self._channel
            if channel.due_tick == tick:
                self.reads.append(tick)
                _, channel.due_tick = channel.next_period(tick, tick)
            if news_at(tick) and (early := channel.news_tick(tick)) is not None:
                channel.due_tick = early


@pytest.fixture
def channel(make_driver) -> Channel:
    target = PollTarget(DeviceId(1), "Drive 1", 1.0, 10.0, "as configured", make_driver)
    return Channel(target, make_driver(), PERIOD_TICKS, 0)


@pytest.mark.parametrize("phase", range(0, PERIOD_TICKS, 7))
def test_device_that_sends_at_its_period_is_soon_read_in_the_tick_after_its_news(
    channel: Channel, phase: int
) -> None:
    device = Device(channel)
    device.run(40 * PERIOD_TICKS, lambda tick: tick % PERIOD_TICKS == phase)
    waited = [(tick - phase) % PERIOD_TICKS for tick in device.reads[-20:]]
    assert max(waited) <= 1


@pytest.mark.parametrize("every", [1, 5, 12, 30])
def test_news_more_often_than_once_a_period_do_not_make_more_reads(channel: Channel, every: int) -> None:
    device = Device(channel)
    device.run(100 * PERIOD_TICKS, lambda tick: tick % every == 0)
    assert 99 <= len(device.reads) <= 104


def test_device_without_news_is_read_at_every_period(channel: Channel) -> None:
    device = Device(channel)
    device.run(10 * PERIOD_TICKS, lambda _: False)
    assert device.reads == [10 + PERIOD_TICKS * number for number in range(10)]


def test_read_that_came_early_is_not_taken_for_a_missed_period(channel: Channel) -> None:
    channel.is_answering, channel.due_tick = True, 60
    channel.due_tick = channel.news_tick(40)
    assert channel.due_tick == 41
    assert channel.next_period(41, 41) == (0, 110)


def test_read_that_came_late_counts_the_periods_it_missed(channel: Channel) -> None:
    assert channel.next_period(60, 60 + 2 * PERIOD_TICKS + 3) == (2, 60 + 3 * PERIOD_TICKS)


def test_news_of_a_lost_device_change_nothing(channel: Channel) -> None:
    channel.due_tick = 20
    assert channel.news_tick(15) is None
