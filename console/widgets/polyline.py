"""From numpy to QPainter without a Python loop over the points.

Qt's polygons own contiguous memory of doubles; numpy writes into it directly. The way is pyqtgraph's
(`pyqtgraph.functions.create_qpolygonf`), reduced to PySide6.
"""

from itertools import pairwise
from typing import cast

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QPainter, QPolygonF
from shiboken6 import Shiboken

from console.widgets.decimate import FloatArray


def polygon_of(x: FloatArray, y: FloatArray) -> QPolygonF:
    """Return the points as a polygon. `x` and `y`: shape (n,), finite, in painter coordinates."""
    polygon = QPolygonF()
    polygon.resize(x.size)
    if x.size:
        # The stubs know neither the three arguments of VoidPtr nor that it is a buffer; both are documented.
        memory = Shiboken.VoidPtr(polygon.data(), 16 * x.size, True)  # pyright: ignore[reportCallIssue]
        points = np.frombuffer(cast("memoryview", memory), np.float64).reshape(-1, 2)
        points[:, 0] = x
        points[:, 1] = y
    return polygon


def draw_strokes(painter: QPainter, x: FloatArray, y: FloatArray, starts: NDArray[np.int64]) -> None:
    """Draw a line through the points, lifted before every index of `starts`; lone points become dots."""
    if not x.size:
        return
    if not starts.size:
        _draw_stroke(painter, x, y)
        return
    edges = [0, *starts.tolist(), x.size]
    for first, last in pairwise(edges):
        _draw_stroke(painter, x[first:last], y[first:last])


def _draw_stroke(painter: QPainter, x: FloatArray, y: FloatArray) -> None:
    if x.size > 1:
        painter.drawPolyline(polygon_of(x, y))
    elif x.size == 1:
        # A single good sample between two gaps would be invisible as a line.
        painter.fillRect(round(float(x[0])) - 1, round(float(y[0])) - 1, 2, 2, painter.pen().color())
