"""The console brings its own typeface, and its digits do not tremble."""

import subprocess
import sys
import threading
from importlib.resources import files
from pathlib import Path

from PySide6.QtGui import QFont, QFontInfo, QFontMetricsF

from console.widgets.fonts import load_fonts, text_font

ROOT = Path(__file__).resolve().parents[4]


def test_the_bundled_typeface_is_the_one_in_use(qapp):
    assert load_fonts()
    assert QFontInfo(text_font(13)).family() == "Inter"


def test_it_is_the_one_in_use_also_where_a_thread_of_reports_asked_first(qapp):
    code = (
        "import threading\n"
        "from PySide6.QtGui import QFontInfo, QGuiApplication\n"
        "from console.widgets.fonts import load_fonts, text_font\n"
        "app = QGuiApplication([])\n"
        "font = text_font(13)\n"
        "QFontInfo(font).family()\n"
        "thread = threading.Thread(target=load_fonts)\n"
        "thread.start()\n"
        "thread.join()\n"
        "print(QFontInfo(text_font(13)).family())\n"
    )
    said = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True, timeout=60
    )
    assert said.stdout == "Inter\n"


def test_threads_share_no_font(qapp):
    fonts = []
    thread = threading.Thread(target=lambda: fonts.append(text_font(13)))
    thread.start()
    thread.join()

    assert fonts[0] is not text_font(13) is text_font(13)
    assert fonts == [text_font(13)]


def test_all_digits_are_equally_wide_in_every_weight(qapp):
    load_fonts()
    for weight in (QFont.Weight.Normal, QFont.Weight.Medium, QFont.Weight.DemiBold):
        metrics = QFontMetricsF(text_font(15, weight))
        widths = [metrics.horizontalAdvance(digit * 4) for digit in "0123456789"]
        # Hinting rounds each weight's glyphs to a 64th of a pixel; a proportional "1" would be 8 px narrower.
        assert max(widths) - min(widths) < 0.1


def test_the_licence_lies_beside_the_typeface():
    text = (files("resources") / "fonts" / "LICENSE.txt").read_text(encoding="utf-8")
    assert "SIL OPEN FONT LICENSE Version 1.1" in text
    assert "The Inter Project Authors" in text
