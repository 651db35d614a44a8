"""The live chart: follows, pauses, zooms by keyboard and mouse, joins history to live, paints every state."""

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, QRect, Qt
from PySide6.QtGui import QImage, QWheelEvent
from PySide6.QtWidgets import QApplication

from console.widgets.analog_bar import Limit
from console.widgets.chart_readout import cursor_rows, cursor_title, hover_rows
from console.widgets.pen import ChartMark, Pen
from console.widgets.theme import DARK, LIGHT, ThemeSource
from console.widgets.time_chart import PEN_LIMIT, TimeChart
from models.metrics import METRICS
from models.records.threshold import Severity

NOW = 1_763_822_000.0
PENS = [Pen(metric.key, metric.label, metric.unit, metric.decimals, metric.span) for metric in METRICS]


class Hand:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def hand() -> Hand:
    return Hand()


@pytest.fixture
def chart(light: ThemeSource, hand: Hand, qtbot) -> TimeChart:
    made = TimeChart(light, clock=hand)
    qtbot.addWidget(made)
    made.resize(800, 320)
    made.set_pens(PENS[:1])
    times = np.arange(NOW - 600, NOW + 0.5)
    made.set_live("temperature", times, 50 + 10 * np.sin(times / 60))
    made.show()
    qtbot.waitExposed(made)
    return made


def picture(chart: TimeChart) -> QImage:
    return chart.grab().toImage()


@pytest.fixture
def columns_with(places_of):
    """Return a function that tells which pixel columns of a picture hold a colour."""
    return lambda image, colour: set(places_of(image, colour)[:, 0].tolist())


# -- pens and samples ----------------------------------------------------------


def test_more_than_eight_pens_are_refused_with_a_sentence(chart):
    pens = [Pen(str(number), "x", "°C") for number in range(PEN_LIMIT + 1)]
    with pytest.raises(ValueError, match="9 pens were asked for; a chart shows at most 8"):
        chart.set_pens(pens)


def test_two_pens_cannot_share_a_key(chart):
    with pytest.raises(ValueError, match="same key"):
        chart.set_pens([PENS[0], PENS[0]])


def test_samples_of_a_pen_that_stays_are_kept(chart):
    chart.set_pens(PENS[:2])
    assert hover_rows(chart._scene, NOW - 60)[0].cells[1] != "no data"
    assert hover_rows(chart._scene, NOW - 60)[1].cells[1] == "no data"


def test_forgetting_the_data_keeps_the_pens(chart):
    chart.clear_data()
    assert chart.pens == (PENS[0],)
    assert hover_rows(chart._scene, NOW - 60)[0].cells[1] == "no data"


def test_a_new_sample_appears_without_repainting_what_is_settled(chart, hand):
    picture(chart)
    before = picture(chart)
    hand.now += 0.05
    chart.append("temperature", hand.now, 61.5)
    after = picture(chart)
    plot = chart._frame.geometry.plot.toRect()
    old, new = before.copy(plot), after.copy(plot)
    settled = QRect(0, 0, plot.width() - 20, plot.height())
    assert old != new
    assert old.copy(settled) == new.copy(settled)


def test_a_value_beyond_the_scale_widens_it(chart, hand):
    picture(chart)
    chart.append("temperature", NOW + 0.4, 500.0)
    picture(chart)
    assert chart._frame.scales["°C"].high >= 500.0


def test_backfilled_samples_are_drawn_without_any_navigation(chart, columns_with):
    times = np.concatenate((np.arange(NOW - 600, NOW - 40), np.arange(NOW - 10, NOW)))
    chart.set_live("temperature", times, np.full(times.size, 50.0))
    with_gap = picture(chart)
    filled = np.arange(NOW - 600, NOW)
    chart.set_live("temperature", filled, np.full(filled.size, 50.0))
    assert len(columns_with(picture(chart), LIGHT.pens[0])) > len(columns_with(with_gap, LIGHT.pens[0]))


