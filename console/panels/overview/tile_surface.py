"""A thousand tiles that scroll: one surface, pictures for what is visible, nothing for the rest.

Costs are bounded, not hoped for: values that arrive only mark tiles; a tick every 40 ms draws a share of the
marked tiles within a budget and repaints their rectangles; scrolling moves pixels and paints what comes in.
"""

import time
from collections.abc import Iterable, Mapping, Sequence

from PySide6.QtCore import QRect, QRectF, Qt, QTimer
from PySide6.QtGui import QHideEvent, QPainter, QPaintEvent, QPixmap, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QAbstractScrollArea, QFrame, QWidget

from console.panels.overview.grid import Box, Grid
from console.panels.overview.ordering import Section
from console.panels.overview.tile_frame import paint_heading, paint_tile
from console.panels.overview.tile_painter import TilePainter, spark_span_s
from console.panels.overview.tile_pictures import (
    DIGITS_EVERY_S,
    TilePicture,
    TilePictures,
    sparks_every_s,
)
from console.panels.overview.tile_source import TileSource
from console.widgets.flash import FlashClock
from console.widgets.severity_badge import BadgeState
from console.widgets.theme import ThemeSource
from models.records.device import DeviceId

TICK_MS = 40
_TICKS_A_SECOND = 1000 // TICK_MS
_TICK_BUDGET_S = 0.005
_PAINT_BUDGET_S = 0.008
_CALL_UP_BUDGET_S = 0.045
"""The first painting after the board was called up may take longer: better at once than tile by tile."""

_OUTDATED_S = 3.0
"""A picture this old is not shown any more if the tile has something newer to show."""

_PICTURES_AT_LEAST = 64


