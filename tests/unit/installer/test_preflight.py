import sys

import pytest

from installer import preflight, system_libraries
from installer.preflight import window_fault

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux lacks libraries and displays")


@pytest.fixture
def complete_system(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(preflight, "missing_packages", lambda *, with_x11: [])
    monkeypatch.setattr(preflight, "plugin_fault", lambda: None)


def test_missing_libraries_are_named_with_the_line_that_brings_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(system_libraries, "_loads", lambda library: library != "libxcb-icccm.so.4")

    fault = window_fault({"DISPLAY": ":0"})

    assert fault is not None
    assert fault.endswith("sudo apt install libxcb-icccm4")


def test_offscreen_needs_no_library_of_x11(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(system_libraries, "_loads", lambda library: "xcb" not in library)

    assert window_fault({"QT_QPA_PLATFORM": "offscreen"}) is None


def test_without_display_the_ways_that_still_work_are_named(complete_system: None) -> None:
    fault = window_fault({})

    assert fault is not None
    for way in ("no display", "demo --tour", "main.py station", "remote display"):
        assert way in fault


def test_a_display_that_nobody_serves_is_named(complete_system: None) -> None:
    pytest.importorskip("ctypes").CDLL("libxcb.so.1")

    fault = window_fault({"DISPLAY": ":4711"})

    assert fault is not None
    assert ":4711 does not answer" in fault


def test_wayland_is_a_display(complete_system: None) -> None:
    assert window_fault({"WAYLAND_DISPLAY": "wayland-0"}) is None
