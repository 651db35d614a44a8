"""Sound: heard and tested at once; nobody switches critical alerts off in passing."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton, QRadioButton, QSlider

from console.bridge.sound_desk import Loudness, SoundDesk
from console.bridge.sound_files import Sound
from console.bridge.sound_player import Wish
from console.panels.settings.sound_section import SoundSection
from console.widgets.confirm import Confirm


class WrittenDown:
    """Stands in for SoundPlayer."""

    fault = ""

    def __init__(self) -> None:
        self.once: list[Wish] = []

    def wish(self, wish: Wish | None) -> None:
        pass

    def play_once(self, wish: Wish) -> None:
        self.once.append(wish)


@pytest.fixture
def player() -> WrittenDown:
    return WrittenDown()


@pytest.fixture
def empty_bridge(empty_bridge, player):
    empty_bridge.sounds = SoundDesk(player)
    return empty_bridge


@pytest.fixture
def section(settings, find) -> SoundSection:
    settings.show_section("sound")
    return find(SoundSection, "settings-sound")


@pytest.fixture
def off(section, find) -> QRadioButton:
    return find(QRadioButton, "sound-heard-none")


def test_every_sound_can_be_tried_at_the_volume_that_is_set(section, find, player, qtbot):
    find(QSlider, "sound-volume").setValue(50)
    for sound in Sound:
        qtbot.mouseClick(find(QPushButton, f"sound-test-{sound.value}"), Qt.MouseButton.LeftButton)
    assert player.once == [Wish(sound, 0.5) for sound in Sound]


def test_off_is_asked_about_first_and_can_be_left_as_it_was(section, off, find, empty_bridge):
    off.click()
    assert empty_bridge.sounds.loudness is Loudness.ALL
    assert "not even a critical one" in section.findChild(Confirm).accessibleDescription()
    section.findChild(QPushButton, "confirm-cancel").click()
    assert empty_bridge.sounds.loudness is Loudness.ALL
    assert find(QRadioButton, "sound-heard-all").isChecked()


def test_off_after_the_question_is_off(section, off, empty_bridge):
    off.click()
    section.findChild(QPushButton, "confirm-go").click()
    assert empty_bridge.sounds.loudness is Loudness.NONE
    assert off.isChecked()


def test_critical_only_needs_no_question(section, find, empty_bridge):
    find(QRadioButton, "sound-heard-critical").click()
    assert empty_bridge.sounds.loudness is Loudness.CRITICAL


def test_a_missing_device_is_said_on_the_page(section, find, empty_bridge, player):
    player.fault = "This computer has no sound device."
    empty_bridge.sounds.refresh()
    assert section.findChild(object, "sound-device").text() == "This computer has no sound device."
