"""A live value in digits, with its unit; hatching, "?" and the age where it cannot be trusted."""

import math
from collections.abc import Callable

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from console.widgets.fonts import text_font
from console.widgets.number_text import number_text
from console.widgets.stale_hatching import age_text, paint_hatching
from console.widgets.theme import Theme, ThemeSource

Words = Callable[[float], str]


def paint_value(
    painter: QPainter,
    rect: QRectF,
    value: float | None,
    decimals: int,
    unit: str,
    theme: Theme,
    *,
    age_s: float | None = 0.0,
    is_stale: bool = False,
    pixels: int = 15,
    align_right: bool = True,
    words: Words | None = None,
) -> None:
    """Paint number and unit on one base line into `rect`; the painter is left as it was found.

    Args:
        value: None or not finite = no good value.
        age_s: Of the value; shown only when it is not good. None = there never was one.
        is_stale: Whether the value is too old to be shown as live: then it is not shown at all.
        pixels: Height of the digits' face.
        words: Text of a good value; its digits where none is given.
        align_right: Units under units, points under points; otherwise from the left edge.
    """
    painter.save()
    unit_font = text_font(max(10, round(pixels * 0.66)) if pixels > 16 else 11)
    is_good = value is not None and math.isfinite(value) and not is_stale
    number = (words or _digits(decimals))(value) if is_good and value is not None else "?"
    trailer = unit if is_good else age_text(age_s) if is_stale or age_s is None else f"bad · {unit}"
    unit_metrics = QFontMetricsF(unit_font)
    gap = max(3.0, pixels * 0.2) + (0.0 if is_good else 4.0)
    room_px = rect.width() - gap - unit_metrics.horizontalAdvance(trailer)
    number_font, number = _fitting(number, pixels, room_px)
    number_width = QFontMetricsF(number_font).horizontalAdvance(number)
    total = number_width + gap + unit_metrics.horizontalAdvance(trailer)
    left = rect.right() - total if align_right else rect.left()
    base = rect.center().y() + QFontMetricsF(number_font).capHeight() / 2
    if not is_good:
        room = QRectF(left - 4, rect.center().y() - pixels * 0.7, number_width + 8, pixels * 1.4)
        paint_hatching(painter, room.intersected(rect), theme)
    painter.setFont(number_font)
    painter.setPen(theme.value if is_good else theme.text)
    painter.drawText(QPointF(left, base), number)
    painter.setFont(unit_font)
    painter.setPen(theme.muted)
    painter.drawText(QPointF(left + number_width + gap, base), trailer)
    painter.restore()


def _fitting(number: str, pixels: int, room_px: float) -> tuple[QFont, str]:
    """Return face and text that fit: smaller ones first, then a text that says that it was cut."""
    least = max(11, round(pixels * 0.55))
    for size in range(pixels, least - 1, -1):
        font = text_font(size, QFont.Weight.DemiBold)
        if QFontMetricsF(font).horizontalAdvance(number) <= room_px:
            return font, number
    font = text_font(least, QFont.Weight.DemiBold)
    return font, QFontMetricsF(font).elidedText(number, Qt.TextElideMode.ElideRight, max(room_px, 1.0))


def _digits(decimals: int) -> Words:
    return lambda value: number_text(value, decimals)


class ValueReadout(QWidget):
    """A value in digits as a widget; its words are its accessible name."""

    def __init__(
        self,
        theme_source: ThemeSource,
        unit: str = "",
        decimals: int = 1,
        pixels: int = 28,
        parent: QWidget | None = None,
        words: Words | None = None,
    ) -> None:
        """Lay it out.

        Args:
            theme_source: The theme in use.
            unit: Behind the value.
            decimals: Digits after the point.
            pixels: Height of the digits' face.
            parent: Owner.
            words: Text of a good value, where it is more than its digits.
        """
        super().__init__(parent)
        self._words = words or _digits(decimals)
        self._themes = theme_source
        self._unit = unit
        self._decimals = decimals
        self._pixels = pixels
        self._value: float | None = None
        self._age_s: float | None = None
        self._is_stale = False
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme_source.changed.connect(self.update)

    def set_value(self, value: float | None, *, age_s: float | None = 0.0, is_stale: bool = False) -> None:
        """Show a value; at most once a second, faster digits cannot be read."""
        if (value, age_s, is_stale) == (self._value, self._age_s, self._is_stale):
            return
        self._value, self._age_s, self._is_stale = value, age_s, is_stale
        said = f"no good value, {age_text(age_s)}"
        if value is not None and not is_stale:
            said = f"{self._words(value)} {self._unit}".rstrip()
        self.setAccessibleName(said)
        self.update()

    def sizeHint(self) -> QSize:
        """Room for "−88,888.8" and the unit."""
        return self._room_for("−88,888.8")

    def minimumSizeHint(self) -> QSize:
        """A number without its unit would be worth nothing: room for "88,888.8" and the unit."""
        return self._room_for("88,888.8")

    def _room_for(self, digits: str) -> QSize:
        number = QFontMetricsF(text_font(self._pixels, QFont.Weight.DemiBold)).horizontalAdvance(digits)
        unit = QFontMetricsF(text_font(max(11, round(self._pixels * 0.66)))).horizontalAdvance(self._unit)
        return QSize(round(number + unit + self._pixels * 0.6), round(self._pixels * 1.5))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint number and unit."""
        painter = QPainter(self)
        painter.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
        paint_value(
            painter,
            QRectF(self.rect()).adjusted(4, 0, -2, 0),
            self._value,
            self._decimals,
            self._unit,
            self._themes.theme,
            age_s=self._age_s,
            is_stale=self._is_stale,
            pixels=self._pixels,
            align_right=False,
            words=self._words,
        )
        painter.end()
