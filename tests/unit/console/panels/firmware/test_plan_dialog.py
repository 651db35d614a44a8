"""A plan in the making: what is listed is what is kept."""

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QCheckBox, QLabel, QLineEdit, QPushButton, QSpinBox, QTableView, QWidget

from console.bridge.rollout_commands import SavePlan
from console.catalogue.rollout_acts import Act
from console.panels.firmware.firmware_questions import AskPlan, PlanDraft
from console.panels.firmware.pictured_versions import pictured_draft, pictured_versions
from console.panels.firmware.plan_desk import NONE_RELEASED, PlanDesk, start_of
from console.panels.firmware.plan_dialog import PlanDialog, PlanStart
from console.panels.firmware.rollout_orders import RolloutOrders
from console.widgets.theme import LIGHT, ThemeSource
from models.firmware.manifest import manifest_from_bytes
from models.records.firmware import VersionStatus
from models.records.person import Person, Role
from models.records.rollout import PlanSettings
from tests.unit.console.fake_bridge import FakeBridge
from tests.unit.console.panels.firmware.firmware_scene import DEVICES, rollout
from tests.unit.console.panels.plant_scene import NOW, fill

VERSIONS = tuple(row.version for row in pictured_versions(NOW).rows)
RELEASED = [one for one in VERSIONS if one.status is VersionStatus.RELEASED]


@pytest.fixture
def bridge(qtbot) -> FakeBridge:
    made = FakeBridge(NOW)
    fill(made, 24, seconds=2, has_alerts=False)
    return made


@pytest.fixture
def window(qtbot) -> QWidget:
    made = QWidget()
    qtbot.addWidget(made)
    made.show()
    return made


@pytest.fixture
def themes() -> ThemeSource:
    made = ThemeSource()
    made.use(LIGHT)
    return made


@pytest.fixture
def dialog(bridge, themes, window) -> PlanDialog:
    """A plan whose devices are listed."""
    made = PlanDialog(PlanStart(VERSIONS), bridge, themes, window)
    made.open()
    bridge.answer_next(pictured_draft(DEVICES, NOW))
    return made


def field(dialog, name: str) -> QLineEdit:
    return dialog.findChild(QLineEdit, name)


def said(dialog, name: str) -> str:
    return dialog.findChild(QLabel, name).text()


def keep(dialog) -> list[bool]:
    heard: list[bool] = []
    dialog.submitted.connect(lambda: heard.append(True))
    QTest.mouseClick(dialog.findChild(QPushButton, "rollout-plan-dialog-go"), Qt.MouseButton.LeftButton)
    return heard


def test_every_device_is_listed_with_its_wave_or_the_reason_why_it_is_out(dialog):
    model = dialog.findChild(QTableView, "plan-devices").model()
    rows = [[model.index(row, column).data() for column in (0, 2, 3)] for row in range(model.rowCount())]

    assert said(dialog, "plan-summary") == "20 devices in 3 waves, 4 left out"
    assert rows[0][1:] == ["1", "canary of drive-a, hardware A1"]
    assert rows[-4][1:] == ["out", "it runs 2.1.0 already"]


def test_a_change_plans_anew_and_nothing_old_can_be_kept(qtbot, dialog, bridge):
    field(dialog, "plan-name").setText("Drives")
    dialog.findChild(QSpinBox, "plan-canaries").setValue(4)
    assert dialog.draft is None
    assert keep(dialog) == []
    assert "still being planned" in said(dialog, "rollout-plan-dialog-said")
    qtbot.waitUntil(lambda: bool(bridge.asked))

    question = bridge.asked[0].what
    assert isinstance(question, AskPlan)
    assert (question.settings.canaries, len(question.devices)) == (4, 24)


def test_an_answer_to_former_settings_is_not_listed(qtbot, dialog, bridge):
    dialog.findChild(QSpinBox, "plan-canaries").setValue(4)
    qtbot.waitUntil(lambda: bool(bridge.asked))
    dialog.findChild(QSpinBox, "plan-canaries").setValue(5)
    bridge.answer_next(pictured_draft(DEVICES, NOW))

    assert dialog.draft is None


def test_what_is_listed_is_what_is_kept(dialog):
    field(dialog, "plan-name").setText("  Drives ")
    dialog.findChild(QCheckBox, "plan-submit").setChecked(False)
    listed = dialog.draft.plan

    assert keep(dialog) == [True]
    assert dialog.command() == SavePlan(None, "Drives", listed, is_submitted=False)


