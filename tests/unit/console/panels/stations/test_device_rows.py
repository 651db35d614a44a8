from PySide6.QtCore import Qt

from console.panels.stations.device_rows import Column, device_rows, matching
from console.panels.stations.devices_model import DevicesModel
from console.panels.stations.station_questions import LeasesNow
from models.records.device import DeviceId
from tests.unit.console.panels.plant_scene import NOW, make_device
from tests.unit.console.panels.stations.station_parts import HALL_A, HALL_B, span

DEVICES = [make_device(number) for number in (24, 4, 2)]  # Press 24, Press 4, Dryer 2
NAMES = {HALL_A.id: HALL_A.name, HALL_B.id: HALL_B.name}
LEASES = LeasesNow(
    {DeviceId(24): span(24, HALL_B, 100.0), DeviceId(4): span(4, HALL_A, 9000.0)}, {DeviceId(4): HALL_B.id}
)


def rows():
    return device_rows(DEVICES, LEASES, NAMES, "", ())


def shown(model: DevicesModel, column: Column = Column.DEVICE) -> list[str]:
    return [model.index(row, column).data() for row in range(model.rowCount())]


def test_devices_come_as_people_count_with_who_polls_them_and_who_chose_that(qtbot):
    model = DevicesModel(lambda: NOW)
    model.set_rows(rows())

    assert shown(model) == ["Dryer 2", "Press 4", "Press 24"]
    assert shown(model, Column.STATION) == ["no station", "Hall A", "Hall B"]
    assert shown(model, Column.CHOICE) == ["automatic", "for Hall B", "automatic"]
    assert shown(model, Column.SINCE)[1].endswith("·  2 h 30 min")


def test_sorting_by_age_puts_the_oldest_first_and_what_nobody_polls_last(qtbot):
    model = DevicesModel(lambda: NOW)
    model.set_rows(rows())
    model.sort(Column.SINCE, Qt.SortOrder.AscendingOrder)
    assert shown(model) == ["Press 4", "Press 24", "Dryer 2"]
    model.sort(-1)
    assert shown(model)[0] == "Dryer 2"


def test_every_typed_word_must_be_found_in_name_number_area_or_station():
    assert [row.device.name for row in matching(rows(), "press HALL b")] == ["Press 24"]
    assert [row.device.name for row in matching(rows(), "no station")] == ["Dryer 2"]


def test_a_station_without_leases_polls_the_devices_it_tells_of():
    found = device_rows(DEVICES, LeasesNow(), {}, "plant-pc", {2, 24})

    assert [(row.device.name, row.station) for row in found] == [
        ("Dryer 2", 0),
        ("Press 4", None),
        ("Press 24", 0),
    ]


def test_devices_of_a_station_that_is_lost_are_not_called_polled(qtbot):
    model = DevicesModel(lambda: NOW)
    model.set_rows(device_rows(DEVICES, LEASES, NAMES, "", (), idle={HALL_A.id}))

    assert shown(model, Column.STATION) == ["no station", "not now (Hall A)", "Hall B"]
    assert shown(model, Column.SINCE)[1] == "–"
    assert [row.is_polled for row in model.rows] == [False, False, True]
