import json
from typing import Any

import pytest

from console.catalogue.document import document_from_entries, entries_from_document
from console.catalogue.errors import DocumentFault
from models.records.threshold import RuleKind, Severity

Row = dict[str, Any]


def faults_of(*rows: Row) -> str:
    with pytest.raises(DocumentFault) as caught:
        entries_from_document({"devices": list(rows)})
    return str(caught.value)


def test_document_becomes_devices_with_tags_and_thresholds(drive: Row, press: Row) -> None:
    first, second = entries_from_document({"devices": [drive, press]})

    assert first.device.device_id == "DRIVE-02"
    assert [tag.metric for tag in first.device.tags] == ["rpm", "temperature"]
    assert first.device.tags[1].scale == 0.1
    assert first.thresholds[0].max_value == 70
    assert first.thresholds[0].on_delay_s == 2
    assert second.device.period_s == 1.0
    assert second.thresholds == ()


def test_export_of_an_import_is_the_same_again(drive: Row, press: Row) -> None:
    entries = entries_from_document({"devices": [drive, press]})

    again = json.loads(json.dumps(document_from_entries(entries)))

    assert entries_from_document(again) == entries


@pytest.mark.parametrize("document", [None, [], {}, {"devices": None}, {"devices": {}}, "devices", 7])
def test_anything_but_a_list_of_devices_is_refused(document: object) -> None:
    with pytest.raises(DocumentFault, match="list called"):
        entries_from_document(document)


def test_every_bad_row_is_named_not_only_the_first(drive: Row, press: Row) -> None:
    drive["connection"]["port"] = 0
    drive["tags"][0]["address"] = "holding:99999"
    press["tags"][0]["metric"] = "temprature"
    press["period_s"] = -1

    text = faults_of(drive, press, {"device_id": "X"})

    assert 'devices[0] "DRIVE-02", connection.port' in text
    assert 'devices[0] "DRIVE-02", tags[0].address' in text
    assert 'devices[1] "PRESS-01", period_s: -1 must be at least 0.1.' in text
    assert 'devices[2] "X", name: is missing.' in text


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"driver": "profinet"}, "choose modbus-tcp, "),
        ({"nmae": "x"}, "nmae: is not known here"),
        ({"tags": []}, "tags"),
        ({"name": ""}, "name: must not be empty"),
        ({"name": 7}, "name: 7 is not text"),
        ({"type": "x" * 101}, "longer than 100 characters"),
        ({"connection": {}}, "connection.host: is missing"),
        ({"connection": {"host": "a", "unit": 300}}, "connection.unit"),
        ({"period_s": float("nan")}, "period_s"),
    ],
)
def test_a_wrong_field_is_named_with_its_remedy(drive: Row, change: Row, expected: str) -> None:
    assert expected in faults_of({**drive, **change})


@pytest.mark.parametrize(
    ("threshold", "expected"),
    [
        ({"metric": "temperature", "severity": "warning"}, "neither min nor max"),
        ({"metric": "temperature", "severity": "warning", "min": 5, "max": 5}, "5 must be below max 5"),
        ({"metric": "humidity", "severity": "warning", "max": 5}, "no tag is bound to it"),
        ({"metric": "temperature", "severity": "bad", "max": 5}, "thresholds[0].severity"),
        ({"metric": "temperature", "severity": "info", "max": float("inf")}, "finite"),
        ({"metric": "temperature", "severity": "info", "min": 0, "max": 2, "deadband": 1}, "leaves nothing"),
    ],
)
def test_a_threshold_that_cannot_work_is_refused(drive: Row, threshold: Row, expected: str) -> None:
    assert expected in faults_of({**drive, "thresholds": [threshold]})


def test_two_thresholds_of_one_severity_on_one_metric_are_refused(drive: Row) -> None:
    drive["thresholds"] = [drive["thresholds"][0], {**drive["thresholds"][0], "max": 80}]

    assert "a second warning threshold on temperature" in faults_of(drive)


def test_two_tags_for_one_metric_are_refused(drive: Row) -> None:
    drive["tags"][0]["metric"] = "temperature"

    assert "bound twice" in faults_of(drive)


def test_two_devices_of_one_id_are_refused(drive: Row) -> None:
    assert "ids are unique" in faults_of(drive, drive)


def test_a_device_that_names_no_alert_of_lost_communication_gets_one(drive: Row) -> None:
    (entry,) = entries_from_document({"devices": [drive]})

    assert [(one.rule, one.severity, one.on_delay_s) for one in entry.defaults] == [
        (RuleKind.OFFLINE, Severity.WARNING, 10.0)
    ]


def test_a_device_that_names_its_own_alert_of_lost_communication_keeps_it(drive: Row) -> None:
    drive["thresholds"].append({"rule": "offline", "severity": "critical", "enabled": False})
    (entry,) = entries_from_document({"devices": [drive]})

    assert entry.defaults == ()
    assert [one.enabled for one in entry.thresholds if one.rule is RuleKind.OFFLINE] == [False]


