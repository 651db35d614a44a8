"""A site with the most signals there may be: what offers them stays usable, and no screen grows by them."""

from dataclasses import replace

import pytest
from PySide6.QtWidgets import QComboBox, QLineEdit, QListView, QTableView, QWidget

from console.panels.devices.devices_panel import DevicesPanel
from console.panels.devices.tags_model import Column
from console.panels.limits.limit_filter_bar import LimitFilterBar
from console.panels.overview.overview_panel import OverviewPanel
from console.panels.trends.trends_panel import TrendsPanel
from console.widgets.theme import LIGHT, ThemeSource
from models.metrics import METRICS
from models.quantities import Quantities
from models.records.device import Tag
from models.records.signal import MOST_SIGNALS, Signal, SignalId

SIGNALS = tuple(
    Signal(
        f"signal_{n:04}", f"Signal {n:04} {'W' * 60}", "m³/h", 1, (0.0, 500.0), (0.0, 50.0), SignalId(n + 1)
    )
    for n in range(MOST_SIGNALS)
)
QUANTITIES = Quantities(SIGNALS)


@pytest.fixture
def bridge(bridge):
    """Each device measures the six and a share of the thousand; the first measures 200."""
    devices = list(bridge.catalogue.devices)
    share = MOST_SIGNALS // len(devices)
    many = []
    for number, device in enumerate(devices):
        mine = SIGNALS[:200] if number == 0 else SIGNALS[number * share : (number + 1) * share]
        tags = tuple(Tag(one.key, f"holding:{4000 + at}:uint16") for at, one in enumerate(mine))
        many.append(replace(device, tags=(*device.tags, *tags)))
    bridge.set_catalogue(many, (), QUANTITIES)
    return bridge


def test_a_device_of_two_hundred_signals_is_a_tile_like_any_other(show, bridge):
    panel = show(OverviewPanel, bridge)
    with_many = panel.board.sizeHint(), panel.board.grid.order
    assert not panel.grab().isNull()
    plain = [replace(device, tags=device.tags[: len(METRICS)]) for device in bridge.catalogue.devices]
    bridge.set_catalogue(plain, (), Quantities(()))
    assert (panel.board.sizeHint(), panel.board.grid.order) == with_many


def test_one_of_a_thousand_is_found_among_the_pens(show, bridge):
    panel = show(TrendsPanel, bridge)
    pens = panel.findChild(QListView, "trends-pens").model()
    everything = pens.rowCount()
    panel.findChild(QLineEdit, "trends-search").setText("signal 0042")
    found = [pens.index(row, 0).data() for row in range(pens.rowCount())]
    assert everything > MOST_SIGNALS
    assert len(found) == sum(
        any(tag.metric == "signal_0042" for tag in device.tags) for device in bridge.catalogue.devices
    )
    assert all("Signal 0042" in label for label in found)


def test_limits_are_narrowed_to_any_of_them_in_the_same_room(qtbot):
    window = QWidget()
    qtbot.addWidget(window)
    bar = LimitFilterBar(window, window)
    width = bar.minimumSizeHint().width()
    bar.offer(QUANTITIES)
    assert bar.findChild(QComboBox, "limits-metric").count() == 1 + len(METRICS) + MOST_SIGNALS
    assert bar.minimumSizeHint().width() == width


def test_a_tag_is_bound_to_any_of_them(qtbot, bridge, answers):
    panel = DevicesPanel(
        bridge, ThemeSource(LIGHT), lambda *_, **__: None, now=lambda: bridge.now_unix, ask=answers
    )
    qtbot.addWidget(panel)
    panel.show()
    panel.show_device(bridge.catalogue.devices[0].id)
    qtbot.waitUntil(lambda: panel.editor.subject is not None)
    panel.editor.show_part("tags")
    table = panel.editor.findChild(QTableView, "tags-table")
    model = panel.editor.tags.table_model
    last = model.index(model.rowCount() - 1, Column.QUANTITY)
    table.setCurrentIndex(last)
    table.edit(last)
    box = table.findChild(QComboBox, "tag-quantity")
    assert box.findData(SIGNALS[-1].key) == len(METRICS) + MOST_SIGNALS - 1
    assert box.width() <= table.columnWidth(Column.QUANTITY) + 2
