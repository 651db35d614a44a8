from datetime import UTC, datetime

import numpy as np
import pytest

from console.panels.curves.history_question import StoredCurve, bounds_of
from console.panels.curves.join import Curve
from console.panels.curves.pen import Pen
from console.panels.curves.pen_curves import PenCurves
from models.metrics import METRICS
from models.records.device import DeviceId
from tests.unit.console.panels.plant_scene import NOW

PEN = Pen(DeviceId(1), METRICS[0])


def stored(question, *, upto: float = NOW) -> dict[str, StoredCurve]:
    """What a database holding one sample a second up to `upto` answers."""
    bounds = question.bounds
    minutes = np.arange(bounds.since // 60 * 60 + 60, bounds.joint, 60.0)
    seconds = np.arange(np.ceil(bounds.joint), min(bounds.until, upto), 1.0)
    ones = np.ones(minutes.size)
    found = StoredCurve(Curve(minutes, ones, ones * 3, ones * 2), seconds, np.full(seconds.size, 2.0))
    return dict.fromkeys(question.keys, found)


@pytest.fixture
def curves(bridge) -> PenCurves:
    made = PenCurves(bridge, lambda: bridge.now_unix)
    made.set_pens((PEN,))
    return made


def test_history_is_asked_for_once_a_device_with_all_its_metrics(bridge):
    curves = PenCurves(bridge, lambda: NOW)
    curves.set_pens((PEN, Pen(DeviceId(1), METRICS[3]), Pen(DeviceId(2), METRICS[0])))
    curves.set_view(NOW - 3600, NOW, 800)

    assert [(asked.what.device, asked.what.keys) for asked in bridge.asked] == [
        (1, ("temperature", "vibration")),
        (2, ("temperature",)),
    ]
    assert curves.is_loading


def test_buckets_end_and_samples_begin_at_a_whole_minute(curves, bridge):
    curves.set_view(NOW - 3600, NOW, 800)
    question = bridge.asked[0].what
    bridge.answer_next(stored(question))

    curve = curves.curve(PEN, NOW - 3600, NOW)

    assert question.bounds.joint % 60 == 0
    assert np.all(np.diff(curve.times) > 0)
    assert not np.isnan(curve.mean).any()
    assert np.diff(curve.times).max() <= 60.0
    assert np.count_nonzero(curve.times >= question.bounds.joint) >= NOW - question.bounds.joint - 1


def test_what_is_known_is_not_asked_for_again(curves, bridge):
    curves.set_view(NOW - 3600, NOW, 800)
    bridge.answer_next(stored(bridge.asked[0].what))

    curves.set_view(NOW - 3600 - 600, NOW - 600, 800)
    curves.set_view(NOW - 3000, NOW, 800)
    assert bridge.asked == []

    curves.set_view(NOW - 7 * 86_400, NOW, 800)
    assert len(bridge.asked) == 1


def test_while_the_view_follows_the_clock_the_ring_goes_on_where_the_database_ended(curves, bridge):
    curves.set_view(NOW - 3600, NOW, 800)
    bridge.answer_next(stored(bridge.asked[0].what))
    for second in range(1, 30):
        bridge.now_unix = NOW + second
        bridge.add_reading(DeviceId(1), temperature=7.0)
        curves.set_view(NOW + second - 3600, NOW + second, 800)

    curve = curves.curve(PEN, NOW - 3600, NOW + 30)

    assert bridge.asked == []
    assert np.count_nonzero(curve.mean == 7.0) == 29
    assert np.diff(curve.times).max() <= 60.0


def test_a_failure_is_told_and_tried_again_after_a_while(curves, bridge):
    curves.set_view(NOW - 3600, NOW, 800)
    bridge.fail_next("The database does not answer.")

    assert curves.error == "The database does not answer."
    curves.set_view(NOW - 3600, NOW, 800)
    assert bridge.asked == []

    bridge.now_unix = NOW + 11
    curves.set_view(NOW - 3600, NOW, 800)
    assert len(bridge.asked) == 1
    bridge.answer_next(stored(bridge.asked[0].what))
    assert curves.error == ""


def test_nothing_stored_is_an_answer_too(curves, bridge):
    curves.set_view(NOW - 3600, NOW, 800)
    bridge.answer_next({})

    assert bridge.asked == []
    assert not curves.is_loading
    assert curves.samples(PEN)[0].size > 0


def test_an_answer_for_a_pen_taken_off_meanwhile_is_dropped(curves, bridge):
    curves.set_view(NOW - 3600, NOW, 800)
    question = bridge.asked[0].what
    curves.set_pens(())
    bridge.answer_next(stored(question))

    assert curves.buckets(PEN).times.size == 0


def test_a_past_stretch_is_not_mixed_with_what_is_live_now(curves, bridge):
    curves.set_view(NOW - 90_000, NOW - 86_400, 800)
    bridge.answer_next(stored(bridge.asked[0].what))

    assert curves.samples(PEN)[0].size == 0
    assert curves.curve(PEN, NOW - 90_000, NOW - 86_400).times[-1] <= NOW - 86_400


def test_only_pens_of_devices_that_sent_something_are_announced(qtbot, curves, bridge):
    with qtbot.waitSignal(curves.changed) as told:
        bridge.add_reading(DeviceId(1), NOW + 1, temperature=1.0)
    assert told.args == [PEN]

    with qtbot.assertNotEmitted(curves.changed):
        bridge.add_reading(DeviceId(2), NOW + 1, temperature=1.0)


def test_short_views_need_samples_only_and_long_past_ones_buckets_only():
    short = bounds_of(NOW - 120, NOW, NOW, 800)
    past = bounds_of(NOW - 90_000, NOW - 86_400, NOW, 800)

    assert short.joint == short.since
    assert past.joint == past.until


def test_a_view_that_stands_still_asks_again_after_a_failure(qtbot, curves, bridge):
    curves._again.setInterval(10)
    curves.set_view(NOW - 3600, NOW, 800)
    bridge.asked.pop().on_failed("The database does not answer.")

    qtbot.waitUntil(lambda: len(bridge.asked) == 1)
    bridge.answer_next(stored(bridge.asked[0].what))

    assert curves.error == ""


def test_while_the_database_is_away_the_sentence_says_since_when_values_are_known(curves, bridge):
    bridge.set_link(is_database_live=False, is_opening=False)
    bridge.add_reading(DeviceId(1), at_unix=NOW - 60, temperature=7.0)
    seen_at = datetime.fromtimestamp(curves.samples(PEN)[0][0], UTC).astimezone()
    curves.set_view(NOW - 3600, NOW, 800)
    bridge.fail_next("The database does not answer.")
    assert not curves.is_loading
    assert curves.error == (
        f"History needs the database; showing what this window has seen since {seen_at:%H:%M}."
    )


def test_history_is_asked_for_in_the_moment_the_database_is_back(curves, bridge):
    bridge.set_link(is_database_live=False, is_opening=False)
    curves.set_view(NOW - 3600, NOW, 800)
    bridge.fail_next("The database does not answer.")
    bridge.set_link(is_database_live=True)
    bridge.answer_next(stored(bridge.asked[0].what))
    assert curves.error == ""
