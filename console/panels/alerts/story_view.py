"""An alert's own journal, newest first, and how often it came lately: asked for when it is looked at."""

from collections.abc import Callable

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QGridLayout, QLabel, QVBoxLayout, QWidget

from console.bridge.bridge import Bridge
from console.panels.alerts.alert_questions import AskStory, Story
from console.panels.alerts.event_words import story_line
from console.panels.wording import count_text, moment_from_unix, moment_text
from console.widgets.plain_text import plain_label
from console.widgets.theme import ThemeSource
from models.records.alert import Alert

SHOWN = 30
_SOON_MS = 150
"""Whoever holds an arrow key runs past alerts whose story nobody reads."""


class StoryView(QWidget):
    """Stays as it is while the next story is on its way, unless that is about another alert."""

    def __init__(
        self,
        bridge: Bridge,
        theme_source: ThemeSource,
        now: Callable[[], float],
        prefix: str,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName(f"{prefix}-story")
        self.setAccessibleName("What happened to this alert")
        self._bridge = bridge
        self._themes = theme_source
        self._now = now
        self._alert: Alert | None = None
        self._is_unanswered = False
        self._often = plain_label()
        self._often.setObjectName(f"{prefix}-often")
        self._often.setWordWrap(True)
        self._lines: list[tuple[QLabel, QLabel]] = []
        self._more = plain_label()
        self._more.setObjectName(f"{prefix}-story-more")
        self._more.setWordWrap(True)
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(8)
        self._grid.setVerticalSpacing(4)
        self._grid.setColumnStretch(1, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        layout.addWidget(self._often)
        layout.addLayout(self._grid)
        layout.addWidget(self._more)
        self._soon = QTimer(self, singleShot=True, interval=_SOON_MS)
        self._soon.timeout.connect(self._ask)
        theme_source.changed.connect(self._colour)
        bridge.link_changed.connect(self._on_link_changed)

    def show_alert(self, alert: Alert | None) -> None:
        """Show the story of another alert, or of the same one, to which something happened."""
        is_other = alert is None or self._alert is None or alert.id != self._alert.id
        self._alert = alert
        if is_other:
            self._clear()
        if alert is not None:
            self._soon.start()

    def _on_link_changed(self) -> None:
        # Why there was no answer is past once the database is back.
        if self._is_unanswered and self._bridge.link.is_window_live:
            self._is_unanswered = False
            self._soon.start()

    def _ask(self) -> None:
        alert = self._alert
        if alert is None or not self.isVisible():
            return

        def take(story: Story) -> None:
            self._is_unanswered = False
            if self._alert is not None and self._alert.id == alert.id:
                self._show(story, alert)

        def fail(sentence: str) -> None:
            self._is_unanswered = True
            if self._alert is not None and self._alert.id == alert.id:
                self._more.setText(sentence)
                self._more.show()

        self._bridge.ask(AskStory(alert, moment_from_unix(self._now())), take, fail, self)

    def _show(self, story: Story, alert: Alert) -> None:
        often = story.frequency
        self._often.setText(
            f"Came {_times(often.in_24_h)} in 24 h, {_times(often.in_7_d)} in 7 days." if often else ""
        )
        self._often.setVisible(often is not None)
        now = moment_from_unix(self._now())
        shown = list(reversed(story.events))[:SHOWN]
        for place, event in enumerate(shown):
            at, words = self._line(place)
            at.setText(moment_text(event.at, now))
            words.setText(story_line(event, alert.metric, self._bridge.catalogue.quantities))
            at.show()
            words.show()
        self._hide_from(len(shown))
        rest = len(story.events) - len(shown)
        self._more.setText(f"{count_text(rest, 'earlier line')}: see the Journal tab.")
        self._more.setVisible(rest > 0)

    def _line(self, place: int) -> tuple[QLabel, QLabel]:
        if place == len(self._lines):
            at, words = plain_label(), plain_label()
            words.setWordWrap(True)
            words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            self._grid.addWidget(at, place, 0, alignment=Qt.AlignmentFlag.AlignTop)
            self._grid.addWidget(words, place, 1)
            self._lines.append((at, words))
            self._colour()
        return self._lines[place]

    def _hide_from(self, place: int) -> None:
        for at, words in self._lines[place:]:
            at.hide()
            words.hide()

    def _clear(self) -> None:
        self._often.setText("")
        self._hide_from(0)
        self._more.hide()

    def _colour(self) -> None:
        for at, _words in self._lines:
            at.setStyleSheet(f"color: {self._themes.theme.muted.name()};")


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count:,} times"