def test_a_gap_is_left_empty(chart, columns_with):
    times = np.arange(NOW - 600, NOW)
    values = np.full(600, 50.0)
    values[200:300] = np.nan
    chart.set_live("temperature", times, values)
    picture(chart)
    left, right = chart._frame.x_of(times[205]), chart._frame.x_of(times[295])
    columns = columns_with(picture(chart), LIGHT.pens[0])
    assert columns
    assert not columns & set(range(round(left), round(right)))


def test_history_and_live_meet_without_a_hole(chart, columns_with):
    chart.set_window(1200.0)
    times = np.arange(NOW - 1200, NOW - 600, 10.0)
    flat = np.full(times.size, 50.0)
    chart.set_history("temperature", times, flat - 4, flat + 4, flat)
    live = np.arange(NOW - 600, NOW)
    chart.set_live("temperature", live, np.full(live.size, 50.0))
    picture(chart)
    columns = columns_with(picture(chart), LIGHT.pens[0])
    first, last = round(chart._frame.x_of(times[1])), round(chart._frame.x_of(live[-2]))
    assert set(range(first, last)) <= columns


# -- live and paused -----------------------------------------------------------


def test_a_live_chart_follows_the_clock(chart, hand):
    hand.now += 100.0
    assert chart.is_following
    assert chart.visible_range == (NOW - 500.0, NOW + 100.0)


def test_space_pauses_and_goes_on_and_says_so(chart, hand, qtbot, places_of):
    live = picture(chart)
    with qtbot.waitSignal(chart.following_changed, check_params_cb=lambda following: not following):
        qtbot.keyClick(chart, Qt.Key.Key_Space)
    paused = picture(chart)
    hand.now += 100.0
    assert chart.visible_range == (NOW - 600.0, NOW)
    assert len(places_of(paused, LIGHT.text)) > len(places_of(live, LIGHT.text)) + 500
    qtbot.keyClick(chart, Qt.Key.Key_Space)
    assert chart.visible_range[1] == NOW + 100.0


def test_end_goes_live_again(chart, qtbot):
    chart.show_range(NOW - 5000.0, NOW - 4000.0)
    qtbot.keyClick(chart, Qt.Key.Key_End)
    assert chart.is_following


def test_a_click_on_the_paused_plate_goes_live(chart, qtbot):
    chart.set_following(following=False)
    picture(chart)
    corner = chart._frame.geometry.plot.bottomRight().toPoint()
    qtbot.mouseClick(chart, Qt.MouseButton.LeftButton, pos=corner - QPoint(20, 10))
    assert chart.is_following


def test_a_live_edge_without_samples_is_hatched(chart, hand, places_of):
    stale_before = len(places_of(picture(chart), LIGHT.stale))
    hand.now += 60.0
    assert len(places_of(picture(chart), LIGHT.stale)) > stale_before + 200


def test_a_hidden_chart_does_not_tick(chart):
    assert chart._ticking.isActive()
    chart.hide()
    assert not chart._ticking.isActive()


# -- zoom and pan --------------------------------------------------------------


def test_plus_and_minus_zoom_time_and_the_range_is_told_once(chart, qtbot):
    told: list[tuple[float, float]] = []
    chart.range_changed.connect(lambda since, until: told.append((since, until)))
    qtbot.keyClick(chart, Qt.Key.Key_Plus)
    qtbot.keyClick(chart, Qt.Key.Key_Plus)
    qtbot.waitUntil(lambda: bool(told), timeout=2000)
    assert told == [pytest.approx((NOW - 600.0 / 1.25**2, NOW))]
    qtbot.keyClick(chart, Qt.Key.Key_Minus)
    qtbot.keyClick(chart, Qt.Key.Key_Minus)
    assert chart.visible_range == pytest.approx((NOW - 600.0, NOW))


