from dataclasses import replace

import pytest

from console.catalogue.sheet_export import write_table
from console.catalogue.sheet_file import Grid, Misread, read_grid
from console.catalogue.threshold_plan import plan_of
from console.catalogue.threshold_sheet import HEADINGS, Stored, table_of
from models.quantities import Quantities
from models.records.device import DeviceId, Tag
from models.records.signal import Signal, SignalId
from models.records.threshold import DEVICE_METRIC, RuleKind, Severity
from models.records.threshold_entry import ThresholdEdit
from tests.unit.console.catalogue.threshold_parts import FULL, PEOPLE, device, entry, threshold

OFFLINE = threshold(13, metric=DEVICE_METRIC, rule=RuleKind.OFFLINE, max_value=None)
ENTRIES = [
    entry(threshold()),
    entry(FULL),
    entry(OFFLINE),
    entry(threshold(21, device=DeviceId(2), metric="pressure", max_value=800.0)),
]
STORED = Stored(ENTRIES, [device(1), device(2)], PEOPLE)


def sheet(header: str, *rows: str, **named) -> Grid:
    cells = [(number, tuple(row.split("|"))) for number, row in enumerate(rows, start=2)]
    return Grid(tuple(header.split("|")), tuple(cells), **named)


def faults(grid: Grid, **named) -> list[str]:
    return [str(fault) for fault in plan_of(grid, STORED, **named).faults]


KEY = "Device id|Rule|Metric|Severity"


@pytest.mark.parametrize("ending", [".csv", ".xlsx"])
def test_what_was_exported_changes_nothing(tmp_path, ending):
    path = tmp_path / f"t{ending}"
    write_table(path, HEADINGS, table_of(ENTRIES, STORED.devices), "Thresholds")
    plan = plan_of(read_grid(path), STORED, is_removing=True)
    assert (plan.edits, plan.unchanged, plan.faults) == ((), 4, ())


@pytest.mark.parametrize("ending", [".csv", ".xlsx"])
def test_every_field_survives_the_round_trip_into_an_empty_plant(tmp_path, ending):
    path = tmp_path / f"t{ending}"
    rows = [["", *row[1:]] for row in table_of(ENTRIES, STORED.devices)]
    write_table(path, HEADINGS, rows, "Thresholds")
    plan = plan_of(read_grid(path), replace(STORED, entries=[]))
    added = [planned.edit.after for planned in plan.added]
    assert added == [replace(known.threshold, id=0) for known in ENTRIES]


def test_a_changed_cell_is_named_with_old_and_new():
    (found,) = plan_of(sheet("Threshold|Maximum|On-delay (s)", "11|75,5|1 min"), STORED).changed
    assert (found.where, found.name) == ("row 2", "Press 1 · Temperature · warning")
    assert [str(change) for change in found.changes] == ["Maximum 70 °C → 75.5 °C", "On-delay 0 s → 60 s"]
    assert found.edit == ThresholdEdit(ENTRIES[0], threshold(max_value=75.5, on_delay_s=60.0))


def test_a_threshold_is_found_by_device_rule_metric_and_severity_too():
    (found,) = plan_of(sheet(f"{KEY}|max", "PRESS-01||Temperature|warning|75"), STORED).changed
    assert found.edit.before is ENTRIES[0]


def test_columns_may_be_called_by_heading_label_or_key():
    (found,) = plan_of(sheet("THRESHOLD|on delay|max", "11|5|71"), STORED).changed
    assert [change.label for change in found.changes] == ["Maximum", "On-delay"]


def test_a_row_that_names_nothing_stored_adds_a_threshold():
    (found,) = plan_of(sheet(f"{KEY}|max", "PRESS-01|Limit|pressure|info|500"), STORED).added
    wanted = threshold(0, metric="pressure", severity=Severity.INFO, max_value=500.0, user_id=None)
    assert (found.edit.after, found.edit.before) == (wanted, None)


def test_thresholds_that_the_file_does_not_name_go_only_when_asked_and_only_of_its_devices():
    grid = sheet("Threshold", "11")
    assert plan_of(grid, STORED).removed == ()
    gone = plan_of(grid, STORED, is_removing=True).removed
    assert [planned.edit for planned in gone] == [ThresholdEdit(known, None) for known in ENTRIES[1:3]]


def test_a_threshold_goes_back_into_service_without_its_reason():
    (found,) = plan_of(sheet("Threshold|In service", "12|yes"), STORED).changed
    assert found.edit.after == replace(FULL, enabled=True, disabled_reason="")


def test_another_owner_is_a_change():
    (found,) = plan_of(sheet("Threshold|Owner", "11|Anna Berg"), STORED).changed
    assert (found.edit.after.user_id, str(found.changes[0])) == (2, "Owner Eva Lind → Anna Berg")


def test_a_comma_is_a_decimal_sign_in_a_list_of_semicolons():
    (found,) = plan_of(sheet("Threshold|Maximum", "11|1,000", is_comma_decimal=True), STORED).changed
    assert found.edit.after.max_value == 1.0


