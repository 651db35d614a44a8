from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPersistentModelIndex, Qt

from console.widgets.keyed_table_model import KeyedTableModel

Row = tuple[int, str]


class Pairs(KeyedTableModel[Row]):
    """Number and word; the number is the key."""

    def __init__(self) -> None:
        super().__init__(2, lambda row: row[0])

    def data(self, index: Any, role: int = 0) -> Any:
        return self.row_at(index.row())[index.column()] if role == Qt.ItemDataRole.DisplayRole else None


def shown(model: Pairs) -> list[Row]:
    return [model.row_at(row) for row in range(model.rowCount())]


rows = st.lists(st.tuples(st.integers(0, 8), st.sampled_from("ab")), unique_by=lambda row: row[0])


@given(rows, rows)
def test_whatever_was_shown_what_is_wanted_is_shown_in_its_order(before: Sequence[Row], after: Sequence[Row]):
    model = Pairs()
    model.show_rows(before)
    model.show_rows(after)

    assert shown(model) == list(after)


@given(rows.filter(bool), rows)
def test_a_row_that_stays_keeps_its_index(before: Sequence[Row], after: Sequence[Row]):
    model = Pairs()
    model.show_rows(before)
    followed = {row[0]: QPersistentModelIndex(model.index(place, 0)) for place, row in enumerate(before)}
    model.show_rows(after)
    kept = {key for key, _word in after}

    assert {key: index.row() for key, index in followed.items() if key in kept and index.isValid()} == {
        key: model.row_of(key) for key in followed if key in kept
    }


def test_only_what_changed_is_announced(qtbot):
    model = Pairs()
    model.show_rows([(1, "a"), (2, "a")])

    with qtbot.waitSignal(model.dataChanged, check_params_cb=lambda top, _bottom, _roles: top.row() == 1):
        model.show_rows([(1, "a"), (2, "b")])
    with qtbot.assertNotEmitted(model.dataChanged):
        model.show_rows([(1, "a"), (2, "b")])


def test_a_key_that_is_not_shown_has_no_row():
    assert Pairs().row_of(4) is None


@pytest.mark.parametrize("count", [0, 3])
def test_rows_and_columns_are_counted(count):
    model = Pairs()
    model.show_rows([(number, "a") for number in range(count)])

    assert (model.rowCount(), model.columnCount()) == (count, 2)
