"""Takes columns away while a table is too narrow for them: what is left needs no scrolling sideways."""

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QTableView


class YieldingColumns(QObject):
    """Watches a table as long as it lives. Made after an ElasticColumn of the table, it acts before that."""

    def __init__(self, table: QTableView, least: Mapping[Any, int]) -> None:
        """Take the table over.

        Args:
            table: Its columns have their widths already.
            least: By column that may go, the width of the table in pixels from which on it is shown.
        """
        super().__init__(table)
        self._table = table
        self._least = dict(least)
        table.viewport().installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Decide anew when the width changes."""
        if event.type() is QEvent.Type.Resize:
            for column, least in self._least.items():
                is_hidden = self._table.viewport().width() < least
                if is_hidden != self._table.isColumnHidden(column):
                    self._table.setColumnHidden(column, is_hidden)
        return super().eventFilter(watched, event)