@pytest.mark.parametrize(
    ("grid", "fault"),
    [
        (sheet("Threshold|Maximun", "11|1"), "B1: 'Maximun' is not known here"),
        (sheet("Threshold|max|Maximum", "11|1|1"), "C1: Maximum stands there more than once"),
        (sheet("Device id|Metric", "a|b"), "row 1: The column 'Severity' is missing"),
        (sheet("Threshold|max", "99|1"), "A2: No threshold of yours has the number 99"),
        (sheet("Threshold|max", "x|1"), "A2: No threshold of yours has the number x"),
        (sheet("Threshold|max", "11|hot"), "B2: 'hot' is not a number."),
        (sheet("Threshold|max", "11|1,000"), "B2: '1,000' could mean 1000 or 1.000"),
        (sheet("Threshold|min", "11|80"), "B2: Minimum: 80 °C must lie below the maximum"),
        (sheet("Threshold|min", "11|80|x"), "C2: stands beyond the last heading."),
        (sheet("Threshold|Unit|max", "11|°F|1"), "B2: '°F' is another unit; values are in °C here."),
        (sheet("Threshold|max", "11|1", "11|2"), "A3: is about the same threshold as row 2"),
        (sheet("Threshold|Owner", "11|Nobody"), "B2: Nobody is called 'Nobody'."),
        (sheet("Threshold|Owner", "11|Twin"), "B2: Several people are called 'Twin'."),
        (sheet("Threshold|Device id", "11|PRESS-02"), "B2: Threshold 11 belongs to PRESS-01"),
        (sheet("Threshold|Severity", "11|grave"), "B2: 'grave' is not possible; choose critical, warning"),
        (sheet("Threshold|In service", "11|no"), "row 2: Out of service because: Say why"),
        (sheet(KEY, "X-9||rpm|info"), "A2: No device of yours has the id 'X-9'."),
        (sheet(KEY, "||rpm|info"), "A2: Say which device."),
        (sheet(KEY, "PRESS-01||rpm|info"), "C2: Metric: Press 1 does not measure Speed"),
        (sheet(KEY, "PRESS-01|||info"), "C2: is missing: temperature"),
        (
            sheet(f"{KEY}|max", "PRESS-01||pressure|info|1", "PRESS-01||pressure|info|2"),
            "row 3: is about the same threshold as row 2; keep one.",
        ),
        (sheet("Threshold|Severity|Rule|amount|max", "11|critical|Rate of change|1|"), "has a critical thre"),
    ],
)
def test_a_fault_is_named_by_its_cell(grid, fault):
    assert fault in faults(grid)[0]


def test_a_cell_that_a_spreadsheet_computes_is_refused():
    grid = Grid(("Threshold", "max"), ((2, ("11", Misread("holds a formula."))),))
    assert faults(grid) == ["B2: holds a formula."]


def test_every_fault_is_named_from_top_to_bottom():
    found = faults(sheet("Threshold|max", "11|a", "12|b", "99|c", "21|d"))
    assert [fault.partition(":")[0] for fault in found] == ["B2", "B3", "A4", "B5"]


def test_two_thresholds_may_trade_places():
    other = entry(threshold(14, severity=Severity.INFO, max_value=50.0))
    stored = replace(STORED, entries=[*ENTRIES, other])
    plan = plan_of(sheet("Threshold|Severity", "11|info", "14|warning"), stored)
    assert (plan.faults, len(plan.changed)) == ((), 2)


FLOW = Signal("flow", "Flow rate", "m³/h", 1, (0.0, 500.0), (0.0, 50.0), SignalId(1))
PUMP = Signal("pump", "Pump", "", 0, (-1.0, 4.0), (0.0, 3.0), SignalId(2), ((0, "Stopped"), (1, "Running")))
SITE = replace(
    STORED,
    devices=[device(1, tags=(Tag("flow", "holding:1:float32"), Tag("pump", "holding:3:int16")))],
    entries=[],
    quantities=Quantities([FLOW, PUMP]),
)


@pytest.mark.parametrize("word", ["flow", "Flow rate", "FLOW RATE"])
def test_a_limit_of_a_signal_is_named_by_key_or_label_and_has_its_unit(word):
    grid = sheet(f"{KEY}|Unit|max", f"PRESS-01||{word}|info|m³/h|45")
    (added,) = plan_of(grid, SITE).added
    assert (added.name, added.edit.after.metric) == ("Press 1 · Flow rate · info", "flow")


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        ("PRESS-01||pump|info|4|", "E2: Maximum: No value above 4 is believed"),
        ("PRESS-01||flow|info|45|kPa", "F2: 'kPa' is another unit; values are in m³/h here."),
        ("PRESS-01||level|info|45|", "C2: 'level' is not possible; choose temperature"),
        (
            "PRESS-01||rpm|info|45|",
            "C2: Metric: Press 1 does not measure Speed; it measures Flow rate",
        ),
    ],
)
def test_a_fault_about_a_signal_is_named_by_its_cell(row, fault):
    assert fault in str(plan_of(sheet(f"{KEY}|max|Unit", row), SITE).faults[0])


def test_limits_of_signals_that_were_exported_change_nothing(tmp_path):
    entries = [entry(threshold(31, metric="flow", max_value=45.0, deadband=0.5))]
    stored = replace(SITE, entries=entries)
    path = tmp_path / "t.csv"
    write_table(path, HEADINGS, table_of(entries, stored.devices, stored.quantities), "Thresholds")
    assert "Flow rate" in path.read_text(encoding="utf-8-sig")
    assert plan_of(read_grid(path), stored).unchanged == 1
