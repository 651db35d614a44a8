from hypothesis import given
from hypothesis import strategies as st

from console.panels.overview.grid import Grid, GridStyle
from console.panels.overview.ordering import Section
from models.records.device import DeviceId

STYLE = GridStyle(tile_min_width=300, tile_base_height=56, metric_height=22, heading_height=34, gap=10)


def make_grid(sizes: list[int], width: int, metrics: int = 4) -> Grid:
    ids = iter(range(1, sum(sizes) + 1))
    sections = [
        Section(f"Area {n}", tuple(DeviceId(next(ids)) for _ in range(size)), None, False)
        for n, size in enumerate(sizes)
    ]
    return Grid(sections, {DeviceId(id): id % (metrics + 1) for id in range(1, sum(sizes) + 1)}, width, STYLE)


@given(
    sizes=st.lists(st.integers(1, 30), min_size=1, max_size=6),
    width=st.integers(100, 4000),
    top=st.integers(0, 4000),
)
def test_every_tile_is_found_where_it_lies_and_none_overlap(sizes, width, top):
    grid = make_grid(sizes, width)
    boxes = {id: grid.box_of(id) for id in grid.order}

    assert len(boxes) == sum(sizes)
    assert all(grid.device_at(box.x, box.y) == id for id, box in boxes.items())
    assert all(box.x + box.width <= max(width, box.width + STYLE.gap) for box in boxes.values())
    visible = {id for id, _ in grid.tiles_between(top, top + 700)}
    assert visible == {id for id, box in boxes.items() if box.y + box.height > top and box.y < top + 700}


def test_tiles_of_a_row_are_equally_high():
    grid = make_grid([9], 1000)

    rows: dict[int, set[int]] = {}
    for id in grid.order:
        rows.setdefault(grid.box_of(id).y, set()).add(grid.box_of(id).height)
    assert grid.columns == 3
    assert all(len(heights) == 1 for heights in rows.values())


def test_arrows_move_by_tile_and_by_row_across_headings_and_stop_at_the_edges():
    grid = make_grid([4, 2], 1000)

    assert grid.neighbour(None, 1, 0) == 1
    assert grid.neighbour(DeviceId(3), 1, 0) == 4
    assert grid.neighbour(DeviceId(2), 0, 1) == 4
    assert grid.neighbour(DeviceId(4), 0, 1) == 5
    assert grid.neighbour(DeviceId(6), 0, 5) == 6
    assert grid.neighbour(DeviceId(1), -1, 0) == 1


def test_a_wide_screen_gets_more_columns_not_wider_gaps():
    assert [make_grid([50], width).columns for width in (1120, 1440, 3600)] == [3, 4, 11]
