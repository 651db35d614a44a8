"""A table of alerts: badges, tints, chosen columns, whole rows."""

from collections.abc import Sequence

from PySide6.QtCore import QAbstractTableModel, QItemSelection, QItemSelectionModel, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QTableView

from console.panels.alerts.alert_rows import Column
from console.panels.alerts.row_delegate import AlertRowDelegate, SeverityDelegate
from console.widgets.column_choice import ColumnChoice
from console.widgets.data_table import prepare_table, set_columns
from console.widgets.elastic_column import ElasticColumn
from console.widgets.flash import FlashClock
from console.widgets.theme import ThemeSource

_WIDTHS = {
    Column.SEVERITY: 96,
    Column.SINCE: 84,
    Column.DEVICE: 116,
    Column.MESSAGE: 330,
    Column.STATE: 126,
    Column.AREA: 92,
    Column.VALUE: 84,
    Column.LIMIT: 76,
    Column.ACKNOWLEDGED: 140,
    Column.BEGAN: 112,
    Column.RETURNED: 112,
    Column.RESOLVED: 150,
    Column.METRIC: 120,
    Column.RULE: 110,
    Column.ASIDE: 260,
    Column.COMMENTS: 84,
}


class AlertTable(QTableView):
    """Of open alerts as of past ones.

    Attributes:
        columns: Which are seen.
    """

    def __init__(
        self,
        name: str,
        accessible_name: str,
        model: QAbstractTableModel,
        seen: Sequence[Column],
        least_message_px: int,
        theme_source: ThemeSource,
        flash: FlashClock,
    ) -> None:
        """Lay the table out.

        Args:
            name: Object name.
            accessible_name: What a screen reader says.
            model: Has the columns of `Column`.
            seen: Those seen at first, in their order.
            least_message_px: Smallest width of the message, which takes what the others leave.
            theme_source: The theme in use.
            flash: The window's clock of everything that flashes.
        """
        super().__init__()
        prepare_table(self, name, accessible_name)
        self.setSortingEnabled(False)
        set_columns(self, model, tuple(_WIDTHS[column] for column in Column))
        # One of its own, in which nothing is selected: for every column it paints, a heading would otherwise
        # ask every row whether it is.
        header = self.horizontalHeader()
        header.setSelectionModel(QItemSelectionModel(model, header))
        elastic = ElasticColumn(self, Column.MESSAGE, least_message_px)
        self.columns = ColumnChoice(
            self, [column.name for column in Column], seen, (Column.SEVERITY, Column.MESSAGE), elastic
        )
        self.setItemDelegate(AlertRowDelegate(theme_source, flash, self))
        self.setItemDelegateForColumn(Column.SEVERITY, SeverityDelegate(theme_source, flash, self))

    def selected_rows(self) -> list[int]:
        """Return the selected rows, top to bottom."""
        rows: set[int] = set()
        # Range by range: asking for thousands of indexes, one a row, takes longer than a frame.
        for stretch in self.selectionModel().selection():  # pyright: ignore[reportGeneralTypeIssues]
            rows.update(range(stretch.top(), stretch.bottom() + 1))
        return sorted(rows)

    def select_rows(self, rows: Sequence[int]) -> None:
        """Select these rows instead."""
        rows = sorted(rows)
        model, selection = self.model(), QItemSelection()
        last = model.columnCount() - 1
        first = 0
        for place, row in enumerate(rows):
            if place + 1 == len(rows) or rows[place + 1] != row + 1:
                selection.select(model.index(rows[first], 0), model.index(row, last))
                first = place + 1
        if rows and self.currentIndex().row() not in rows:
            flags = QItemSelectionModel.SelectionFlag.NoUpdate
            self.selectionModel().setCurrentIndex(model.index(rows[0], Column.MESSAGE), flags)
        self.selectionModel().select(selection, QItemSelectionModel.SelectionFlag.ClearAndSelect)

    def is_at_top(self) -> bool:
        """Tell whether nothing was scrolled away upwards."""
        return self.verticalScrollBar().value() == 0

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Let the first arrow choose a row where none is: from the only row there is, Qt moves nowhere."""
        moves = (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_Home, Qt.Key.Key_End, Qt.Key.Key_Space)
        if event.key() in moves and self.model().rowCount() and not self.selectionModel().hasSelection():
            row = self.model().rowCount() - 1 if event.key() == Qt.Key.Key_End else 0
            self.select_rows([row])
            self.scrollTo(self.currentIndex())
            event.accept()
        else:
            super().keyPressEvent(event)
