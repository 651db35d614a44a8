"""The figures of the alarm load as a table: what, how much, how much it should be, and the verdict."""

from enum import IntEnum

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtGui import QFont

from console.panels.reports.report_words import VERDICT_TEXTS
from console.widgets.fonts import BODY_PX, text_font
from console.widgets.keyed_table_model import TO_THE_RIGHT, KeyedTableModel
from models.figure_words import figure_words
from models.records.alarm_load import AlarmLoad, Figure, Verdict

_Index = QModelIndex | QPersistentModelIndex


GAP = "\N{EN SPACE}"
"""Keeps numbers that stand to the right away from the words of the next column."""


class Column(IntEnum):
    """Left to right."""

    FIGURE = 0
    VALUE = 1
    TARGET = 2
    VERDICT = 3
    DETAIL = 4


_HEADINGS = ("Figure", "Value", "Target", "Verdict", "Detail")


class FiguresModel(KeyedTableModel[Figure]):
    """One row a figure, in the order of the report."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(_HEADINGS, lambda figure: figure.key, parent, numbers=(Column.VALUE,))

    def show_load(self, load: AlarmLoad) -> None:
        """Show the figures of a period."""
        self.show_rows(load.figures)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Return what a cell shows; the exact meaning of a figure is its tip."""
        figure = self.row_at(index.row())
        column = Column(index.column())
        if role == Qt.ItemDataRole.DisplayRole:
            return _text(figure, column)
        if role == Qt.ItemDataRole.ToolTipRole:
            return f"{figure.spec.label}: {figure.spec.meaning}"
        if role == Qt.ItemDataRole.TextAlignmentRole and column is Column.VALUE:
            return TO_THE_RIGHT
        if role == Qt.ItemDataRole.FontRole:
            is_bold = figure.verdict is Verdict.MISSED and column in (Column.VALUE, Column.VERDICT)
            return text_font(BODY_PX, QFont.Weight.DemiBold if is_bold else QFont.Weight.Normal)
        return None


def _text(figure: Figure, column: Column) -> str:
    match column:
        case Column.FIGURE:
            return figure.spec.label
        case Column.VALUE:
            return figure_words(figure) + GAP
        case Column.TARGET:
            return figure.spec.target
        case Column.VERDICT:
            return VERDICT_TEXTS[figure.verdict]
        case Column.DETAIL:
            return figure.detail
