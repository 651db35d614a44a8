"""Notifications: who is told off the console, by which way, and what became of it."""

from functools import partial
from typing import ClassVar

from PySide6.QtGui import QFont
from PySide6.QtWidgets import QTabWidget, QVBoxLayout

from console.panels.settings.notifications.channels_page import ChannelsPage
from console.panels.settings.notifications.messages_page import MessagesPage
from console.panels.settings.notifications.questions import LoadQueue, LoadSetup, Queue, Setup
from console.panels.settings.notifications.rules_page import RulesPage
from console.panels.settings.notifications.words import trouble_text
from console.panels.settings.section import Section, Surroundings
from console.panels.wording import moment_from_unix
from console.widgets.fonts import BODY_PX, text_font
from console.widgets.plain_text import plain_label
from models.records.rights import Action

_AGAIN_S = 5


class NotificationsSection(Section):
    """For administrators."""

    key: ClassVar[str] = "notifications"
    title: ClassVar[str] = "Notifications"
    icon: ClassVar[str] = "mdi6.email-alert-outline"
    needs: ClassVar[Action | None] = Action.MANAGE_NOTIFICATIONS

    def __init__(self, around: Surroundings) -> None:
        super().__init__(around)
        self._is_loaded = False
        self._seconds = 0
        self._asked, self._shown = 0, 0
        self._trouble = plain_label()
        self._trouble.setObjectName("notifications-trouble")
        self._trouble.setWordWrap(True)
        self._trouble.setFont(text_font(BODY_PX, QFont.Weight.DemiBold))
        self._trouble.setContentsMargins(12, 8, 12, 8)
        self._trouble.hide()
        self.channels = ChannelsPage(around, self._take_setup)
        self.rules = RulesPage(around, self._take_setup)
        self.messages = MessagesPage(around, self._ask_queue)
        self._tabs = QTabWidget()
        self._tabs.setObjectName("notifications-tabs")
        self._tabs.setAccessibleName("Parts of the notifications")
        self._tabs.setDocumentMode(True)
        for title, page in (
            ("Channels", self.channels),
            ("Rules", self.rules),
            ("Messages", self.messages),
        ):
            self._tabs.addTab(page, title)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._trouble)
        layout.addWidget(self._tabs)
        self.bridge.notifications_changed.connect(self._on_news)

    def refresh(self) -> None:
        """Read everything anew."""
        self._asked += 1
        self.bridge.ask(LoadSetup(), partial(self._take_answer, self._asked), self._say, self)
        self._ask_queue()

    def on_second(self) -> None:
        """Times of day tick; how the queue stands is asked for now and then."""
        self._seconds += 1
        if self._seconds % _AGAIN_S == 0:
            self._ask_queue()

    def focus_first(self) -> None:
        """Put the keyboard on the table of the tab shown."""
        page = self._tabs.currentWidget()
        if isinstance(page, ChannelsPage | RulesPage | MessagesPage):
            page.focus_table()

    def is_populated(self) -> bool:
        """Tell whether the lists have been read."""
        return self._is_loaded

    def show_tab(self, title: str) -> None:
        """Turn to a tab."""
        for number in range(self._tabs.count()):
            if self._tabs.tabText(number) == title:
                self._tabs.setCurrentIndex(number)

    def _on_news(self) -> None:
        if self.isVisible():
            self.refresh()

    def _ask_queue(self) -> None:
        self.bridge.ask(LoadQueue(self.messages.states), self._take_queue, self._say, self)

    def _take_answer(self, number: int, setup: Setup) -> None:
        # Two workers answer; what was asked later is newer.
        if number >= self._shown:
            self._shown = number
            self._take_setup(setup)

    def _take_setup(self, setup: Setup) -> None:
        self._is_loaded = True
        self.channels.show_setup(setup)
        self.rules.show_setup(setup)

    def _take_queue(self, queue: Queue) -> None:
        self.messages.show_queue(queue)
        now = moment_from_unix(self.now())
        words = "\n".join(trouble_text(trouble, now) for trouble in queue.troubles)
        self._trouble.setText(words)
        self._trouble.setVisible(bool(words))

    def _say(self, sentence: str) -> None:
        page = self._tabs.currentWidget()
        if isinstance(page, ChannelsPage | RulesPage | MessagesPage):
            page.say(sentence)
