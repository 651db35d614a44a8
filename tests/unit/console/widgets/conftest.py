"""Fixtures of the widgets' tests: both themes, and a surface to paint on. Runs without a display."""

from collections.abc import Callable

import numpy as np
import pytest
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtWidgets import QApplication

from console.widgets.theme import DARK, LIGHT, Theme, ThemeSource, apply_theme


@pytest.fixture(params=[LIGHT, DARK], ids=lambda theme: theme.name)
def theme(request: pytest.FixtureRequest, qapp: QApplication) -> Theme:
    """Each theme in turn, put on the application."""
    apply_theme(qapp, request.param)
    return request.param


@pytest.fixture
def themes(theme: Theme) -> ThemeSource:
    """A source of the theme in use."""
    return ThemeSource(theme)


@pytest.fixture
def light(qapp: QApplication) -> ThemeSource:
    """A source of the light theme, where the look does not matter."""
    apply_theme(qapp, LIGHT)
    return ThemeSource(LIGHT)


@pytest.fixture
def painted(qapp: QApplication) -> Callable[..., QImage]:
    """Return a function that paints on an empty picture and returns it."""

    def paint(draw: Callable[[QPainter], None], width: int = 200, height: int = 40) -> QImage:
        image = QImage(width, height, QImage.Format.Format_ARGB32_Premultiplied)
        image.fill(0)
        painter = QPainter(image)
        draw(painter)
        painter.end()
        return image

    return paint


@pytest.fixture
def colours_in() -> Callable[[QImage], set[str]]:
    """Return a function that lists the opaque colours of a picture, as #rrggbb."""

    def colours(image: QImage) -> set[str]:
        pixels = np.unique(pixel_array(image))
        return {f"#{pixel & 0xFFFFFF:06x}" for pixel in pixels.tolist() if pixel >> 24 == 255}

    return colours


@pytest.fixture
def places_of() -> Callable[[QImage, QColor], np.ndarray]:
    """Return a function that finds a colour in a picture: int array, shape (n, 2), x and y."""

    def places(image: QImage, colour: QColor) -> np.ndarray:
        return np.argwhere(pixel_array(image) == colour.rgba())[:, ::-1]

    return places


def pixel_array(image: QImage) -> np.ndarray:
    """The picture as uint32 0xAARRGGBB, shape (height, width)."""
    same = image.convertToFormat(QImage.Format.Format_ARGB32)
    return np.frombuffer(same.constBits(), np.uint32).reshape(same.height(), same.width()).copy()
