"""What a workstation does with sounds: nobody mutes a critical alert without a mark on the screen."""

import pytest
from PySide6.QtCore import QSettings

from console.bridge.sound_desk import FIRST_VOLUME, LEAST_VOLUME, Loudness, SoundDesk
from console.bridge.sound_files import Sound
from console.bridge.sound_player import Wish

MARA, TOM = 7, 8


class WrittenDown:
    """Stands in for SoundPlayer."""

    def __init__(self) -> None:
        self.fault = ""
        self.wished: Wish | None = None
        self.once: list[Wish] = []

    def wish(self, wish: Wish | None) -> None:
        self.wished = wish

    def play_once(self, wish: Wish) -> None:
        self.once.append(wish)


@pytest.fixture
def player() -> WrittenDown:
    return WrittenDown()


@pytest.fixture
def memory(tmp_path) -> QSettings:
    return QSettings(str(tmp_path / "window.ini"), QSettings.Format.IniFormat)


@pytest.fixture
def desk(player, memory, qapp) -> SoundDesk:
    made = SoundDesk(player, memory)
    made.use_person(MARA)
    return made


def test_what_is_wanted_is_wished_at_the_volume_chosen(desk, player):
    desk.set_volume(50)
    desk.want(Sound.WARNING)
    assert player.wished == Wish(Sound.WARNING, 0.5)
    desk.want(None)
    assert player.wished is None


def test_the_volume_cannot_be_turned_down_to_nothing(desk):
    desk.set_volume(0)
    assert desk.volume == LEAST_VOLUME


def test_the_volume_is_remembered_and_nonsense_is_not(desk, player, memory):
    desk.set_volume(45)
    assert SoundDesk(player, memory).volume == 45
    memory.setValue("sound/volume", "loud")
    assert SoundDesk(player, memory).volume == FIRST_VOLUME


def test_turning_the_volume_is_heard_at_once(desk, player):
    desk.want(Sound.CRITICAL)
    desk.set_volume(100)
    assert player.wished == Wish(Sound.CRITICAL, 1.0)


def test_critical_only_keeps_warnings_still_and_says_so(desk, player):
    desk.set_loudness(Loudness.CRITICAL)
    desk.want(Sound.WARNING)
    assert player.wished is None
    desk.want(Sound.CRITICAL)
    assert player.wished is not None
    assert desk.mark == "critical only"


def test_off_is_off_and_stands_on_the_screen(desk, player):
    desk.want(Sound.CRITICAL)
    desk.set_loudness(Loudness.NONE)
    assert player.wished is None
    assert desk.mark == "off"


def test_whoever_comes_next_hears_everything(desk, player, memory):
    desk.set_loudness(Loudness.NONE)
    desk.want(Sound.CRITICAL)
    desk.use_person(TOM)
    assert player.wished == Wish(Sound.CRITICAL, FIRST_VOLUME / 100)
    assert desk.mark == ""
    again = SoundDesk(player, memory)
    again.use_person(MARA)
    assert again.loudness is Loudness.NONE


def test_a_missing_device_stands_on_the_screen_until_it_is_back(desk, player, qtbot):
    player.fault = "This computer has no sound device."
    with qtbot.waitSignal(desk.changed):
        desk.refresh()
    assert (desk.mark, desk.fault) == ("no sound device", "This computer has no sound device.")
    player.fault = ""
    desk.refresh()
    assert desk.mark == ""


def test_a_test_sounds_even_where_the_horn_is_off(desk, player):
    desk.set_loudness(Loudness.NONE)
    desk.test(Sound.FLOOD)
    assert player.once == [Wish(Sound.FLOOD, FIRST_VOLUME / 100)]


def test_a_desk_without_a_player_is_silent_and_complains_of_nothing(qapp):
    desk = SoundDesk()
    desk.want(Sound.CRITICAL)
    desk.test(Sound.CRITICAL)
    desk.refresh()
    assert desk.mark == ""
