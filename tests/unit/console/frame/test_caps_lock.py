import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit

from console.frame.caps_lock import CapsLockWatch, is_caps_lock


@pytest.mark.parametrize(
    ("text", "is_shifted", "told"),
    [
        ("a", False, False),
        ("A", False, True),
        ("A", True, False),
        ("a", True, True),
        ("É", False, True),
        ("1", False, None),
        ("!", True, None),
        ("字", False, None),
        ("", False, None),
        ("😀", False, None),
    ],
)
def test_a_letter_against_its_shift_tells(text, is_shifted, told):
    assert is_caps_lock(text, is_shifted=is_shifted) is told


def test_a_field_tells_when_caps_lock_begins_and_ends(qtbot):
    field = QLineEdit()
    qtbot.addWidget(field)
    heard: list[bool] = []
    CapsLockWatch(field).changed.connect(heard.append)
    qtbot.keyClick(field, Qt.Key.Key_B)
    # What Caps Lock does: a capital letter without Shift.
    qtbot.keyClicks(field, "A", modifier=Qt.KeyboardModifier.NoModifier)
    qtbot.keyClick(field, Qt.Key.Key_B)
    assert heard == [True, False]
