"""Which system libraries Qt needs here, which are missing, and the one line that brings them.

Qt itself only says that "the xcb platform plugin could not be loaded" and always blames xcb-cursor0. Here
every library is asked for by name, so the true one is named.
"""

import ctypes
import sys
from importlib.util import find_spec
from pathlib import Path

FOR_QT = {
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libdbus-1.so.3": "libdbus-1-3",
    "libfontconfig.so.1": "libfontconfig1",
    "libfreetype.so.6": "libfreetype6",
    "libglib-2.0.so.0": "libglib2.0-0",
}
"""Needed by QtGui whatever it paints on. Names of Debian 12 and Ubuntu 22.04; 24.04 forwards them."""

FOR_X11 = {
    "libX11-xcb.so.1": "libx11-xcb1",
    "libxcb.so.1": "libxcb1",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-randr.so.0": "libxcb-randr0",
    "libxcb-render.so.0": "libxcb-render0",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-shm.so.0": "libxcb-shm0",
    "libxcb-sync.so.1": "libxcb-sync1",
    "libxcb-xfixes.so.0": "libxcb-xfixes0",
    "libxcb-xkb.so.1": "libxcb-xkb1",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
}
"""Needed by the plugin that paints on an X display."""


def missing_packages(*, with_x11: bool) -> list[str]:
    """Return the Debian packages whose libraries cannot be loaded, in order; empty off Linux."""
    if sys.platform != "linux":
        return []
    libraries = {**FOR_QT, **(FOR_X11 if with_x11 else {})}
    return [package for library, package in libraries.items() if not _loads(library)]


def _loads(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def plugin_fault() -> str | None:
    """Return why Qt's X11 plugin cannot be loaded although every known library is there, else None."""
    found = find_spec("PySide6")
    if sys.platform != "linux" or found is None or found.origin is None:
        return None
    plugin = Path(found.origin).parent / "Qt" / "plugins" / "platforms" / "libqxcb.so"
    try:
        ctypes.CDLL(str(plugin))
    except OSError as error:
        return str(error)
    return None


def install_line(packages: list[str]) -> str:
    """Return the one line that brings them."""
    return "sudo apt install " + " ".join(packages)
