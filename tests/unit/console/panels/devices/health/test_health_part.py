"""How one connection does, in full, and all of them in a file."""

import csv
from array import array
from pathlib import Path

import msgspec
import openpyxl
import pytest
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QLabel, QPushButton

from console.health_export import HEADINGS, health_rows, write_table
from console.panels.devices.health.health_figures import figure_rows
from console.panels.devices.health.health_part import ConnectionTrend, HealthPart
from console.panels.devices.health.health_saver import HealthSaver
from console.panels.devices.health.wire_bytes import exchange_text
from console.widgets.theme import LIGHT, ThemeSource
from models.records.device_health import DeviceHealth, Exchange
from tests.unit.console.fake_bridge import FakeBridge
from tests.unit.console.panels.devices.health.grey_parts import HEALTH, NO_ANSWER
from tests.unit.console.panels.plant_scene import NOW


def record(bridge: FakeBridge, place: int = 0, **changes) -> DeviceHealth:
    return msgspec.structs.replace(HEALTH, device=bridge.catalogue.devices[place].id, **changes)


@pytest.fixture
def part(qtbot, bridge: FakeBridge) -> HealthPart:
    made = HealthPart(bridge, ThemeSource(), lambda: bridge.now_unix)
    qtbot.addWidget(made)
    made.resize(640, 480)
    made.show_device(bridge.catalogue.devices[0])
    made.show()
    qtbot.waitExposed(made)
    return made


def shown(part: HealthPart) -> dict[str, str]:
    labels = [label.text() for label in part.findChildren(QLabel) if not label.isHidden() and label.text()]
    grid = labels[1:]
    return dict(zip(grid[::2], grid[1::2], strict=False))


def test_figures_are_shown_as_the_station_tells_them(part: HealthPart, bridge: FakeBridge) -> None:
    bridge.set_health(record(bridge, errors={"timeout": 3}, recent_errors=b"\x03", sent_bytes=10))
    assert "half up to 4.5" in shown(part)["Round trip"]
    assert shown(part)["Errors"] == "3 errors, 3 in the last 10 min: 3 × timeout"
    assert (
        part.findChild(QLabel, "device-health-sentence").text() == "It answers; 3 errors in the last 10 min."
    )


def test_new_device_says_that_nothing_is_known(part: HealthPart) -> None:
    part.show_device(None)
    assert part.findChild(QLabel, "device-health-sentence").text().startswith("This device is not stored yet")
    assert not part.findChild(QPushButton, "device-health-grey").isEnabled()


def test_chain_opens_from_here(part: HealthPart, bridge: FakeBridge) -> None:
    bridge.set_health(record(bridge, failure=NO_ANSWER))
    dialog = part.open_chain()
    assert dialog is not None
    assert dialog.chain is not None
    assert dialog.chain.first_broken is not None


def test_nobody_who_looks_means_no_question(part: HealthPart, bridge: FakeBridge) -> None:
    bridge.device_health._look_round()
    assert len(bridge.asked) == 1
    bridge.asked.clear()
    part.hide()
    bridge.now_unix += 60
    bridge.device_health._look_round()
    assert bridge.asked == []


def test_errors_are_ticks_below_the_line(qtbot) -> None:
    trend = ConnectionTrend(ThemeSource())
    qtbot.addWidget(trend)
    trend.resize(600, 84)

    def dark(health: DeviceHealth) -> int:
        trend.show_health(health)
        picture = trend.grab().toImage()
        return sum(
            QColor(picture.pixel(x, picture.height() - 24)).lightness() < LIGHT.muted.lightness()
            for x in range(picture.width())
        )

    line = array("f", [4.0] * 60).tobytes()
    quiet = msgspec.structs.replace(HEALTH, recent=line, recent_errors=bytes(60))
    loud = msgspec.structs.replace(quiet, recent_errors=bytes(50) + b"\x09" * 10)
    assert dark(quiet) == 0
    assert dark(loud) > 50


def test_connection_of_which_nobody_tells_has_no_figures_made_up() -> None:
    assert figure_rows(None, None, {}, NOW) == (("Last good read", "none yet"),)


def test_file_lists_the_worst_first_and_leaves_unknown_cells_empty(
    tmp_path: Path, bridge: FakeBridge
) -> None:
    devices = bridge.catalogue.devices[:3]
    healths = {devices[1].id: record(bridge, 1, failure="=1+1"), devices[2].id: record(bridge, 2)}
    path = tmp_path / "health.csv"
    assert write_table(path, health_rows(devices, healths, {1: "Hall A"}, NOW)) == 3
    rows = list(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))
    assert [row["state"] for row in rows] == ["fails", "not known", "well"]
    assert [row["failure"] for row in rows] == ["'=1+1", "", ""]
    assert (rows[1]["round_trip_p50_ms"], rows[2]["round_trip_p50_ms"]) == ("", "4.5")


def test_spreadsheet_holds_the_same(tmp_path: Path, bridge: FakeBridge) -> None:
    path = tmp_path / "health.xlsx"
    write_table(path, health_rows(bridge.catalogue.devices, {}, {}, NOW))
    sheet = openpyxl.load_workbook(path).active
    assert [cell.value for cell in sheet[1]] == list(HEADINGS)
    assert sheet.max_row == 1 + len(bridge.catalogue.devices)


def test_saving_says_what_was_written(qtbot, bridge: FakeBridge, tmp_path: Path) -> None:
    button, line = QPushButton(), QLabel()
    for each in (button, line):
        qtbot.addWidget(each)
    saver = HealthSaver(bridge, button, line, lambda: NOW, lambda *_: tmp_path / "health.csv")
    saver.start()
    qtbot.waitUntil(lambda: bool(line.text()))
    assert line.text().startswith("Saved 8 devices")
    assert button.isEnabled()


def test_file_that_cannot_be_written_says_why(qtbot, bridge: FakeBridge, tmp_path: Path) -> None:
    button, line = QPushButton(), QLabel()
    for each in (button, line):
        qtbot.addWidget(each)
    saver = HealthSaver(bridge, button, line, lambda: NOW, lambda *_: tmp_path / "none" / "health.csv")
    saver.start()
    qtbot.waitUntil(lambda: line.text().startswith("The file could not be written: No such file"))


@pytest.mark.parametrize(
    ("exchange", "text"),
    [
        (Exchange(0.0, 1.0, request=b"\x01\x02", request_bytes=2), "→ 01 02\n← nothing received"),
        (
            Exchange(0.0, 1.0, response=bytes(20), response_bytes=20, request_bytes=9),
            "→ 9 bytes sent, not kept\n← 00 00 00 00 00 00 00 00  00 00 00 00 00 00 00 00\n  00 00 00 00",
        ),
    ],
)
def test_bytes_stand_in_rows_of_sixteen(exchange: Exchange, text: str) -> None:
    assert exchange_text(exchange) == text


def test_long_frames_are_cut_and_counted() -> None:
    assert exchange_text(Exchange(0.0, 1.0, request=bytes(512), request_bytes=600), 2).split("\n")[2] == (
        "  … and 568 more"
    )
