"""Sorting by clicks on a heading: upwards, downwards, and back to the model's own order."""

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QTableView

_UP, _DOWN = Qt.SortOrder.AscendingOrder, Qt.SortOrder.DescendingOrder


class ThreeWaySort(QObject):
    """Watches a table's header. The third click matters: urgency is not a column, and must be found again."""

    def __init__(self, table: QTableView) -> None:
        super().__init__(table)
        self._table = table
        self._sorted: tuple[int, Qt.SortOrder] = (-1, _UP)
        header = table.horizontalHeader()
        header.setSectionsClickable(True)
        header.sectionClicked.connect(self.click)

    def click(self, column: int) -> None:
        """Sort by a column, or by the model's own order after the second time."""
        following = {(column, _UP): (column, _DOWN), (column, _DOWN): (-1, _UP)}
        self._sorted = following.get(self._sorted, (column, _UP))
        header = self._table.horizontalHeader()
        header.setSortIndicatorShown(self._sorted[0] >= 0)
        header.setSortIndicator(*self._sorted)
        self._table.model().sort(*self._sorted)
