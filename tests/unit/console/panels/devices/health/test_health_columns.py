"""The columns of the list of devices that say how connections do."""

import msgspec
import pytest

from console.panels.devices.device_columns import COLUMNS, DeviceColumn
from console.panels.devices.device_rows import DeviceRow, rows_of
from console.panels.devices.devices_panel import DevicesPanel
from console.panels.devices.editor_parts import EDITOR_PARTS
from console.panels.devices.health.health_columns import health_columns
from models.records.device_health import DeviceHealth
from tests.unit.console.fake_bridge import FakeBridge
from tests.unit.console.panels.devices.health.grey_parts import HEALTH
from tests.unit.console.panels.plant_scene import NOW


@pytest.fixture
def columns() -> dict[str, DeviceColumn]:
    return {column.key: column for column in health_columns(lambda: {1: "Hall A"})}


def rows(bridge: FakeBridge, *healths: DeviceHealth) -> list[DeviceRow]:
    devices = bridge.catalogue.devices[: len(healths) + 1]
    told = {
        device.id: msgspec.structs.replace(health, device=device.id)
        for device, health in zip(devices[1:], healths, strict=True)
    }
    return rows_of(devices, bridge.live, NOW, lambda _device: True, told)


def test_cells_say_what_the_station_tells(bridge: FakeBridge, columns) -> None:
    errors = msgspec.structs.replace(HEALTH, errors={"timeout": 3}, recent_errors=b"\x03", sent_bytes=9)
    unknown, told = rows(bridge, errors)
    texts = {key: column.text(told).replace("\N{NO-BREAK SPACE}", " ") for key, column in columns.items()}
    assert texts == {
        "round-trip": "4.5 ms · 31 ms",
        "errors": "3",
        "last-10-min": "",
        "rate": "0 B/s",
        "polled-by": "Hall A",
    }
    assert {column.text(unknown) for column in columns.values()} == {"–", ""}


def test_sorting_puts_the_worst_first_and_the_unknown_last(bridge: FakeBridge, columns) -> None:
    slow = msgspec.structs.replace(HEALTH, round_trip_p99_ms=900.0)
    failing = msgspec.structs.replace(HEALTH, recent_errors=b"\x09")
    unknown, one, two = rows(bridge, slow, failing)
    assert sorted((unknown, two, one), key=columns["round-trip"].rank) == [one, two, unknown]
    assert sorted((unknown, one, two), key=columns["errors"].rank) == [two, one, unknown]


def test_errors_are_told_by_kind_in_the_tip(bridge: FakeBridge, columns) -> None:
    _, told = rows(bridge, msgspec.structs.replace(HEALTH, errors={"timeout": 3, "refusal": 1}))
    assert columns["errors"].cell_tip(told).endswith("3 × timeout, 1 × refusal")


def test_screen_follows_what_the_station_tells(qtbot, show, bridge: FakeBridge, columns) -> None:
    panel = show(DevicesPanel, bridge)
    device = bridge.catalogue.devices[0]
    model = panel.devices_list.table_model
    assert [column.key for column in model.columns][len(COLUMNS) :] == list(columns)
    assert "health" in [part.key for part in EDITOR_PARTS]
    bridge.set_health(msgspec.structs.replace(HEALTH, device=device.id, recent_errors=b"\x07"))
    errors = len(COLUMNS) + 1
    qtbot.waitUntil(
        lambda: model.index(model.row_of(device.id), errors).data() == "7",
    )


def test_sparkline_is_painted_in_its_column(qtbot, show, bridge: FakeBridge) -> None:
    from array import array

    panel = show(DevicesPanel, bridge, 1600, 900)
    device = bridge.catalogue.devices[0]
    line = array("f", [4.0, 4.5] * 30).tobytes()
    before = panel.grab().toImage()
    bridge.set_health(msgspec.structs.replace(HEALTH, device=device.id, recent=line, recent_errors=bytes(60)))
    qtbot.waitUntil(lambda: panel.devices_list.table_model.all_rows[0].health is not None)
    assert panel.grab().toImage() != before
