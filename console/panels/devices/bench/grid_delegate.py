"""How a cell of the grid lights up: a tick, a border and a tint; what is unlikely steps back."""

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex
from PySide6.QtGui import QBrush, QFont, QPainter, QPalette, QPen
from PySide6.QtWidgets import QStyledItemDelegate, QStyleOptionViewItem

from console.panels.devices.bench.grid_model import CLOSENESS_ROLE, UNLIKELY_ROLE
from console.widgets.theme import ThemeSource
from drivers.display_match import Closeness

_Index = QModelIndex | QPersistentModelIndex


class GridDelegate(QStyledItemDelegate):
    """Never by colour alone: what fits exactly has a tick and a border, what is near a thin border."""

    def __init__(self, theme_source: ThemeSource, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._themes = theme_source

    def initStyleOption(self, option: QStyleOptionViewItem, index: _Index) -> None:
        """Choose text, weight and colours."""
        super().initStyleOption(option, index)
        theme = self._themes.theme
        fits = index.data(CLOSENESS_ROLE)
        if fits is Closeness.EXACT:
            option.text = f"✓ {option.text}"
            font = QFont(option.font)
            font.setWeight(QFont.Weight.DemiBold)
            option.font = font
            option.backgroundBrush = QBrush(theme.selection)
            option.palette.setColor(QPalette.ColorRole.Text, theme.selection_text)
        elif fits is None and index.data(UNLIKELY_ROLE):
            option.palette.setColor(QPalette.ColorRole.Text, theme.stale)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        """Draw the cell, and its border where it fits."""
        super().paint(painter, option, index)
        fits = index.data(CLOSENESS_ROLE)
        if fits is None:
            return
        painter.save()
        painter.setPen(QPen(self._themes.theme.focus, 2 if fits is Closeness.EXACT else 1))
        painter.drawRect(option.rect.adjusted(1, 1, -2, -2))
        painter.restore()
