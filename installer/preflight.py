"""Before Qt starts: can a window open here? If not, the true cause and the one line that mends it.

Qt answers a missing library or display with an abort that no program can catch, so both are tried first.
"""

import ctypes
import os
import sys
from collections.abc import Mapping

from installer.system_libraries import install_line, missing_packages, plugin_fault

_WITHOUT_DISPLAY = (
    "Without a display these still work: main.py demo --tour DIR (pictures of every screen), "
    "main.py station (collecting without a window), or a remote display (ssh -X, VNC) with DISPLAY set."
)


def window_fault(environment: Mapping[str, str] = os.environ) -> str | None:
    """Return why no window can open, in sentences that name the remedy; None when all is well."""
    if sys.platform != "linux":
        return None
    platform = environment.get("QT_QPA_PLATFORM", "").partition(":")[0]
    is_x11 = platform in ("", "xcb") and not (platform == "" and environment.get("WAYLAND_DISPLAY"))
    if missing := missing_packages(with_x11=is_x11):
        return f"System libraries are missing. Install them with: {install_line(missing)}"
    if platform in ("offscreen", "minimal", "vnc") or not is_x11:
        return None
    display = environment.get("DISPLAY")
    if not display:
        return f"There is no display here: neither DISPLAY nor WAYLAND_DISPLAY is set. {_WITHOUT_DISPLAY}"
    if fault := plugin_fault():
        return f"Qt cannot open a window here: {fault}."
    if not _answers(display):
        return f"The display {display} does not answer; is its server running? {_WITHOUT_DISPLAY}"
    return None


def picture_fault() -> str | None:
    """Return why not even pictures can be made off screen; None when all is well."""
    if missing := missing_packages(with_x11=False):
        return f"System libraries are missing. Install them with: {install_line(missing)}"
    return None


def _answers(display: str) -> bool:
    xcb = ctypes.CDLL("libxcb.so.1")
    xcb.xcb_connect.restype = ctypes.c_void_p
    xcb.xcb_connect.argtypes = [ctypes.c_char_p, ctypes.c_void_p]
    xcb.xcb_connection_has_error.argtypes = [ctypes.c_void_p]
    xcb.xcb_disconnect.argtypes = [ctypes.c_void_p]
    connection = xcb.xcb_connect(display.encode(), None)
    is_well = xcb.xcb_connection_has_error(connection) == 0
    xcb.xcb_disconnect(connection)
    return is_well
