"""The table under the chart: now, least, mean and greatest of each pen within what is visible."""

from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtGui import QColor

from console.panels.curves.pen import Pen
from console.panels.trends.statistics import Figures
from console.panels.wording import digits_text
from console.widgets.number_text import NO_VALUE, number_text
from console.widgets.plain_text import plain_tip
from models.quantities import states_of

HEADINGS = ("", "Pen", "Now", "Min", "Mean", "Max", "Unit")
_SWATCH, _LABEL, _NOW, _MIN, _MEAN, _MAX, _UNIT = range(len(HEADINGS))
_Index = QModelIndex | QPersistentModelIndex


class FiguresModel(QAbstractTableModel):
    """One row a pen, at most eight."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._pens: tuple[Pen, ...] = ()
        self._labels: tuple[str, ...] = ()
        self._colours: tuple[QColor, ...] = ()
        self._figures: Mapping[Pen, Figures] = {}
        self._now: Mapping[Pen, float | None] = {}
        self._is_live = True

    def set_pens(self, pens: Sequence[Pen], labels: Sequence[str], colours: Sequence[QColor]) -> None:
        """Show rows for these pens."""
        if tuple(pens) != self._pens:
            self.beginResetModel()
            self._pens = tuple(pens)
            self.endResetModel()
        self._labels, self._colours = tuple(labels), tuple(colours)
        self._repaint()

    def set_figures(
        self, figures: Mapping[Pen, Figures], now: Mapping[Pen, float | None], *, is_live: bool
    ) -> None:
        """Show other figures.

        Args:
            figures: Within what is visible.
            now: The present value where it may be shown as such, None where it is stale or bad.
            is_live: Whether the chart follows the clock; otherwise the first column is the last value shown.
        """
        self._figures, self._now = figures, now
        if is_live != self._is_live:
            self._is_live = is_live
            self.headerDataChanged.emit(Qt.Orientation.Horizontal, _NOW, _NOW)
        self._repaint()

    def pen_at(self, row: int) -> Pen:
        """Return the pen of a row."""
        return self._pens[row]

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        """Return the number of pens."""
        return 0 if parent.isValid() else len(self._pens)

    def columnCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        """Return the number of columns."""
        return 0 if parent.isValid() else len(HEADINGS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = 0) -> Any:
        """Return a column's heading."""
        if orientation is Qt.Orientation.Horizontal:
            if role == Qt.ItemDataRole.DisplayRole:
                return "Last" if section == _NOW and not self._is_live else HEADINGS[section]
            if role == Qt.ItemDataRole.TextAlignmentRole:
                return self._alignment(section)
        return None

    def data(self, index: _Index, role: int = 0) -> Any:
        """Return what a cell shows."""
        if not index.isValid():
            return None
        row, column = index.row(), index.column()
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return self._text(self._pens[row], row, column)
            case Qt.ItemDataRole.DecorationRole if column == _SWATCH:
                return self._colours[row]
            case Qt.ItemDataRole.ToolTipRole if column == _LABEL:
                return plain_tip(self._labels[row])
            case Qt.ItemDataRole.TextAlignmentRole:
                return self._alignment(column)
        return None

    def _text(self, pen: Pen, row: int, column: int) -> str:
        figures = self._figures.get(pen, Figures())
        match column:
            case _ if column == _SWATCH:
                return str(row + 1)
            case _ if column == _LABEL:
                return self._labels[row]
            case _ if column == _NOW:
                now = self._now.get(pen) if self._is_live else figures.last
                return "?" if now is None and self._is_live else digits_text(pen.quantity, now)
            case _ if column == _MIN:
                return digits_text(pen.quantity, figures.low)
            case _ if column == _MEAN:
                # Between two named values lies none.
                has_names = bool(states_of(pen.quantity))
                return NO_VALUE if has_names else number_text(figures.mean, pen.quantity.decimals)
            case _ if column == _MAX:
                return digits_text(pen.quantity, figures.high)
        return pen.quantity.unit

    def _alignment(self, column: int) -> Qt.AlignmentFlag:
        side = Qt.AlignmentFlag.AlignRight if _NOW <= column <= _MAX else Qt.AlignmentFlag.AlignLeft
        return side | Qt.AlignmentFlag.AlignVCenter

    def _repaint(self) -> None:
        if self._pens:
            self.dataChanged.emit(self.index(0, 0), self.index(len(self._pens) - 1, len(HEADINGS) - 1), [])
