from console.panels.overview.tile_face import face_of, standings_of
from models.records.device import DeviceId, DeviceState, DeviceStatus
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
