"""Two engineers and a real database: a device made, changed at once by both, and deleted."""

from contextlib import ExitStack
from dataclasses import replace

import pytest
from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import QLabel, QPushButton

from console.panels.devices.devices_panel import DevicesPanel
from console.widgets.theme import LIGHT, ThemeSource
from models.queries.catalogue import load_devices
from models.queries.device_edits import change_device
from models.records.person import Role
from tests.unit.console.panels.settings.settings_parts import bridge_of

LONG_MS = 30_000
NOW = 1_800_000_000.0


@pytest.fixture
def eva(newest_site):
    return newest_site.add(Role.ADMIN, name="Eva Lind")


@pytest.fixture
def panel(qtbot, newest_site, answers):
    anna = newest_site.add(Role.USER, name="Anna Berg")
    with ExitStack() as stack:
        bridge = stack.enter_context(bridge_of(newest_site, anna, NOW))
        made = DevicesPanel(bridge, ThemeSource(LIGHT), lambda *_, **__: None, now=lambda: NOW, ask=answers)
        qtbot.addWidget(made)
        made.resize(1188, 690)
        made.show()
        yield made
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)


def stored(site):
    with site.owner.transaction() as connection:
        return load_devices(connection)


def hear(panel, site):
    """The database announces that devices are others."""
    panel.bridge.set_catalogue(stored(site))


def fill(panel):
    panel.findChild(QPushButton, "devices-add").click()
    editor = panel.editor
    for place, text in (("name", "Meter 7"), ("device_id", "METER-7")):
        editor.page.general.rows[place].target.setText(text)
    for place, text in (("type", "meter"), ("location", "Hall A")):
        editor.page.general.rows[place].target.setEditText(text)
    editor.page.form.inputs["host"].target.setText("10.0.0.7")
    model = editor.tags.table_model
    model.setData(model.index(model.add_new(), 1), "holding:10:float32")
    return editor


def save(qtbot, panel, site):
    panel.findChild(QPushButton, "device-save").click()
    qtbot.waitUntil(lambda: panel.editor.said != "Saving…", timeout=LONG_MS)
    hear(panel, site)


def test_a_device_is_made_changed_by_two_at_once_and_deleted(qtbot, panel, newest_site, eva):
    editor = fill(panel)
    save(qtbot, panel, newest_site)
    (meter,) = stored(newest_site)
    assert (meter.name, meter.connection, meter.user_id) == (
        "Meter 7",
        {"host": "10.0.0.7"},
        panel.bridge.person.id,
    )
    assert (editor.subject.stored.id, editor.is_changed) == (meter.id, False)

    editor.page.general.rows["name"].target.setText("Meter seven")
    with newest_site.signed_in(eva).transaction() as connection:
        change_device(connection, meter, replace(meter, location="Hall B"), eva)
    save(qtbot, panel, newest_site)
    assert "was changed by Eva Lind at" in editor.said
    notice = panel.findChild(QLabel, "device-notice-words")
    qtbot.waitUntil(lambda: "Eva Lind at" in notice.text(), timeout=LONG_MS)
    assert "Area Hall A → Hall B" in notice.text()
    panel.findChild(QPushButton, "device-notice-1").click()
    qtbot.waitUntil(lambda: editor.said != "Saving…", timeout=LONG_MS)
    hear(panel, newest_site)
    (meter,) = stored(newest_site)
    assert (meter.name, meter.location) == ("Meter seven", "Hall B")

    qtbot.waitUntil(lambda: len(panel.devices_list.selected()) == 1)
    panel.findChild(QPushButton, "devices-remove").click()
    qtbot.waitUntil(lambda: stored(newest_site) == [], timeout=LONG_MS)
