import random
import time
from dataclasses import dataclass

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QPersistentModelIndex, Qt
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QTableView

from console.widgets.data_table import make_table
from console.widgets.keyed_table_model import MOST_RUNS, KeyedTableModel


@dataclass(frozen=True)
class Pump:
    number: int
    words: str = ""


class Pumps(KeyedTableModel[Pump]):
    def __init__(self) -> None:
        super().__init__(("Pump", "Words", "By"), lambda pump: pump.number, tips={1: "What it does"})

    def data(self, index, role=0):
        return self.row_at(index.row()).words if role == 0 else None


class Heard:
    """Counts what a model announces."""

    def __init__(self, model: Pumps) -> None:
        self.said: list[str] = []
        model.rowsInserted.connect(lambda *_: self.said.append("inserted"))
        model.rowsRemoved.connect(lambda *_: self.said.append("removed"))
        model.layoutChanged.connect(lambda *_: self.said.append("ordered"))
        model.dataChanged.connect(lambda *_: self.said.append("changed"))
        model.modelReset.connect(lambda *_: self.said.append("reset"))


def numbers(model: Pumps) -> list[int]:
    return [model.row_at(row).number for row in range(model.rowCount())]


@pytest.fixture
def model(qapp) -> Pumps:
    made = Pumps()
    made.show_rows([Pump(n) for n in range(200)])
    return made


def test_columns_say_their_headings_and_what_they_mean():
    model = Pumps()
    across, down = Qt.Orientation.Horizontal, Qt.Orientation.Vertical
    tip = Qt.ItemDataRole.ToolTipRole

    assert [model.headerData(section, across) for section in range(model.columnCount())] == [
        "Pump",
        "Words",
        "By",
    ]
    assert [model.headerData(section, across, tip) for section in range(3)] == [None, "What it does", None]
    assert model.headerData(0, down) is None


def test_neighbours_that_come_together_are_announced_together(model):
    heard = Heard(model)
    model.show_rows([*[Pump(n) for n in range(1000, 1100)], *[Pump(n) for n in range(200)]])

    assert heard.said == ["inserted"]


def test_many_stretches_that_come_are_two_announcements(model):
    heard = Heard(model)
    model.show_rows([Pump(n // 2 if n % 2 == 0 else 1000 + n) for n in range(400)])

    assert heard.said == ["inserted", "ordered"]


def test_many_stretches_that_go_are_two_announcements(model):
    heard = Heard(model)
    model.show_rows([Pump(n) for n in range(0, 200, 2)])

    assert heard.said == ["ordered", "removed"]
    assert numbers(model) == list(range(0, 200, 2))


def test_rows_that_change_here_and_there_are_one_announcement(model):
    heard = Heard(model)
    model.show_rows([Pump(n, "" if n % 2 else "worn") for n in range(200)])

    assert heard.said == ["changed"]


def test_a_row_is_found_by_its_key_after_every_change(model):
    assert model.row_of(150) == 150

    model.show_rows([Pump(n) for n in reversed(range(100))])

    assert (model.row_of(99), model.row_of(150)) == (0, None)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    steps=st.lists(st.lists(st.integers(0, 90), unique=True), min_size=1, max_size=5),
    marked=st.integers(0, 90),
)
def test_rows_and_kept_indexes_are_right_after_any_change(qapp, steps, marked):
    model = Pumps()
    tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    model.show_rows([Pump(n) for n in range(91)])
    kept = QPersistentModelIndex(model.index(marked, 1))
    is_there = True

    for step in steps:
        model.show_rows([Pump(n, str(n)) for n in step])
        is_there = is_there and marked in step
        assert numbers(model) == step
        assert kept.isValid() == is_there
        assert not is_there or model.row_at(kept.row()).number == marked
    tester.deleteLater()


def test_a_selection_follows_its_rows_when_all_of_them_move(qtbot, model):
    table: QTableView = make_table("pumps", "Pumps")
    qtbot.addWidget(table)
    table.setModel(model)
    wanted = list(range(200))
    random.Random(7).shuffle(wanted)
    for row in (5, 40, 41, 199):
        table.selectionModel().select(
            model.index(row, 0),
            table.selectionModel().SelectionFlag.Select | table.selectionModel().SelectionFlag.Rows,
        )

    model.show_rows([Pump(n) for n in wanted])

    selected = {model.row_at(index.row()).number for index in table.selectionModel().selectedRows()}
    assert selected == {5, 40, 41, 199}


def test_thousands_of_rows_change_in_less_than_a_frame(qapp):
    """Generous: measured 10 to 40 ms; row by row it was seconds."""
    model = Pumps()
    before = [Pump(n) for n in range(5_000)]
    model.show_rows(before)
    after = [Pump(n, "worn" if n % 3 else "") for n in range(0, 10_000, 2)]
    random.Random(3).shuffle(after)
    assert len(after) > MOST_RUNS

    began = time.thread_time()
    model.show_rows(after)

    assert time.thread_time() - began < 1.0
    assert numbers(model) == [pump.number for pump in after]
