"""The console's own typeface, so that it looks the same on every machine, also where no font is installed.

Inter (SIL Open Font License, beside the files in `resources/fonts`) ships with the program. Its feature
`tnum` gives every digit the same width: a changing value does not tremble, columns of numbers line up.
"""

import threading
from importlib.resources import as_file, files

from PySide6.QtGui import QFont, QFontDatabase

FAMILY = "Inter"
BODY_PX = 13
SMALL_PX = 11

_FILES = ("Inter-Regular.otf", "Inter-Medium.otf", "Inter-SemiBold.otf")
_of_thread = threading.local()


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


def text_font(pixels: int = BODY_PX, weight: QFont.Weight = QFont.Weight.Normal) -> QFont:
    """Return the typeface with tabular digits at a height in device-independent pixels.

    The object is shared between callers of one thread: copy it before changing it. Needs a QGuiApplication.
    """
    # A font keeps what it is drawn with, and puts that aside unlocked when another thread draws.
    made: dict[tuple[int, QFont.Weight], QFont] | None = getattr(_of_thread, "made", None)
    if made is None:
        # First of all: a thread that has looked for the typeface in vain does not look again when it comes.
        load_fonts()
        made = _of_thread.made = {}
    font = made.get((pixels, weight))
    if font is None:
        font = made[pixels, weight] = QFont(FAMILY)
        font.setPixelSize(pixels)
        font.setWeight(weight)
        font.setFeature(QFont.Tag("tnum"), 1)
    return font
