"""The horn in a whole window: silenced with one key, quiet when the session ends, missed when missing."""

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel

from console.bridge.sound_desk import Loudness
from console.bridge.sound_files import Sound
from models.records.shelf import HiddenBy
from models.records.threshold import Severity
from tests.unit.console.frame.frame_parts import alert


@pytest.mark.parametrize(
    ("key", "modifier"),
    [
        (Qt.Key.Key_F12, Qt.KeyboardModifier.NoModifier),
        (Qt.Key.Key_S, Qt.KeyboardModifier.AltModifier),
    ],
)
def test_one_key_silences_it_from_any_screen(qtbot, window, bridge, key, modifier):
    bridge.set_alerts([alert(1, Severity.CRITICAL)])
    assert bridge.sounds.wanted is Sound.CRITICAL
    qtbot.keyClick(window, key, modifier)
    assert bridge.sounds.wanted is None
    assert bridge.commanded == []


def test_it_can_be_silenced_while_the_controls_are_locked(qtbot, window, bridge):
    bridge.set_alerts([alert(1, Severity.CRITICAL)])
    bridge.session.lock()
    qtbot.keyClick(window, Qt.Key.Key_F12)
    assert bridge.sounds.wanted is None


def test_it_is_quiet_when_the_session_ends(window, bridge):
    bridge.set_alerts([alert(1, Severity.CRITICAL)])
    bridge.set_person(None)
    assert bridge.sounds.wanted is None


def test_what_was_chosen_otherwise_stands_in_the_status_bar(window, bridge):
    mark = window.findChild(QLabel, "status-sound")
    assert not mark.isVisible()
    bridge.sounds.set_loudness(Loudness.NONE)
    assert (mark.isVisible(), mark.text()) == (True, "off")
    bridge.sounds.set_loudness(Loudness.ALL)
    assert not mark.isVisible()


def test_a_rail_without_anything_that_asks_shows_no_badge(window, bridge):
    bridge.set_alerts([replace(alert(1, Severity.CRITICAL), hidden_by=HiddenBy.MAINTENANCE)])
    rail = window.workplace.findChild(object, "rail-alerts")
    assert rail.accessibleName() == "Alerts"
