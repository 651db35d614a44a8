import csv
from dataclasses import replace

import openpyxl
import pytest

from console.alert_export import ALERT_COLUMNS, EVENT_COLUMNS, cells_of_alert, cells_of_event, write_rows
from models.records.alert import AlertEvent, AlertId, EventKind
from models.records.device import DeviceId
from models.records.threshold import Severity
from tests.unit.console.panels.plant_scene import make_alert, make_device

ALERT = make_alert(7, make_device(3), Severity.CRITICAL, 60, limit_at_trigger=85.5)
EVENT = AlertEvent(
    *(1, AlertId(7), DeviceId(3), "Compressor 3", Severity.CRITICAL, "Too hot", EventKind.COMMENTED),
    *(ALERT.triggered_at, ALERT.triggered_at, "Anna Berg", "", "room-2", None, "=1+1", False),
)


def test_csv_and_xlsx_hold_the_same(tmp_path):
    rows = [cells_of_alert(ALERT)]
    for name in ("alerts.csv", "alerts.xlsx"):
        assert write_rows(tmp_path / name, ALERT_COLUMNS, rows) == 1

    with (tmp_path / "alerts.csv").open(encoding="utf-8", newline="") as file:
        (line,) = csv.DictReader(file)
    sheet = openpyxl.load_workbook(tmp_path / "alerts.xlsx").active
    heading, cells = sheet.iter_rows(values_only=True)
    assert line["triggered_at"] == "2027-01-15T07:59:00+00:00"
    assert [str(cell) if cell is not None else "" for cell in cells] == list(line.values())
    assert heading == ALERT_COLUMNS


def test_words_that_look_like_a_formula_stay_words(tmp_path):
    path = tmp_path / "journal.csv"
    write_rows(path, EVENT_COLUMNS, [cells_of_event(EVENT)])
    write_rows(path.with_suffix(".xlsx"), EVENT_COLUMNS, [cells_of_event(EVENT)])

    with path.open(encoding="utf-8", newline="") as file:
        assert next(csv.DictReader(file))["comment"] == "'=1+1"
    cell = openpyxl.load_workbook(path.with_suffix(".xlsx")).active.cell(
        2, EVENT_COLUMNS.index("comment") + 1
    )
    assert (cell.value, cell.data_type) == ("=1+1", "s")


@pytest.mark.parametrize("name", ["alerts.csv", "alerts.xlsx"])
def test_what_breaks_off_leaves_no_file(tmp_path, name):
    def rows():
        yield cells_of_alert(replace(ALERT, message="first"))
        raise RuntimeError("the database went away")

    with pytest.raises(RuntimeError):
        write_rows(tmp_path / name, ALERT_COLUMNS, rows())
    assert list(tmp_path.iterdir()) == []
