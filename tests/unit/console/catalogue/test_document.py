import json
from typing import Any

import pytest

from console.catalogue.document import document_from_entries, entries_from_document
from console.catalogue.errors import DocumentFault

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
        ({"driver": "profinet"}, "choose modbus-tcp, opcua"),
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
