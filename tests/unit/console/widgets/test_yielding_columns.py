from PySide6.QtGui import QStandardItemModel

from console.widgets.data_table import make_table
from console.widgets.elastic_column import ElasticColumn
from console.widgets.yielding_columns import YieldingColumns


def test_a_column_goes_while_the_table_is_too_narrow_and_comes_back(qtbot):
    table = make_table("table", "Table")
    qtbot.addWidget(table)
    table.setModel(QStandardItemModel(1, 3, table))
    ElasticColumn(table, 0, 50)
    YieldingColumns(table, {2: 300})
    table.show()

    table.resize(280, 100)
    assert table.isColumnHidden(2)
    assert table.horizontalHeader().length() == table.viewport().width()

    table.resize(400, 100)
    assert not table.isColumnHidden(2)
    assert table.horizontalHeader().length() == table.viewport().width()
