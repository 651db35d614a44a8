"""From a device's screen to its limits."""

from dataclasses import replace

import pytest
from PySide6.QtWidgets import QLabel, QPushButton, QToolButton

from console.panels.device_face.device_facts import condition_of, delays_of, threshold_rows
from console.panels.device_face.device_panel import DevicePanel
from models.records.device import DeviceId
from models.records.person import Person, Role
from models.records.threshold import DEVICE_METRIC, RuleKind, Severity, Threshold, ThresholdId
from tests.unit.console.panels.plant_scene import make_device, make_thresholds

OFFLINE = Threshold(
    ThresholdId(77),
    DeviceId(4),
    DEVICE_METRIC,
    None,
    None,
    Severity.WARNING,
    rule=RuleKind.OFFLINE,
    on_delay_s=10.0,
)
CLOCK = replace(OFFLINE, id=ThresholdId(78), rule=RuleKind.CLOCK, amount=5.0, deadband=1.0)


@pytest.fixture
def panel(show, bridge):
    device = make_device(4)
    bridge.set_catalogue([device], [*make_thresholds(device), OFFLINE, CLOCK])
    return show(DevicePanel, bridge)


def test_every_rule_has_words(panel):
    rows = threshold_rows([OFFLINE, CLOCK])
    assert [row[:3] for row in rows] == [
        ("Warning", "Device", "device does not answer"),
        ("Warning", "Device", "device's clock wrong by more than 5 s"),
    ]
    assert delays_of(CLOCK)[0] == "deadband 1\N{NO-BREAK SPACE}s"
    assert condition_of(make_thresholds(make_device(4))[0]) == "above 70\N{NO-BREAK SPACE}°C"


def test_each_limit_leads_to_its_editor(panel, visits):
    panel.findChild(QToolButton, "device-limit-77").click()
    assert (visits.seen, visits.proposals) == ([("alerts", None)], [OFFLINE])


def test_a_limit_is_added_from_here(panel, visits):
    panel.findChild(QPushButton, "device-add-limit").click()
    (new,) = visits.proposals
    assert (new.id, new.device, new.metric) == (0, DeviceId(4), "temperature")


def test_whoever_may_not_add_one_is_not_offered_it(show, bridge):
    bridge.set_person(Person(9, "Olga", "o@example.org", Role.OPERATOR))
    panel = show(DevicePanel, bridge)
    assert panel.findChild(QPushButton, "device-add-limit") is None
    assert panel.findChild(QLabel, "device-name") is not None


def test_limits_of_a_metric_are_shown_whole_however_many_there_are(show, bridge):
    device = make_device(4)
    many = [
        replace(
            make_thresholds(device)[0], id=ThresholdId(100 + at), rule=rule, severity=severity, amount=5.0
        )
        for at, (rule, severity) in enumerate(
            (rule, severity)
            for rule in (RuleKind.LIMIT, RuleKind.RATE_OF_CHANGE, RuleKind.FROZEN)
            for severity in Severity
        )
    ]
    bridge.set_catalogue([device], many)
    panel = show(DevicePanel, bridge, width=1000)
    label = panel.findChild(QLabel, f"device-limits-{many[0].metric}")

    assert label.text().count(" · ") == len(many) - 1
    assert label.hasHeightForWidth()
    assert label.height() >= label.heightForWidth(label.width()) > 2 * label.fontMetrics().height()


def test_each_limit_beside_the_metrics_is_whole_as_well(qtbot, panel):
    words = "device's clock wrong by more than 5 s"
    (label,) = [one for one in panel.findChildren(QLabel) if one.text() == words]

    assert label.wordWrap()
    qtbot.waitUntil(lambda: label.height() >= label.heightForWidth(label.width()))
