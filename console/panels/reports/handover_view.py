"""One handover as a page: every section with what was found, and room for people's words."""

from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QLabel, QPlainTextEdit, QScrollArea, QVBoxLayout, QWidget

from console.panels.settings.page_parts import heading
from console.widgets.fonts import BODY_PX, text_font
from console.widgets.plain_text import plain_label
from console.widgets.theme import ThemeSource
from models.records.handover import HandoverSection, SectionKey

_MOST_NOTE_LINES = 8


class HandoverView(QScrollArea):
    """Notes can be written where `is_editable`; Tab leads from one to the next.

    Attributes:
        edited: Somebody wrote something.
    """

    edited = Signal()

    def __init__(self, theme_source: ThemeSource) -> None:
        super().__init__()
        self.setObjectName("handover-view")
        self.setAccessibleName("The handover")
        self.setWidgetResizable(True)
        self.setFrameShape(QScrollArea.Shape.NoFrame)
        self._themes = theme_source
        self._sections: tuple[HandoverSection, ...] = ()
        self._lines: dict[SectionKey, QLabel] = {}
        self._kept_notes: dict[SectionKey, QLabel] = {}
        self._notes: dict[SectionKey, QPlainTextEdit] = {}
        page = QWidget()
        self.setWidget(page)
        column = QVBoxLayout(page)
        column.setContentsMargins(12, 4, 12, 12)
        column.setSpacing(4)
        for key in SectionKey:
            column.addWidget(heading(key.heading))
            self._add_section(column, key)
            column.addSpacing(8)
        column.addStretch(1)
        theme_source.changed.connect(self._colour)

    @property
    def sections(self) -> tuple[HandoverSection, ...]:
        """What is shown, with what was written by now."""
        return tuple(
            replace(section, note=self._notes[section.key].toPlainText().strip())
            if self._notes[section.key].isVisibleTo(self)
            else section
            for section in self._sections
        )

    def show_sections(self, sections: Sequence[HandoverSection], *, is_editable: bool) -> None:
        """Show another handover, or the same with other lines."""
        self._sections = tuple(sections)
        known = {section.key: section for section in sections}
        for key in SectionKey:
            section = known.get(key, HandoverSection(key, ()))
            words = "\n".join(f"•  {line}" for line in section.lines) or key.nothing
            if not (words or is_editable or section.note):
                words = "Nothing."
            self._lines[key].setText(words)
            self._lines[key].setVisible(bool(words))
            self._kept_notes[key].setText(f"Note: {section.note}" if section.note else "")
            self._kept_notes[key].setVisible(bool(section.note) and not is_editable)
            field = self._notes[key]
            field.setVisible(is_editable)
            if field.toPlainText() != section.note:
                field.blockSignals(True)
                field.setPlainText(section.note)
                field.blockSignals(False)
        self._colour()
        self.verticalScrollBar().setValue(0)

    def focus_first(self) -> None:
        """Put the keyboard on the first note, or on the page where none can be written."""
        field = self._notes[SectionKey.OPEN]
        (field if field.isVisibleTo(self) else self).setFocus(Qt.FocusReason.OtherFocusReason)

    def _add_section(self, column: QVBoxLayout, key: SectionKey) -> None:
        lines = self._lines[key] = plain_label()
        lines.setObjectName(f"handover-lines-{key.value}")
        lines.setWordWrap(True)
        lines.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        kept = self._kept_notes[key] = plain_label()
        kept.setObjectName(f"handover-kept-{key.value}")
        kept.setWordWrap(True)
        kept.setFont(text_font(BODY_PX, QFont.Weight.DemiBold))
        field = self._notes[key] = QPlainTextEdit()
        field.setObjectName(f"handover-note-{key.value}")
        field.setAccessibleName(f"Your note: {key.heading}")
        field.setPlaceholderText("Add a note for the next shift")
        field.setTabChangesFocus(True)
        field.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        field.document().documentLayout().documentSizeChanged.connect(lambda: _fit(field))
        _fit(field)
        field.textChanged.connect(self.edited)
        for widget in (lines, kept, field):
            column.addWidget(widget)

    def _colour(self) -> None:
        """What says that nothing was found is quieter than what was."""
        quiet = self._themes.theme.muted.name()
        known = {section.key: section for section in self._sections}
        for key, label in self._lines.items():
            is_quiet = not (key in known and known[key].lines)
            label.setStyleSheet(f"color: {quiet};" if is_quiet else "")


def _fit(field: QPlainTextEdit) -> None:
    """Make a note as high as its words, one line at least; beyond eight it scrolls."""
    lines = min(_MOST_NOTE_LINES, max(1, int(field.document().size().height())))
    is_longer = field.document().size().height() > _MOST_NOTE_LINES
    policy = Qt.ScrollBarPolicy.ScrollBarAsNeeded if is_longer else Qt.ScrollBarPolicy.ScrollBarAlwaysOff
    field.setVerticalScrollBarPolicy(policy)
    field.setFixedHeight(field.fontMetrics().lineSpacing() * lines + 16)
