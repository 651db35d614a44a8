"""Lets the message of an alert take whatever width the other columns leave."""

from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QTableView

from console.panels.alerts.alert_rows import Column

_LEAST_MESSAGE = 300


class MessageWidth(QObject):
    """Watches a table as long as it lives. Narrow windows scroll sideways instead of cutting messages."""

    def __init__(self, table: QTableView) -> None:
        super().__init__(table)
        self._table = table
        table.horizontalHeader().setStretchLastSection(False)
        table.viewport().installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Share out the width anew when it changes."""
        if event.type() is QEvent.Type.Resize:
            header = self._table.horizontalHeader()
            others = header.length() - header.sectionSize(Column.MESSAGE)
            room = self._table.viewport().width() - others
            self._table.setColumnWidth(Column.MESSAGE, max(_LEAST_MESSAGE, room))
        return super().eventFilter(watched, event)
