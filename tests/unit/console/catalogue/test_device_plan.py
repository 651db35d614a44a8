"""A table or document of devices against what is stored: every change and every fault, by its cell."""

import re
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from console.catalogue.device_export import table_from_entries
from console.catalogue.device_plan import DevicePlan, PlanKind, StoredDevices
from console.catalogue.device_planning import plan_from_document, plan_from_grid
from console.catalogue.document import checked_row, document_from_entries, entries_from_document
from console.catalogue.sheet_export import write_table
from console.catalogue.sheet_file import Grid, read_grid
from models.quantities import Quantities
from models.records.device import DeviceId
from models.records.device_entry import DeviceEntry
from models.records.signal import Signal, SignalId
from models.records.threshold import RuleKind

HEADER = (
    "device_id,name,type,location,driver,connection.host,connection.unit,metric,address,scale,warning.max"
)
FIRST = "D1,Drive 1,drive,Hall A,modbus-tcp,127.0.0.1,2,rpm,holding:1,1,"
SECOND = "D1,,,,,,,temperature,holding:2,0.1,70"
FLOW = Signal("flow_1", "Flow 1", "m³/h", 1, (0.0, 100.0), (0.0, 50.0), id=SignalId(1))


def plan_of(tmp_path: Path, *lines: str, stored: StoredDevices | None = None, **options: Any) -> DevicePlan:
    path = tmp_path / "devices.csv"
    path.write_text("\n".join(lines), encoding="utf-8")
    return plan_from_grid(read_grid(path), stored or StoredDevices(), **options)


def plan_of_cells(tmp_path: Path, rows: list[list[Any]], merged: tuple[str, ...] = (), **options: Any):
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in rows:
        sheet.append(row)
    for area in merged:
        sheet.merge_cells(area)
    path = tmp_path / "devices.xlsx"
    book.save(path)
    return plan_from_grid(read_grid(path), StoredDevices(), **options)


def faults(plan: DevicePlan) -> list[str]:
    return [str(fault) for fault in plan.all_faults]


def notes(plan: DevicePlan) -> list[str]:
    return [str(note) for note in plan.all_notes]


def stored_as(plan: DevicePlan, **more: Any) -> StoredDevices:
    """What would be in the database after a plan was stored."""
    entries = [one.entry for one in plan.to_store if one.entry is not None]
    devices = [replace(entry.device, id=DeviceId(7 + n)) for n, entry in enumerate(entries)]
    limits = [
        replace(one, device=device.id)
        for device, entry in zip(devices, entries, strict=True)
        for one in entry.thresholds
    ]
    return StoredDevices(devices, limits, {device.id: 1 for device in devices}, **more)


def entry_of(plan: DevicePlan, index: int = 0) -> DeviceEntry:
    entry = plan.devices[index].entry
    assert entry is not None, faults(plan)
    return entry


# -- what a table says ------------------------------------------------------------------------------------


def test_rows_of_one_device_are_gathered(tmp_path):
    plan = plan_of(tmp_path, HEADER, FIRST, SECOND)

    entry = entry_of(plan)
    assert plan.counts_text == "1 new"
    assert [tag.address for tag in entry.device.tags] == ["holding:1", "holding:2"]
    assert entry.device.connection == {"host": "127.0.0.1", "unit": 2}
    assert entry.thresholds[0].max_value == 70


def test_the_same_file_twice_changes_nothing(tmp_path):
    first = plan_of(tmp_path, HEADER, FIRST, SECOND)

    again = plan_of(tmp_path, HEADER, FIRST, SECOND, stored=stored_as(first))

    assert again.counts_text == "1 unchanged"


def test_a_change_is_told_field_by_field(tmp_path):
    stored = stored_as(plan_of(tmp_path, HEADER, FIRST, SECOND))

    plan = plan_of(
        tmp_path,
        HEADER,
        "D1,Drive 1,drive,Hall B,modbus-tcp,127.0.0.1,3,rpm,holding:9,1,",
        SECOND.replace("70", "75"),
        stored=stored,
    )

    assert [str(change) for change in plan.devices[0].changes] == [
        "Area Hall A → Hall B",
        "Unit id 2 → 3",
        "Tag Speed, address holding:1 → holding:9",
        "Limit Temperature warning, Maximum 70 °C → 75 °C",
    ]


