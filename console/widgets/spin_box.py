"""A field for whole numbers with arrows, as all of them look."""

from PySide6.QtWidgets import QLineEdit, QSpinBox

_LEFT_PX = 4
"""Of a spin box, style sheets give neither padding nor margin to the text: it would touch the border."""


def make_spin_box(name: str, accessible_name: str, low: int, high: int, value: int) -> QSpinBox:
    """Return one.

    Args:
        name: Object name.
        accessible_name: What a screen reader says; empty where a label beside it says so.
        low: The least that can be chosen.
        high: The most.
        value: What it shows at first.
    """
    spin = QSpinBox()
    spin.setObjectName(name)
    if accessible_name:
        spin.setAccessibleName(accessible_name)
    spin.setRange(low, high)
    spin.setValue(value)
    line = spin.findChild(QLineEdit)
    if line is not None:
        line.setTextMargins(_LEFT_PX, 0, 0, 0)
    return spin
