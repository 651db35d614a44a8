"""How long a frame takes: live charts of this program against pyqtgraph as it comes, in the same run.

Twelve charts of six pens, ten minutes at 10 Hz behind each pen, one new sample a pen and frame: a wall of
trends as control rooms have it. A frame lasts from handing over the samples until every chart has painted.
Both sides get the same samples, the same window size and the same number of pixels; pyqtgraph gets slices of
an array, which costs it nothing. Runs without a display.
"""

import os
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pyqtgraph
from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QApplication, QGridLayout, QWidget

from console.bench.figure import Bench, BenchSize, Figure
from console.widgets.pen import Pen
from console.widgets.theme import LIGHT, ThemeSource, apply_theme
from console.widgets.time_chart import TimeChart
from models.metrics import METRICS

_RATE_HZ = 10.0
_BEGAN_UNIX = 1_763_822_000.0
_COLUMNS = 4
_PAINT_DEADLINE_S = 10.0


@dataclass(frozen=True, slots=True)
class _Load:
    charts: int
    pens: int
    samples: int
    frames: int
    baseline_frames: int


class _PaintCounter(QObject):
    """Knows which of the watched widgets have painted since `begin`."""

    def __init__(self, watched: list[QWidget]) -> None:
        super().__init__()
        self._watched = watched
        self._missing: set[int] = set()
        for widget in watched:
            widget.installEventFilter(self)

    @property
    def is_complete(self) -> bool:
        return not self._missing

    def begin(self) -> None:
        self._missing = {id(widget) for widget in self._watched}

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 (Qt's spelling)
        if event.type() == QEvent.Type.Paint:
            self._missing.discard(id(watched))
        return False


def _run(size: BenchSize) -> list[Figure]:
    load = _Load(3, 6, 600, 12, 6) if size.is_small else _Load(12, 6, 6000, 400, 60)
    app = _application()
    apply_theme(app, LIGHT)
    frames = max(load.frames, load.baseline_frames) + 4
    times, values = _samples(load, frames)
    ours = _measure_ours(app, load, times, values)
    theirs = _measure_pyqtgraph(app, load, times, values)
    return [
        _figure("frames.p50_ms", ours, theirs, 50, "≤ 0.35 × pyqtgraph"),
        _figure("frames.p99_ms", ours, theirs, 99, "≤ 0.35 × pyqtgraph"),
    ]


def _application() -> QApplication:
    """Return the running application, or make one; without a display Qt paints into memory."""
    app = QApplication.instance()
    if isinstance(app, QApplication):
        return app
    if not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    return QApplication([])


def _samples(load: _Load, frames: int) -> tuple[np.ndarray, np.ndarray]:
    """Return times, shape (n,), and values, shape (charts, pens, n): slow waves with a sensor's noise."""
    count = load.samples + frames
    times = _BEGAN_UNIX - load.samples / _RATE_HZ + np.arange(count) / _RATE_HZ
    random = np.random.default_rng(1)
    values = np.empty((load.charts, load.pens, count))
    for chart in range(load.charts):
        for pen in range(load.pens):
            low, high = METRICS[pen].span
            wave = 0.5 + 0.25 * np.sin(times / (60 + 11 * pen + 3 * chart) + pen)
            values[chart, pen] = low + (high - low) * (wave + 0.01 * random.standard_normal(count))
    return times, values


def _measure_ours(app: QApplication, load: _Load, times: np.ndarray, values: np.ndarray) -> np.ndarray:
    now = [float(times[load.samples - 1])]
    source = ThemeSource(LIGHT)
    charts = [TimeChart(source, clock=lambda: now[0]) for _ in range(load.charts)]
    for number, (chart, series) in enumerate(zip(charts, values, strict=True)):
        chart.set_pens(
            [
                Pen(f"{number}/{metric.key}", metric.label, metric.unit, metric.decimals, metric.span)
                for metric in METRICS[: load.pens]
            ]
        )
        for pen, line in zip(chart.pens, series, strict=True):
            chart.set_live(pen.key, times[: load.samples], line[: load.samples])

    def feed(frame: int) -> None:
        index = load.samples + frame
        now[0] = float(times[index])
        for chart, series in zip(charts, values, strict=True):
            for pen, line in zip(chart.pens, series, strict=True):
                chart.append(pen.key, now[0], float(line[index]))

    return _measure(app, list(charts), list(charts), feed, load.frames)


def _measure_pyqtgraph(app: QApplication, load: _Load, times: np.ndarray, values: np.ndarray) -> np.ndarray:
    plots = [pyqtgraph.PlotWidget() for _ in range(load.charts)]
    curves = [[plot.plot(pen=pyqtgraph.intColor(pen)) for pen in range(load.pens)] for plot in plots]

    def feed(frame: int) -> None:
        part = slice(frame + 1, frame + 1 + load.samples)
        for lines, series in zip(curves, values, strict=True):
            for curve, line in zip(lines, series, strict=True):
                curve.setData(times[part], line[part])

    viewports = [plot.viewport() for plot in plots]
    return _measure(app, list(plots), viewports, feed, load.baseline_frames)


def _measure(
    app: QApplication,
    charts: list[QWidget],
    painted: list[QWidget],
    feed: Callable[[int], None],
    frames: int,
) -> np.ndarray:
    """Return milliseconds a frame, shape (frames,), after three frames of warming up."""
    window = QWidget()
    layout = QGridLayout(window)
    for place, chart in enumerate(charts):
        layout.addWidget(chart, place // _COLUMNS, place % _COLUMNS)
    window.resize(1600, 1000)
    window.show()
    counter = _PaintCounter(painted)
    lasted = np.empty(frames + 3)
    for frame in range(frames + 3):
        counter.begin()
        began = time.perf_counter()
        feed(frame)
        while not counter.is_complete:
            app.processEvents()
            if time.perf_counter() - began > _PAINT_DEADLINE_S:
                raise RuntimeError(f"A chart did not paint within {_PAINT_DEADLINE_S:.0f} s.")
        lasted[frame] = (time.perf_counter() - began) * 1000.0
    window.close()
    window.deleteLater()
    return lasted[3:]


def _figure(name: str, ours: np.ndarray, theirs: np.ndarray, percentile: int, target: str) -> Figure:
    value, baseline = (float(np.percentile(side, percentile)) for side in (ours, theirs))
    ratio = value / baseline
    return Figure(name, round(value, 2), "ms", round(baseline, 2), round(ratio, 3), target, ratio <= 0.35)


BENCH = Bench("frames", "12 live charts × 6 pens × 10 min at 10 Hz against pyqtgraph as it comes", _run)
