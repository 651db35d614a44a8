import pytest

from console.bridge.catalogue import Catalogue
from console.bridge.feed_decoding import readings_from_batch, states_from_changes
from console.bridge.live_store import LiveStore
from console.link.frames import FrameError
from console.link.messages import LiveBatch, StateChange
from models.records.device import DeviceId, DeviceStatus
from tests.unit.console.bridge.bridge_parts import NOW, batch, device


def test_a_batch_becomes_arrays_of_its_devices():
    readings = readings_from_batch(batch([3, 1], NOW, 7.5))
    assert readings.devices.tolist() == [3, 1]
    assert readings.values.shape == (2, 6)
    assert set(readings.values.ravel().tolist()) == {7.5}


def test_a_reading_without_a_finite_time_is_left_out():
    sound, broken = batch([1], NOW), batch([2], float("inf"))
    both = LiveBatch(
        sound.devices + broken.devices,
        sound.recorded_unix + broken.recorded_unix,
        sound.values + broken.values,
        sound.quality + broken.quality,
    )
    assert readings_from_batch(both).devices.tolist() == [1]


@pytest.mark.parametrize("cut", ["devices", "recorded_unix", "values", "quality"])
def test_arrays_that_disagree_are_no_batch(cut: str):
    whole = batch([1, 2], NOW)
    parts = {name: getattr(whole, name) for name in ("devices", "recorded_unix", "values", "quality")}
    parts[cut] = parts[cut][:-1]
    with pytest.raises(FrameError):
        readings_from_batch(LiveBatch(**parts))


def test_a_status_unknown_to_this_version_is_an_error_and_never_fine():
    live = LiveStore(lambda: NOW)
    live.set_catalogue(Catalogue([device(1)]))
    (state,) = states_from_changes([StateChange(1, "resting", "", None)], live)
    assert state.status is DeviceStatus.ERROR


def test_the_moment_of_last_contact_never_goes_missing():
    live = LiveStore(lambda: NOW)
    live.set_catalogue(Catalogue([device(1)]))
    live.set_states(states_from_changes([StateChange(1, "online", "", NOW)], live))
    (state,) = states_from_changes([StateChange(1, "offline", "No answer.", None)], live)
    assert state.last_seen_at == live.state(DeviceId(1)).last_seen_at
