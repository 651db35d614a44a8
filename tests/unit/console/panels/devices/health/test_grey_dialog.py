"""The window that says why a value is grey."""

from datetime import UTC, datetime

import msgspec
import pytest
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QComboBox, QLabel, QPushButton, QWidget

from console.panels.devices.health.grey_dialog import GreyDialog
from console.panels.devices.health.grey_link import Mark, Place
from console.panels.devices.health.stored_question import ASK_S
from console.widgets.theme import ThemeSource
from models.records.device_health import DeviceHealth, TagRead
from models.records.person import Person, Role
from tests.unit.console.fake_bridge import FakeBridge
from tests.unit.console.panels.devices.health.grey_parts import ASKED, HEALTH, REPORT
from tests.unit.console.panels.plant_scene import NOW

BAD = "illegal data address 3205 (exception 2)"


def record(bridge: FakeBridge, **changes) -> DeviceHealth:
    """A connection that does well; its first value cannot be used."""
    device = bridge.catalogue.devices[0]
    tags = tuple(
        TagRead(tag.metric, None if place == 0 else 21.5, "bad" if place == 0 else "good", BAD, NOW - 0.5)
        for place, tag in enumerate(device.tags)
    )
    return msgspec.structs.replace(HEALTH, device=device.id, tags=tags, last=ASKED, **changes)


@pytest.fixture
def window(qtbot) -> QWidget:
    made = QWidget()
    qtbot.addWidget(made)
    return made


@pytest.fixture
def dialog(qtbot, bridge: FakeBridge, visits, window: QWidget):
    bridge.set_link(
        is_station_connected=True,
        station=REPORT,
        station_name="hall-a",
        is_database_live=True,
        database_text="live",
    )
    device = bridge.catalogue.devices[0]
    bridge.polled_here = frozenset({device.id})
    bridge.set_health(record(bridge))
    made = GreyDialog(bridge, ThemeSource(), device.id, lambda: bridge.now_unix, window, visits)
    made.show()
    qtbot.waitExposed(made)
    return made


def words(dialog: GreyDialog, name: str) -> str:
    return dialog.findChild(QLabel, name).text()


def test_first_broken_link_stands_out_and_says_what_to_do(dialog: GreyDialog) -> None:
    assert dialog.chain.first_broken.place is Place.DECODE
    assert words(dialog, "grey-decode-advice").endswith("correct the tag's address.")
    assert "breaks at “Decoded value”" in words(dialog, "grey-headline")
    assert dialog.cards[Place.DECODE].accessibleName() == "Decoded value: broken"


def test_first_broken_link_is_in_sight_however_small_the_window(qtbot, dialog: GreyDialog, bridge) -> None:
    dialog.resize(520, 260)
    bridge.set_link(is_database_live=False, is_opening=False, database_text="away: buffering 12 readings")
    good = tuple(msgspec.structs.replace(tag, value=21.5, quality="good") for tag in record(bridge).tags)
    bridge.set_health(msgspec.structs.replace(record(bridge), tags=good, as_of_unix=NOW))
    card = dialog.cards[Place.DATABASE]
    qtbot.waitUntil(lambda: not card.visibleRegion().isEmpty())


def test_bytes_of_the_last_exchange_are_shown(dialog: GreyDialog) -> None:
    assert words(dialog, "grey-exchange-bytes-0").startswith("→ 00 01 00 00 00 06 03 03  00 00 00 0A")


def test_another_value_of_the_device_can_be_followed(dialog: GreyDialog) -> None:
    dialog.findChild(QComboBox, "grey-tag").setCurrentIndex(1)
    assert dialog.chain.links[2].mark is Mark.HOLDS


def test_newest_stored_reading_is_asked_for_and_again_after_a_while(dialog: GreyDialog, bridge) -> None:
    assert dialog.chain.links[5].mark is Mark.UNKNOWN
    bridge.answer_next(datetime.fromtimestamp(NOW - 1.0, UTC))
    assert (dialog.chain.links[5].mark, dialog.chain.links[5].age_s) == (Mark.IDLE, 1.0)
    dialog._on_second()
    assert bridge.asked == []
    bridge.now_unix += ASK_S
    dialog._on_second()
    assert len(bridge.asked) == 1


def test_chain_follows_what_the_station_tells(dialog: GreyDialog, bridge: FakeBridge) -> None:
    good = tuple(
        msgspec.structs.replace(tag, value=21.5, quality="good", detail="") for tag in record(bridge).tags
    )
    bridge.set_health(msgspec.structs.replace(record(bridge), tags=good, as_of_unix=NOW))
    dialog.refresh()
    assert dialog.chain.links[2].mark is Mark.HOLDS


def test_it_leads_to_where_the_link_is_mended(dialog: GreyDialog, bridge: FakeBridge, visits) -> None:
    dialog.findChild(QPushButton, "grey-go").click()
    assert visits.seen == [("devices", bridge.catalogue.devices[0].id)]


def test_database_that_is_away_is_mended_at_the_stations(dialog: GreyDialog, bridge, visits) -> None:
    good = tuple(msgspec.structs.replace(tag, value=21.5, quality="good") for tag in record(bridge).tags)
    bridge.set_health(msgspec.structs.replace(record(bridge), tags=good, as_of_unix=NOW))
    bridge.set_link(is_database_live=False, is_opening=False, database_text="away: buffering 12 readings")
    dialog.refresh()
    assert dialog.chain.first_broken.place is Place.DATABASE
    dialog.findChild(QPushButton, "grey-go").click()
    assert visits.seen == [("stations", None)]


def test_whoever_may_not_change_the_device_is_not_led_to_its_settings(dialog: GreyDialog, bridge) -> None:
    bridge.session.become(
        session=type(bridge.session.state.session)(Person(2, "Otto", "o@example.org", Role.OPERATOR))
    )
    dialog.refresh()
    assert dialog.findChild(QPushButton, "grey-go").isHidden()


def test_chain_is_copied_as_text(dialog: GreyDialog) -> None:
    dialog.findChild(QPushButton, "grey-copy").click()
    text = QGuiApplication.clipboard().text()
    assert "3. Decoded value: broken" in text
    assert "→ 00 01 00 00 00 06 03 03" in text


def test_dialog_goes_with_the_session(qtbot, dialog: GreyDialog, bridge: FakeBridge) -> None:
    with qtbot.waitSignal(dialog.destroyed):
        bridge.cleared.emit()


def test_device_that_was_removed_says_so(dialog: GreyDialog, bridge: FakeBridge) -> None:
    bridge.set_catalogue(())
    dialog.refresh()
    assert words(dialog, "grey-headline") == "This device or its tag is configured no more."
