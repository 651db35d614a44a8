from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QFontMetricsF
from PySide6.QtWidgets import QPlainTextEdit, QPushButton, QWidget

from console.bridge.commands import AcknowledgeAlerts
from console.bridge.sound_files import Sound
from console.frame.alert_banner import AlertBanner
from console.frame.banner_row import BannerRow, columns_of
from console.panels.alerts.comment_dialog import CommentDialog
from console.panels.alerts.comment_field import CommentField
from console.widgets.confirm import Confirm
from console.widgets.flash import FlashClock
from console.widgets.fonts import text_font
from models.records.alert import Alert, AlertOutcome, AlertStatus
from models.records.shelf import HiddenBy
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
    def silence(self) -> QPushButton:
        return self.banner.findChild(QPushButton, "banner-silence")

    @property
    def list(self) -> QPushButton:
        return self.banner.findChild(QPushButton, "banner-open-list")

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


def many(count: int, severity: Severity = Severity.WARNING, first: int = 100) -> list[Alert]:
    return [alert(number, severity) for number in range(first, first + count)]


def test_an_alert_that_asks_for_a_comment_is_not_acknowledged_without_one(qtbot, shown, bridge):
    bridge.set_alerts([replace(alert(1), requires_comment=True)])
    assert shown.button(1).text() == "Acknowledge…"
    shown.button(1).click()
    dialog = shown.banner.findChild(CommentDialog)
    dialog.send()
    assert bridge.commanded == []
    qtbot.keyClicks(dialog.findChild(CommentField), "Pump was blocked")
    dialog.send()
    assert bridge.commanded[0].what == AcknowledgeAlerts((1,), "Pump was blocked")
    bridge.confirm_next([AlertOutcome(1, True, "Acknowledged.")])
    assert not dialog.isVisible()


def test_the_key_asks_for_the_comment_too(shown, bridge):
    bridge.set_alerts([replace(alert(1), requires_comment=True)])
    shown.banner.acknowledge_first()
    assert bridge.commanded == []
    assert shown.banner.findChild(CommentDialog).isVisible()


def test_acknowledging_several_asks_for_a_comment_where_one_of_them_needs_it(shown, bridge):
    bridge.set_alerts([alert(1), replace(alert(2), requires_comment=True)])
    shown.all.click()
    assert shown.banner.findChild(Confirm) is None
    assert "2 alerts" in shown.banner.findChild(CommentDialog).accessibleDescription()


def test_hidden_alerts_are_not_in_the_banner(shown, bridge, flash):
    bridge.set_alerts([replace(alert(1, Severity.CRITICAL), hidden_by=HiddenBy.SHELF)])
    assert shown.row(1).alert is None
    assert not flash.is_running


def test_silence_is_not_acknowledge(shown, bridge):
    bridge.set_alerts([alert(1, Severity.CRITICAL)])
    assert shown.silence.isEnabled()
    shown.silence.click()
    assert (shown.silence.text(), shown.silence.isEnabled()) == ("Silenced", False)
    assert bridge.commanded == []
    assert shown.button(1).isEnabled()
    bridge.set_alerts([alert(1, Severity.CRITICAL), alert(2)])
    assert (shown.silence.text(), shown.silence.isEnabled()) == ("Silence", True)


def test_a_flood_becomes_one_summary(shown, bridge, visited, qtbot):
    bridge.set_alerts(many(19))
    assert [shown.row(place).alert is not None for place in (1, 2, 3)] == [True, True, False]
    assert shown.row(3).words == "17 more: 17 warning to acknowledge"
    assert not shown.button(3).isVisible()
    qtbot.keyClick(shown.row(3), Qt.Key.Key_Return)
    assert visited == [("alerts",)]


def test_a_summary_never_stands_where_a_critical_alert_would(shown, bridge):
    bridge.set_alerts([*many(3, Severity.CRITICAL), *many(20, first=300)])
    assert {shown.row(place).alert.severity for place in (1, 2, 3)} == {Severity.CRITICAL}
    assert shown.list.text() == "Open list (+20)"


def test_without_a_flood_three_are_shown_and_the_list_says_how_many_more(shown, bridge):
    bridge.set_alerts(many(6))
    assert shown.row(3).alert is not None
    assert shown.list.text() == "Open list (+3)"


def test_a_narrow_window_leaves_messages_room(shown, bridge, qtbot):
    bridge.set_alerts([alert(1, age_s=90_000)])
    wide = shown.row(1).width()
    shown.banner.resize(1024, 100)
    counts = shown.banner.findChild(QWidget, "banner-counts")
    qtbot.waitUntil(lambda: counts.width() < 150 and shown.row(1).width() < wide)
    width = shown.row(1).width()
    columns = columns_of(["Drive 1"], [90_000.0])
    message_px = width - 38 - columns.device - columns.age - 40
    message = "Power consumption 1,203.5 kW is above 1,200 kW for 15 s."
    assert message_px > QFontMetricsF(text_font(13)).horizontalAdvance(message)


def test_the_horn_of_the_workstation_sounds_as_the_banner_says(shown, bridge):
    bridge.set_alerts([alert(1, Severity.CRITICAL)])
    assert bridge.sounds.wanted is Sound.CRITICAL
    shown.silence.click()
    assert bridge.sounds.wanted is None