def test_a_tag_that_is_left_out_is_removed_and_said(tmp_path):
    stored = stored_as(plan_of(tmp_path, HEADER, FIRST, SECOND))

    plan = plan_of(tmp_path, HEADER, FIRST, stored=stored)

    assert plan.devices[0].removed_tags == 1
    assert "Tag Temperature holding:2 × 0.1 → none" in [str(one) for one in plan.devices[0].changes]


def test_a_column_that_is_not_there_changes_nothing(tmp_path):
    stored = stored_as(plan_of(tmp_path, HEADER, FIRST, SECOND))

    plan = plan_of(tmp_path, "Hardware id,Area", "D1,Hall C", stored=stored)

    assert [str(change) for change in plan.devices[0].changes] == ["Area Hall A → Hall C"]
    assert entry_of(plan).of_rules == frozenset()


def test_limits_can_be_listed_without_addresses(tmp_path):
    stored = stored_as(plan_of(tmp_path, HEADER, FIRST, SECOND))

    plan = plan_of(tmp_path, "device_id,metric,warning.max", "D1,Temperature,80", stored=stored)

    assert [str(change) for change in plan.devices[0].changes] == [
        "Limit Temperature warning, Maximum 70 °C → 80 °C"
    ]
    assert len(entry_of(plan).device.tags) == 2


def test_limits_of_severities_without_a_column_stay(tmp_path):
    header = HEADER + ",critical.max"
    stored = stored_as(plan_of(tmp_path, header, FIRST + ",", SECOND + ",90"))

    plan = plan_of(tmp_path, HEADER, FIRST, SECOND, stored=stored)

    assert plan.counts_text == "1 unchanged"


def test_headings_are_known_by_the_words_that_people_use(tmp_path):
    plan = plan_of(
        tmp_path,
        "Hardware ID;Name;Kind;Area;Protocol;Host;Unit id;Signal;Register;Factor;Writable;Period (s)",
        "D1;Drive;drive;Hall;modbus-tcp;10.0.0.1;2;Speed;holding:1;0,1;yes;0,5",
    )

    device = entry_of(plan).device
    assert (device.period_s, device.tags[0].scale, device.tags[0].is_writable) == (0.5, 0.1, True)
    assert device.connection == {"host": "10.0.0.1", "unit": 2}


def test_one_row_makes_many_devices(tmp_path):
    plan = plan_of(
        tmp_path,
        HEADER,
        "P-{01..20},Pump {1..},pump,Hall,modbus-tcp,10.0.3.{11..},1,rpm,holding:{100../10},1,",
    )

    made = [entry_of(plan, index).device for index in range(20)]
    assert plan.counts_text == "20 new"
    assert [made[0].device_id, made[19].device_id] == ["P-01", "P-20"]
    assert (made[19].name, made[19].connection["host"]) == ("Pump 20", "10.0.3.30")
    assert made[19].tags[0].address == "holding:290"


def test_a_second_row_with_the_same_range_is_a_second_tag_of_each(tmp_path):
    row = "P-{1..3},Pump {1..3},pump,Hall,modbus-tcp,10.0.3.{1..},1,rpm,holding:1,1,"
    plan = plan_of(tmp_path, HEADER, row, ",,,,,,,temperature,holding:2,0.1,")

    assert [len(entry_of(plan, index).device.tags) for index in range(3)] == [2, 2, 2]
    assert notes(plan) == ["row 3: no hardware id; taken for the device of the row above."]


