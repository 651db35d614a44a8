"""Firmware from the signed file to a rollout that goes on after a halt, and its report, by keyboard alone."""

import hashlib
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLabel, QPushButton, QTableView, QTabWidget

from models.firmware.signing import texts_from_signatures
from models.records.firmware import VersionStatus
from models.records.rollout import RolloutState, WaveState
from tests.account_parts import Site
from tests.firmware_parts import IMAGE, RELEASE_KEY, signed
from tests.flow.firmware_desk import Plant, desks

Key, Modifier = Qt.Key, Qt.KeyboardModifier
VERSION = "2.1.0+drive-a"


@pytest.fixture
def plant(newest_site: Site) -> Plant:
    return Plant(newest_site)


@pytest.fixture
def open_desk(qtbot, qapp, database_url: str, tmp_path: Path) -> Iterator:
    with desks(qtbot, database_url, tmp_path) as opened:
        yield opened


@pytest.fixture
def image(tmp_path: Path) -> Path:
    """What came from the release computer."""
    file = tmp_path / "drive-a.bin"
    file.write_bytes(IMAGE)
    data, signatures = signed(
        RELEASE_KEY,
        minimum_from="",
        sha256=hashlib.sha256(IMAGE).digest(),
        expires_at=datetime.now(UTC).replace(microsecond=0) + timedelta(days=30),
    )
    file.with_name(f"{file.name}.manifest").write_bytes(data)
    file.with_name(f"{file.name}.manifest.sig").write_text(json.dumps(texts_from_signatures(signatures)))
    return file


# The offscreen plugin's own words for what a window manager does.
@pytest.mark.qt_log_ignore("This plugin does not support", extend=True)
def test_firmware_goes_from_its_file_to_the_end_of_a_rollout_by_keyboard_alone(
    plant: Plant, open_desk, image: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    engineer, admin = open_desk(plant.engineer), open_desk(plant.admin)
    engineer.sits_down()
    engineer.waits(lambda: engineer.panel.rollouts_page.is_populated())

    # The image is uploaded: proved first, then sent, then a draft.
    tabs = engineer.sees(QTabWidget, "firmware-tabs")
    engineer.tabs_to("qt_tabwidget_tabbar")
    engineer.press(Key.Key_Right)
    engineer.waits(lambda: tabs.currentIndex() == 1 and engineer.panel.versions_page.is_populated())
    engineer.press(Key.Key_U, Modifier.AltModifier)
    engineer.waits(lambda: engineer.is_asked("version-upload"))
    engineer.types(str(image))
    engineer.waits(lambda: engineer.sees(QPushButton, "version-upload-go").isEnabled())
    engineer.press(Key.Key_Return)
    engineer.waits(lambda: plant.versions == {VERSION: VersionStatus.DRAFT})
    engineer.waits(lambda: QApplication.activeModalWidget() is None)

    # It is released, after every byte was verified once more.
    engineer.waits(lambda: engineer.sees(QPushButton, "version-release").isVisible())
    engineer.press(Key.Key_R, Modifier.AltModifier)
    engineer.waits(lambda: engineer.is_asked("version-release"))
    engineer.tabs_to("version-release-go")
    engineer.press(Key.Key_Space)
    engineer.waits(lambda: plant.versions == {VERSION: VersionStatus.RELEASED})
    engineer.waits(lambda: QApplication.activeModalWidget() is None)

    # The plan names every device, and why it is in or out; a second person is asked at once.
    engineer.sits_down()
    engineer.tabs_to("qt_tabwidget_tabbar")
    engineer.press(Key.Key_Left)
    engineer.waits(lambda: tabs.currentIndex() == 0)
    engineer.press(Key.Key_N, Modifier.AltModifier)
    engineer.waits(lambda: engineer.is_asked("rollout-plan-dialog") and engineer.panel.plan_desk.dialog.draft)
    listed = engineer.sees(QTableView, "plan-devices").model()
    cells = [listed.index(row, column).data() for row in range(5) for column in range(listed.columnCount())]
    assert "its product and hardware are not known; enter them at the device" in cells
    engineer.types("Drives in spring")
    engineer.press(Key.Key_Return)
    engineer.waits(engineer.is_free)
    assert plant.rollout.state is RolloutState.AWAITING_APPROVAL

    admin.waits(lambda: admin.is_offered("approve"))
    admin.orders(Key.Key_V, "Tried on the bench")
    assert plant.rollout.state is RolloutState.APPROVED
    engineer.waits(lambda: engineer.is_offered("start"))
    engineer.orders(Key.Key_T)
    assert (plant.rollout.state, plant.waves[0]) == (RolloutState.RUNNING, WaveState.DEPLOYING)

    admin.waits(lambda: admin.is_offered("pause"))
    admin.orders(Key.Key_P, "Shift change")
    assert plant.rollout.state is RolloutState.PAUSED
    engineer.waits(lambda: engineer.is_offered("resume"))
    engineer.orders(Key.Key_R)
    assert plant.rollout.state is RolloutState.RUNNING

    # After a halt it takes two persons to go on.
    engineer.waits(lambda: engineer.is_offered("halt"))
    engineer.orders(Key.Key_H, "Drive 2 smells")
    engineer.waits(lambda: engineer.is_offered("ask-override"))
    engineer.orders(Key.Key_G, "It was the coffee machine")
    admin.waits(lambda: admin.is_offered("agree"))
    admin.orders(Key.Key_G)
    assert plant.rollout.state is RolloutState.RUNNING

    # It is given up, and its report is saved.
    engineer.waits(lambda: engineer.is_offered("halt"))
    engineer.orders(Key.Key_H, "The line is needed")
    engineer.waits(lambda: engineer.is_offered("abort"))
    engineer.orders(Key.Key_U, "Next week again")
    assert plant.rollout.state is RolloutState.ABORTED
    engineer.waits(lambda: engineer.sees(QPushButton, "rollout-report").isVisible())
    report = tmp_path / "report.pdf"
    # Where to is asked by a dialog of the system.
    monkeypatch.setattr("console.panels.firmware.rollout_saver.ask_path", lambda *_: report)
    engineer.press(Key.Key_O, Modifier.AltModifier)
    engineer.waits(report.exists)
    assert report.read_bytes().startswith(b"%PDF")
    engineer.waits(lambda: str(report) in engineer.sees(QLabel, "rollouts-said").text())
