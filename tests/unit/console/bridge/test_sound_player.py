"""The player's thread: what is wished is played, and a device that fails is said and tried again."""

from collections.abc import Iterator

import numpy as np
import pytest

from console.bridge import sound_player
from console.bridge.sound_files import Sound, loop_of
from console.bridge.sound_player import SoundPlayer, Wish
from tests.unit.console.bridge.fake_output import Outputs

CRITICAL = Wish(Sound.CRITICAL, 0.8)
WARNING = Wish(Sound.WARNING, 0.8)


@pytest.fixture
def outputs() -> Outputs:
    return Outputs()


@pytest.fixture
def player(outputs, monkeypatch) -> Iterator[SoundPlayer]:
    monkeypatch.setattr(sound_player, "CHECK_S", 0.02)
    made = SoundPlayer(outputs.open)
    yield made
    made.stop()


def is_loop(played: np.ndarray, wish: Wish) -> bool:
    return np.array_equal(played, loop_of(wish.sound, wish.volume))


def test_what_is_wished_is_played_until_silence_is_wished(player, outputs, qtbot):
    player.start()
    player.wish(CRITICAL)
    qtbot.waitUntil(lambda: bool(outputs.opened and outputs.newest.played))
    assert is_loop(outputs.newest.played[0], CRITICAL)
    player.wish(None)
    qtbot.waitUntil(lambda: outputs.newest.is_resting)
    assert len(outputs.newest.played) == 1


def test_another_wish_replaces_the_sound_on_the_same_device(player, outputs, qtbot):
    player.start()
    player.wish(WARNING)
    qtbot.waitUntil(lambda: bool(outputs.opened and outputs.newest.played))
    player.wish(CRITICAL)
    qtbot.waitUntil(lambda: len(outputs.newest.played) == 2)
    assert is_loop(outputs.newest.played[1], CRITICAL)
    assert len(outputs.opened) == 1


def test_a_missing_device_is_said_and_tried_again(player, outputs, qtbot):
    outputs.fault = "This computer has no sound device."
    player.start()
    player.wish(CRITICAL)
    qtbot.waitUntil(lambda: player.fault == "This computer has no sound device.")
    outputs.fault = ""
    qtbot.waitUntil(lambda: bool(outputs.opened and outputs.newest.played))
    qtbot.waitUntil(lambda: player.fault == "")


def test_a_missing_device_is_said_before_anything_is_to_be_played(player, outputs, qtbot):
    outputs.fault = "This computer has no sound device."
    player.start()
    qtbot.waitUntil(lambda: bool(player.fault))


def test_a_device_that_takes_no_sound_is_given_back_and_said_until_it_does(
    player, outputs, qtbot, monkeypatch
):
    monkeypatch.setattr(sound_player, "_STUCK_S", 0.1)
    player.start()
    player.wish(CRITICAL)
    qtbot.waitUntil(lambda: bool(outputs.opened and outputs.newest.played))
    first = outputs.newest
    first.is_stuck = True
    qtbot.waitUntil(lambda: "takes no sound" in player.fault)
    qtbot.waitUntil(lambda: first.is_closed)
    qtbot.waitUntil(lambda: bool(outputs.newest is not first and outputs.newest.played))
    qtbot.waitUntil(lambda: player.fault == "")


def test_a_device_that_goes_away_while_it_rests_is_missed(player, outputs, qtbot, monkeypatch):
    monkeypatch.setattr(sound_player, "_LOOK_S", 0.0)
    player.start()
    qtbot.waitUntil(lambda: bool(outputs.opened))
    outputs.fault = outputs.newest.fault = "The sound device has gone away."
    qtbot.waitUntil(lambda: player.fault == "The sound device has gone away.")


def test_one_burst_is_played_and_then_what_is_wished(player, outputs, qtbot, monkeypatch):
    monkeypatch.setattr(sound_player, "_ONCE_S", dict.fromkeys(Sound, 0.05))
    player.start()
    player.play_once(WARNING)
    player.wish(CRITICAL)
    qtbot.waitUntil(lambda: bool(outputs.opened) and len(outputs.newest.played) == 2)
    assert is_loop(outputs.newest.played[0], WARNING)
    assert is_loop(outputs.newest.played[1], CRITICAL)


def test_only_the_horns_thread_touches_the_device(player, outputs, qtbot):
    player.start()
    player.wish(CRITICAL)
    qtbot.waitUntil(lambda: bool(outputs.opened and outputs.newest.played))
    player.wish(None)
    qtbot.waitUntil(lambda: outputs.newest.is_resting)
    assert outputs.newest.used_by == {"horn"}


def test_stopping_gives_the_device_back(player, outputs, qtbot):
    player.start()
    qtbot.waitUntil(lambda: bool(outputs.opened))
    player.stop()
    player.stop()
    assert outputs.newest.is_closed