class TileSurface(QAbstractScrollArea):
    """Lays tiles out below their headings, draws and scrolls them. `TileBoard` adds keyboard and mouse."""

    def __init__(
        self, source: TileSource, theme_source: ThemeSource, flash: FlashClock, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName("overview-board")
        self.setAccessibleName("Devices")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        self._source = source
        self._themes = theme_source
        self._flash = flash
        self._sections: tuple[Section, ...] = ()
        self._metric_counts: dict[DeviceId, int] = {}
        self._style = TilePainter.grid_style()
        self._grid = Grid((), {}, 0, self._style)
        self._painter = TilePainter(theme_source.theme, 1, 1.0)
        self._pictures = TilePictures()
        self._dirty: set[DeviceId] = set()
        self._focused: DeviceId | None = None
        self._is_called_up = True
        self._tick = QTimer(self)
        self._tick.setInterval(TICK_MS)
        self._tick.timeout.connect(self._draw_some)
        theme_source.changed.connect(self._rebuild)
        flash.stepped.connect(self._flash_stepped)

    @property
    def grid(self) -> Grid:
        """The layout now in force."""
        return self._grid

    @property
    def focused(self) -> DeviceId | None:
        """The device that the keyboard is on."""
        return self._focused

    def visible_devices(self) -> list[DeviceId]:
        """Return the devices whose tiles can be seen now, in reading order."""
        return [id for id, _ in self._visible()]

    def is_drawn(self) -> bool:
        """Whether every tile that can be seen has a picture: they are drawn a few at a time."""
        return all(self._pictures.get(id) is not None for id in self.visible_devices())

    def set_sections(self, sections: Sequence[Section], metric_counts: Mapping[DeviceId, int]) -> None:
        """Show other sections, or the same ones in another order. Scroll position and focus stay."""
        if tuple(sections) == self._sections and metric_counts == self._metric_counts:
            return
        self._sections, self._metric_counts = tuple(sections), dict(metric_counts)
        self._lay_out()

    def mark(self, ids: Iterable[int]) -> None:
        """Note that tiles have something new to show; they are drawn within the next second."""
        self._dirty.update(DeviceId(id) for id in ids)

    def forget_pictures(self) -> None:
        """Draw everything anew: limits, names or metrics may have changed."""
        self._pictures.clear()
        self.viewport().update()

    def reveal(self, id: DeviceId) -> None:
        """Scroll as little as needed to see a device's tile."""
        box = self._grid.box_of(id)
        if box is None:
            return
        bar = self.verticalScrollBar()
        top, bottom = box.y - self._style.heading_height, box.y + box.height + self._style.gap
        if top < bar.value():
            bar.setValue(top)
        elif bottom > bar.value() + self.viewport().height():
            bar.setValue(bottom - self.viewport().height())

    def _lay_out(self) -> None:
        width = self.viewport().width()
        self._grid = Grid(self._sections, self._metric_counts, width, self._style)
        ratio = self.devicePixelRatioF()
        if self._painter.width != self._grid.tile_width:
            self._pictures.clear()
            self._painter = TilePainter(self._themes.theme, self._grid.tile_width, ratio)
        bar = self.verticalScrollBar()
        bar.setRange(0, max(0, self._grid.height - self.viewport().height()))
        bar.setPageStep(max(1, self.viewport().height() - self._style.heading_height))
        bar.setSingleStep(self._style.metric_height * 2)
        if self._focused is not None and self._grid.box_of(self._focused) is None:
            self._focused = None
        self.viewport().update()

    def _rebuild(self) -> None:
        self._painter = TilePainter(self._themes.theme, self._grid.tile_width, self.devicePixelRatioF())
        self.forget_pictures()

    def _visible(self) -> list[tuple[DeviceId, Box]]:
        top = self.verticalScrollBar().value()
        return self._grid.tiles_between(top, top + self.viewport().height())

    def _viewport_rect(self, box: Box) -> QRect:
        return QRect(box.x, box.y - self.verticalScrollBar().value(), box.width, box.height)

    def _repaint(self, ids: Iterable[DeviceId]) -> None:
        for id in ids:
            box = self._grid.box_of(id)
            if box is not None:
                self.viewport().update(self._viewport_rect(box))

    def _draw_some(self) -> None:
        """Draw a share of the marked tiles that can be seen, oldest first."""
        visible = self._visible()
        if not visible:
            return
        now = self._source.now()
        due: list[tuple[float, DeviceId, Box]] = []
        for id, box in visible:
            picture = self._current(id, box, now)
            if picture is None:
                due.append((0.0, id, box))
            elif id in self._dirty and not 0 <= now - picture.drawn_unix < DIGITS_EVERY_S:
                due.append((picture.drawn_unix, id, box))
        due.sort()
        share = -(-len(visible) // _TICKS_A_SECOND)
        ends = time.perf_counter() + _TICK_BUDGET_S
        for number, (drawn, id, box) in enumerate(due):
            if number >= share and (drawn > 0 or time.perf_counter() > ends):
                break
            self._draw(id, box, now)
            self.viewport().update(self._viewport_rect(box))
        self._pictures.shrink_to(max(_PICTURES_AT_LEAST, 2 * len(visible)))

    def _current(self, id: DeviceId, box: Box, now: float) -> TilePicture | None:
        """Return a tile's picture if it may be shown: what is outdated must not pass for the present."""
        picture = self._pictures.get(id)
        if picture is None or _height(picture.content) != box.height:
            return None
        is_outdated = id in self._dirty and not 0 <= now - picture.drawn_unix < _OUTDATED_S
        return None if is_outdated else picture

    def _draw(self, id: DeviceId, box: Box, now: float) -> TilePicture:
        self._dirty.discard(id)
        face = self._source.face(id)
        limits = self._source.limits(id)
        old = self._pictures.get(id)
        if (
            old is not None
            and 0 <= now - old.sparks_unix < old.sparks_every_s
            and _height(old.sparks) == box.height
        ):
            sparks, sparks_unix, every_s = old.sparks, old.sparks_unix, old.sparks_every_s
        else:
            series = self._source.series(face)
            sparks = self._painter.sparks(face, box.height, series, limits, now)
            sparks_unix, every_s = now, sparks_every_s(spark_span_s(series, now))
        content = self._painter.content(
            face, box.height, limits, sparks, shows_area=self._grid.shows_area(id)
        )
        picture = TilePicture(face, content, sparks, now, sparks_unix, every_s)
        self._pictures.put(id, picture)
        return picture

    def _flash_stepped(self) -> None:
        if not self.isVisible():
            return
        for id, box in self._visible():
            picture = self._pictures.get(id)
            alert = picture.face.standing.alert if picture else None
            if alert is not None and alert.state is BadgeState.UNACKNOWLEDGED:
                self.viewport().update(self._viewport_rect(box))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Copy the pictures of the tiles in the region to be painted; draw missing ones within a budget."""
        painter = QPainter(self.viewport())
        region = event.region().boundingRect()
        offset = self.verticalScrollBar().value()
        top, bottom = offset + region.top(), offset + region.bottom() + 1
        painter.fillRect(region, self._themes.theme.background)
        for section, box in self._grid.headings_between(top, bottom):
            paint_heading(painter, QRectF(self._viewport_rect(box)), section, self._themes.theme)
        ends = time.perf_counter() + (_CALL_UP_BUDGET_S if self._is_called_up else _PAINT_BUDGET_S)
        self._is_called_up = False
        now = self._source.now()
        for id, box in self._grid.tiles_between(top, bottom):
            if not event.region().intersects(self._viewport_rect(box)):
                continue
            picture = self._current(id, box, now)
            if picture is None and time.perf_counter() < ends:
                picture = self._draw(id, box, now)
            paint_tile(
                painter,
                QRectF(self._viewport_rect(box)),
                picture,
                self._themes.theme,
                flash_on=self._flash.is_on,
                has_focus=id == self._focused and self.hasFocus(),
            )
        painter.end()

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        """Move what is already painted and paint only what comes into view."""
        self.viewport().scroll(dx, dy)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Lay the tiles out in the new width."""
        super().resizeEvent(event)
        self._lay_out()

    def showEvent(self, event: QShowEvent) -> None:
        """Draw from now on."""
        super().showEvent(event)
        self._is_called_up = True
        self._tick.start()

    def hideEvent(self, event: QHideEvent) -> None:
        """Rest while nobody looks."""
        super().hideEvent(event)
        self._tick.stop()


def _height(picture: QPixmap) -> int:
    return round(picture.deviceIndependentSize().height())
