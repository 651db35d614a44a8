"""What to do about an alert, and how long there is to do it: the alarm response procedure of IEC 62682."""

from datetime import datetime

from PySide6.QtCore import Qt
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from console.panels.alerts.time_words import countdown_text
from console.panels.wording import length_text
from console.widgets.fonts import BODY_PX, text_font
from console.widgets.plain_text import plain_label
from console.widgets.theme import ThemeSource
from models.records.alert import Alert
from models.records.threshold import NO_GUIDANCE, Guidance

_LABEL_PX = 92


class GuidanceView(QWidget):
    """The action first: it is what is looked for at night. Takes no room where nothing is written."""

    def __init__(self, theme_source: ThemeSource, prefix: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(f"{prefix}-guidance")
        self.setAccessibleName("What to do")
        self._themes = theme_source
        self._guidance = NO_GUIDANCE
        self._alert: Alert | None = None
        self._labels: list[QLabel] = []
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(8)
        self._grid.setVerticalSpacing(4)
        self._grid.setColumnStretch(1, 1)
        self._time = self._row("Respond", f"{prefix}-respond", is_strong=True)
        self._action = self._row("What to do", f"{prefix}-action", is_strong=True)
        self._cause = self._row("Usual cause", f"{prefix}-cause")
        self._consequence = self._row("Otherwise", f"{prefix}-consequence")
        theme_source.changed.connect(self._colour)
        self._colour()
        self.show_guidance(None, NO_GUIDANCE)

    def show_guidance(self, alert: Alert | None, guidance: Guidance) -> None:
        """Show what is written about an alert."""
        self._alert, self._guidance = alert, guidance
        for label, words in (
            (self._action, guidance.action),
            (self._cause, guidance.cause),
            (self._consequence, guidance.consequence),
        ):
            label.setText(words)
            self._show_row(label, shown=bool(words))
        self._show_row(self._time, shown=False)
        self.setVisible(alert is not None and guidance != NO_GUIDANCE)

    def refresh(self, now: datetime) -> None:
        """Count down. Whoever has acknowledged still has to respond; once the value is back, nobody has."""
        alert, within_s = self._alert, self._guidance.respond_within_s
        is_due = alert is not None and within_s is not None and alert.is_standing
        if alert is not None and within_s is not None and is_due:
            began = alert.annunciated_at or alert.triggered_at
            left_s = within_s - (now - began).total_seconds()
            self._time.setText(f"within {length_text(within_s)}: {countdown_text(left_s)}")
        self._show_row(self._time, shown=is_due)

    def _row(self, title: str, name: str, *, is_strong: bool = False) -> QLabel:
        place = len(self._labels)
        label = QLabel(title)
        label.setFixedWidth(_LABEL_PX)
        words = plain_label()
        words.setObjectName(name)
        words.setWordWrap(True)
        if is_strong:
            words.setFont(text_font(BODY_PX, QFont.Weight.DemiBold))
        self._grid.addWidget(label, place, 0, alignment=Qt.AlignmentFlag.AlignTop)
        self._grid.addWidget(words, place, 1)
        self._labels.append(label)
        return words

    def _show_row(self, words: QLabel, *, shown: bool) -> None:
        row = self._grid.getItemPosition(self._grid.indexOf(words))[0]  # pyright: ignore[reportIndexIssue]
        words.setVisible(shown)
        self._labels[row].setVisible(shown)

    def _colour(self) -> None:
        for label in self._labels:
            label.setStyleSheet(f"color: {self._themes.theme.muted.name()};")
