"""A list with a pane beside it, whose widths a person can change."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QSplitter, QVBoxLayout, QWidget

_LIST_PX, _PANE_PX = 820, 320
_LEAST_PANE_PX = 290


def put_beside(page: QWidget, column: QVBoxLayout, pane: QWidget) -> None:
    """Fill a page with a column that grows, and a pane to its right that stays as wide as it was made."""
    layout = QVBoxLayout(page)
    layout.setContentsMargins(10, 8, 10, 8)
    splitter = QSplitter(Qt.Orientation.Horizontal)
    layout.addWidget(splitter)
    left = QWidget()
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(8)
    left.setLayout(column)
    splitter.addWidget(left)
    splitter.addWidget(pane)
    splitter.setStretchFactor(0, 1)
    splitter.setSizes([_LIST_PX, _PANE_PX])
    splitter.setChildrenCollapsible(False)
    pane.setMinimumWidth(_LEAST_PANE_PX)
