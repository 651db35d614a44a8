"""One wave as a column: where it stands above, its devices below."""

from typing import cast

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QFont, QFontMetricsF, QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from console.panels.elided_label import ElidedLabel
from console.panels.firmware.rollout_mark import MarkLamp
from console.panels.firmware.two_lines import TwoLines
from console.panels.firmware.wave_rows import DeviceRow, Group, HeadRow, Row, WaveColumn, tally
from console.panels.firmware.waves_model import ROW_ROLE, WaveModel, head_words, key_of
from console.panels.wording import moment_from_unix, moment_text
from console.widgets.fonts import BODY_PX, SMALL_PX, text_font
from console.widgets.plain_text import plain_label
from console.widgets.theme import ThemeSource
from models.records.rollout import WaveState

LINE_PX = 38
LEAST_PX, USUAL_PX = 190, 250

_Index = QModelIndex | QPersistentModelIndex
_PAD, _BAR_PX = 6, 4
_LEFT = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
_STEPS = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}


class WaveDelegate(QStyledItemDelegate):
    """Two lines a device: its name, and where it stands; a bar below while something is done to it."""

    def __init__(self, theme_source: ThemeSource, parent: QWidget) -> None:
        super().__init__(parent)
        self._themes = theme_source

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        """All lines have one height: a thousand of them scroll like ten."""
        return QSize(80, LINE_PX)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        """Paint one line."""
        row = cast("Row", index.data(ROW_ROLE))
        theme = self._themes.theme
        rect = QRectF(cast("QRect", option.rect))  # pyright: ignore[reportAttributeAccessIssue]
        is_selected = bool(option.state & QStyle.StateFlag.State_Selected)  # pyright: ignore[reportAttributeAccessIssue]
        ink = theme.selection_text if is_selected else theme.text
        painter.save()
        if is_selected:
            painter.fillRect(rect, theme.selection)
        room = rect.adjusted(_PAD, 2, -_PAD, -3)
        if isinstance(row, HeadRow):
            painter.setPen(ink)
            sign = "" if not row.can_fold else "\N{BLACK DOWN-POINTING TRIANGLE}  " if row.is_open else "▸  "
            self._say(painter, room.adjusted(0, 12, 0, 0), sign + head_words(row), QFont.Weight.DemiBold)
            painter.setPen(theme.line)
            painter.drawLine(rect.bottomLeft(), rect.bottomRight())
        else:
            self._paint_device(painter, room, row, is_selected=is_selected)
        painter.restore()

    def _paint_device(self, painter: QPainter, room: QRectF, row: DeviceRow, *, is_selected: bool) -> None:
        theme = self._themes.theme
        half = room.height() / 2
        is_bad = row.group is Group.FAILED
        painter.setPen(theme.selection_text if is_selected else theme.text)
        weight = QFont.Weight.DemiBold if is_bad else QFont.Weight.Normal
        if not row.words:
            self._say(painter, room, row.name, weight)
            return
        self._say(painter, QRectF(room.left(), room.top(), room.width(), half), row.name, weight)
        if not is_selected and not is_bad:
            painter.setPen(theme.muted)
        below = QRectF(room.left(), room.top() + half - 1, room.width(), half)
        self._say(painter, below, row.words, pixels=SMALL_PX)
        if row.share is not None:
            bar = QRectF(room.left(), room.bottom() - 1, room.width(), _BAR_PX)
            painter.fillRect(bar, theme.equipment_soft)
            bar.setWidth(bar.width() * min(max(row.share, 0.0), 1.0))
            painter.fillRect(bar, theme.equipment)

    def _say(
        self,
        painter: QPainter,
        room: QRectF,
        words: str,
        weight: QFont.Weight = QFont.Weight.Normal,
        pixels: int = BODY_PX,
    ) -> None:
        font = text_font(pixels, weight)
        painter.setFont(font)
        shown = QFontMetricsF(font).elidedText(words, Qt.TextElideMode.ElideRight, room.width())
        painter.drawText(room, _LEFT, shown)


