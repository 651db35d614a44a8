"""One version in full: who signed it and what that is worth here, what it is, its notes."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QFormLayout, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from console.panels.elided_label import ElidedLabel
from console.panels.firmware.notes_view import NotesView
from console.panels.firmware.seals import VersionRow, seal_sentence
from console.panels.firmware.versions_model import expiry_words
from console.widgets.fonts import BODY_PX, text_font
from console.widgets.plain_text import plain_label, plain_tip
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
        self._seals = _selectable("version-seals")
        self._facts = QFormLayout()
        self._facts.setHorizontalSpacing(14)
        self._values: list[QLabel] = []
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
        lines = [seal_sentence(seal) for seal in row.seals] or ["Nobody has signed it."]
        asked = "one trusted signature" if needed == 1 else f"{needed} trusted signatures of different keys"
        self._seals.setText("\n".join([*lines, f"A release needs {asked}."]))
        self._show_facts(
            [
                ("Hardware", ", ".join(one.hardware) or "–"),
                ("SHA-256", _grouped(one.sha256.hex()) or "–"),
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

    def _show_facts(self, rows: list[tuple[str, str]]) -> None:
        for label, _value in rows[len(self._values) :]:
            words = ElidedLabel() if label == _LONG else _selectable("")
            words.setObjectName(f"version-{label.lower()}")
            self._values.append(words)
            self._facts.addRow(plain_label(label), words)
        for words, (_label, value) in zip(self._values, rows, strict=True):
            words.setText(value)
            words.setToolTip(plain_tip(value))


def _selectable(name: str) -> QLabel:
    label = plain_label()
    label.setObjectName(name)
    label.setWordWrap(True)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return label


def _grouped(digits: str) -> str:
    """Return a hash in groups of eight, so that people can compare it and lines can break."""
    return " ".join(digits[place : place + 8] for place in range(0, len(digits), 8))


def _released(row: VersionRow) -> str:
    one = row.version
    if one.released_at is None:
        return "–"
    return f"{one.released_at:%Y-%m-%d %H:%M} UTC by {one.releaser or 'somebody'}"