def test_arrows_pan_into_the_past_and_pause(chart, qtbot):
    qtbot.keyClick(chart, Qt.Key.Key_Left, Qt.KeyboardModifier.ShiftModifier)
    assert not chart.is_following
    assert chart.visible_range == (NOW - 900.0, NOW - 300.0)
    qtbot.keyClick(chart, Qt.Key.Key_Right)
    assert chart.visible_range == pytest.approx((NOW - 840.0, NOW - 240.0))


def test_the_wheel_zooms_round_the_pointer(chart):
    chart.show_range(NOW - 600.0, NOW)
    picture(chart)
    place = chart._frame.geometry.plot.center()
    pointed = chart._frame.time_at(place.x())
    turn(chart, place, QPoint(0, 120))
    picture(chart)
    assert chart.visible_range[1] - chart.visible_range[0] == pytest.approx(480.0)
    assert chart._frame.time_at(place.x()) == pytest.approx(pointed, abs=0.01)


def test_the_wheel_with_shift_pans(chart):
    picture(chart)
    turn(chart, chart._frame.geometry.plot.center(), QPoint(0, 120), Qt.KeyboardModifier.ShiftModifier)
    assert chart.visible_range == (NOW - 660.0, NOW - 60.0)


def test_the_wheel_over_a_compact_chart_belongs_to_the_page(chart):
    chart.set_compact(compact=True)
    chart.clearFocus()
    picture(chart)
    turn(chart, chart._frame.geometry.plot.center(), QPoint(0, 120))
    assert chart.visible_range == (NOW - 600.0, NOW)


def test_dragging_moves_the_picture_and_pauses(chart, qtbot):
    picture(chart)
    start = chart._frame.geometry.plot.center().toPoint()
    qtbot.mousePress(chart, Qt.MouseButton.LeftButton, pos=start)
    qtbot.mouseMove(chart, start + QPoint(50, 0))
    qtbot.mouseMove(chart, start + QPoint(100, 0))
    qtbot.mouseRelease(chart, Qt.MouseButton.LeftButton, pos=start + QPoint(100, 0))
    assert not chart.is_following
    assert chart.visible_range[1] == pytest.approx(NOW - 100 * 600.0 / chart._frame.geometry.plot.width())
    assert not chart.cursors


def turn(
    chart: TimeChart,
    place: QPointF,
    angle: QPoint,
    held: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier,
) -> None:
    event = QWheelEvent(
        place, place, QPoint(), angle, Qt.MouseButton.NoButton, held, Qt.ScrollPhase.NoScrollPhase, False
    )
    QApplication.sendEvent(chart, event)


# -- cursors, readout, emphasis ------------------------------------------------


def test_two_cursors_tell_the_difference(chart, qtbot):
    chart.set_live("temperature", np.array([NOW - 600, NOW - 300, NOW]), np.array([10.0, 20.0, 25.0]))
    chart.set_pens([Pen("temperature", "Drive 2", "°C", gap_s=1000.0)])
    chart._cursors.place("A", NOW - 500)
    chart._cursors.place("B", NOW - 100)
    rows = cursor_rows(chart._scene, chart.cursors)
    assert cursor_title(chart.cursors) == "B − A: 6 min 40 s"
    assert rows[1].cells == ("Drive 2", "10.0", "20.0", "+10.0\N{NO-BREAK SPACE}°C")


def test_keys_set_move_and_clear_cursors(chart, qtbot):
    qtbot.keyClick(chart, Qt.Key.Key_A)
    qtbot.keyClick(chart, Qt.Key.Key_B)
    assert chart.cursors == {"A": NOW - 300.0, "B": NOW - 150.0}
    qtbot.keyClick(chart, Qt.Key.Key_Left, Qt.KeyboardModifier.ControlModifier)
    assert chart.cursors["B"] == NOW - 156.0
    qtbot.keyClick(chart, Qt.Key.Key_A)
    assert set(chart.cursors) == {"B"}
    qtbot.keyClick(chart, Qt.Key.Key_Escape)
    assert not chart.cursors


