"""What is wrong with a station itself: one line each, worst first, with what to do and since when."""

from collections.abc import Sequence
from datetime import datetime

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from console.panels.wording import SEVERITY_WORDS, moment_from_unix, moment_text
from console.widgets.plain_text import plain_label
from console.widgets.severity_badge import AlertGroup, BadgeState, SeverityBadge
from console.widgets.theme import ThemeSource
from models.records.station import Condition, ConditionKind


class ConditionLines(QWidget):
    """Takes no room where nothing is wrong."""

    def __init__(self, theme_source: ThemeSource, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("station-conditions")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        # One of a kind at most, so that many lines are enough.
        self._lines = [_Line(number, theme_source) for number in range(len(ConditionKind))]
        for line in self._lines:
            layout.addWidget(line)
            line.hide()
        self.hide()

    def show_conditions(self, conditions: Sequence[Condition], now: datetime) -> None:
        """Show these, as ordered."""
        for place, line in enumerate(self._lines):
            if place < len(conditions):
                line.show_condition(conditions[place], now)
            line.setVisible(place < len(conditions))
        self.setVisible(bool(conditions))


class _Line(QWidget):
    def __init__(self, number: int, theme_source: ThemeSource) -> None:
        super().__init__()
        self._badge = SeverityBadge(theme_source)
        self._words = plain_label()
        self._words.setObjectName(f"station-condition-{number}")
        self._words.setWordWrap(True)
        self._words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addWidget(self._badge, alignment=Qt.AlignmentFlag.AlignTop)
        layout.addWidget(self._words, 1)

    def show_condition(self, condition: Condition, now: datetime) -> None:
        since = moment_text(moment_from_unix(condition.since_unix), now)
        severity = SEVERITY_WORDS[condition.severity]
        self._badge.set_group(AlertGroup(condition.severity, BadgeState.ACKNOWLEDGED, 1))
        # Its own words speak of alerts, which this is none of.
        self._badge.setAccessibleName(severity)
        self._badge.setToolTip(severity)
        self._words.setText(f"{condition.sentence} Since {since}.")
        self._words.setAccessibleName(f"{severity}: {self._words.text()}")
