import pytest

from console.panels.curves.pen import Pen
from console.panels.trends.pens import MOST_PENS, choices_of, first_pens, found, still_there, with_pen
from models.metrics import METRICS
from models.records.device import DeviceId


def test_search_finds_by_device_area_and_metric(bridge):
    choices = choices_of(bridge.catalogue)

    assert [choice.label for choice in found(choices, "utilities vib 15")] == ["Compressor 15 · Vibration"]
    assert len(found(choices, "")) == len(choices)


def test_a_ninth_pen_is_refused_with_a_sentence():
    pens = tuple(Pen(DeviceId(number), METRICS[0]) for number in range(MOST_PENS))

    with pytest.raises(ValueError, match="at most 8 pens; take one off first"):
        with_pen(pens, Pen(DeviceId(99), METRICS[0]))
    assert with_pen(pens, pens[0]) == pens


def test_the_first_pens_are_those_of_the_worst_alert(bridge):
    pens = first_pens(bridge.catalogue, bridge.alerts)

    assert pens[0] == Pen(DeviceId(3), METRICS[0])
    assert {pen.device for pen in pens} == {3}


def test_without_alerts_the_first_device_is_drawn(bridge):
    assert first_pens(bridge.catalogue, ())[0].device == bridge.catalogue.devices[0].id


def test_pens_of_removed_devices_go(bridge):
    assert still_there((Pen(DeviceId(1), METRICS[0]), Pen(DeviceId(99), METRICS[0])), bridge.catalogue) == (
        Pen(DeviceId(1), METRICS[0]),
    )
