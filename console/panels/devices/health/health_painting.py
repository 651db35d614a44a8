"""The sparkline of a connection: round trips as a line, errors as ticks below it."""

import numpy as np
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainter, QPen

from console.widgets.decimate import FloatArray
from console.widgets.sparkline import paint_sparkline
from console.widgets.theme import Theme
from models.records.device_health import SLOT_S, SLOTS, DeviceHealth

_LEAST_MS = 2.0
_CALM = 3.0
"""The height means at least so many usual round trips: what is a little slower is no event."""
_TICK_SHARE = 0.3


def paint_connection(painter: QPainter, rect: QRectF, health: DeviceHealth | None, theme: Theme) -> None:
    """Paint the last ten minutes, the newest at the right edge. A second without an answer is a gap.

    Args:
        painter: Left as it was found.
        rect: Where.
        health: None paints nothing.
        theme: Its text colour marks errors: they are no alarms.
    """
    if health is None or not health.recent:
        return
    values: FloatArray = np.frombuffer(health.recent, dtype="<f4").astype(np.float64)
    first = (0.5 - len(values)) * SLOT_S
    times: FloatArray = np.linspace(first, -SLOT_S / 2, len(values))
    span_s = SLOTS * SLOT_S
    least_ms = max(_LEAST_MS, _CALM * (health.round_trip_p50_ms or 0.0))
    painter.save()
    paint_sparkline(
        painter, rect, times, values, theme, since_unix=-span_s, until_unix=0.0, least_range=least_ms
    )
    painter.setPen(QPen(theme.text, max(1.0, rect.width() / SLOTS - 1.0)))
    height = rect.height() * _TICK_SHARE
    for place, count in enumerate(health.recent_errors):
        if count:
            seconds = (place - len(health.recent_errors)) * SLOT_S + SLOT_S / 2
            x = rect.right() + seconds * rect.width() / span_s
            # A few are seen, many are not higher than the line may need.
            top = rect.bottom() - height * min(1.0, 0.4 + count / 10.0)
            painter.drawLine(QPointF(x, rect.bottom()), QPointF(x, top))
    painter.restore()
