from dataclasses import replace
from datetime import timedelta

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QTableView

from console.bridge.alert_commands import EndMaintenance, UnshelveThresholds
from console.panels.alerts.set_aside import AsideColumn
from models.records.alert_story import OutOfService
from models.records.device import DeviceId
from models.records.shelf import Maintenance, Shelf
from models.records.threshold import ThresholdId
from tests.unit.console.panels.alerts.conftest import AT, questions, words_of

SHELVES = [
    Shelf(
        *(ThresholdId(300), DeviceId(3), "Compressor 3", "Anna Berg", "Calibration", AT),
        *(AT + timedelta(minutes=90), False, True),
    ),
    Shelf(
        *(ThresholdId(400), DeviceId(4), "Press 4", "Jon Dahl", "Cleaning", AT),
        *(AT + timedelta(minutes=20), True, False),
    ),
]
WORK = Maintenance(DeviceId(5), "Drive 5", "Anna Berg", "Belt change", AT, AT + timedelta(hours=2))


@pytest.fixture
def page(panel, bridge):
    panel.show_part("Shelved")
    limit = replace(
        bridge.catalogue.thresholds_of(DeviceId(6))[0], disabled_reason="Sensor broken", disabled_at=AT
    )
    for asked in questions(bridge, "AskOutOfService"):
        asked.on_done([OutOfService(limit, "Dryer 6", "Eva Lind")])
    bridge.set_aside(SHELVES, [WORK])
    panel.shelved_page.focus_list()
    return panel.shelved_page


def cell(page, row: int, column: AsideColumn, role: int = Qt.ItemDataRole.DisplayRole):
    return page.table_model.index(row, column).data(role)


def test_everything_set_aside_is_listed_what_comes_back_first_in_front(page):
    kinds = [cell(page, row, AsideColumn.KIND) for row in range(page.table_model.rowCount())]

    assert kinds == ["Shelved, once", "Shelved", "In maintenance", "Out of service"]
    assert words_of(page, "shelved-summary") == "2 shelved · 1 in maintenance · 1 out of service"


def test_a_row_says_who_why_what_and_how_long(page):
    assert cell(page, 1, AsideColumn.WHO) == "Anna Berg"
    assert cell(page, 1, AsideColumn.REASON) == "Calibration"
    assert cell(page, 1, AsideColumn.WHAT).startswith("Warning: Temperature above 70")
    assert cell(page, 1, AsideColumn.LEFT) == "90 min"


def test_the_time_left_ticks(page, bridge):
    bridge.now_unix += 600
    page.tick()

    assert cell(page, 0, AsideColumn.LEFT) == "10 min"


def test_what_is_out_of_service_is_struck_through(page):
    font = cell(page, 3, AsideColumn.WHAT, Qt.ItemDataRole.FontRole)

    assert font.strikeOut()
    assert cell(page, 0, AsideColumn.WHAT, Qt.ItemDataRole.FontRole) is None


def test_u_takes_the_selected_alert_from_the_shelf(page, bridge):
    QTest.keyClick(page.findChild(QTableView), Qt.Key.Key_U)

    assert bridge.commanded[0].what == UnshelveThresholds((ThresholdId(400),))
    bridge.confirm_next([ThresholdId(400)])
    assert words_of(page, "shelved-said") == "1 alert taken from the shelf; what still stands asks again."


def test_several_are_taken_back_only_after_the_consequence_was_shown(page, bridge, answers):
    answers.wanted = False
    page.findChild(QTableView).selectAll()
    page.unshelve()

    _, verb, affected = answers.asked[0]
    assert (verb, len(affected)) == ("Unshelve 2 alerts", 2)
    assert bridge.commanded == []


def test_e_ends_the_maintenance_of_the_selected_device(page, bridge):
    table = page.findChild(QTableView)
    table.selectRow(2)
    QTest.keyClick(table, Qt.Key.Key_E)

    assert bridge.commanded[0].what == EndMaintenance((DeviceId(5),))


def test_without_anything_set_aside_it_says_how_to(panel, bridge):
    panel.show_part("Shelved")

    assert panel.shelved_page.count == 0
    assert "with S" in " ".join(
        label.text() for label in panel.shelved_page.findChildren(type(panel.shelved_page._none._advice))
    )
