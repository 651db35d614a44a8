"""Flashing is one clock, and it stands still when nothing needs action."""

from console.widgets.flash import HALF_PERIOD_MS, FlashClock


def test_the_clock_stands_still_and_shows_everything_until_somebody_needs_it(qtbot):
    clock = FlashClock()
    assert not clock.is_running
    assert clock.is_on


def test_a_needed_clock_steps_once_a_second_in_two_halves(qtbot):
    clock = FlashClock()
    clock.set_needed(needed=True)
    with qtbot.waitSignal(clock.stepped, timeout=3000):
        pass
    assert not clock.is_on
    assert 2 * HALF_PERIOD_MS == 1000


def test_a_clock_no_longer_needed_stops_with_everything_shown(qtbot):
    clock = FlashClock()
    clock.set_needed(needed=True)
    qtbot.waitUntil(lambda: not clock.is_on, timeout=3000)
    with qtbot.waitSignal(clock.stepped):
        clock.set_needed(needed=False)
    assert clock.is_on
    assert not clock.is_running
