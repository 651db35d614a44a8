import pytest
from PySide6.QtGui import QStandardItemModel
from PySide6.QtWidgets import QTableView

from console.widgets.data_table import make_table
from console.widgets.elastic_column import ElasticColumn


@pytest.fixture
def table(qtbot) -> QTableView:
    made = make_table("things", "Things")
    made.setModel(QStandardItemModel(2, 3, made))
    for column, width in enumerate((50, 200, 100)):
        made.setColumnWidth(column, width)
    qtbot.addWidget(made)
    return made


def shown(qtbot, table: QTableView, width: int) -> QTableView:
    table.resize(width, 200)
    table.show()
    qtbot.waitExposed(table)
    return table


def test_the_column_takes_what_the_others_leave(qtbot, table):
    ElasticColumn(table, 1, 120)
    shown(qtbot, table, 900)
    assert table.columnWidth(1) == table.viewport().width() - 150


def test_a_narrow_table_scrolls_sideways_instead_of_cutting_the_column(qtbot, table):
    ElasticColumn(table, 1, 120)
    shown(qtbot, table, 220)
    assert table.columnWidth(1) == 120
    assert table.horizontalScrollBar().maximum() > 0


def test_beyond_its_most_the_last_column_takes_the_rest(qtbot, table):
    ElasticColumn(table, 1, 120, 260)
    shown(qtbot, table, 900)
    assert table.columnWidth(1) == 260
    assert table.columnWidth(2) == table.viewport().width() - 310


def test_a_limited_column_gives_way_before_anything_scrolls(qtbot, table):
    ElasticColumn(table, 1, 120, 260)
    shown(qtbot, table, 900)
    shown(qtbot, table, 320)
    qtbot.waitUntil(lambda: table.columnWidth(1) == table.viewport().width() - 150)
    assert table.horizontalScrollBar().maximum() == 0
