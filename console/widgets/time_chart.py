"""The live chart: up to eight pens over time, following the clock or standing still.

Own painting instead of pyqtgraph, by measurement: twelve charts of six pens and 6,000 samples each cost
pyqtgraph 127 ms a frame as it comes, and 81 ms fed with 400 pixel columns instead of samples; this chart,
which keeps what is settled as a picture and draws only what is new, 10 ms (medians of one run on two busy
cores, software raster; `main.py bench frames` repeats it). The window must stay free for the operator.
"""

import time
from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QEvent, QPointF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QFocusEvent,
    QHideEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QShowEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from console.widgets.analog_bar import Limit
from console.widgets.chart_cursors import Cursors
from console.widgets.chart_front import Front, paint_front, paused_text, time_below
from console.widgets.chart_geometry import Frame
from console.widgets.chart_overlay import paused_plate
from console.widgets.chart_scene import ChartScene
from console.widgets.decimate import FloatArray
from console.widgets.pen import ChartMark, Pen
from console.widgets.theme import ThemeSource
from console.widgets.time_view import TimeView, view_of

PEN_LIMIT = 8

_WHEEL_FACTOR = 1.25
_SETTLE_MS = 150
_DRAG_PX = 4


class TimeChart(QWidget):
    """Up to eight pens over time.

    Mouse: wheel zooms, shift + wheel or drag pans, click sets cursor A, shift + click cursor B, a click on a
    pen in the legend emphasises it, double click goes back to live.
    Keys: + and - zoom, ← → pan (shift: half a screen), space pauses, End goes live, A and B set cursors,
    ctrl + ← → move the last one, 1 to 8 emphasise a pen, 0 or Esc clear.

    Attributes:
        range_changed: (since_unix, until_unix) once the person or a caller has chosen another range, not at
            every step of a drag. Fetch history for it.
        following_changed: True = live, False = paused.
    """

    range_changed = Signal(float, float)
    following_changed = Signal(bool)

    def __init__(
        self,
        theme_source: ThemeSource,
        clock: Callable[[], float] = time.time,
        parent: QWidget | None = None,
    ) -> None:
        """Make an empty chart that follows `clock` (Unix seconds) with ten minutes shown."""
        super().__init__(parent)
        self._themes = theme_source
        self._clock = clock
        self._scene = ChartScene()
        self._view = TimeView()
        self._frame: Frame | None = None
        self._hover: QPointF | None = None
        self._cursors = Cursors()
        self._pressed: QPointF | None = None
        self._dragged_view: TimeView | None = None
        self._ticking = QTimer(self)
        self._ticking.timeout.connect(self.update)
        self._settling = QTimer(self)
        self._settling.setSingleShot(True)
        self._settling.setInterval(_SETTLE_MS)
        self._settling.timeout.connect(self._announce_range)
        self.setObjectName("time-chart")
        self.setAccessibleName("Trend")
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        theme_source.changed.connect(self._theme_changed)

    # -- what is shown -----------------------------------------------------------

    @property
    def pens(self) -> tuple[Pen, ...]:
        """The pens shown, in order."""
        return self._scene.pens

    @property
    def is_following(self) -> bool:
        """Whether the right edge is now."""
        return self._view.is_following

    @property
    def visible_range(self) -> tuple[float, float]:
        """Since and until, Unix seconds."""
        return self._view.range_at(self._clock())

    @property
    def cursors(self) -> dict[str, float]:
        """Moments of the cursors set, by name "A" and "B"."""
        return self._cursors.moments

    def set_pens(self, pens: Sequence[Pen]) -> None:
        """Show these pens; samples of keys that stay are kept.

        Raises:
            ValueError: More than eight, or a key twice.
        """
        if len(pens) > PEN_LIMIT:
            raise ValueError(f"{len(pens)} pens were asked for; a chart shows at most {PEN_LIMIT}.")
        if len({pen.key for pen in pens}) != len(pens):
            raise ValueError("Two pens of one chart have the same key; each needs its own.")
        self._scene.set_pens(pens)
        self.setAccessibleName("Trend of " + ", ".join(pen.label for pen in pens) if pens else "Trend")
        self.update()

    def set_history(
        self, key: str, times: FloatArray, low: FloatArray, high: FloatArray, mean: FloatArray
    ) -> None:
        """Give a pen its reduced history; live samples take over where they begin.

        Args:
            key: Of the pen.
            times: float64, shape (n,), Unix seconds, ascending: beginnings of the buckets.
            low, high, mean: float64, shape (n,), NaN = gap.
        """
        self._scene.traces[key].set_history(times, low, high, mean)
        self._scene.redraw()
        self.update()

    def set_live(self, key: str, times: FloatArray, values: FloatArray) -> None:
        """Replace a pen's live samples; cheap when only the tail is new. NaN = gap. The arrays are kept."""
        self._scene.set_live(key, times, values)
        self.update()

    def append(self, key: str, at_unix: float, value: float) -> None:
        """Add one live sample to a pen; NaN = gap."""
        self._scene.traces[key].append(at_unix, value)
        self.update()

    def clear_data(self) -> None:
        """Forget all samples, keep the pens."""
        pens = self._scene.pens
        self._scene.set_pens(())
        self._scene.set_pens(pens)
        self.update()

    def set_limits(self, key: str, limits: Sequence[Limit]) -> None:
        """Give a pen its limits; shown while it is the only pen or the emphasised one."""
        self._scene.set_limits(key, limits)
        self.update()

    def set_marks(self, marks: Sequence[ChartMark]) -> None:
        """Show what happened on the time axis."""
        self._scene.marks = tuple(marks)
        self.update()

    def set_stale_after(self, seconds: float) -> None:
        """Hatch the live edge once the newest sample of all pens is older than this."""
        self._scene.stale_after_s = seconds
        self.update()

    def set_compact(self, *, compact: bool) -> None:
        """Leave the legend out: for a chart whose card already names its one value."""
        self._scene.is_compact = compact
        self._scene.relaid()
        self.update()

    def set_about_past(self, *, about_past: bool) -> None:
        """Leave the "paused" plate out: for a chart that is about a moment, not about now."""
        self._scene.is_about_past = about_past
        self.update()

    def focus_pen(self, key: str | None) -> None:
        """Emphasise a pen: its axis next to the plot, its limits shown, the others paler. None = none."""
        self._scene.focus = key if key in self._scene.traces else None
        self._scene.relaid()
        self.update()

    # -- which stretch of time ---------------------------------------------------

    def set_window(self, span_s: float) -> None:
        """Show this many seconds, the right edge kept."""
        self._show(self._view.with_span(span_s))

    def show_range(self, since_unix: float, until_unix: float) -> None:
        """Pause on a past range."""
        self._show(view_of(since_unix, until_unix))

    def set_following(self, *, following: bool) -> None:
        """Go on with the clock, or pause where the picture is."""
        self._show(self._view.following() if following else self._view.paused(self._clock()))

    def export_png(self, path: Path) -> bool:
        """Write the chart as it looks now. False = the file could not be written."""
        return self.grab().save(str(path), "PNG")

    # -- private -----------------------------------------------------------------

    def _show(self, view: TimeView) -> None:
        if view == self._view:
            return
        is_switched = view.is_following != self._view.is_following
        self._view = view
        self._settling.start()
        self._adjust_ticking()
        self.update()
        if is_switched:
            self.following_changed.emit(view.is_following)

    def _announce_range(self) -> None:
        self.range_changed.emit(*self.visible_range)

    def _adjust_ticking(self) -> None:
        """Tick as often as the picture moves by a pixel, between ten times a second and once."""
        if not self.isVisible() or not self._view.is_following:
            self._ticking.stop()
            return
        column_ms = self._view.span_s / max(1, self.width()) * 1000
        self._ticking.start(round(min(1000.0, max(100.0, column_ms))))

    def _theme_changed(self) -> None:
        self._scene.redraw()
        self.update()

    def _toggle_cursor(self, name: str, part: float) -> None:
        """Set a cursor below the pointer, or at a part of the range for those without a mouse."""
        since, until = self.visible_range
        pointed = time_below(self._frame, self._hover)
        self._cursors.toggle(name, since + (until - since) * part if pointed is None else pointed)
        self.update()

    def _move_cursor(self, part: float) -> None:
        since, until = self.visible_range
        self._cursors.move(part * (until - since), since, until)
        self.update()

    def _zoom(self, factor: float, at: float = 0.5) -> None:
        self._show(self._view.zoomed(factor, at, self._clock()))

    def _pan(self, part: float) -> None:
        self._show(self._view.panned(part, self._clock()))

    # -- Qt ------------------------------------------------------------------------

    def sizeHint(self) -> QSize:
        """A comfortable chart."""
        return QSize(640, 300)

    def minimumSizeHint(self) -> QSize:
        """The least in which a curve can be read."""
        return QSize(200, 110)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint one frame."""
        painter = QPainter(self)
        now_unix = self._clock()
        self._frame = self._scene.paint(
            painter, self.size(), self.devicePixelRatioF(), self._themes.theme, self._view, now_unix
        )
        pointer = self._hover if self._dragged_view is None else None
        front = Front(self._view.is_following, now_unix, pointer, self._cursors.moments)
        paint_front(painter, self._frame, self._scene, self._themes.theme, front)
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(self._themes.theme.focus, 2))
            painter.drawRect(self.rect().adjusted(1, 1, -1, -1))
        painter.end()

    def showEvent(self, event: QShowEvent) -> None:
        """Begin to follow the clock."""
        super().showEvent(event)
        self._adjust_ticking()

    def hideEvent(self, event: QHideEvent) -> None:
        """Cost nothing while nobody looks."""
        super().hideEvent(event)
        self._ticking.stop()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show the focus."""
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Hide the focus."""
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Answer the keys named in the class."""
        if not self._handled(event):
            super().keyPressEvent(event)

    def _handled(self, event: QKeyEvent) -> bool:
        key, held = event.key(), event.modifiers()
        is_far = bool(held & Qt.KeyboardModifier.ShiftModifier)
        if key in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            side = -1 if key == Qt.Key.Key_Left else 1
            if held & Qt.KeyboardModifier.ControlModifier:
                self._move_cursor(side * (0.1 if is_far else 0.01))
            else:
                self._pan(side * (0.5 if is_far else 0.1))
        elif key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal):
            self._zoom(1 / _WHEEL_FACTOR)
        elif key in (Qt.Key.Key_Minus, Qt.Key.Key_Underscore):
            self._zoom(_WHEEL_FACTOR)
        elif key == Qt.Key.Key_Space:
            self.set_following(following=not self.is_following)
        elif key == Qt.Key.Key_End:
            self.set_following(following=True)
        elif key in (Qt.Key.Key_A, Qt.Key.Key_B):
            self._toggle_cursor(*(("A", 0.5) if key == Qt.Key.Key_A else ("B", 0.75)))
        elif Qt.Key.Key_1 <= key <= Qt.Key.Key_8 and key - Qt.Key.Key_1 < len(self.pens):
            self.focus_pen(self.pens[key - Qt.Key.Key_1].key)
        elif key in (Qt.Key.Key_0, Qt.Key.Key_Escape) and (self._cursors or self._scene.focus):
            self._cursors.clear()
            self.focus_pen(None)
        else:
            return False
        return True

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom round the pointer; sideways or with shift: pan."""
        if self._scene.is_compact and not self.hasFocus():
            # Small charts stand in pages that scroll: without a click first, the wheel belongs to the page.
            event.ignore()
            return
        turn = event.angleDelta()
        is_sideways = abs(turn.x()) > abs(turn.y())
        if is_sideways or event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self._pan(-(turn.x() if is_sideways else turn.y()) / 120 * 0.1)
        elif turn.y() and self._frame is not None:
            plot = self._frame.geometry.plot
            at = min(1.0, max(0.0, (event.position().x() - plot.left()) / plot.width()))
            self._zoom(_WHEEL_FACTOR ** (-turn.y() / 120), at)
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin a drag or a click."""
        if event.button() is Qt.MouseButton.LeftButton:
            self._pressed = event.position()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Show values below the pointer, or drag the picture."""
        self._hover = event.position()
        if self._pressed is not None and self._frame is not None:
            moved = event.position().x() - self._pressed.x()
            if self._dragged_view is None and abs(moved) >= _DRAG_PX:
                self._dragged_view = self._view.paused(self._clock())
            if self._dragged_view is not None:
                part = -moved / self._frame.geometry.plot.width()
                self._show(self._dragged_view.panned(part, self._clock()))
        self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """End a drag, or take a click: cursor, pen, or back to live."""
        is_click = self._pressed is not None and self._dragged_view is None
        self._pressed = self._dragged_view = None
        if is_click and event.button() is Qt.MouseButton.LeftButton:
            self._clicked(event.position(), event.modifiers())
        self.update()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Go back to live, without the cursor that the first click set."""
        self._cursors.remove("A")
        self.set_following(following=True)

    def leaveEvent(self, event: QEvent) -> None:
        """Take the values below the pointer away."""
        self._hover = None
        self.update()

    def _clicked(self, place: QPointF, held: Qt.KeyboardModifier) -> None:
        chip = self._scene.legend.chip_at(place.x(), place.y())
        if chip is not None:
            key = self.pens[chip].key
            self.focus_pen(None if key == self._scene.focus else key)
            return
        if self._frame is not None and not self.is_following:
            plate = paused_plate(self._frame, paused_text(self._frame))
            if plate.contains(place):
                self.set_following(following=True)
                return
        at_unix = time_below(self._frame, place)
        if at_unix is not None:
            self._cursors.place("B" if held & Qt.KeyboardModifier.ShiftModifier else "A", at_unix)