def test_a_click_sets_a_cursor_and_shift_click_the_other(chart, qtbot):
    picture(chart)
    middle = chart._frame.geometry.plot.center().toPoint()
    qtbot.mouseClick(chart, Qt.MouseButton.LeftButton, pos=middle)
    qtbot.mouseClick(
        chart, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ShiftModifier, middle + QPoint(40, 0)
    )
    assert chart.cursors["B"] > chart.cursors["A"]


def test_the_pointer_shows_the_value_below_it(chart, qtbot):
    before = picture(chart)
    qtbot.mouseMove(chart, chart._frame.geometry.plot.center().toPoint())
    assert picture(chart) != before


def test_a_digit_emphasises_its_pen_and_brings_its_axis_and_limits(chart, qtbot):
    chart.set_pens(PENS)
    chart.set_limits("pressure", [Limit(700.0, Severity.CRITICAL, is_upper=True)])
    qtbot.keyClick(chart, Qt.Key.Key_3)
    picture(chart)
    assert chart._frame.geometry.axes[0][0] == "kPa"
    qtbot.keyClick(chart, Qt.Key.Key_0)
    picture(chart)
    assert chart._frame.geometry.axes[0][0] == "°C"


def test_a_click_in_the_legend_emphasises_and_releases(chart, qtbot):
    chart.set_pens(PENS[:3])
    picture(chart)
    for expected in ("humidity", None):
        chip = chart._scene.legend._chips[1].rect.center().toPoint()
        qtbot.mouseClick(chart, Qt.MouseButton.LeftButton, pos=chip)
        picture(chart)
        assert chart._scene.focus == expected


def test_keys_it_does_not_know_are_left_to_others(chart, qtbot):
    qtbot.keyClick(chart, Qt.Key.Key_F5)
    assert chart.is_following


# -- pictures ------------------------------------------------------------------


@pytest.mark.parametrize("size", [(200, 110), (420, 200), (900, 400), (30, 20)])
@pytest.mark.parametrize("count", [0, 1, 6])
def test_every_size_and_number_of_pens_paints_in_every_state(themes, hand, qtbot, size, count):
    chart = TimeChart(themes, clock=hand)
    qtbot.addWidget(chart)
    chart.resize(*size)
    chart.set_pens(PENS[:count])
    times = np.arange(NOW - 600, NOW - 20, 0.1)
    for place, pen in enumerate(chart.pens):
        low, high = pen.span
        chart.set_live(pen.key, times, low + (high - low) * (0.5 + 0.3 * np.sin(times / 50 + place)))
    chart.set_marks([ChartMark(NOW - 100, "above the limit", Severity.WARNING), ChartMark(NOW - 50, "1.2.0")])
    live = picture(chart)
    chart.set_following(following=False)
    chart._cursors.place("A", NOW - 300)
    chart._cursors.place("B", NOW - 100)
    paused = picture(chart)
    chart.set_compact(compact=True)
    assert picture(chart).size() == paused.size() == live.size()


def test_an_infinite_value_is_a_gap(chart):
    times = np.arange(NOW - 10, NOW)
    values = np.full(10, 50.0)
    values[5] = np.inf
    chart.set_live("temperature", times, values)
    picture(chart)
    assert chart._frame.scales["°C"].high < 1000.0


def test_changing_the_theme_changes_the_picture(chart, light):
    before = picture(chart)
    light.use(DARK)
    assert picture(chart).pixelColor(790, 315).name() == DARK.background.name()
    light.use(LIGHT)
    assert picture(chart) == before


def test_the_picture_can_be_kept_as_a_file(chart, tmp_path: Path):
    assert chart.export_png(tmp_path / "trend.png")
    assert QImage(str(tmp_path / "trend.png")).size() == chart.size()
    assert not chart.export_png(tmp_path / "no such folder" / "trend.png")


def test_the_chart_names_itself_for_screen_readers(chart):
    assert chart.accessibleName() == "Trend of Temperature"
