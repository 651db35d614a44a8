from pathlib import Path

import pytest
from PySide6.QtCore import QSettings

from console.widgets.theme import DARK, ThemeSource
from console.widgets.theme_memory import ThemeMemory


@pytest.fixture
def memory(tmp_path: Path) -> QSettings:
    return QSettings(str(tmp_path / "window.ini"), QSettings.Format.IniFormat)


def test_what_was_chosen_is_put_on_again_in_the_next_run(light, memory):
    ThemeMemory(light, memory, "light")
    light.use(DARK)
    later = ThemeSource()
    ThemeMemory(later, memory, "light")

    assert later.setting == "dark"


def test_following_the_desktop_is_remembered_as_such(light, memory):
    ThemeMemory(light, memory, "dark")
    light.choose("system")
    later = ThemeSource()
    ThemeMemory(later, memory, "dark")

    assert later.setting == "system"


def test_a_setting_that_was_changed_since_wins(light, memory):
    ThemeMemory(light, memory, "system")
    light.choose("light")
    later = ThemeSource()
    ThemeMemory(later, memory, "dark")

    assert later.setting == "dark"


def test_without_a_memory_the_setting_is_used(light):
    ThemeMemory(light, None, "dark")

    assert light.setting == "dark"


def test_a_damaged_memory_is_left_aside(light, memory):
    memory.setValue("window/theme", "pink")
    memory.setValue("window/theme-instead-of", "light")
    ThemeMemory(light, memory, "light")

    assert light.setting == "light"
