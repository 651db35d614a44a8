"""Keeps the pictures of tiles near the visible part of the board, and says which are worth drawing again."""

from collections import OrderedDict
from dataclasses import dataclass

from PySide6.QtGui import QPixmap

from console.panels.overview.tile_face import TileFace
from models.records.device import DeviceId

_SPARK_COLUMNS = 60
_SPARKS_AT_MOST_EVERY_S = 2.0

DIGITS_EVERY_S = 0.95
"""Digits change at most once a second; a little less, so that no value of a one-second poll is skipped."""


@dataclass(slots=True)
class TilePicture:
    """What was last drawn of one tile.

    Attributes:
        drawn_unix, sparks_unix: When content and sparklines were drawn, Unix seconds.
        sparks_every_s: How long the sparklines may be kept.
    """

    face: TileFace
    content: QPixmap
    sparks: QPixmap
    drawn_unix: float
    sparks_unix: float
    sparks_every_s: float


class TilePictures:
    """Pictures by device; the ones used longest ago go first. 1,000 tiles would take 250 MB."""

    def __init__(self) -> None:
        self._pictures: OrderedDict[DeviceId, TilePicture] = OrderedDict()

    def __len__(self) -> int:
        return len(self._pictures)

    def get(self, id: DeviceId) -> TilePicture | None:
        """Return a tile's picture, None where there is none (any more)."""
        picture = self._pictures.get(id)
        if picture is not None:
            self._pictures.move_to_end(id)
        return picture

    def put(self, id: DeviceId, picture: TilePicture) -> None:
        """Keep a tile's picture."""
        self._pictures[id] = picture
        self._pictures.move_to_end(id)

    def shrink_to(self, count: int) -> None:
        """Give up all but the `count` pictures used last."""
        while len(self._pictures) > count:
            self._pictures.popitem(last=False)

    def clear(self) -> None:
        """Give up all: theme, width or catalogue changed."""
        self._pictures.clear()


def sparks_every_s(span_s: float) -> float:
    """Return how long sparklines of this span may be kept: about the time in which they move by a pixel."""
    return max(_SPARKS_AT_MOST_EVERY_S, span_s / _SPARK_COLUMNS)
