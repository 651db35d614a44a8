"""The pictures a chart keeps between frames, so that a frame costs what is new and not what is shown.

Settled layer: background and everything known when it was painted; good until the picture moves by a pixel
column, a scale changes, or somebody looks elsewhere. The head (what came since) is drawn over it every frame.
Legend layer: repainted when a text in it changes, at most once a second.
"""

from collections.abc import Callable, Hashable

from PySide6.QtCore import QSize
from PySide6.QtGui import QColor, QPainter, QPixmap


class Layer:
    """One cached picture and the key it was painted for."""

    def __init__(self) -> None:
        self._picture = QPixmap()
        self._key: Hashable = None

    def is_good(self, key: Hashable) -> bool:
        """Whether the picture can be used for `key`."""
        return self._key is not None and self._key == key

    def drop(self) -> None:
        """Paint it afresh next time."""
        self._key = None

    def picture(
        self, key: Hashable, size: QSize, ratio: float, fill: QColor, paint: Callable[[QPainter], None]
    ) -> QPixmap:
        """Return the picture for `key`, painted by `paint` where it is another than the last.

        Args:
            key: Everything the picture depends on.
            size: Device-independent pixels.
            ratio: Device pixels per pixel.
            fill: Painted first, all over.
            paint: Called with a painter on the picture, in device-independent pixels.
        """
        if self.is_good(key):
            return self._picture
        real = size * ratio
        if self._picture.size() != real:
            self._picture = QPixmap(real)
        self._picture.setDevicePixelRatio(ratio)
        self._picture.fill(fill)
        painter = QPainter(self._picture)
        try:
            paint(painter)
        finally:
            painter.end()
        self._key = key
        return self._picture
