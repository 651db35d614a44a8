"""What a device runs and what became of its updates, on its face."""

from dataclasses import replace

import pytest
from PySide6.QtWidgets import QWidget

from console.catalogue.rollout_history import NEVER_UPDATED, updates_of
from console.panels.device_face.device_firmware import AskUpdates
from console.panels.device_face.device_panel import DevicePanel
from console.panels.firmware.pictured import pictured_heads, pictured_rollout
from models.records.device import DeviceId
from tests.unit.console.panels.plant_scene import NOW

DEVICES = [DeviceId(number) for number in range(1, 25)]
HEADS = pictured_heads(DEVICES, NOW)
ALL = pictured_rollout("completed", DEVICES, NOW).deployments
DONE, FAILED = ALL[0], next(one for one in ALL if one.error)


def updates(*history):
    return updates_of([replace(one, rollout=HEADS[4].id) for one in history], HEADS)


@pytest.fixture
def panel(show, bridge) -> DevicePanel:
    return show(DevicePanel, bridge)


@pytest.fixture
def tell(bridge):
    """Answer what is asked about firmware; nothing else is of interest here."""

    def answer(told) -> None:
        asked = [one for one in bridge.asked if isinstance(one.what, AskUpdates)]
        bridge.asked.clear()
        asked[-1].on_done(told)

    return answer


def seen(panel) -> list[str]:
    section = panel.findChild(QWidget, "device-firmware")
    parts = [section.layout().itemAt(place).widget() for place in range(section.layout().count())]
    return [one.text() for one in parts if one.isVisibleTo(section) and one.objectName()]


def test_a_device_that_no_rollout_reached_says_so(panel, tell):
    tell(updates())

    assert seen(panel) == [NEVER_UPDATED]


def test_what_runs_and_what_became_of_each_update_is_told_newest_first(panel, tell):
    done = replace(DONE, observed_version="2.0.3", from_version="2.0.1", completed_at=None)
    tell(updates(FAILED, done))
    running, *rows = seen(panel)

    assert running == "Runs 2.0.3"
    assert [row for row in rows if "→" in row] == [
        "2.0.3 → 2.0.3: timed out: It did not come back within 5 min after its restart.",
        "2.0.1 → 2.0.3: updated",
    ]
    assert all(row.endswith("· Drives 2.0.3") for row in rows if "→" not in row)


def test_many_updates_are_counted(panel, tell):
    tell(updates(*[DONE] * 9))

    assert sum("→" in row for row in seen(panel)) == 6
    assert seen(panel)[-1] == "and 3 earlier updates"


def test_news_of_rollouts_are_asked_for_while_the_device_is_seen(qtbot, panel, bridge, tell):
    tell(updates())
    bridge.firmware_changed.emit()
    bridge.firmware_changed.emit()
    qtbot.waitUntil(lambda: any(isinstance(one.what, AskUpdates) for one in bridge.asked))
    tell(updates(DONE))

    assert any("→" in row for row in seen(panel))


def test_another_device_never_wears_the_firmware_of_the_one_before(panel, bridge, tell):
    tell(updates(DONE))
    late = AskUpdates(panel.device)
    panel.show_device(DeviceId(panel.device % 20 + 1))

    assert seen(panel) == ["Loading…"]
    assert [one.what for one in bridge.asked if isinstance(one.what, AskUpdates)] != [late]
