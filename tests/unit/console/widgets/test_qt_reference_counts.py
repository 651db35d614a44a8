"""The pinned Qt binding keeps None alive.

PySide6 6.12.0 on Python 3.11 gives one reference to None away with every call that returns nothing; the
interpreter dies within seconds ("none_dealloc"). This test goes red before an upgrade does harm.
"""

import sys

from PySide6.QtCore import QObject, QRect
from PySide6.QtWidgets import QWidget


def test_a_thousand_void_calls_do_not_lose_a_reference_to_none(qtbot):
    widget, thing = QWidget(), QObject()
    qtbot.addWidget(widget)
    before = sys.getrefcount(None)
    for number in range(1000):
        widget.update()
        widget.setGeometry(QRect(0, 0, 10 + number % 3, 10))
        thing.setObjectName("name")
    assert sys.getrefcount(None) > before - 500
