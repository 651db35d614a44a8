"""The front of a chart, painted every frame: stale edge, marks, state, cursors, readout."""

from collections.abc import Mapping
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainter

from console.widgets.chart_geometry import LEGEND_ROW_PX, Frame
from console.widgets.chart_overlay import (
    paint_cursor,
    paint_live_sign,
    paint_marks,
    paint_paused,
    paint_readout,
    paint_stale,
)
from console.widgets.chart_readout import cursor_rows, cursor_title, hover_rows
from console.widgets.chart_scene import ChartScene
from console.widgets.theme import Theme
from console.widgets.time_axis import moment_text, range_text

_WIDE_PX = 480


@dataclass(frozen=True, slots=True)
class Front:
    """What lies over a picture at one moment.

    Attributes:
        is_following: Whether the picture goes on with the clock.
        now_unix: The clock.
        pointer: Where the mouse is; None = elsewhere, or dragging.
        cursors: Moments by name.
    """

    is_following: bool
    now_unix: float
    pointer: QPointF | None
    cursors: Mapping[str, float]


def paint_front(painter: QPainter, frame: Frame, scene: ChartScene, theme: Theme, front: Front) -> None:
    """Paint it, in the order in which things may cover each other."""
    last = scene.last_unix()
    if front.is_following and last is not None and front.now_unix - last > scene.stale_after_s:
        paint_stale(painter, frame, theme, last, front.now_unix)
    paint_marks(painter, frame, theme, scene.marks)
    if not front.is_following and not scene.is_about_past:
        paint_paused(painter, frame, theme, paused_text(frame))
    elif front.is_following and not scene.is_compact:
        legend = frame.geometry.legend
        row = QRectF(legend.left(), legend.top(), legend.width() - 8, LEGEND_ROW_PX)
        paint_live_sign(painter, row, theme)
    for name, at_unix in front.cursors.items():
        paint_cursor(painter, frame, theme, at_unix, name)
    pointed = time_below(frame, front.pointer)
    if pointed is not None and front.pointer is not None:
        paint_cursor(painter, frame, theme, pointed, "")
        rows, title, look_x = hover_rows(scene, pointed), moment_text(pointed), front.pointer.x()
    elif front.cursors:
        rows, title = cursor_rows(scene, front.cursors), cursor_title(front.cursors)
        look_x = frame.x_of(max(front.cursors.values()))
    else:
        return
    paint_readout(painter, frame, theme, title, rows, scene.colours(theme), look_x)


def time_below(frame: Frame | None, place: QPointF | None) -> float | None:
    """Return the moment at a pixel of the plot; None outside it."""
    if place is None or frame is None or not frame.geometry.plot.contains(place):
        return None
    return frame.time_at(place.x())


def paused_text(frame: Frame) -> str:
    """Return what the plate of a paused chart says, shorter where there is little room."""
    if frame.geometry.plot.width() < _WIDE_PX:
        return "Paused"
    return f"Paused · {range_text(frame.since_unix, frame.until_unix)} · End goes live"
