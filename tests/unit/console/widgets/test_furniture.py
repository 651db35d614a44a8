"""Empty states, tables and icons: dressed by the theme, usable by keyboard."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QStandardItemModel
from PySide6.QtWidgets import QCheckBox, QComboBox, QLabel, QLineEdit, QPushButton, QSpinBox

from console.widgets.data_table import ROW_PX, make_table, set_columns
from console.widgets.empty_state import EmptyState
from console.widgets.icons import icon
from console.widgets.theme import DARK, LIGHT


def test_an_empty_screen_says_what_to_do_and_does_it(themes, qtbot):
    empty = EmptyState(themes, "mdi6.lan-disconnect", "No devices yet", "Import a file.", "Import devices…")
    qtbot.addWidget(empty)
    texts = [label.text() for label in empty.findChildren(QLabel)]
    assert {"No devices yet", "Import a file."} <= set(texts)
    with qtbot.waitSignal(empty.acted):
        qtbot.mouseClick(empty.findChild(QPushButton), Qt.MouseButton.LeftButton)


def test_an_empty_screen_can_say_something_else(light, qtbot):
    empty = EmptyState(light, "mdi6.magnify", "Nothing", "")
    qtbot.addWidget(empty)
    empty.set_text("No device matches “pump”", "Clear the filter to see all 24 devices.")
    assert "No device matches “pump”" in [label.text() for label in empty.findChildren(QLabel)]
    assert empty.findChild(QPushButton).isHidden()


def test_an_empty_screen_changes_its_theme(light, qtbot):
    empty = EmptyState(light, "mdi6.magnify", "Nothing", "Search for something else.")
    qtbot.addWidget(empty)
    before = empty.findChildren(QLabel)[0].pixmap().toImage()
    light.use(DARK)
    assert empty.findChildren(QLabel)[0].pixmap().toImage() != before
    light.use(LIGHT)


def test_icons_wear_the_theme(qapp):
    light, dark = (icon("mdi6.chart-line", theme).pixmap(24).toImage() for theme in (LIGHT, DARK))
    assert light != dark


def test_a_table_has_whole_rows_of_one_height_and_lets_the_tab_key_go(light, qtbot):
    table = make_table("alerts-table", "Open alerts")
    qtbot.addWidget(table)
    set_columns(table, QStandardItemModel(50, 3), (80, 120))
    table.selectRow(3)
    assert {index.row() for index in table.selectedIndexes()} == {3}
    assert table.rowHeight(17) == ROW_PX
    assert table.columnWidth(1) == 120
    assert not table.tabKeyNavigation()
    assert table.accessibleName() == "Open alerts"


def test_controls_have_borders_that_can_be_seen(theme, qtbot, places_of):
    for control in (QLineEdit(), QComboBox(), QSpinBox(), QCheckBox("x"), QPushButton("x")):
        qtbot.addWidget(control)
        control.resize(control.sizeHint())
        assert len(places_of(control.grab().toImage(), theme.outline)) > 20


def test_a_ticked_box_looks_different(theme, qtbot):
    box = QCheckBox("History")
    qtbot.addWidget(box)
    before = box.grab().toImage()
    box.setChecked(True)
    assert box.grab().toImage() != before
