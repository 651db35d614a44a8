"""The console brings its own typeface, and its digits do not tremble."""

from importlib.resources import files

from PySide6.QtGui import QFont, QFontInfo, QFontMetricsF

from console.widgets.fonts import load_fonts, text_font


def test_the_bundled_typeface_is_the_one_in_use(qapp):
    assert load_fonts()
    assert QFontInfo(text_font(13)).family() == "Inter"


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
