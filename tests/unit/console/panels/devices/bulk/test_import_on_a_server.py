"""A file of devices through the dialog, the worker and a real server, and back again."""

import time

import pytest
from PySide6.QtWidgets import QPushButton, QWidget

from console.panels.devices.bulk.import_dialog import ImportDialog
from console.widgets.theme import LIGHT, ThemeSource
from models.queries.catalogue import load_devices
from models.records.person import Role
from tests.unit.console.panels.settings.settings_parts import bridge_of

HEADER = (
    "device_id,name,type,location,driver,host,unit,period_s,metric,address,scale,warning.max,critical.max"
)
METRICS = ("temperature", "humidity", "pressure", "vibration", "power_consumption", "rpm")
LONG_MS = 60_000


def rows(count, area):
    return [
        f"D-{number:03},Drive {number},drive,{area},modbus-tcp,10.0.{number // 250}.{number % 250},1,1,"
        f"{metric},holding:{100 + 2 * place}:float32,0.1,{'70,90' if place == 0 else ','}"
        for number in range(count)
        for place, metric in enumerate(METRICS)
    ]


@pytest.fixture
def admin(newest_site):
    return newest_site.add(Role.ADMIN, "eva@example.org", "Eva Lind")


@pytest.fixture
def run(qtbot, newest_site, admin, tmp_path):
    themes = ThemeSource()
    themes.use(LIGHT)
    window = QWidget()
    qtbot.addWidget(window)
    window.show()
    with bridge_of(newest_site, admin, time.time()) as bridge:

        def opened(lines):
            path = tmp_path / "plant.csv"
            path.write_text("\n".join((HEADER, *lines)), encoding="utf-8")
            dialog = ImportDialog(path, bridge, themes, window)
            dialog.open()
            qtbot.waitUntil(lambda: bool(dialog.plan.devices), timeout=LONG_MS)
            return dialog

        yield opened


def stored(site):
    with site.owner.transaction() as connection:
        return {device.device_id: device for device in load_devices(connection)}


def press(dialog):
    button = dialog.findChild(QPushButton, "devices-import-go")
    assert button.isEnabled()
    button.click()
    return button


def test_a_file_is_compared_stored_and_taken_back(qtbot, run, newest_site):
    dialog = run(rows(3, "Hall A"))

    button = press(dialog)
    qtbot.waitUntil(lambda: button.text() == "Undo this import", timeout=LONG_MS)
    assert len(stored(newest_site)) == 3

    press(dialog)
    qtbot.waitUntil(lambda: not stored(newest_site), timeout=LONG_MS)


@pytest.mark.slow
def test_five_hundred_devices_of_six_tags_are_compared_in_3_s_and_stored_in_5_s(qtbot, run, newest_site):
    began = time.perf_counter()
    dialog = run(rows(500, "Hall A"))
    compared = time.perf_counter()
    button = press(dialog)
    qtbot.waitUntil(lambda: button.text() == "Undo this import", timeout=LONG_MS)
    ended = time.perf_counter()

    assert len(stored(newest_site)) == 500
    assert compared - began <= 3.0
    assert ended - compared <= 5.0
