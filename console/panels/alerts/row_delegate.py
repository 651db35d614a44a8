"""Paints an alert's badge, and the row's tint while nobody has acknowledged it."""

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPalette
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from console.panels.alerts.alert_rows import Column
from console.panels.alerts.open_model import ALERT_ROLE, PENDING_ROLE
from console.panels.wording import SEVERITY_WORDS
from console.widgets.flash import FlashClock
from console.widgets.severity_badge import TINT, WIDTH, BadgeState, paint_badge, state_of
from console.widgets.theme import ThemeSource
from models.records.shelf import HiddenBy

_PAD = 8


class AlertRowDelegate(QStyledItemDelegate):
    """Tints the row at 1 Hz while it is unacknowledged and nothing is on its way; never touches the text."""

    def __init__(self, theme_source: ThemeSource, flash: FlashClock, parent: QWidget) -> None:
        super().__init__(parent)
        self._themes = theme_source
        self._flash = flash

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Paint the tint below Qt's own cell."""
        self._tint(painter, option, index)
        super().paint(painter, option, index)

    def initStyleOption(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Leave the dotted frame round single cells away: the whole row is what is chosen."""
        super().initStyleOption(option, index)
        option.state &= ~QStyle.StateFlag.State_HasFocus  # pyright: ignore[reportAttributeAccessIssue]
        if index.column() == Column.DEVICE:
            option.textElideMode = Qt.TextElideMode.ElideMiddle  # pyright: ignore[reportAttributeAccessIssue]
        if index.data(ALERT_ROLE).hidden_by is not HiddenBy.NOTHING:
            # What asks nobody steps back; its badge is a diamond, so that it is not told by grey alone.
            palette = option.palette  # pyright: ignore[reportAttributeAccessIssue]
            palette.setColor(QPalette.ColorRole.Text, self._themes.theme.muted)

    def _tint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        alert = index.data(ALERT_ROLE)
        rect = option.rect  # pyright: ignore[reportAttributeAccessIssue]
        if (
            state_of(alert) is BadgeState.UNACKNOWLEDGED
            and not index.data(PENDING_ROLE)
            and self._flash.is_on
        ):
            colour = QColor(self._themes.theme.severity(alert.severity))
            colour.setAlphaF(TINT)
            painter.fillRect(rect, colour)


class SeverityDelegate(AlertRowDelegate):
    """The badge and the word beside it."""

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Paint tint, cell, badge and word."""
        super().paint(painter, option, index)
        alert = index.data(ALERT_ROLE)
        state = state_of(alert)
        theme = self._themes.theme
        rect = QRectF(option.rect)  # pyright: ignore[reportAttributeAccessIssue]
        badge = QRectF(rect.left() + _PAD, rect.top(), WIDTH, rect.height())
        # An alert that is over keeps its shape, faintly: severities are found by shape in the history too.
        shown = BadgeState.RETURNED if state is None else state
        is_on = self._flash.is_on and not index.data(PENDING_ROLE)
        paint_badge(painter, badge, alert.severity, shown, theme, flash_on=is_on)
        is_selected = bool(option.state & QStyle.StateFlag.State_Selected)  # pyright: ignore[reportAttributeAccessIssue]
        painter.save()
        is_hidden = alert.hidden_by is not HiddenBy.NOTHING
        painter.setPen(theme.selection_text if is_selected else theme.muted if is_hidden else theme.text)
        painter.setFont(option.font)  # pyright: ignore[reportAttributeAccessIssue]
        left = badge.right() + _PAD
        word = QRectF(left, rect.top(), rect.right() - left, rect.height())
        painter.drawText(word, Qt.AlignmentFlag.AlignVCenter, SEVERITY_WORDS[alert.severity])
        painter.restore()

    def initStyleOption(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """The word is painted beside the badge, not by Qt."""
        super().initStyleOption(option, index)
        option.text = ""  # pyright: ignore[reportAttributeAccessIssue]
