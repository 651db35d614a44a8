"""The table of stations: as high as its rows, up to eight of them."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QSize, Signal
from PySide6.QtWidgets import QSizePolicy, QTableView, QWidget

from console.panels.stations.station_delegate import StationDelegate
from console.panels.stations.station_rows import StationRow
from console.panels.stations.stations_model import Column, StationsModel
from console.widgets.data_table import ROW_PX, prepare_table, set_columns
from console.widgets.elastic_column import ElasticColumn
from console.widgets.theme import ThemeSource
from console.widgets.yielding_columns import YieldingColumns

_WIDTHS = (190, 168, 82, 74, 150, 90, 64)
_LEAST_NAME_PX = 150
_SHOWN_FROM_PX = {Column.VERSION: 790}
"""The pane beside the table says the version, too."""
_MOST_ROWS = 8


class StationsTable(QTableView):
    """One station is selected at a time; the first where nobody chose.

    Attributes:
        chosen: Another station is selected, or the selected one shows something else.
    """

    chosen = Signal()

    def __init__(
        self, theme_source: ThemeSource, now: Callable[[], float], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._model = StationsModel(now, self)
        prepare_table(self, "stations-now", "Stations")
        self.setSelectionMode(QTableView.SelectionMode.SingleSelection)
        set_columns(self, self._model, _WIDTHS)
        self.setItemDelegate(StationDelegate(theme_source, self))
        ElasticColumn(self, Column.NAME, _LEAST_NAME_PX)
        YieldingColumns(self, _SHOWN_FROM_PX)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.selectionModel().selectionChanged.connect(self.chosen)
        theme_source.changed.connect(self.viewport().update)

    @property
    def table_model(self) -> StationsModel:
        """The table's model."""
        return self._model

    def show_rows(self, rows: Sequence[StationRow]) -> None:
        """Show these."""
        before = self._model.rowCount()
        self._model.show_rows(rows)
        if self.selected() is None and rows:
            self.selectRow(0)
        if before != len(rows):
            self.updateGeometry()
        self.chosen.emit()

    def selected(self) -> StationRow | None:
        """Return the selected station."""
        rows = self.selectionModel().selectedRows()
        return self._model.row_at(rows[0].row()) if rows else None

    def sizeHint(self) -> QSize:
        """All rows up to eight; more scroll."""
        rows = min(max(1, self._model.rowCount()), _MOST_ROWS)
        frame = 2 * self.frameWidth()
        return QSize(600, self.horizontalHeader().sizeHint().height() + rows * ROW_PX + frame)

    def minimumSizeHint(self) -> QSize:
        """The same height."""
        return QSize(200, self.sizeHint().height())
