import numpy as np
import pytest

from console.bridge.live_store import ReadingArrays
from console.panels.curves.opening_span import OpeningSpan
from console.panels.curves.pen import Pen
from console.widgets.theme import ThemeSource
from console.widgets.time_chart import TimeChart
from models.metrics import METRIC_COUNT, METRICS
from models.records.device import DeviceId
from tests.unit.console.fake_bridge import FakeBridge
from tests.unit.console.panels.plant_scene import NOW, make_device

PEN = Pen(DeviceId(1), METRICS[0])
SPANS_S = (120.0, 600.0, 3600.0)


@pytest.fixture
def bridge(qtbot) -> FakeBridge:
    made = FakeBridge(NOW)
    made.set_catalogue([make_device(1)])
    return made


@pytest.fixture
def chart(qtbot) -> TimeChart:
    made = TimeChart(ThemeSource(), lambda: NOW)
    qtbot.addWidget(made)
    made.set_window(600.0)
    return made


def know(bridge: FakeBridge, seconds: float) -> None:
    """Let the first and so far only reading of the device be this old."""
    bridge.live.add(
        ReadingArrays(
            np.array([1]), np.array([NOW - seconds]), np.full((1, METRIC_COUNT), 20.0), np.zeros(1, np.int16)
        )
    )


def width_of(chart: TimeChart) -> float:
    since, until = chart.visible_range
    return until - since


@pytest.mark.parametrize(("known_s", "span_s"), [(20.0, 120.0), (121.0, 600.0), (599.0, 600.0)])
def test_the_shortest_span_that_holds_everything_known_is_shown(bridge, chart, known_s, span_s):
    know(bridge, known_s)
    OpeningSpan(bridge.live, SPANS_S, 600.0).apply(chart, [PEN], NOW)

    assert width_of(chart) == span_s


def test_a_device_that_never_answered_gets_the_usual_span(bridge, chart):
    OpeningSpan(bridge.live, SPANS_S, 600.0).apply(chart, [PEN], NOW)

    assert width_of(chart) == 600.0


def test_the_span_grows_with_what_is_known(bridge, chart):
    opening = OpeningSpan(bridge.live, SPANS_S, 600.0)
    know(bridge, 20.0)
    opening.apply(chart, [PEN], NOW)
    opening.apply(chart, [PEN], NOW + 300.0)

    assert width_of(chart) == 600.0


def test_a_chart_that_a_person_zoomed_is_left_alone(bridge, chart):
    opening = OpeningSpan(bridge.live, SPANS_S, 600.0)
    chart.set_window(3600.0)
    know(bridge, 20.0)
    opening.apply(chart, [PEN], NOW)

    assert width_of(chart) == 3600.0


def test_a_chart_that_is_paused_is_left_alone(bridge, chart):
    opening = OpeningSpan(bridge.live, SPANS_S, 600.0)
    chart.set_following(following=False)
    know(bridge, 20.0)
    opening.apply(chart, [PEN], NOW)

    assert width_of(chart) == 600.0
