"""The console's own typeface, so that it looks the same on every machine, also where no font is installed.

Inter (SIL Open Font License, beside the files in `resources/fonts`) ships with the program. Its feature
`tnum` gives every digit the same width: a changing value does not tremble, columns of numbers line up.
"""

from functools import lru_cache
from importlib.resources import as_file, files

from PySide6.QtGui import QFont, QFontDatabase

FAMILY = "Inter"
BODY_PX = 13
SMALL_PX = 11

_FILES = ("Inter-Regular.otf", "Inter-Medium.otf", "Inter-SemiBold.otf")


def load_fonts() -> bool:
    """Register the bundled typeface with the running QGuiApplication; safe to call twice.

    Returns:
        False where Qt refused a file; the system's default face is used then, which still reads well.
    """
    if FAMILY in QFontDatabase.families():
        return True
    loaded = True
    for name in _FILES:
        with as_file(files("resources") / "fonts" / name) as path:
            loaded = QFontDatabase.addApplicationFont(str(path)) >= 0 and loaded
    return loaded


@lru_cache(maxsize=64)
def text_font(pixels: int = BODY_PX, weight: QFont.Weight = QFont.Weight.Normal) -> QFont:
    """Return the typeface with tabular digits at a height in device-independent pixels.

    The object is shared between callers: copy it before changing it. Needs a QGuiApplication.
    """
    font = QFont(FAMILY)
    font.setPixelSize(pixels)
    font.setWeight(weight)
    font.setFeature(QFont.Tag("tnum"), 1)
    return font
