"""The list of rollouts: mark and name, where each stands, how far it has come; what needs somebody first."""

from collections.abc import Sequence
from typing import Any, cast

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QPersistentModelIndex,
    QRect,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QFont, QFontMetricsF, QPainter
from PySide6.QtWidgets import QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from console.catalogue.rollout_words import is_held, progress_words, state_words
from console.panels.firmware.rollout_mark import MARK_OF_ROLLOUT, MARK_PX, Mark, paint_mark
from console.widgets.fonts import BODY_PX, SMALL_PX, text_font
from console.widgets.plain_text import plain_tip
from console.widgets.theme import ThemeSource
from models.records.rollout import RolloutHead, RolloutId

ROW_PX = 66
HEAD_ROLE = Qt.ItemDataRole.UserRole + 1

_Index = QModelIndex | QPersistentModelIndex
_PAD, _GAP, _BAR_PX = 8, 6, 5
_LEFT = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
_RIGHT = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight


class RolloutsModel(QAbstractListModel):
    """One row a rollout."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._heads: list[RolloutHead] = []

    @property
    def heads(self) -> Sequence[RolloutHead]:
        """All, top to bottom."""
        return tuple(self._heads)

    def show_heads(self, heads: Sequence[RolloutHead]) -> None:
        """Show these; rows of the same rollouts in the same order keep their selection."""
        if [one.id for one in heads] == [one.id for one in self._heads]:
            changed = [place for place, one in enumerate(heads) if one != self._heads[place]]
            self._heads = list(heads)
            for place in changed:
                self.dataChanged.emit(self.index(place), self.index(place), [])
            return
        self.beginResetModel()
        self._heads = list(heads)
        self.endResetModel()

    def row_of(self, rollout: RolloutId) -> int | None:
        """Return the row of a rollout, None where it is not listed."""
        return next((place for place, one in enumerate(self._heads) if one.id == rollout), None)

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        """Return how many there are."""
        return 0 if parent.isValid() else len(self._heads)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return what a row shows or says."""
        if not index.isValid():
            return None
        head = self._heads[index.row()]
        match role:
            case Qt.ItemDataRole.DisplayRole | Qt.ItemDataRole.AccessibleTextRole:
                return f"{head.name}, {state_words(head)}, {head.version}, {progress_words(head)}"
            case Qt.ItemDataRole.ToolTipRole:
                return plain_tip(f"{head.name}. {head.reason}".rstrip(". ") + ".")
            case _ if role == HEAD_ROLE:
                return head
        return None


class RolloutsDelegate(QStyledItemDelegate):
    """Three lines: mark and name; where it stands; version, and a bar below."""

    def __init__(self, theme_source: ThemeSource, parent: QWidget) -> None:
        super().__init__(parent)
        self._themes = theme_source

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        """All rows have one height."""
        return QSize(100, ROW_PX)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        """Paint one rollout."""
        head = cast("RolloutHead", index.data(HEAD_ROLE))
        theme = self._themes.theme
        rect = QRectF(cast("QRect", option.rect))  # pyright: ignore[reportAttributeAccessIssue]
        is_selected = bool(option.state & QStyle.StateFlag.State_Selected)  # pyright: ignore[reportAttributeAccessIssue]
        ink = theme.selection_text if is_selected else theme.text
        quiet = theme.selection_text if is_selected else theme.muted
        painter.save()
        if is_selected:
            painter.fillRect(rect, theme.selection)
        room = rect.adjusted(_PAD, 5, -_PAD, -5)
        line = (room.height() - _BAR_PX - 3) / 3
        first = QRectF(room.left(), room.top(), room.width(), line)
        mark = Mark.ASKS if is_held(head) else MARK_OF_ROLLOUT[head.state]
        paint_mark(painter, QRectF(first.left(), first.top() - 1, MARK_PX, line + 2), mark, theme)
        name = first.adjusted(MARK_PX + _GAP, 0, 0, 0)
        _text(painter, name, head.name, text_font(BODY_PX, QFont.Weight.DemiBold), ink)
        left = QRectF(name.left(), first.bottom(), name.width(), line)
        _text(painter, left, state_words(head), text_font(BODY_PX), ink)
        last = QRectF(name.left(), left.bottom(), name.width(), line)
        progress = progress_words(head)
        font = text_font(SMALL_PX)
        width = QFontMetricsF(font).horizontalAdvance(progress)
        _text(painter, last, progress, font, ink, _RIGHT)
        _text(painter, last.adjusted(0, 0, -width - _GAP, 0), head.version, font, quiet)
        self._paint_bar(painter, QRectF(name.left(), last.bottom() + 2, name.width(), _BAR_PX), head)
        painter.setPen(theme.line)
        painter.drawLine(rect.bottomLeft(), rect.bottomRight())
        painter.restore()

    def _paint_bar(self, painter: QPainter, bar: QRectF, head: RolloutHead) -> None:
        theme = self._themes.theme
        painter.fillRect(bar, theme.equipment_soft)
        if not head.devices:
            return
        done = bar.width() * head.done / head.devices
        failed = bar.width() * head.failed / head.devices
        painter.fillRect(QRectF(bar.left(), bar.top(), done, bar.height()), theme.equipment)
        painter.fillRect(
            QRectF(bar.left() + done, bar.top(), max(failed, 2.0) if failed else 0, bar.height()), theme.text
        )


class RolloutsList(QListView):
    """One rollout is selected at a time; the first where nobody chose.

    Attributes:
        chosen: Another rollout is selected, or none.
    """

    chosen = Signal()

    def __init__(self, theme_source: ThemeSource, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("rollouts")
        self.setAccessibleName("Rollouts")
        self._model = RolloutsModel(self)
        self._kept: RolloutId | None = None
        self.setModel(self._model)
        self.setItemDelegate(RolloutsDelegate(theme_source, self))
        self.setUniformItemSizes(True)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setMinimumWidth(210)
        self.selectionModel().currentChanged.connect(self._on_current)
        theme_source.changed.connect(self.viewport().update)

    @property
    def rollouts_model(self) -> RolloutsModel:
        """Its model."""
        return self._model

    def show_heads(self, heads: Sequence[RolloutHead]) -> None:
        """Show these; the rollout that is selected stays selected wherever it moves to."""
        kept = self._kept
        self._model.show_heads(heads)
        row = self._model.row_of(kept) if kept is not None else None
        if row is None and heads:
            row = 0
        if row is not None and self.currentIndex().row() != row:
            self.setCurrentIndex(self._model.index(row))
        elif not heads:
            self._kept = None
            self.chosen.emit()

    def select(self, rollout: RolloutId) -> None:
        """Select a rollout, now or as soon as it is listed."""
        self._kept = rollout
        row = self._model.row_of(rollout)
        if row is not None:
            self.setCurrentIndex(self._model.index(row))

    def selected(self) -> RolloutHead | None:
        """Return the selected rollout."""
        index = self.currentIndex()
        return cast("RolloutHead", index.data(HEAD_ROLE)) if index.isValid() else None

    def _on_current(self) -> None:
        head = self.selected()
        # A model that begins anew has no current row for a moment; what was chosen is still meant.
        if head is not None and head.id != self._kept:
            self._kept = head.id
            self.chosen.emit()


def _text(painter: QPainter, room: QRectF, words: str, font: QFont, ink: Any, flags: Any = _LEFT) -> None:
    painter.setFont(font)
    painter.setPen(ink)
    shown = QFontMetricsF(font).elidedText(words, Qt.TextElideMode.ElideRight, room.width())
    painter.drawText(room, flags, shown)
