from dataclasses import replace

import numpy as np
import pytest

from console.bridge.live_store import ReadingArrays
from console.bridge.signal_store import SignalArrays
from console.panels.overview.live_tiles import LiveTiles
from console.panels.overview.tile_face import face_of, standings_of
from console.panels.overview.tile_painter import TilePainter
from console.widgets.theme import LIGHT
from models.quantities import Quantities
from models.records.device import DeviceId, DeviceState, DeviceStatus, Tag
from models.records.signal import Signal, SignalId
from tests.unit.console.panels.plant_scene import ERROR, NOW, OFFLINE, STALE


def face(bridge, id, now=NOW):
    standing = standings_of(bridge.catalogue, bridge.live, bridge.alerts, now)[id]
    return face_of(standing, bridge.catalogue, bridge.live, now)


def test_fresh_values_are_live(bridge):
    shown = face(bridge, DeviceId(1))

    assert shown.trouble == ""
    assert all(metric.is_live for metric in shown.metrics)


def test_offline_device_shows_no_value_as_live_and_says_since_when(bridge):
    shown = face(bridge, OFFLINE)

    assert shown.trouble == "Offline · last reading 3 min ago"
    assert not any(metric.is_live for metric in shown.metrics)


def test_values_grow_stale_by_time_alone(bridge):
    assert face(bridge, STALE).trouble == "Stale · last reading 25 s ago"
    assert face(bridge, DeviceId(1), NOW + 2.5).trouble == ""
    assert not any(metric.is_live for metric in face(bridge, DeviceId(1), NOW + 5).metrics)


def test_a_device_in_error_shows_what_it_still_answers_and_the_reason(bridge):
    shown = face(bridge, ERROR)

    assert "refuses address 3204" in shown.trouble
    assert all(metric.is_live for metric in shown.metrics)


def test_a_metric_of_bad_quality_is_not_live_while_its_neighbours_are(bridge):
    bridge.add_reading(DeviceId(2), NOW + 0.5, quality=1, humidity=40.0, power_consumption=10.0)

    live = {metric.quantity.key: metric.is_live for metric in face(bridge, DeviceId(2), NOW + 1).metrics}

    assert live == {"temperature": False, "humidity": True, "power_consumption": True}


def test_standings_that_did_not_change_are_the_same_objects(bridge):
    before = standings_of(bridge.catalogue, bridge.live, bridge.alerts, NOW)
    bridge.set_states(DeviceState(DeviceId(1), DeviceStatus.OFFLINE, "No answer.", None))

    after = standings_of(bridge.catalogue, bridge.live, bridge.alerts, NOW, before)

    assert [id for id in after if after[id] is not before[id]] == [1]


def test_a_tile_tells_how_many_quantities_found_no_room_and_the_tip_shows_them_all(bridge):
    signals = [
        Signal(f"level_{number}", f"Level {number}", "m", 1, (0.0, 9.0), (0.0, 8.0), SignalId(number))
        for number in range(1, 6)
    ]
    first, *rest = bridge.catalogue.devices
    tags = [Tag(signal.key, f"holding:{signal.id}:uint16") for signal in signals]
    wide = replace(first, tags=(*first.tags[:3], *tags))
    bridge.set_catalogue([wide, *rest], (), Quantities(signals))
    values = SignalArrays(np.zeros(5, np.int64), np.arange(1, 6), np.arange(5.0))
    bridge.live.add(
        ReadingArrays(np.array([wide.id]), np.array([NOW]), np.ones((1, 6)), np.zeros(1, np.int16), values)
    )
    shown = face(bridge, wide.id)
    tiles = LiveTiles(bridge, lambda: NOW)
    tiles.judge()
    assert (len(shown.metrics), shown.more) == (6, 2)
    assert "Level 5 4.0\N{NO-BREAK SPACE}m" in tiles.tooltip(wide.id)


@pytest.mark.parametrize("value", [9.87, 1_234_567.8, 123_456_789.0, -2e12])
def test_a_value_is_shown_as_exactly_as_there_is_room_and_never_cut(qtbot, value):
    del qtbot
    painter = TilePainter(LIGHT, 370, 1.0)
    counter = Signal("count", "Pieces", "", 1, (0.0, 1e9), (0.0, 100.0), SignalId(1))
    shown = painter._fitting(counter, value, painter._columns.value[1])
    assert float(shown.replace(",", "").replace("−", "-")) == pytest.approx(value, rel=0.005)
    assert painter._value_metrics.horizontalAdvance(shown) <= painter._columns.value[1]