def test_one_row_makes_many_tags_of_one_device(tmp_path):
    signals = [replace(FLOW, key=f"flow_{n}", label=f"Flow {n}", id=SignalId(n)) for n in (1, 2, 3)]
    plan = plan_of(
        tmp_path,
        HEADER,
        "D1,Drive 1,drive,Hall A,modbus-tcp,127.0.0.1,2,flow_{1..3},input:{200../2}:float32,,",
        stored=StoredDevices(quantities=Quantities(signals)),
    )

    assert [(tag.metric, tag.address) for tag in entry_of(plan).device.tags] == [
        ("flow_1", "input:200:float32"),
        ("flow_2", "input:202:float32"),
        ("flow_3", "input:204:float32"),
    ]


# -- what is wrong, and where ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        (SECOND.replace("70", "hot"), "K3: 'hot' is not a number."),
        (SECOND.replace("holding:2", "holding:99999"), "I3: "),
        (SECOND.replace("temperature", "temprature"), "H3: 'temprature' is no metric; there are"),
        (
            SECOND.replace("D1,,", "D1,Drive 9,"),
            "B3: 'Drive 9' differs from B2 of the same device; keep one.",
        ),
        (SECOND.replace("temperature", "rpm"), "H3: 'rpm' of D1 stands in row 2 already; keep one."),
        (SECOND.replace("0.1", "0"), "J3: 0 would make every value the same; use another scale."),
        (SECOND.replace("0.1", '"1,000"'), "J3: '1,000' could mean 1000 or 1.000; write one of the two."),
        (SECOND + ",5", "L3: stands beyond the last heading."),
        (SECOND.replace("holding:2", "holding:{1..}"), "I3: has no end: nothing in this row says how many"),
        ("D2,,drive,Hall,modbus-tcp,h,1,rpm,holding:1,1,", "B3: is missing."),
        ("D2,N,drive,Hall,modbus,h,1,rpm,holding:1,1,", "E3: 'modbus' is not possible; choose modbus-tcp"),
        ("D2,N,drive,Hall,modbus-tcp,h,x,rpm,holding:1,1,", "G3: 'x' is not a number."),
        ("D2,N,drive,Hall,modbus-tcp,h,700,rpm,holding:1,1,", "G3: 700 must be at most 255."),
        ("D2,N,drive,Hall,modbus-tcp,,1,rpm,holding:1,1,", "F3: is missing."),
        ("D2,N,drive,Hall,modbus-tcp,h,1,,,,", "row 3, tags: "),
    ],
)
def test_a_fault_names_its_cell_and_why(tmp_path, line, fault):
    plan = plan_of(tmp_path, HEADER, FIRST, line)

    assert any(told.startswith(fault) for told in faults(plan)), faults(plan)


@pytest.mark.parametrize(
    ("header", "fault"),
    [
        (HEADER + ",name", "L1: name means name, which B1 is already; keep one."),
        (HEADER + ",colour", "L1: 'colour' is not known here; remove the column or correct its heading."),
        (HEADER.replace("device_id", ""), "A1: The heading is empty, which is not known here"),
        ("name,metric,address", "row 1: The column device_id is missing"),
        ("device_id,address", "B1: belongs to a tag, and the column metric is missing"),
    ],
)
def test_a_fault_of_the_headings_names_its_cell(tmp_path, header, fault):
    plan = plan_of(tmp_path, header, FIRST)

    assert any(told.startswith(fault) for told in faults(plan)), faults(plan)
    assert plan.to_store == ()


