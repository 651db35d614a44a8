from dataclasses import replace

from console.panels.overview.ordering import Order, count_line, filtered, sections_of
from console.panels.overview.tile_face import Attention, Standing
from console.widgets.severity_badge import AlertGroup, BadgeState
from models.records.device import DeviceStatus
from models.records.threshold import Severity
from tests.unit.console.panels.plant_scene import make_device

UNACKNOWLEDGED = BadgeState.UNACKNOWLEDGED


def standing(number: int, alert: AlertGroup | None = None, **facts: object) -> Standing:
    return replace(Standing(make_device(number), DeviceStatus.ONLINE, False, alert), **facts)


def test_what_needs_somebody_comes_first_and_the_rest_stays_in_its_area():
    plant = [
        standing(1),
        standing(2, AlertGroup(Severity.WARNING, BadgeState.ACKNOWLEDGED, 1)),
        standing(3, AlertGroup(Severity.WARNING, UNACKNOWLEDGED, 1)),
        standing(4, AlertGroup(Severity.CRITICAL, BadgeState.RETURNED, 1)),
        standing(5, status=DeviceStatus.OFFLINE),
        standing(6, AlertGroup(Severity.CRITICAL, UNACKNOWLEDGED, 2)),
        standing(8, is_stale=True),
        standing(12),
    ]

    first, *areas = sections_of(plant, Order.URGENCY)

    assert first.devices == (6, 3, 8, 5, 2, 4)
    assert [(area.title, area.devices) for area in areas] == [("Hall A", (12,)), ("Hall B", (1,))]


def test_silence_is_never_taken_for_all_well():
    assert standing(1, is_stale=True).attention is Attention.TROUBLE
    assert standing(1, status=DeviceStatus.ERROR).attention is Attention.TROUBLE
    assert standing(1).attention is Attention.NONE


def test_an_offline_device_with_an_acknowledged_alert_still_counts_as_trouble():
    alert = AlertGroup(Severity.CRITICAL, BadgeState.ACKNOWLEDGED, 1)

    assert standing(1, alert, status=DeviceStatus.OFFLINE).attention is Attention.TROUBLE


def test_order_by_area_keeps_every_device_under_its_area():
    sections = sections_of([standing(5), standing(1), standing(4), standing(8)], Order.AREA)

    assert [(section.title, section.devices) for section in sections] == [
        ("Hall A", (4, 8)),
        ("Hall B", (1, 5)),
    ]


def test_order_by_name_counts_like_people():
    (everything,) = sections_of([standing(20), standing(4), standing(1)], Order.NAME)

    assert everything.devices == (1, 4, 20)


def test_heading_speaks_for_the_worst_alert_of_its_section():
    alerts = (AlertGroup(Severity.INFO, UNACKNOWLEDGED, 1), AlertGroup(Severity.CRITICAL, UNACKNOWLEDGED, 2))

    (everything,) = sections_of([standing(1, alerts[0]), standing(2, alerts[1])], Order.NAME)

    assert everything.alert == AlertGroup(Severity.CRITICAL, UNACKNOWLEDGED, 3)


def test_every_word_typed_must_occur():
    plant = [standing(1), standing(2), standing(5)]

    assert [found.device.id for found in filtered(plant, "HALL drive 5")] == [5]
    assert filtered(plant, "drive paint") == []
    assert filtered(plant, "  ") == plant


def test_count_line_names_only_what_there_is():
    trouble = [standing(1, status=DeviceStatus.OFFLINE), standing(2, is_stale=True), standing(3)]

    assert count_line(trouble, 3) == "3 devices · 1 offline · 1 stale · no alerts"
    assert count_line(trouble, 1).startswith("1 of 3 devices")


def test_hidden_alerts_ask_for_no_attention_and_are_counted_apart():
    shelved = AlertGroup(Severity.CRITICAL, BadgeState.SHELVED, 2)
    plant = [standing(1, shelved), standing(5, AlertGroup(Severity.INFO, UNACKNOWLEDGED, 1))]
    assert plant[0].attention is Attention.NONE
    assert count_line(plant, 2) == "2 devices · 1 with alerts · 1 with hidden alerts only"
    (hall,) = sections_of(plant, Order.AREA)
    assert hall.alert == AlertGroup(Severity.INFO, UNACKNOWLEDGED, 1)
    (hall,) = sections_of(plant[:1], Order.AREA)
    assert hall.alert == shelved
