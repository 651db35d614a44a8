import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPlainTextEdit, QPushButton

from console.bridge.commands import AcknowledgeAlerts
from console.frame.alert_banner import AlertBanner
from console.frame.banner_row import BannerRow
from console.widgets.confirm import Confirm
from console.widgets.flash import FlashClock
from models.records.alert import AlertOutcome, AlertStatus
from models.records.threshold import Severity
from tests.unit.console.frame.frame_parts import alert


class Shown:
    def __init__(self, banner: AlertBanner) -> None:
        self.banner = banner

    def row(self, place: int) -> BannerRow:
        return self.banner.findChild(BannerRow, f"banner-row-{place}")

    def button(self, place: int) -> QPushButton:
        return self.banner.findChild(QPushButton, f"banner-acknowledge-{place}")

    @property
    def all(self) -> QPushButton:
        return self.banner.findChild(QPushButton, "banner-acknowledge-all")


@pytest.fixture
def flash(qapp) -> FlashClock:
    return FlashClock()


@pytest.fixture
def visited() -> list:
    return []


@pytest.fixture
def shown(qtbot, bridge, themes, flash, visited) -> Shown:
    banner = AlertBanner(bridge, themes, flash, lambda *where: visited.append(where), lambda: bridge.now_unix)
    qtbot.addWidget(banner)
    banner.resize(1280, 100)
    banner.show()
    return Shown(banner)


def test_the_most_urgent_stands_first_with_its_age_in_words(shown, bridge):
    bridge.set_alerts([alert(1), alert(2, Severity.CRITICAL, age_s=5)])
    assert shown.row(1).accessibleName() == (
        "Critical alert: Drive 2: Temperature 71.2 °C is above 70 °C., since 5 s"
    )
    assert shown.row(2).alert.id == 1
    assert shown.row(3).alert is None


def test_nothing_flashes_and_nothing_can_be_acknowledged_when_nothing_is_open(shown, bridge, flash):
    bridge.set_alerts([alert(1)])
    assert flash.is_running
    bridge.set_alerts([])
    assert not flash.is_running
    assert not shown.button(1).isVisible()
    assert not shown.all.isEnabled()


def test_an_acknowledged_alert_offers_no_button(shown, bridge, flash):
    bridge.set_alerts([alert(1, status=AlertStatus.ACKNOWLEDGED)])
    assert shown.row(1).isVisible()
    assert not shown.button(1).isVisible()
    assert not flash.is_running


def test_acknowledging_is_pending_until_the_database_confirms(qtbot, shown, bridge):
    bridge.set_alerts([alert(1)])
    qtbot.mouseClick(shown.button(1), Qt.MouseButton.LeftButton)
    assert bridge.commanded[0].what == AcknowledgeAlerts((1,))
    assert not shown.button(1).isEnabled()
    qtbot.mouseClick(shown.button(1), Qt.MouseButton.LeftButton)
    assert len(bridge.commanded) == 1
    bridge.confirm_next([AlertOutcome(1, True, "Acknowledged.")])
    bridge.set_alerts([alert(1, status=AlertStatus.ACKNOWLEDGED)])
    assert not shown.button(1).isVisible()


def test_a_refusal_is_told_and_the_button_works_again(qtbot, shown, bridge):
    told: list[str] = []
    shown.banner.told.connect(told.append)
    bridge.set_alerts([alert(1)])
    qtbot.mouseClick(shown.button(1), Qt.MouseButton.LeftButton)
    bridge.refuse_next("The database does not answer.")
    assert told == ["Not acknowledged: The database does not answer."]
    assert shown.button(1).isEnabled()


def test_who_was_first_is_told(qtbot, shown, bridge):
    told: list[str] = []
    shown.banner.told.connect(told.append)
    bridge.set_alerts([alert(1)])
    shown.banner.acknowledge_first()
    bridge.confirm_next([AlertOutcome(1, False, "Eva acknowledged it at 14:03.")])
    assert told == ["Eva acknowledged it at 14:03."]


def test_acknowledging_all_shows_the_consequence_first_and_can_be_cancelled(qtbot, shown, bridge):
    bridge.set_alerts([alert(1), alert(2), alert(3, status=AlertStatus.ACKNOWLEDGED)])
    assert shown.all.text() == "Acknowledge 2…"
    qtbot.mouseClick(shown.all, Qt.MouseButton.LeftButton)
    question = shown.banner.findChild(Confirm)
    assert "Drive 1 · Temperature" in question.findChild(QPlainTextEdit, "confirm-affected").toPlainText()
    assert "2 alerts" in question.accessibleDescription()
    assert bridge.commanded == []
    question.findChild(QPushButton, "confirm-cancel").click()
    assert bridge.commanded == []


def test_acknowledging_all_takes_only_what_the_question_listed(qtbot, shown, bridge):
    bridge.set_alerts([alert(1), alert(2)])
    qtbot.mouseClick(shown.all, Qt.MouseButton.LeftButton)
    question = shown.banner.findChild(Confirm)
    bridge.set_alerts([alert(9, Severity.CRITICAL), alert(1), alert(2)])
    question.findChild(QPushButton, "confirm-go").click()
    assert set(bridge.commanded[0].what.ids) == {1, 2}


@pytest.mark.parametrize("key", [Qt.Key.Key_Return, Qt.Key.Key_Space])
def test_a_row_leads_to_its_device_by_keyboard(qtbot, shown, bridge, visited, key):
    bridge.set_alerts([alert(4)])
    qtbot.keyClick(shown.row(1), key)
    assert visited == [("device", 4)]
