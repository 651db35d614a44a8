from dataclasses import replace

from console.bridge.catalogue import Catalogue
from models.records.device import DeviceId, DeviceStatus
from models.records.threshold import Severity, Threshold, ThresholdId
from tests.unit.console.bridge.bridge_parts import device


def limit(number: int, on: int, severity: Severity, *, enabled: bool = True) -> Threshold:
    return Threshold(ThresholdId(number), DeviceId(on), "rpm", None, 10.0, severity, enabled)


def test_devices_stand_by_area_then_name_whatever_the_case():
    catalogue = Catalogue([device(3, "Yard"), device(2, "hall a"), device(1, "Hall A")])
    assert [entry.id for entry in catalogue.devices] == [1, 2, 3]
    assert catalogue.areas == ("Hall A", "hall a", "Yard")


def test_thresholds_come_worst_first_without_disabled_ones():
    limits = [
        limit(1, 1, Severity.INFO),
        limit(2, 1, Severity.CRITICAL),
        limit(3, 1, Severity.WARNING, enabled=False),
        limit(4, 2, Severity.WARNING),
    ]
    catalogue = Catalogue([device(1), device(2)], limits)
    assert [entry.id for entry in catalogue.thresholds_of(DeviceId(1))] == [2, 1]
    assert catalogue.thresholds_of(DeviceId(1), "temperature") == ()


def test_metrics_of_a_device_are_those_it_has_tags_for_in_order():
    catalogue = Catalogue([device(1)])
    assert [each.key for each in catalogue.quantities_of(DeviceId(1))] == ["temperature", "rpm"]
    assert catalogue.quantities_of(DeviceId(9)) == ()


def test_a_device_that_merely_answered_again_is_the_same_configuration():
    before = Catalogue([device(1)])
    after = Catalogue([replace(device(1), status=DeviceStatus.ONLINE)])
    assert after.is_same_as(before)


def test_another_limit_is_another_configuration():
    before = Catalogue([device(1)], [limit(1, 1, Severity.INFO)])
    assert not Catalogue([device(1)], [limit(1, 1, Severity.WARNING)]).is_same_as(before)
