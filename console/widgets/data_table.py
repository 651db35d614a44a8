"""How every table looks and answers to the keyboard. Models sort and filter themselves."""

from PySide6.QtCore import QAbstractTableModel, Qt
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget

ROW_PX = 28


def make_table(name: str, accessible_name: str, parent: QWidget | None = None) -> QTableView:
    """Return a table of whole rows: fixed row height, multi-select, tab leaves it, no grid between columns.

    Args:
        name: Object name.
        accessible_name: What a screen reader says.
    """
    table = QTableView(parent)
    prepare_table(table, name, accessible_name)
    return table


def prepare_table(table: QTableView, name: str, accessible_name: str) -> None:
    """Give a table made elsewhere the looks and keys of `make_table`."""
    table.setObjectName(name)
    table.setAccessibleName(accessible_name)
    table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    table.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
    table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    table.setTabKeyNavigation(False)
    table.setShowGrid(False)
    table.setAlternatingRowColors(True)
    table.setWordWrap(False)
    table.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
    table.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
    rows = table.verticalHeader()
    rows.setVisible(False)
    # A fixed height spares Qt from asking every row for its size: 100,000 rows open as fast as ten.
    rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
    rows.setDefaultSectionSize(ROW_PX)
    header = table.horizontalHeader()
    header.setHighlightSections(False)
    header.setSectionsMovable(True)
    header.setStretchLastSection(True)
    header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)


def set_columns(table: QTableView, model: QAbstractTableModel, widths: tuple[int, ...]) -> None:
    """Give the table its model and its columns' widths in pixels; the last column takes the rest."""
    table.setModel(model)
    for column, width in enumerate(widths):
        table.setColumnWidth(column, width)