def test_a_plan_without_a_name_is_not_kept(dialog):
    assert keep(dialog) == []
    assert said(dialog, "plan-name-below") == "Give it a name."


@pytest.mark.parametrize(
    ("name", "typed", "fault"),
    [
        ("plan-sizes", "half", "'half' is no size of a wave"),
        ("plan-window", "at night", "'at night' is no window; write 22:00-05:00"),
        ("plan-ratio", "0.5", "0.5 is outside of 1 to 100"),
        ("plan-p", "x", "'x' is not a number. Write 1e-06 to 0.5."),
        ("plan-limits", "warmth 2", "Nothing measured here is called 'warmth'"),
    ],
)
def test_what_cannot_be_read_is_said_below_its_field(qtbot, dialog, name, typed, fault):
    field(dialog, "plan-name").setText("Drives")
    field(dialog, name).setText(typed)

    assert keep(dialog) == []
    assert fault in said(dialog, f"{name}-below")


def test_an_impossible_plan_lists_why_everything_is_out(dialog, bridge, qtbot):
    field(dialog, "plan-name").setText("Drives")
    dialog.findChild(QSpinBox, "plan-canaries").setValue(4)
    qtbot.waitUntil(lambda: bool(bridge.asked))
    out = tuple(replace(one, wave=None) for one in pictured_draft(DEVICES, NOW).devices)
    bridge.answer_next(PlanDraft(None, "No device is left for 2.1.0+drive-a.", out))

    assert keep(dialog) == []
    assert said(dialog, "rollout-plan-dialog-said") == "No device is left for 2.1.0+drive-a."
    assert dialog.findChild(QTableView, "plan-devices").model().rowCount() == 24


def test_an_engineer_plans_with_their_own_devices_only(bridge, themes, window):
    engineer = Person(7, "Uwe", "uwe@example.org", Role.USER)
    bridge.set_person(engineer)
    devices = bridge.catalogue.devices
    bridge.set_catalogue([replace(devices[0], user_id=7), *devices[1:]])
    PlanDialog(PlanStart(VERSIONS), bridge, themes, window)

    assert [device.user_id for device in bridge.asked[-1].what.devices] == [7]


def test_settings_come_back_as_they_were(bridge, themes, window):
    settings = rollout("draft").rollout.plan.settings
    dialog = PlanDialog(PlanStart(VERSIONS, settings), bridge, themes, window)

    assert bridge.asked[-1].what.settings == settings
    assert PlanDialog(PlanStart(VERSIONS), bridge, themes, window) is not dialog
    assert bridge.asked[-1].what.settings == PlanSettings()


def test_taking_back_offers_other_versions_of_the_product_and_what_it_changed():
    older = replace(RELEASED[0], id=77, version="2.0.0+drive-a")
    wanted = (Act.TAKE_BACK, replace_version(rollout("completed"), RELEASED[0].id))
    start = start_of(wanted, [*RELEASED, older])

    assert isinstance(start, PlanStart)
    assert (start.versions, start.undoes) == ((older,), wanted[1].rollout.id)
    assert start_of(wanted, RELEASED) == "There is no other released version for drive-a to go back to."


def replace_version(now, version_id):
    return replace(now, rollout=replace(now.rollout, version_id=version_id))


def test_without_a_released_version_nothing_is_planned(bridge, themes, window):
    orders = RolloutOrders(bridge, themes, window)
    heard: list[str] = []
    orders.said.connect(heard.append)
    desk = PlanDesk(bridge, themes, orders, window)
    desk.plan(None)
    now = pictured_versions(NOW)
    bridge.answer_next(
        replace(now, rows=tuple(row for row in now.rows if row.version.status is VersionStatus.DRAFT))
    )

    assert (heard, desk.dialog) == ([NONE_RELEASED], None)


def test_pictured_versions_have_manifests_that_a_plan_can_read():
    read = [manifest_from_bytes(one.manifest) for one in VERSIONS]

    assert [one.full_version for one in read] == [one.version for one in VERSIONS]


def test_an_answer_to_an_older_question_does_not_replace_what_is_listed(bridge, dialog):
    listed = pictured_draft(DEVICES, NOW)
    asked = bridge.asked[:]
    dialog.show_draft(listed)
    for one in asked:
        one.on_done(PlanDraft(None, "Too late.", ()))

    assert dialog.draft is listed
