"""Choices and check boxes for looking at: nothing can be changed, and what they say can still be read."""

from PySide6.QtWidgets import QComboBox, QWidget


def set_looked_at(widget: QWidget, *, is_read_only: bool) -> None:
    """Let a widget be looked at only, or changed again; its words keep the strength of any other text."""
    widget.setEnabled(not is_read_only)
    if bool(widget.property("isReadOnly")) is is_read_only:
        # Polishing costs a millisecond, and a form has dozens of fields.
        return
    line = widget.lineEdit() if isinstance(widget, QComboBox) else None
    for part in (widget, line):
        if part is not None:
            part.setProperty("isReadOnly", is_read_only)
            # A style sheet looks at properties only when the widget is polished.
            part.style().unpolish(part)
            part.style().polish(part)
