"""Where tiles and headings lie, in pixels, and which tile an arrow key leads to. Pure arithmetic, no Qt.

Only rows are stored, not tiles: a thousand devices are a few hundred rows, and what is visible is found by
bisection.
"""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from console.panels.overview.ordering import Section
from models.records.device import DeviceId


@dataclass(frozen=True, slots=True)
class GridStyle:
    """Sizes in logical pixels, from the font in use.

    Attributes:
        tile_min_width: Below this a column is given up.
        tile_base_height: Height of a tile without metrics.
        metric_height: Height that each metric adds.
        heading_height: Height of a section's heading.
        gap: Between tiles, and around them.
    """

    tile_min_width: int
    tile_base_height: int
    metric_height: int
    heading_height: int
    gap: int


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in the board's own coordinates, logical pixels."""

    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class _Row:
    y: int
    height: int
    section: int
    devices: tuple[DeviceId, ...]  # empty: the section's heading


class Grid:
    """The layout of one set of sections at one width. Immutable once made."""

    def __init__(
        self,
        sections: Sequence[Section],
        metric_counts: Mapping[DeviceId, int],
        width: int,
        style: GridStyle,
    ) -> None:
        self.sections = tuple(sections)
        self.style = style
        usable = max(1, width - style.gap)
        self.columns = max(1, usable // (style.tile_min_width + style.gap))
        self.tile_width = max(1, usable // self.columns - style.gap)
        self.width = width
        self._rows = self._make_rows(metric_counts)
        self._tops = [row.y for row in self._rows]
        self._row_of = {id: index for index, row in enumerate(self._rows) for id in row.devices}
        last = self._rows[-1] if self._rows else None
        self.height = last.y + last.height + style.gap if last else 0
        self.order: tuple[DeviceId, ...] = tuple(id for row in self._rows for id in row.devices)

    def box_of(self, id: DeviceId) -> Box | None:
        """Return where a device's tile lies, None where it is not on the board."""
        index = self._row_of.get(id)
        if index is None:
            return None
        row = self._rows[index]
        return self._tile_box(row, row.devices.index(id))

    def device_at(self, x: int, y: int) -> DeviceId | None:
        """Return the device whose tile covers a point of the board."""
        index = bisect_right(self._tops, y) - 1
        if index < 0:
            return None
        row = self._rows[index]
        for column, id in enumerate(row.devices):
            box = self._tile_box(row, column)
            if box.x <= x < box.x + box.width and box.y <= y < box.y + box.height:
                return id
        return None

    def tiles_between(self, top: int, bottom: int) -> list[tuple[DeviceId, Box]]:
        """Return the tiles that touch [top, bottom), with their boxes, in reading order."""
        return [
            (id, self._tile_box(row, column))
            for row in self._visible(top, bottom)
            for column, id in enumerate(row.devices)
        ]

    def headings_between(self, top: int, bottom: int) -> list[tuple[Section, Box]]:
        """Return the headings that touch [top, bottom), with their boxes."""
        gap = self.style.gap
        return [
            (self.sections[row.section], Box(gap, row.y, self.width - 2 * gap, row.height))
            for row in self._visible(top, bottom)
            if not row.devices
        ]

    def shows_area(self, id: DeviceId) -> bool:
        """Tell whether a device's tile names its area because its section's heading does not."""
        index = self._row_of.get(id)
        return index is not None and self.sections[self._rows[index].section].shows_area

    def neighbour(self, id: DeviceId | None, right: int, down: int) -> DeviceId | None:
        """Return the device that arrow keys lead to; stays at the board's edges.

        Args:
            id: Where the focus is; None or no longer on the board: the first tile.
            right: Tiles to the right, in reading order across row ends; negative = left.
            down: Rows of tiles down, headings skipped, in the same column; negative = up.
        """
        if not self.order:
            return None
        if id is None or id not in self._row_of:
            return self.order[0]
        if right:
            index = self.order.index(id) + right
            return self.order[min(max(index, 0), len(self.order) - 1)]
        tile_rows = [row for row in self._rows if row.devices]
        row = self._rows[self._row_of[id]]
        column = row.devices.index(id)
        target = tile_rows[min(max(tile_rows.index(row) + down, 0), len(tile_rows) - 1)]
        return target.devices[min(column, len(target.devices) - 1)]

    def _make_rows(self, metric_counts: Mapping[DeviceId, int]) -> list[_Row]:
        rows: list[_Row] = []
        y = 0
        style = self.style
        for number, section in enumerate(self.sections):
            rows.append(_Row(y, style.heading_height, number, ()))
            y += style.heading_height
            for start in range(0, len(section.devices), self.columns):
                members = section.devices[start : start + self.columns]
                most = max(metric_counts.get(id, 0) for id in members)
                height = style.tile_base_height + most * style.metric_height
                rows.append(_Row(y, height, number, members))
                y += height + style.gap
        return rows

    def _visible(self, top: int, bottom: int) -> list[_Row]:
        first = max(0, bisect_right(self._tops, top) - 1)
        last = bisect_right(self._tops, bottom - 1)
        return [row for row in self._rows[first:last] if row.y + row.height > top]

    def _tile_box(self, row: _Row, column: int) -> Box:
        style = self.style
        return Box(style.gap + column * (self.tile_width + style.gap), row.y, self.tile_width, row.height)
