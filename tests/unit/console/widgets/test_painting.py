"""Lamps, bars, sparklines and readouts paint every state, quietly, and never in an alarm colour."""

from itertools import combinations

import numpy as np
import pytest
from PySide6.QtCore import QRectF

from console.widgets.analog_bar import AnalogBar, Limit, limits_of, normal_band_of, paint_analog_bar, span_of
from console.widgets.pen import Pen
from console.widgets.sparkline import Sparkline, paint_sparkline
from console.widgets.status_lamp import LampState, StatusLamp, lamp_state_of, paint_lamp
from console.widgets.value_readout import ValueReadout, _fitting, paint_value
from models.records.device import DeviceId, DeviceStatus
from models.records.threshold import Severity, Threshold, ThresholdId

RECT = QRectF(0, 0, 200, 40)
LIMITS = (
    Limit(20.0, Severity.WARNING, is_upper=False),
    Limit(65.0, Severity.WARNING, is_upper=True),
    Limit(80.0, Severity.CRITICAL, is_upper=True),
)


def test_every_lamp_looks_different_and_none_like_an_alarm(theme, painted, colours_in):
    pictures = [
        painted(lambda p, s=state: paint_lamp(p, QRectF(0, 0, 16, 16), s, theme)) for state in LampState
    ]
    assert all(one != other for one, other in combinations(pictures, 2))
    alarms = {theme.critical.name(), theme.warning.name(), theme.info.name()}
    assert not any(colours_in(picture) & alarms for picture in pictures)


def test_an_online_device_without_fresh_readings_is_stale_not_fine():
    assert lamp_state_of(DeviceStatus.ONLINE) is LampState.ONLINE
    assert lamp_state_of(DeviceStatus.ONLINE, is_stale=True) is LampState.STALE
    assert lamp_state_of(DeviceStatus.OFFLINE, is_stale=True) is LampState.OFFLINE
    assert lamp_state_of(DeviceStatus.ERROR) is LampState.ERROR
    assert lamp_state_of(None) is LampState.UNKNOWN


def test_a_lamp_tells_its_sentence(themes, qtbot):
    lamp = StatusLamp(themes)
    qtbot.addWidget(lamp)
    lamp.set_state(LampState.ERROR, "Unit 7 answers with exception 2 (illegal data address).")
    assert lamp.state is LampState.ERROR
    assert lamp.accessibleName() == "Unit 7 answers with exception 2 (illegal data address)."
    assert not lamp.grab().isNull()


def test_limits_come_from_enabled_thresholds_in_order():
    def threshold(low, high, *, enabled=True):
        return Threshold(ThresholdId(1), DeviceId(1), "temperature", low, high, Severity.WARNING, enabled)

    limits = limits_of([threshold(10.0, 70.0), threshold(None, 5.0, enabled=False)])
    assert [(limit.value, limit.is_upper) for limit in limits] == [(10.0, False), (70.0, True)]
    assert normal_band_of(limits) == (10.0, 70.0)


@pytest.mark.parametrize("limits", [(), LIMITS, LIMITS[:1], LIMITS[1:]])
def test_a_bar_has_room_for_all_its_limits(limits):
    low, high = span_of((0.0, 100.0), limits)
    assert low < high
    assert all(low <= limit.value <= high for limit in limits)


def test_a_bar_moves_with_its_value_and_points_out_of_range(theme, painted):
    pictures = [
        painted(lambda p, v=value: paint_analog_bar(p, RECT, v, (0.0, 100.0), LIMITS, theme))
        for value in (-10.0, 10.0, 50.0, 130.0)
    ]
    assert all(one != other for one, other in combinations(pictures, 2))


@pytest.mark.parametrize("value", [None, float("nan"), float("inf")])
def test_a_bar_without_a_good_value_is_hatched_and_has_no_pointer(theme, painted, colours_in, value):
    picture = painted(lambda p: paint_analog_bar(p, RECT, value, (0.0, 100.0), LIMITS, theme))
    assert theme.value.name() not in colours_in(picture)
    assert theme.stale.name() in colours_in(picture)


