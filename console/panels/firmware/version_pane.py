"""One version in full: who signed it and what that is worth here, what it is, its notes."""

from PySide6.QtCore import Signal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from console.panels.elided_label import ElidedLabel
from console.panels.firmware.facts_form import FactsForm, grouped_digits, selectable_label
from console.panels.firmware.notes_view import NotesView
from console.panels.firmware.seals import VersionRow, needed_words, seal_lines
from console.panels.firmware.versions_model import expiry_words
from console.widgets.fonts import BODY_PX, text_font
from models.records.firmware import VersionStatus

RELEASE, DEPRECATE = "release", "deprecate"
_LONG = "Image"
"""Its address has no place where a line could break."""
_LABELS = {RELEASE: "&Release…", DEPRECATE: "&Deprecate…"}


class VersionPane(QWidget):
    """Beside the table.

    Attributes:
        wanted: A button was pressed (its name).
    """

    wanted = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("version")
        self._title = ElidedLabel()
        self._title.setObjectName("version-title")
        self._title.setFont(text_font(BODY_PX + 4, QFont.Weight.DemiBold))
        self._seals = selectable_label("version-seals")
        self._facts = FactsForm("version", elided=_LONG)
        self._notes = NotesView("version-notes")
        self._buttons = {name: QPushButton(label) for name, label in _LABELS.items()}
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 0, 0, 0)
        layout.setSpacing(8)
        row = QHBoxLayout()
        for name, button in self._buttons.items():
            button.setObjectName(f"version-{name}")
            button.clicked.connect(lambda _checked=False, name=name: self.wanted.emit(name))
            row.addWidget(button)
        row.addStretch(1)
        layout.addWidget(self._title)
        layout.addLayout(row)
        layout.addWidget(self._seals)
        layout.addLayout(self._facts)
        layout.addWidget(self._notes, 1)

    def show_version(self, row: VersionRow, needed: int, *, may_change: bool, may_release: bool) -> None:
        """Show a version.

        Args:
            row: Which.
            needed: Signatures that a release needs.
            may_change: The person added it, or is an administrator.
            may_release: This run can verify it.
        """
        one = row.version
        self._title.setText(f"{one.version}, {one.status.value}")
        offered = {
            RELEASE: may_change and may_release and one.status is VersionStatus.DRAFT,
            DEPRECATE: may_change and one.status is VersionStatus.RELEASED,
        }
        for name, button in self._buttons.items():
            button.setVisible(offered[name])
        self._seals.setText("\n".join([*seal_lines(row.seals), needed_words(needed)]))
        self._facts.show_facts(
            [
                ("Hardware", ", ".join(one.hardware) or "–"),
                ("SHA-256", grouped_digits(one.sha256.hex()) or "–"),
                ("Bytes", f"{one.size:,}" if one.size else "–"),
                ("Expires", expiry_words(row)),
                (_LONG, one.firmware_url),
                ("Released", _released(row)),
            ]
        )
        self._notes.show_notes(one.release_notes or "*No release notes.*")

    def press(self, name: str) -> None:
        """Press a button, where it is offered."""
        if self._buttons[name].isVisibleTo(self):
            self._buttons[name].click()


def _released(row: VersionRow) -> str:
    one = row.version
    if one.released_at is None:
        return "–"
    return f"{one.released_at:%Y-%m-%d %H:%M} UTC by {one.releaser or 'somebody'}"
