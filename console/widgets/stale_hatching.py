"""The one sign of bad or stale values: hatching, "?" and the age. Never an alarm colour."""

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QBrush, QPainter

from console.widgets.theme import Theme


def paint_hatching(painter: QPainter, rect: QRectF, theme: Theme) -> None:
    """Hatch `rect`; what lies below stays visible between the lines."""
    painter.fillRect(rect, QBrush(theme.stale, Qt.BrushStyle.BDiagPattern))


def age_text(age_s: float | None) -> str:
    """Return an age as people say it: "4 s", "12 min", "3 h 05 min", "2 d", or "no reading yet" for None."""
    if age_s is None:
        return "no reading yet"
    seconds = max(0, int(age_s))
    if seconds < 120:
        return f"{seconds} s"
    if seconds < 7200:
        return f"{seconds // 60} min"
    if seconds < 172_800:
        return f"{seconds // 3600} h {seconds % 3600 // 60:02d} min"
    return f"{seconds // 86_400} d"