def test_a_stale_value_is_not_shown_as_if_it_were_live(theme, painted, colours_in):
    bar = painted(lambda p: paint_analog_bar(p, RECT, 50.0, (0.0, 100.0), LIMITS, theme, is_stale=True))
    digits = painted(lambda p: paint_value(p, RECT, 50.0, 1, "°C", theme, is_stale=True, age_s=12.0))
    other = painted(lambda p: paint_value(p, RECT, 99.0, 1, "°C", theme, is_stale=True, age_s=12.0))
    assert theme.value.name() not in colours_in(bar) | colours_in(digits)
    assert digits == other


def test_an_empty_span_still_paints(theme, painted):
    assert not painted(lambda p: paint_analog_bar(p, RECT, 5.0, (5.0, 5.0), (), theme)).isNull()


def test_digits_of_a_good_value_wear_the_colour_of_live_values(theme, painted, colours_in):
    picture = painted(lambda p: paint_value(p, RECT, 71.3, 1, "°C", theme, pixels=28))
    assert theme.value.name() in colours_in(picture)


def test_a_sparkline_leaves_its_gap_empty(theme, painted):
    times = np.arange(600.0)
    values = np.sin(times / 20)
    values[250:350] = np.nan
    picture = painted(
        lambda p: paint_sparkline(p, RECT, times, values, theme, since_unix=0.0, until_unix=600.0)
    )
    column_alphas = [max(picture.pixelColor(x, y).alpha() for y in range(40)) for x in range(200)]
    assert not any(column_alphas[90:110])
    assert all(column_alphas[10:70])


@pytest.mark.parametrize("values", [[], [np.nan, np.nan], [5.0], [5.0, 5.0], [1.0, np.nan, 2.0]])
def test_a_sparkline_paints_whatever_there_is(theme, painted, values):
    times = np.arange(float(len(values)))
    picture = painted(
        lambda p: paint_sparkline(p, RECT, times, np.array(values), theme, since_unix=0.0, until_unix=10.0)
    )
    assert not picture.isNull()


def test_noise_below_the_least_range_looks_flat(theme, painted):
    times = np.arange(100.0)
    values = 50.0 + 0.01 * (-1.0) ** times
    picture = painted(
        lambda p: paint_sparkline(
            p, RECT, times, values, theme, since_unix=0.0, until_unix=100.0, least_range=10.0
        )
    )
    rows = {y for y in range(40) for x in range(200) if picture.pixelColor(x, y).alpha()}
    assert len(rows) <= 2


def test_the_widgets_show_what_they_are_given(themes, qtbot):
    bar, line, readout = AnalogBar(themes), Sparkline(themes), ValueReadout(themes, "°C")
    for widget in (bar, line, readout):
        qtbot.addWidget(widget)
        widget.resize(widget.sizeHint())
    before = [widget.grab().toImage() for widget in (bar, line, readout)]
    bar.set_scale((0.0, 100.0), LIMITS)
    bar.set_value(42.0)
    line.set_series(np.arange(100.0), np.arange(100.0), 100.0)
    readout.set_value(42.0)
    after = [widget.grab().toImage() for widget in (bar, line, readout)]
    assert all(one != other for one, other in zip(before, after, strict=True))
    assert readout.accessibleName() == "42.0 °C"
    readout.set_value(42.0, age_s=12.0, is_stale=True)
    assert readout.accessibleName() == "no good value, 12 s"


def test_digits_that_find_no_room_grow_smaller_before_they_are_cut_with_a_mark(qtbot):
    del qtbot
    (small, whole), (_, cut) = _fitting("12,345,678.9", 26, 120.0), _fitting("12,345,678.9", 26, 40.0)
    assert (small.pixelSize() < 26, whole, cut[-1]) == (True, "12,345,678.9", "…")


def test_a_pen_reads_its_values_by_name_where_they_have_one():
    pen = Pen("1/pump", "Pump", "", 0, (0.0, 2.0), states=((0, "Off"), (1, "Running")))
    assert [pen.text_of(value) for value in (1.0, 2.0, None)] == ["Running", "2", "–"]
    assert (pen.digits_of(0.0), pen.widest_text) == ("Off", "Running")