def test_one_look_names_every_bad_cell_of_every_row(tmp_path):
    header = f"{HEADER.replace(',rpm', '')},period_s,critical.min,critical.max,critical.on_delay_s,colour"
    plan = plan_of(
        tmp_path,
        header,
        "D1,Drive 1,drive,Hall,modbus-tcp,43423,700,rpm,nowhere:1,fast,,99999,90,80,-1",
        "D1,,,,,,,temprature,holding:99999,0,1x,,hot,,",
        "D1,,,,,,,rpm,holding:x,,,,,,",
        "D2,,drive,Hall,modbus-tcp,h,x,rpm,input:{1..},{5..1},,,,,,red",
        ",Nobody,drive,Hall,modbus-tcp,10.0.0.300,1,speed of,holding:1,,,,,,",
        "D3,Drive 3,drive,Hall,modbus-tcp,10.0.0.3,1,rpm,holding:1,,,,,,,,beyond,too",
    )

    named = {fault.split(":")[0] for fault in faults(plan)}
    first = {"F2", "G2", "I2", "J2", "L2", "M2", "O2"}
    second = {"H3", "I3", "J3", "K3", "M3"}
    repeated = {"H4", "I4"}
    fourth = {"B5", "G5", "I5", "J5"}
    nameless = {"A6", "F6", "H6"}
    assert named == {"P1", *first, *second, *repeated, *fourth, *nameless, "Q7", "R7"}
    assert plan.to_store == ()


def test_one_look_names_every_fault_of_a_document(tmp_path):
    row = {
        "device_id": "D1",
        "name": "",
        "type": "drive",
        "location": "Hall",
        "driver": "modbus-tcp",
        "connection": {"host": "43423", "unit": 700},
        "period_s": "fast",
        "tags": [
            {"metric": "rpm", "address": "nowhere:1", "scale": "x"},
            {"metric": "rpm", "address": "holding:2", "scale": 0},
        ],
        "thresholds": [
            {"metric": "rpm", "severity": "critical", "max": "hot", "on_delay_s": -1},
            {"metric": "humidity", "severity": "critical", "max": 5},
        ],
        "metadata": {"parent": "D1"},
    }

    found, entry = checked_row(row)

    assert entry is None
    assert {path for path, _ in found} == {
        "name",
        "connection.host",
        "connection.unit",
        "period_s",
        "tags[0].address",
        "tags[0].scale",
        "tags[1].metric",
        "tags[1].scale",
        "thresholds[0].max",
        "thresholds[0].on_delay_s",
        "thresholds[1].metric",
        "metadata.parent",
    }


def test_a_faulty_device_holds_no_other_back(tmp_path):
    plan = plan_of(tmp_path, HEADER, FIRST, "D2,N,drive,Hall,modbus-tcp,h,1,rpm,nowhere:1,1,")

    assert plan.counts_text == "1 new, 1 to mend"
    assert not plan.is_faultless
    assert [one.device_id for one in plan.to_store] == ["D1"]


def test_two_devices_at_one_address_are_worth_a_look(tmp_path):
    plan = plan_of(tmp_path, HEADER, FIRST, FIRST.replace("D1", "D2"))

    assert notes(plan) == [
        "row 3: reads holding:1 at the same place as D1: is it the same device twice?",
    ]
    assert plan.is_faultless


def test_devices_reached_through_each_other_are_found(tmp_path):
    header = HEADER.replace(",metric", ",metadata,metric")
    rows = [
        f'{name},{name},drive,Hall,modbus-tcp,h,{unit},"{{""parent"": ""{parent}""}}",rpm,holding:1,1,'
        for name, unit, parent in (("A", 1, "B"), ("B", 2, "A"))
    ]
    plan = plan_of(tmp_path, header, *rows)

    assert len(plan.of(PlanKind.FAULTY)) == 2
    assert "leads back to A" in faults(plan)[0]


# -- what spreadsheets do to cells ------------------------------------------------------------------------

CELLS: list[list[Any]] = [
    ["device_id", "name", "type", "location", "driver", "host", "unit", "metric", "address", "scale"],
    ["D1", "Drive 1", "drive", "Hall A", "modbus-tcp", "10.0.0.1", 1, "rpm", "holding:1", 1],
    [None, None, None, None, None, None, None, "temperature", "holding:2", 0.1],
]


def test_numbers_of_a_workbook_are_read(tmp_path):
    plan = plan_of_cells(tmp_path, CELLS)

    assert entry_of(plan).device.connection == {"host": "10.0.0.1", "unit": 1}
    assert [tag.scale for tag in entry_of(plan).device.tags] == [1.0, 0.1]


