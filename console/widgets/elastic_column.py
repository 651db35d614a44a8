"""Lets one column of a table take the width that the others leave, between a least and a most."""

from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QTableView

NO_LIMIT = 1 << 20


class ElasticColumn(QObject):
    """Watches a table as long as it lives. Tables that are too narrow for the least scroll sideways."""

    def __init__(self, table: QTableView, column: int, least: int, most: int = NO_LIMIT) -> None:
        """Take the table over; its columns have their widths already.

        Args:
            column: Which one gives way and grows.
            least: Its smallest width, pixels.
            most: Its greatest width, pixels; beyond it the last column takes the rest.
        """
        super().__init__(table)
        self._table = table
        self._column = column
        self._least, self._most = least, most
        header = table.horizontalHeader()
        self._last = header.count() - 1
        header.setStretchLastSection(False)  # gives the last column its own width back
        self._last_px = header.sectionSize(self._last)
        header.setStretchLastSection(most < NO_LIMIT)
        table.viewport().installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Share out the width anew when it changes."""
        if event.type() is QEvent.Type.Resize:
            self.share()
        return super().eventFilter(watched, event)

    def share(self) -> None:
        """Share out the width anew: a column has come, gone or changed."""
        header = self._table.horizontalHeader()
        others = sum(header.sectionSize(number) for number in range(self._last) if number != self._column) + (
            self._last_px if header.stretchLastSection() else header.sectionSize(self._last)
        )
        room = self._table.viewport().width() - others
        self._table.setColumnWidth(self._column, min(self._most, max(self._least, room)))
