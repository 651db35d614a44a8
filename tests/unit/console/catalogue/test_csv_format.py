from typing import Any

import pytest

from console.catalogue.csv_format import csv_from_entries, entries_from_csv
from console.catalogue.document import entries_from_document
from console.catalogue.errors import DocumentFault
from models.records.threshold import RuleKind

Row = dict[str, Any]

HEADER = (
    "device_id,name,type,location,driver,connection.host,connection.unit,metric,address,scale,warning.max"
)
FIRST = "D1,Drive 1,drive,Hall A,modbus-tcp,127.0.0.1,2,rpm,holding:1,1,"
SECOND = "D1,,,,,,,temperature,holding:2,0.1,70"


def faults_of(*lines: str) -> str:
    with pytest.raises(DocumentFault) as caught:
        entries_from_csv("\n".join(lines))
    return str(caught.value)


def test_a_round_trip_changes_nothing(drive: Row, press: Row) -> None:
    drive["thresholds"].append(
        {"metric": "rpm", "min": 10, "max": 1500, "severity": "critical", "enabled": False}
    )
    drive["metadata"] = {"serial": "A-17", "year": 2024}
    entries = entries_from_document({"devices": [drive, press]})

    again = entries_from_csv(csv_from_entries(entries))

    def by_metric(entry: Any) -> list[Any]:
        return sorted(entry.thresholds, key=lambda threshold: (threshold.metric, threshold.severity))

    assert [entry.device for entry in again] == [entry.device for entry in entries]
    assert [by_metric(entry) for entry in again] == [by_metric(entry) for entry in entries]


def test_later_lines_of_a_device_may_leave_its_own_cells_empty() -> None:
    (entry,) = entries_from_csv("\n".join((HEADER, FIRST, SECOND)))

    assert [tag.address for tag in entry.device.tags] == ["holding:1", "holding:2"]
    assert entry.device.connection == {"host": "127.0.0.1", "unit": 2}
    assert entry.thresholds[0].max_value == 70


def test_semicolons_and_a_byte_order_mark_are_understood() -> None:
    text = "\ufeff" + "\n".join((HEADER, FIRST, SECOND)).replace(",", ";")

    assert len(entries_from_csv(text)[0].device.tags) == 2


def test_faults_name_line_and_column() -> None:
    text = faults_of(HEADER, FIRST, SECOND.replace("70", "hot"), SECOND.replace("D1", "").replace("70", "1"))

    assert "line 3, column warning.max: 'hot' is not a number." in text
    assert "line 4, column device_id: is missing." in text


def test_a_line_that_contradicts_its_device_is_named() -> None:
    text = faults_of(HEADER, FIRST, SECOND.replace("D1,,", "D1,Drive 9,"))

    assert "line 3, column name: differs from line 2 of the same device." in text


@pytest.mark.parametrize("text", ["", "\n\n", "a,b\n1,2", 'device_id,metric\n"unclosed'])
def test_what_is_no_table_of_devices_is_refused(text: str) -> None:
    with pytest.raises(DocumentFault):
        entries_from_csv(text)


def test_a_column_given_twice_is_refused() -> None:
    assert "column name: stands there more than once" in faults_of(HEADER + ",name", FIRST + ",Other")


def test_a_line_longer_than_the_header_is_named() -> None:
    assert "line 3: has 13 cells, the header 11" in faults_of(HEADER, FIRST, SECOND + ",0,5")


def test_cells_that_would_exhaust_a_parser_are_text() -> None:
    assert "connection.unit" in faults_of(HEADER, FIRST.replace(",2,", "," + "[" * 100_000 + ","))


def test_guidance_and_what_else_is_said_of_a_limit_survives_the_spreadsheet(drive: Row) -> None:
    drive["thresholds"] = [
        {
            "metric": "temperature", "max": 70, "severity": "warning", "latching": True,
            "requires_comment": True, "realarm_s": 600.0,
            "guidance": {"cause": "Filter;\n\"fan\"", "consequence": "Trip", "respond_within_s": 60.0},
        }
    ]  # fmt: skip
    entries = entries_from_document({"devices": [drive]})

    (again,) = entries_from_csv(csv_from_entries(entries))

    assert again.thresholds == entries[0].thresholds


def test_thresholds_of_other_rules_are_left_to_whoever_set_them(drive: Row) -> None:
    drive["thresholds"].append(
        {"rule": "frozen", "metric": "temperature", "severity": "warning", "on_delay_s": 60}
    )
    (again,) = entries_from_csv(csv_from_entries(entries_from_document({"devices": [drive]})))

    assert again.of_rules == {RuleKind.LIMIT}
    assert [(one.rule, one.max_value) for one in again.thresholds] == [(RuleKind.LIMIT, 70)]


def test_a_fault_in_guidance_names_its_own_column() -> None:
    header = HEADER + ",warning.respond_within_s"

    assert "line 3, column warning.respond_within_s: 'soon' is not a number." in faults_of(
        header, FIRST + ",", SECOND + ",soon"
    )