def test_cells_joined_downwards_are_taken_for_each_row(tmp_path):
    plan = plan_of_cells(tmp_path, CELLS, merged=("A2:A3", "D2:D3"))

    assert plan.is_faultless, faults(plan)
    assert len(entry_of(plan).device.tags) == 2
    joined = "joined with the cells below; what stands there is taken for each of their rows."
    assert notes(plan) == [f"A2, D2: {joined}"]


def test_many_joined_cells_are_one_note_and_their_order_is_that_of_the_sheet(tmp_path):
    plan = plan_of_cells(tmp_path, CELLS, merged=("F2:F3", "D2:D3", "A2:A3", "C2:C3", "B2:B3"))

    assert [note.partition(":")[0] for note in notes(plan) if "joined" in note] == ["A2, B2, C2 and 2 more"]


def test_cells_joined_sideways_are_named(tmp_path):
    plan = plan_of_cells(tmp_path, CELLS, merged=("B2:C2",))

    assert "B2: is joined with the cells up to C2; split them." in faults(plan)


def test_formulas_errors_and_dates_are_named(tmp_path):
    rows = [list(row) for row in CELLS]
    rows[1][6], rows[1][9], rows[1][1] = "=1+1", "#REF!", date(2026, 1, 2)
    plan = plan_of_cells(tmp_path, rows)

    told = faults(plan)
    assert "G2: holds a formula; write the value itself." in told
    assert any(one.startswith("J2: holds the spreadsheet's error #REF!") for one in told)
    assert any(one.startswith("B2: was turned into a date") for one in told)


def test_results_of_formulas_are_taken_when_that_is_asked_for(tmp_path):
    import xlsxwriter

    path = tmp_path / "formulas.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        page = book.add_worksheet()
        for column, heading in enumerate(CELLS[0]):
            page.write(0, column, heading)
        for column, value in enumerate(CELLS[1]):
            page.write(1, column, value)
        page.write_formula(1, 6, "=3+4", None, 7)
    grid = read_grid(path)

    refused = plan_from_grid(grid, StoredDevices())
    taken = plan_from_grid(grid, StoredDevices(), is_taking_results=True)

    assert refused.has_results
    assert faults(refused) == ["G2: holds a formula; write the value itself. It shows '7'."]
    assert entry_of(taken).device.connection["unit"] == 7


def test_empty_rows_are_passed_over_and_said(tmp_path):
    plan = plan_of(tmp_path, HEADER, FIRST, ",,,", ",,", SECOND)

    assert len(entry_of(plan).device.tags) == 2
    assert notes(plan) == ["rows 3 to 4: empty; passed over."]


# -- documents, and the way out and back ------------------------------------------------------------------


def test_a_document_is_compared_too(drive, press):
    plan = plan_from_document({"devices": [drive, press, drive]}, StoredDevices())

    assert plan.counts_text == "2 new, 1 to mend"
    assert faults(plan) == [
        'devices[2] "DRIVE-02", device_id: is used by devices[0] "DRIVE-02" too; ids are unique.'
    ]


@pytest.mark.parametrize("document", [[], {}, {"devices": 1}, {"devices": [], "more": 1}, {"devices": [1]}])
def test_what_is_no_document_of_devices_is_refused(document):
    assert not plan_from_document(document, StoredDevices()).is_faultless


def test_a_fault_of_a_document_names_its_path(drive):
    drive["tags"][1]["address"] = "nowhere:1"

    (told,) = faults(plan_from_document({"devices": [drive]}, StoredDevices()))

    assert told.startswith('devices[0] "DRIVE-02", tags[1].address: ')


# What spreadsheets, CSV and JSON take for something of their own, among letters.
_NAMES = st.text("aZß€7.,;:\"'=+-@#/\\[]& \u00a0", min_size=1, max_size=8).filter(
    lambda text: text.strip() == text
)
_NUMBERS = st.floats(-1e6, 1e6, allow_nan=False).filter(bool)


