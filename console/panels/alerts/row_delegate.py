"""Paints an alert's badge, and the row's tint while nobody has acknowledged it.

The reader will object that Qt's own delegate paints cells: it asks the model for nine roles a cell, of which
eight are empty, and a page of two hundred cells then takes longer than a frame may.
"""

from typing import Protocol, cast

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from console.panels.alerts.alert_rows import Column
from console.panels.wording import SEVERITY_WORDS
from console.widgets.flash import FlashClock
from console.widgets.severity_badge import TINT, WIDTH, BadgeState, paint_badge, state_of
from console.widgets.theme import ThemeSource
from models.records.alert import Alert, AlertId
from models.records.shelf import HiddenBy

_PAD = 8
_TEXT_PAD = 3
_LEFT = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
_SELECTED = QStyle.StateFlag.State_Selected

_Index = QModelIndex | QPersistentModelIndex


class AlertRows(Protocol):
    """What the delegates ask of their model."""

    def row_at(self, row: int) -> Alert:
        """Return the alert of a row."""
        ...

    def words_at(self, row: int, column: Column) -> str:
        """Return what a cell says."""
        ...

    def is_pending(self, alert: AlertId) -> bool:
        """Tell whether an order of this window waits for an alert."""
        ...


class AlertRowDelegate(QStyledItemDelegate):
    """Tints the row at 1 Hz while it is unacknowledged and nothing is on its way; never touches the text."""

    def __init__(self, theme_source: ThemeSource, flash: FlashClock, parent: QWidget) -> None:
        super().__init__(parent)
        self._themes = theme_source
        self._flash = flash

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        """Paint selection or tint, then the words."""
        rows = cast("AlertRows", index.model())
        alert = rows.row_at(index.row())
        rect = cast("QRect", option.rect)  # pyright: ignore[reportAttributeAccessIssue]
        is_selected = bool(option.state & _SELECTED)  # pyright: ignore[reportAttributeAccessIssue]
        self._fill(painter, rect, rows, alert, is_selected=is_selected)
        column = Column(index.column())
        # The middle of a device's name tells least: "Compressor 7" and "Compressor 17" differ at the end.
        mode = Qt.TextElideMode.ElideMiddle if column is Column.DEVICE else Qt.TextElideMode.ElideRight
        words = rows.words_at(index.row(), column)
        room = rect.adjusted(_TEXT_PAD, 0, -_TEXT_PAD, 0)
        metrics = option.fontMetrics  # pyright: ignore[reportAttributeAccessIssue]
        painter.setPen(self._ink(alert, is_selected=is_selected))
        painter.drawText(room, _LEFT, metrics.elidedText(words, mode, room.width()))

    def _fill(
        self, painter: QPainter, rect: QRect, rows: AlertRows, alert: Alert, *, is_selected: bool
    ) -> None:
        if is_selected:
            painter.fillRect(rect, self._themes.theme.selection)
        elif (
            self._flash.is_on
            and state_of(alert) is BadgeState.UNACKNOWLEDGED
            and not rows.is_pending(alert.id)
        ):
            colour = QColor(self._themes.theme.severity(alert.severity))
            colour.setAlphaF(TINT)
            painter.fillRect(rect, colour)

    def _ink(self, alert: Alert, *, is_selected: bool) -> QColor:
        theme = self._themes.theme
        if is_selected:
            return theme.selection_text
        # What asks nobody steps back; its badge is a diamond, so that it is not told by grey alone.
        return theme.text if alert.hidden_by is HiddenBy.NOTHING else theme.muted


class SeverityDelegate(AlertRowDelegate):
    """The badge and the word beside it."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        """Paint selection or tint, badge and word."""
        rows = cast("AlertRows", index.model())
        alert = rows.row_at(index.row())
        cell = cast("QRect", option.rect)  # pyright: ignore[reportAttributeAccessIssue]
        is_selected = bool(option.state & _SELECTED)  # pyright: ignore[reportAttributeAccessIssue]
        self._fill(painter, cell, rows, alert, is_selected=is_selected)
        state = state_of(alert)
        rect = QRectF(cell)
        badge = QRectF(rect.left() + _PAD, rect.top(), WIDTH, rect.height())
        # An alert that is over keeps its shape, faintly: severities are found by shape in the history too.
        shown = BadgeState.RETURNED if state is None else state
        is_on = self._flash.is_on and not rows.is_pending(alert.id)
        paint_badge(painter, badge, alert.severity, shown, self._themes.theme, flash_on=is_on)
        painter.setPen(self._ink(alert, is_selected=is_selected))
        left = badge.right() + _PAD
        word = QRectF(left, rect.top(), rect.right() - left, rect.height())
        painter.drawText(word, _LEFT, SEVERITY_WORDS[alert.severity])