def test_every_rule_and_everything_said_of_a_threshold_survives_a_round_trip(drive: Row) -> None:
    drive["thresholds"] = [
        {
            "metric": "temperature", "max": 70, "severity": "critical", "latching": True,
            "requires_comment": True, "realarm_s": 900.0, "enabled": False, "disabled_reason": "Permit 17",
            "guidance": {"cause": "Fan\nor filter", "action": "Stop the drive", "respond_within_s": 300.0},
        },
        {"rule": "rate_of_change", "metric": "temperature", "amount": 5, "severity": "warning"},
        {"rule": "frozen", "metric": "temperature", "severity": "info", "on_delay_s": 600},
        {"rule": "no_data", "metric": "rpm", "amount": 10, "severity": "info"},
        {"rule": "bad_quality", "metric": "rpm", "severity": "warning", "on_delay_s": 5},
        {"rule": "clock", "amount": 5, "severity": "info"},
        {"rule": "offline", "severity": "warning", "on_delay_s": 3},
    ]  # fmt: skip
    entries = entries_from_document({"devices": [drive]})

    again = json.loads(json.dumps(document_from_entries(entries)))

    assert entries_from_document(again) == entries
    assert again["devices"][0]["thresholds"][0]["guidance"]["cause"] == "Fan\nor filter"


@pytest.mark.parametrize(
    ("threshold", "expected"),
    [
        ({"max": 5}, "thresholds[0].metric: is missing."),
        ({"rule": "offline", "metric": "rpm"}, "metric: offline judges the device as a whole"),
        ({"rule": "noise", "metric": "rpm"}, "thresholds[0].rule"),
        ({"rule": "no_data", "metric": "rpm"}, "amount: is missing: say after how many periods"),
        ({"rule": "clock", "amount": 0}, "amount: must be above 0: say how many seconds"),
        ({"rule": "clock", "amount": -1}, "thresholds[0].amount: -1 must be at least 0"),
        ({"rule": "rate_of_change", "metric": "rpm"}, "may move in a minute, in rpm"),
        ({"rule": "frozen", "metric": "rpm"}, "on_delay_s: is missing"),
        ({"rule": "bad_quality", "metric": "rpm", "amount": 3}, "means nothing to the rule bad_quality"),
        ({"rule": "no_data", "metric": "rpm", "amount": 3, "max": 9}, "max: belongs to the rule limit"),
        ({"rule": "no_data", "metric": "rpm", "amount": 3, "deadband": 9}, "deadband: means nothing"),
        ({"rule": "rate_of_change", "metric": "rpm", "amount": 3, "deadband": 3}, "below the amount 3"),
        ({"metric": "rpm", "max": 3, "realarm_s": 0}, "realarm_s: 0 must be at least 1"),
        ({"metric": "rpm", "max": 3, "disabled_reason": "x"}, "this one is on"),
        ({"metric": "rpm", "max": 3, "guidance": {"reason": "x"}}, "guidance.reason: is not known here"),
        ({"metric": "rpm", "max": 3, "guidance": {"cause": "x" * 2001}}, "longer than 2000 characters"),
    ],
)
def test_a_threshold_of_any_rule_is_checked_in_its_place(drive: Row, threshold: Row, expected: str) -> None:
    assert expected in faults_of({**drive, "thresholds": [{"severity": "info", **threshold}]})


def test_thresholds_of_other_rules_may_share_metric_and_severity(drive: Row) -> None:
    frozen = {"rule": "frozen", "metric": "temperature", "severity": "warning", "on_delay_s": 60}
    drive["thresholds"].append(frozen)
    entries_from_document({"devices": [drive]})

    assert "a second warning threshold of the rule frozen" in faults_of(
        {**drive, "thresholds": [frozen, frozen]}
    )


@pytest.mark.parametrize(
    ("parent", "expected"),
    [
        (7, "metadata.parent: 7 is no hardware id"),
        ("", "is no hardware id"),
        ("DRIVE-02", "metadata.parent: is the device itself"),
    ],
)
def test_a_parent_that_can_be_none_is_named(drive: Row, parent: object, expected: str) -> None:
    assert expected in faults_of({**drive, "metadata": {"parent": parent}})


def test_devices_reached_through_each_other_are_refused(drive: Row, press: Row) -> None:
    drive["metadata"], press["metadata"] = {"parent": "PRESS-01"}, {"parent": "DRIVE-02"}

    assert 'devices[0] "DRIVE-02", metadata.parent: leads back to DRIVE-02 by way of PRESS-01' in faults_of(
        drive, press
    )


def test_a_parent_of_another_document_is_taken(drive: Row) -> None:
    drive["metadata"] = {"parent": "GATEWAY-01"}
    (entry,) = entries_from_document({"devices": [drive]})

    assert entry.device.extra == {"parent": "GATEWAY-01"}
