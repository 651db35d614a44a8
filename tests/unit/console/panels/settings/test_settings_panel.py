from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QListWidget, QRadioButton

from console.panels.settings.settings_panel import SettingsPanel
from console.widgets.theme import DARK
from models.records.person import Person, Role
from tests.unit.console.fake_bridge import FakePersonsSession

ENGINEER = Person(4, "Ben Lund", "ben@example.org", Role.USER)


def test_an_administrator_sees_every_section(settings):
    assert settings.section_keys == [
        "users",
        "stations",
        "alarms",
        "notifications",
        "audit",
        "account",
        "appearance",
        "sound",
    ]


def test_an_engineer_sees_only_what_is_theirs(show, empty_bridge):
    empty_bridge.set_person(ENGINEER)
    panel = show(SettingsPanel, empty_bridge)

    assert panel.section_keys == ["account", "appearance", "sound"]
    assert empty_bridge.asked == []


def test_without_the_database_nobody_manages_people(settings, empty_bridge):
    empty_bridge.set_person(empty_bridge.person, is_offline=True)

    assert settings.section_keys == ["account", "appearance", "sound"]


def test_sections_go_with_the_right_to_use_them(settings, empty_bridge):
    settings.show_section("audit")
    empty_bridge.set_person(ENGINEER)

    assert settings.section_keys == ["account", "appearance", "sound"]
    assert settings.current_section.key == "account"


def test_sections_are_chosen_by_keyboard(settings, find):
    sections = find(QListWidget, "settings-sections")
    assert sections.hasFocus()

    QTest.keyClick(sections, Qt.Key.Key_Down)
    assert settings.current_section.key == "stations"

    while settings.current_section.key != "account":
        QTest.keyClick(settings.current_section, Qt.Key.Key_PageDown, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClick(settings.current_section, Qt.Key.Key_PageDown, Qt.KeyboardModifier.ControlModifier)
    assert settings.current_section.key == "appearance"


def test_news_about_people_are_read_while_the_section_is_seen_and_not_before(settings, empty_bridge):
    empty_bridge.asked.clear()
    settings.hide()
    empty_bridge.people_changed.emit()
    assert empty_bridge.asked == []

    settings.show()
    empty_bridge.people_changed.emit()
    assert len(empty_bridge.asked) == 2


def test_a_theme_is_put_on_at_once_and_marked_when_chosen_elsewhere(settings, find):
    settings.show_section("appearance")
    find(QRadioButton, "appearance-dark").click()
    assert settings.theme_source.setting == "dark"

    settings.theme_source.choose("light")
    assert find(QRadioButton, "appearance-light").isChecked()
    settings.theme_source.choose("system")
    assert find(QRadioButton, "appearance-system").isChecked()
    settings.theme_source.use(DARK)
    assert find(QRadioButton, "appearance-dark").isChecked()


def test_sections_come_back_with_the_database(settings, empty_bridge):
    person = empty_bridge.person
    empty_bridge.set_person(person, is_offline=True)
    empty_bridge.session.become(session=FakePersonsSession(person))

    assert settings.section_keys[:2] == ["users", "stations"]
