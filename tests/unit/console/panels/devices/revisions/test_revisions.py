"""The history of a device in the window, and the undoing of changes, on a bridge fed by hand."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from PySide6.QtWidgets import QWidget

from console.bridge.device_bulk import RestoreDevice, UndoChange
from console.catalogue.device_outcomes import UndoDone
from console.panels.devices.revisions.changes_dialog import ChangesDialog
from console.panels.devices.revisions.revision_words import history_of, way_back
from console.panels.devices.revisions.revisions_dialog import RevisionsDialog
from models.records.device import Device, DeviceId, Tag
from models.records.device_revision import BatchId, DeviceBatch, DeviceRevision, RevisionAction
from models.records.threshold import DEVICE_METRIC, RuleKind, Severity, Threshold, ThresholdId
from tests.unit.console.panels.plant_scene import NOW

SEALED = {"$sealed": {"key": "0" * 32, "nonce": "A" * 16, "data": "A" * 24}}
NOW_AT = datetime.fromtimestamp(NOW, UTC)
OVEN = Device(
    DeviceId(5),
    "E1",
    "Oven",
    "oven",
    "Hall A",
    "modbus-tcp",
    {"host": "h", "unit": 1},
    1.0,
    (Tag("rpm", "holding:1"),),
)


def revision(number, configuration, action=RevisionAction.CHANGED, author="Eva Lind"):
    at = NOW_AT - timedelta(days=10 - number)
    return DeviceRevision(DeviceId(5), number, BatchId(number), at, action, configuration, 1, author)


HISTORY = history_of(
    (
        revision(3, OVEN, author="Ole Berg"),
        revision(2, replace(OVEN, location="Hall B", connection={"host": "h", "unit": 1, "timeout_s": 2.0})),
        revision(1, replace(OVEN, name="Old oven", location="Hall B"), RevisionAction.ADDED),
    )
)


@pytest.fixture
def dialog(bridge, window, answers):
    made = RevisionsDialog(OVEN, bridge, lambda: NOW, answers, window, may_restore=True)
    made.open()
    bridge.answer_next(HISTORY)
    return made


def part(dialog, name):
    found = dialog.findChild(QWidget, f"{dialog.objectName()}-{name}")
    assert found is not None, name
    return found


def test_every_revision_says_who_and_what(dialog):
    model = dialog.table_model
    rows = [[model.index(row, column).data() for column in (0, 2, 3)] for row in range(model.rowCount())]

    assert rows == [
        ["3", "Ole Berg", "Area Hall B → Hall A, Time-out 2 s → 1 s"],
        ["2", "Eva Lind", "Name Old oven → Oven, Time-out 1 s → 2 s"],
        ["1", "Eva Lind", "Added"],
    ]


def test_the_consequence_is_told_before_a_revision_comes_back(dialog, bridge, answers):
    part(dialog, "table").selectRow(2)
    assert part(dialog, "back").toPlainText() == "Name Oven → Old oven\nArea Hall A → Hall B"

    part(dialog, "restore").click()

    ((consequence, verb, lines),) = answers.asked
    assert "as in revision 1 again" in consequence
    assert verb == "Restore revision 1"
    assert lines == ["Name Oven → Old oven", "Area Hall A → Hall B"]
    assert bridge.commanded[0].what == RestoreDevice(DeviceId(5), 1, 3)
    bridge.commanded[0].on_done(BatchId(9))
    assert "as in revision 1" in part(dialog, "said").text()


def test_nothing_is_restored_without_a_yes_and_the_newest_offers_nothing(dialog, bridge, answers):
    assert not part(dialog, "restore").isEnabled()
    answers.wanted = False
    part(dialog, "table").selectRow(1)

    part(dialog, "restore").click()

    assert bridge.commanded == []


def test_whoever_was_faster_is_named(dialog, bridge):
    part(dialog, "table").selectRow(1)
    part(dialog, "restore").click()

    bridge.commanded[0].on_failed("E1 was changed by Ole at 12:00, after you had read it.")

    assert "changed by Ole" in part(dialog, "said").text()
    assert len(bridge.asked) == 1


def test_whoever_may_not_change_it_only_looks(bridge, window, answers):
    made = RevisionsDialog(OVEN, bridge, lambda: NOW, answers, window, may_restore=False)
    made.open()
    bridge.answer_next(HISTORY)

    assert part(made, "restore").isHidden()


def test_a_secret_is_never_shown():
    typed = replace(OVEN, connection={"host": "h", "password": SEALED})
    history = history_of((revision(2, typed), revision(1, OVEN)))

    assert history.rows[0].text == "password none → a secret"
    assert way_back(history, history.rows[1].revision) == ["password a secret → none"]


def test_limits_are_part_of_what_changed_and_of_the_way_back():
    hot = Threshold(ThresholdId(0), DeviceId(5), "temperature", None, 70.0, Severity.WARNING)
    silent = replace(hot, metric=DEVICE_METRIC, max_value=None, rule=RuleKind.OFFLINE)
    before = replace(revision(1, OVEN), limits=(hot,))
    history = history_of((replace(revision(2, OVEN), limits=(replace(hot, max_value=80.0), silent)), before))

    way = way_back(history, before)

    assert history.rows[0].text.startswith("Limit Temperature warning, ")
    assert way[0] == "Limit Temperature warning, Maximum 80 °C → 70 °C"
    assert way[1].startswith("Device offline warning ")


def test_a_removed_device_comes_back():
    history = history_of((revision(2, OVEN, RevisionAction.REMOVED), revision(1, OVEN, RevisionAction.ADDED)))

    assert history.rows[0].text == "Removed"
    assert way_back(history, history.rows[1].revision) == ["The device comes back, with its history."]


def test_a_change_is_taken_back_and_the_rest_where_somebody_was_faster(bridge, window, answers):
    made = ChangesDialog(bridge, lambda: NOW, answers, window, may_undo=True)
    made.open()
    recorded = DeviceBatch(BatchId(1), NOW_AT, "", recorded=24)
    bridge.answer_next((DeviceBatch(BatchId(9), NOW_AT, "Eva Lind", 12, 3), recorded))
    assert made.table_model.index(0, 3).data() == "12 added, 3 changed"

    part(made, "undo").click()
    assert "12 devices will be gone" in answers.asked[0][0]
    assert bridge.commanded[0].what == UndoChange(BatchId(9))
    bridge.commanded[0].on_failed("1 device was changed since, so nothing was taken back:\nP-1 …")
    part(made, "rest").click()
    assert bridge.commanded[1].what == UndoChange(BatchId(9), is_partial=True)
    bridge.commanded[1].on_done(UndoDone(("P-2",), ("P-1 was changed by Ole.",), BatchId(10)))

    assert "Left alone: P-1 was changed by Ole." in part(made, "said").text()
    part(made, "table").selectRow(1)
    assert not part(made, "undo").isEnabled()
