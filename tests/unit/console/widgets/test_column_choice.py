import pytest
from PySide6.QtCore import QSettings
from PySide6.QtGui import QStandardItemModel

from console.widgets.column_choice import ColumnChoice
from console.widgets.data_table import make_table, set_columns

NAMES = ("KIND", "AGE", "PLACE", "WORDS")


@pytest.fixture
def memory(tmp_path) -> QSettings:
    return QSettings(str(tmp_path / "window.ini"), QSettings.Format.IniFormat)


@pytest.fixture
def build(qtbot):
    def make() -> ColumnChoice:
        model = QStandardItemModel(3, len(NAMES))
        model.setHorizontalHeaderLabels([name.capitalize() for name in NAMES])
        table = make_table("pumps", "Pumps")
        qtbot.addWidget(table)
        model.setParent(table)
        set_columns(table, model, (80, 60, 90, 200))
        return ColumnChoice(table, NAMES, (0, 3, 1), (0, 3))

    return make


def test_at_first_the_usual_columns_are_seen_in_their_order(build):
    assert build().seen == [0, 3, 1]


def test_what_was_chosen_is_there_again_in_the_next_run(build, memory):
    before = build()
    before.use_memory(memory, "pumps/columns")
    before.show_column(2, shown=True)
    before.show_column(1, shown=False)
    before.keep()

    after = build()
    after.use_memory(memory, "pumps/columns")
    assert after.seen == [0, 3, 2]


def test_what_a_later_release_kept_is_taken_as_far_as_it_is_known(build, memory):
    memory.setValue("pumps/columns", "AGE:70;COLOUR:50;AGE:12;nonsense")
    choice = build()
    choice.use_memory(memory, "pumps/columns")

    assert choice.seen == [1, 0, 3]


def test_a_column_that_must_stay_stays(build):
    choice = build()
    choice.show_column(0, shown=False)

    assert 0 in choice.seen


def test_the_menu_brings_columns_and_the_usual_ones_back(build):
    choice = build()
    menu = choice.menu()
    next(action for action in menu.actions() if action.text() == "Place").trigger()
    assert choice.seen == [0, 3, 1, 2]

    next(action for action in menu.actions() if action.text() == "The usual columns").trigger()
    assert choice.seen == [0, 3, 1]
    menu.deleteLater()
