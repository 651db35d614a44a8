"""Themes can be read: contrast by WCAG 2.1 (1.4.3 and 1.4.11), curves apart for colour-blind people."""

from itertools import combinations

import numpy as np
import pytest
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication

from console.widgets.chart_legend import ink_on
from console.widgets.theme import DARK, LIGHT, Theme, ThemeSource, palette_of

BOTH = pytest.mark.parametrize("theme", [LIGHT, DARK], ids=lambda theme: theme.name)
BACKDROPS = ("background", "surface", "raised")

# Machado, Oliveira, Fernandes 2009: severity 1.0, on linear RGB.
SIGHTS = {
    "normal": np.eye(3),
    "protanopia": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "deuteranopia": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
}


def linear(colour: QColor) -> np.ndarray:
    channels = np.array([colour.redF(), colour.greenF(), colour.blueF()])
    return np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)


def contrast(one: QColor, other: QColor) -> float:
    lights = sorted(float(linear(colour) @ [0.2126, 0.7152, 0.0722]) for colour in (one, other))
    return (lights[1] + 0.05) / (lights[0] + 0.05)


def oklab(rgb: np.ndarray) -> np.ndarray:
    lms = np.array(
        [
            [0.4122214708, 0.5363325363, 0.0514459929],
            [0.2119034982, 0.6806995451, 0.1073969566],
            [0.0883024619, 0.2817188376, 0.6299787005],
        ]
    )
    lab = np.array(
        [
            [0.2104542553, 0.7936177850, -0.0040720468],
            [1.9779984951, -2.4285922050, 0.4505937099],
            [0.0259040371, 0.7827717662, -0.8086757660],
        ]
    )
    return lab @ np.cbrt(np.clip(lms @ rgb, 0, 1))


def seen(colour: QColor, sight: str) -> np.ndarray:
    return oklab(np.clip(SIGHTS[sight] @ linear(colour), 0, 1))


@BOTH
@pytest.mark.parametrize("backdrop", BACKDROPS)
@pytest.mark.parametrize("role", ["text", "muted", "value"])
def test_words_stand_out_by_4_5_to_1(theme: Theme, role: str, backdrop: str):
    assert contrast(getattr(theme, role), getattr(theme, backdrop)) >= 4.5


@BOTH
@pytest.mark.parametrize("backdrop", BACKDROPS)
@pytest.mark.parametrize("role", ["outline", "limit", "equipment", "focus"])
def test_shapes_that_carry_meaning_stand_out_by_3_to_1(theme: Theme, role: str, backdrop: str):
    assert contrast(getattr(theme, role), getattr(theme, backdrop)) >= 3.0


@BOTH
@pytest.mark.parametrize("backdrop", BACKDROPS)
@pytest.mark.parametrize("role", ["critical", "warning", "info", "shelved"])
def test_alarm_shapes_stand_out_by_3_to_1_by_fill_or_outline(theme: Theme, role: str, backdrop: str):
    behind = getattr(theme, backdrop)
    assert max(contrast(getattr(theme, role), behind), contrast(theme.alarm_outline, behind)) >= 3.0


@BOTH
@pytest.mark.parametrize("role", ["critical", "warning", "info", "shelved"])
def test_digits_inside_alarm_shapes_stand_out_by_4_5_to_1(theme: Theme, role: str):
    assert contrast(getattr(theme, f"on_{role}"), getattr(theme, role)) >= 4.5


@BOTH
def test_selected_rows_can_be_read(theme: Theme):
    assert contrast(theme.selection_text, theme.selection) >= 4.5


@BOTH
def test_every_pen_stands_out_from_the_plot_by_3_to_1(theme: Theme):
    assert all(contrast(pen, theme.surface) >= 3.0 for pen in theme.pens)


@BOTH
def test_numbers_on_pen_colours_stand_out_by_4_5_to_1(theme: Theme):
    assert all(contrast(ink_on(pen), pen) >= 4.5 for pen in theme.pens)


@BOTH
@pytest.mark.parametrize("sight", SIGHTS)
def test_no_two_pens_look_alike(theme: Theme, sight: str):
    pens = [seen(pen, sight) for pen in theme.pens]
    assert len(pens) == 8
    assert min(float(np.linalg.norm(one - other)) for one, other in combinations(pens, 2)) >= 0.09


@BOTH
def test_no_pen_looks_like_an_alarm(theme: Theme):
    alarms = [seen(colour, "normal") for colour in (theme.critical, theme.warning, theme.info)]
    pens = [seen(pen, "normal") for pen in theme.pens]
    assert min(float(np.linalg.norm(pen - alarm)) for pen in pens for alarm in alarms) >= 0.12


def test_the_backgrounds_are_the_agreed_ones_and_never_black():
    assert (LIGHT.background.name(), LIGHT.text.name(), LIGHT.value.name()) == (
        "#dcdcdc",
        "#1f2937",
        "#1e3a8a",
    )
    assert (DARK.background.name(), DARK.text.name()) == ("#2b2f33", "#e5e7eb")


@BOTH
def test_the_palette_wears_the_theme_in_every_group(theme: Theme):
    palette = palette_of(theme)
    groups = QPalette.ColorGroup
    for group in (groups.Active, groups.Inactive, groups.Disabled):
        assert palette.color(group, QPalette.ColorRole.Window) == theme.background


def test_using_a_theme_dresses_the_application_and_tells_everybody(qtbot, qapp: QApplication):
    source = ThemeSource(LIGHT)
    with qtbot.waitSignal(source.changed):
        source.use(DARK)
    assert source.theme is DARK
    assert qapp.palette().color(QPalette.ColorRole.Window) == DARK.background
    assert qapp.font().family() == "Inter"


def test_choosing_by_setting_leaves_the_system_alone_afterwards(qapp: QApplication):
    source = ThemeSource(LIGHT)
    source.choose("system")
    source.choose("dark")
    assert source.theme is DARK
    source.choose("light")
    assert source.theme is LIGHT
