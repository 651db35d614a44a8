"""Keeps the pictures of tiles near the visible part of the board, and says which are worth drawing again."""

from collections import OrderedDict
from dataclasses import dataclass

from PySide6.QtGui import QPixmap

from console.panels.overview.tile_face import TileFace
from models.records.device import DeviceId

SPARKS_EVERY_S = 10.0
"""Ten minutes on sixty pixels move by one pixel in this time."""

DIGITS_EVERY_S = 0.95
"""Digits change at most once a second; a little less, so that no value of a one-second poll is skipped."""


@dataclass(slots=True)
class TilePicture:
    """What was last drawn of one tile.

    Attributes:
        drawn_unix, sparks_unix: When content and sparklines were drawn, Unix seconds.
    """

    face: TileFace
    content: QPixmap
    sparks: QPixmap
    drawn_unix: float
    sparks_unix: float


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