@st.composite
def _devices(draw: st.DrawFn) -> dict[str, Any]:
    rows: list[dict[str, Any]] = []
    for name in draw(st.lists(_NAMES, min_size=1, max_size=4, unique=True)):
        metrics = draw(st.lists(st.sampled_from(["rpm", "temperature", "humidity"]), min_size=1, unique=True))
        row: dict[str, Any] = {
            "device_id": name,
            "name": draw(_NAMES),
            "type": draw(_NAMES),
            "location": draw(_NAMES),
            "driver": "modbus-tcp",
            "connection": {
                "host": f"h{draw(st.integers(0, 99))}.example",
                "unit": draw(st.integers(1, 247)),
                "timeout_s": 0.5,
            },
            "period_s": draw(st.floats(0.1, 3600)),
            "tags": [
                {
                    "metric": metric,
                    "address": f"holding:{draw(st.integers(0, 65535))}:int16",
                    "scale": draw(_NUMBERS),
                    "offset": draw(_NUMBERS),
                    "writable": draw(st.booleans()),
                }
                for metric in metrics
            ],
            "metadata": draw(st.dictionaries(st.sampled_from(["note", "year"]), _NAMES)),
            "thresholds": [
                {
                    "metric": metrics[0],
                    "max": draw(_NUMBERS),
                    "severity": draw(st.sampled_from(["info", "warning", "critical"])),
                    "on_delay_s": draw(st.floats(0, 86_400)),
                    "guidance": {"cause": draw(_NAMES)},
                }
            ],
        }
        rows.append(row)
    return {"devices": rows}


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(document=_devices())
def test_the_way_out_and_back_changes_nothing(tmp_path, ending, document):
    entries = entries_from_document(document)
    header, rows = table_from_entries(entries)
    path = tmp_path / f"devices.{ending}"
    write_table(path, header, rows, "Devices")

    plan = plan_from_grid(read_grid(path), StoredDevices())

    assert plan.is_faultless, faults(plan)
    made = [one.entry for one in plan.to_store if one.entry is not None]
    assert [entry.device for entry in made] == [entry.device for entry in entries]
    assert [entry.thresholds for entry in made] == [entry.thresholds for entry in entries]
    assert plan_from_grid(read_grid(path), stored_as(plan)).to_store == ()


def test_limits_of_other_rules_are_left_to_whoever_set_them(tmp_path, drive):
    drive["thresholds"].append(
        {"rule": "frozen", "metric": "temperature", "severity": "warning", "on_delay_s": 60}
    )
    header, rows = table_from_entries(entries_from_document({"devices": [drive]}))
    path = tmp_path / "devices.csv"
    write_table(path, header, rows, "Devices")

    entry = entry_of(plan_from_grid(read_grid(path), StoredDevices()))

    assert entry.of_rules == {RuleKind.LIMIT}
    assert [one.rule for one in entry.thresholds] == [RuleKind.LIMIT]


def test_sealed_secrets_go_out_and_come_back_as_they_are(tmp_path, press):
    sealed = {"$sealed": {"key": "0" * 32, "nonce": "A" * 16, "data": "A" * 24}}
    press["connection"] |= {"username": "eva", "password": sealed}
    entries = entries_from_document({"devices": [press]})
    header, rows = table_from_entries(entries)
    path = tmp_path / "devices.csv"
    write_table(path, header, rows, "Devices")

    assert entry_of(plan_from_grid(read_grid(path), StoredDevices())).device == entries[0].device


def test_a_secret_in_a_cell_is_text_whatever_it_looks_like_and_is_never_shown(tmp_path):
    header = "device_id,name,type,location,driver,endpoint,username,password,metric,address"
    row = "P,Press,press,Hall,opcua,opc.tcp://h:4840,eva,00123,temperature,ns=1;s=T"
    plan = plan_of(tmp_path, header, row)
    assert entry_of(plan).device.connection["password"] == "00123"

    again = plan_of(tmp_path, header, row.replace("00123", "00124"), stored=stored_as(plan))

    assert [str(change) for change in again.devices[0].changes] == ["Password a secret → another secret"]