class WaveList(QListView):
    """The devices of a wave.

    Attributes:
        entered: The keyboard came here.
        left: The keyboard shall go to the column so many to the right.
        wanted: Enter or a double click on a line.
    """

    entered = Signal()
    left = Signal(int)
    wanted = Signal(object)

    def __init__(self, theme_source: ThemeSource) -> None:
        super().__init__()
        self.setItemDelegate(WaveDelegate(theme_source, self))
        self.setUniformItemSizes(True)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setTabKeyNavigation(False)
        self.doubleClicked.connect(lambda index: self.wanted.emit(index.data(ROW_ROLE)))
        theme_source.changed.connect(self.viewport().update)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Say that this wave is looked at; there is always a line to begin from."""
        super().focusInEvent(event)
        if not self.currentIndex().isValid() and self.model().rowCount():
            self.setCurrentIndex(self.model().index(0, 0))
        self.entered.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter opens what the line is about; Left and Right lead to the next wave."""
        key = Qt.Key(event.key())
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.currentIndex().isValid():
            self.wanted.emit(self.currentIndex().data(ROW_ROLE))
        elif key in _STEPS:
            self.left.emit(_STEPS[key])
        else:
            super().keyPressEvent(event)


class WaveView(QFrame):
    """A column.

    Attributes:
        entered: It is looked at.
        left: As of `WaveList`.
        device_wanted: A device shall be shown (DeviceId).
    """

    entered = Signal()
    left = Signal(int)
    device_wanted = Signal(object)

    def __init__(self, number: int, theme_source: ThemeSource) -> None:
        """Lay it out; `number` tells its parts from those of other columns."""
        super().__init__()
        self.setObjectName(f"wave-{number}")
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self.setMinimumWidth(LEAST_PX)
        self._mark = MarkLamp(theme_source)
        self._title = plain_label()
        self._title.setFont(text_font(BODY_PX, QFont.Weight.DemiBold))
        self._title.setObjectName(f"wave-{number}-title")
        self._words = TwoLines()
        self._words.setObjectName(f"wave-{number}-words")
        self._tally = ElidedLabel()
        self._tally.setObjectName(f"wave-{number}-tally")
        self._reason = TwoLines()
        self._reason.setObjectName(f"wave-{number}-reason")
        self._model = WaveModel(self)
        self._list = WaveList(theme_source)
        self._list.setObjectName(f"wave-{number}-devices")
        self._list.setModel(self._model)
        self._list.entered.connect(self.entered)
        self._list.left.connect(self.left)
        self._list.wanted.connect(self._on_wanted)
        head = QHBoxLayout()
        head.setSpacing(6)
        head.addWidget(self._mark)
        head.addWidget(self._title, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(6, 6, 6, 4)
        layout.setSpacing(2)
        layout.addLayout(head)
        for part in (self._words, self._tally, self._reason):
            layout.addWidget(part)
        layout.addWidget(self._list, 1)
        self.setFocusProxy(self._list)

    @property
    def model(self) -> WaveModel:
        """Its lines."""
        return self._model

    def sizeHint(self) -> QSize:
        """As wide as usual names."""
        return QSize(USUAL_PX, super().sizeHint().height())

    def show_column(self, column: WaveColumn, now_unix: float) -> None:
        """Show another state of the wave."""
        self._mark.show_mark(column.mark)
        self._title.setText(column.title)
        self._words.show_sentence(column.words + _when(column, now_unix))
        self._tally.setText(tally(column))
        self._reason.show_sentence(column.reason)
        self._reason.setVisible(bool(column.reason))
        self._list.setAccessibleName(f"{column.title}: {column.words}, {tally(column)}")
        index = self._list.currentIndex()
        kept = key_of(self._model.row_at(index.row())) if index.isValid() else None
        self._keep_place(kept, is_new=self._model.show_column(column))

    def _keep_place(self, kept: object, *, is_new: bool) -> None:
        place = self._model.place_of(kept) if is_new and kept is not None else None
        if place is not None:
            self._list.setCurrentIndex(self._model.index(place))

    def _on_wanted(self, row: Row) -> None:
        if isinstance(row, DeviceRow):
            self.device_wanted.emit(row.device)
        elif row.can_fold:
            place = self._list.currentIndex().row()
            if self._model.turn(row.group):
                self._list.setCurrentIndex(self._model.index(min(place, self._model.rowCount() - 1)))


def _when(column: WaveColumn, now_unix: float) -> str:
    """Return since when a wave stands there, or until when it is watched."""
    now = moment_from_unix(now_unix)
    if column.until is not None:
        return f" until {moment_text(column.until, now)}"
    if column.since is None:
        return ""
    # What is over has not been so since: it happened.
    is_over = column.wave is not None and column.wave.state in (WaveState.PASSED, WaveState.FAILED)
    return f" {'at' if is_over else 'since'} {moment_text(column.since, now)}"
