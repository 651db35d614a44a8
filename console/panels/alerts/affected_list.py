"""What an order touches, a line each, in the form that asks for more about it."""

from collections.abc import Sequence

from PySide6.QtWidgets import QPlainTextEdit, QWidget

from console.widgets.fonts import BODY_PX, text_font
from console.widgets.plain_text import plain_label

_SHOWN_LINES = 5


def affected_list(lines: Sequence[str]) -> QWidget:
    """Return the lines to read: as they are where they are few, in a scrolling list where they are many."""
    if len(lines) <= _SHOWN_LINES:
        label = plain_label("\n".join(lines))
        label.setObjectName("order-affected")
        label.setAccessibleName("What this touches")
        label.setWordWrap(True)
        return label
    view = QPlainTextEdit("\n".join(lines))
    view.setObjectName("order-affected")
    view.setAccessibleName("What this touches")
    view.setReadOnly(True)
    view.setTabChangesFocus(True)
    view.setFont(text_font(BODY_PX))
    view.ensurePolished()
    # Half a line more than is shown: whoever sees half a line knows that there is more.
    view.setFixedHeight(round(view.fontMetrics().lineSpacing() * (_SHOWN_LINES + 0.5)) + 12)
    return view
