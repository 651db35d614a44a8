"""Two rows of a form beside each other, so that it stays lower than a small screen."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QWidget

from console.widgets.form_dialog import FormDialog
from console.widgets.form_row import FormRow


def side_by_side(dialog: FormDialog, *rows: tuple[FormRow, int]) -> None:
    """Put rows of a dialog, each with its share of the width, on one line below what the dialog has."""
    line = QWidget()
    layout = QHBoxLayout(line)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(16)
    for row, share in rows:
        layout.addWidget(row, share, Qt.AlignmentFlag.AlignTop)
    dialog.add_widget(line)