def test_a_document_and_its_table_say_the_same(tmp_path, drive, press):
    entries = entries_from_document({"devices": [drive, press]})
    again = plan_from_document(
        document_from_entries(entries),
        stored_as(plan_from_document({"devices": [drive, press]}, StoredDevices())),
    )

    assert again.counts_text == "2 unchanged"


def test_progress_is_told_and_can_end_the_work(tmp_path):
    lines = [f"D{n},N,drive,Hall,modbus-tcp,h,1,rpm,holding:1,1," for n in range(200)]
    told: list[tuple[int, int]] = []

    class Stopped(Exception):
        pass

    def tell(done: int, total: int) -> None:
        told.append((done, total))
        if done == 100:
            raise Stopped

    with pytest.raises(Stopped):
        plan_of(tmp_path, HEADER, *lines, tell=tell)

    assert told[-1] == (100, 200)


# -- profiles ----------------------------------------------------------------------------------------------

METERS = "device_id,name,area,profile,host,unit"


def test_a_row_that_names_a_profile_needs_no_tags(tmp_path):
    plan = plan_of(
        tmp_path,
        METERS.replace("host", "protocol,host"),
        "M-{01..12},Meter {1..},Hall,schneider-iem3155,modbus-tcp,10.0.0.{21..},1",
    )

    device = entry_of(plan, 11).device
    assert plan.counts_text == "12 new"
    assert (device.type, device.driver, device.connection["host"]) == (
        "energy meter",
        "modbus-tcp",
        "10.0.0.32",
    )
    assert device.tags[0].scale == 1000
    assert "voltage_l1" in {signal.key for signal in plan.signals}


def test_a_row_with_a_metric_changes_that_tag_of_the_profile(tmp_path):
    header = METERS.replace("profile", "profile,driver") + ",metric,address,scale"
    row = "M-1,Meter,Hall,eastron-sdm120,modbus-tcp,10.0.0.1,1,{},{},{}"
    plan = plan_of(
        tmp_path, header, row.format("power_consumption", "", "-1"), ",,,,,,,energy_total,input:72:float32,"
    )

    tags = {tag.metric: tag for tag in entry_of(plan).device.tags}
    assert (tags["power_consumption"].address, tags["power_consumption"].scale) == ("input:12:float32", -1.0)
    assert tags["energy_total"].address == "input:72:float32"
    assert len(tags) == 8


def test_the_same_profile_twice_changes_nothing(tmp_path):
    lines = (
        METERS.replace("profile", "profile,driver"),
        "M-1,Meter,Hall,janitza-umg96rm,modbus-tcp,10.0.0.1,1",
    )
    first = plan_of(tmp_path, *lines)
    stored = stored_as(first, quantities=Quantities(first.signals))

    again = plan_of(tmp_path, *lines, stored=stored)

    assert (again.counts_text, again.signals) == ("1 unchanged", ())


def test_an_unknown_profile_is_the_only_thing_told(tmp_path):
    plan = plan_of(tmp_path, METERS, "M-1,Meter,Hall,eastron,10.0.0.1,1")

    (told,) = faults(plan)
    assert told.startswith("D2: 'eastron' is no profile; there are danfoss-fc302")


def test_the_tables_of_the_readme_are_in_order():
    text = (Path(__file__).parents[4] / "README.md").read_text(encoding="utf-8")
    section = text[text.index("### Many in a table") :].partition("\n## ")[0]
    tables = re.findall(r"(?:^\|.*\n)+", section, re.MULTILINE)
    grids = [
        [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines()]
        for table in tables
    ]

    plans = [plan_from_grid(Grid(tuple(rows[0]), ((2, tuple(rows[2])),)), StoredDevices()) for rows in grids]

    assert [(plan.counts_text, faults(plan)) for plan in plans] == [("20 new", []), ("8 new", [])]
