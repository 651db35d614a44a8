"""The tab of messages: what waits, what was sent, what failed and why."""

from collections.abc import Callable
from typing import ClassVar

from PySide6.QtWidgets import QComboBox

from console.bridge.notification_commands import CancelDeliveries, RetryDeliveries
from console.panels.settings.notifications.list_page import Deed, Empty, ListPage
from console.panels.settings.notifications.questions import Queue
from console.panels.settings.notifications.table_model import WordsModel
from console.panels.settings.notifications.words import (
    STATE_WORDS,
    content_text,
    detail_text,
    moment_of,
    queue_text,
)
from console.panels.settings.section import Surroundings
from console.panels.wording import moment_from_unix
from console.widgets.plain_text import plain_label
from models.records.notification import Delivery, DeliveryState

_HEADINGS = ("State", "When", "Tells of", "To", "Rule", "By", "Tries")
_WIDTHS = (84, 120, 180, 150, 100, 92, 48)
_EMPTY = Empty(
    "mdi6.email-check-outline",
    "No messages",
    "Here stands what was sent, what waits, and what failed with its reason.",
)
_FILTERS: tuple[tuple[str, tuple[DeliveryState, ...]], ...] = (
    ("All messages", ()),
    ("To be sent", (DeliveryState.WAITING, DeliveryState.SENDING)),
    ("Failed", (DeliveryState.FAILED,)),
    ("Sent", (DeliveryState.SENT,)),
)
_CAN_RETRY = (DeliveryState.FAILED, DeliveryState.CANCELLED, DeliveryState.WAITING)


class MessagesPage(ListPage[Delivery]):
    """The newest 200 messages; those to be sent first."""

    name: ClassVar[str] = "messages"

    def __init__(self, around: Surroundings, refresh: Callable[[], None]) -> None:
        """Store what is needed; `refresh` asks for the queue anew."""
        self._now = around.now
        model = WordsModel[Delivery](_HEADINGS, lambda delivery: delivery.id, self._words, None)
        super().__init__(self.name, "Messages", model, _WIDTHS, 2, _EMPTY, around.theme_source)
        model.setParent(self)
        self._bridge = around.bridge
        self._refresh = refresh
        self._filter = QComboBox()
        self._filter.setObjectName("messages-filter")
        self._filter.setAccessibleName("Which messages are shown")
        for words, _ in _FILTERS:
            self._filter.addItem(words)
        self._detail = plain_label()
        self._detail.setObjectName("messages-detail")
        self._detail.setWordWrap(True)
        self.foot.addWidget(self._detail)
        self._bar.insertWidget(0, self._filter)
        self._retry = Deed("retry", "Retry", "R", self.retry)
        self._cancel = Deed("cancel", "Cancel", "Del", self.cancel)
        self._retry_all = Deed("retry-all", "Retry all failed", "A", self.retry_all, needs_row=False)
        self.add_deeds(self._retry, self._cancel, self._retry_all)
        self._filter.currentIndexChanged.connect(lambda _index: self._refresh())

    @property
    def states(self) -> tuple[DeliveryState, ...]:
        """What the filter lets through; empty = all."""
        return _FILTERS[self._filter.currentIndex()][1]

    def show_queue(self, queue: Queue) -> None:
        """Show another state."""
        self.show_rows(queue.deliveries)
        self.summary.setText(queue_text(queue.counts))

    def may_do(self, deed: Deed, row: Delivery | None) -> bool:
        """Tell whether a deed is offered now."""
        if deed is self._retry_all:
            return any(self._is_lost(self.model.row_at(number)) for number in range(self.model.rowCount()))
        if row is None:
            return False
        return row.state in (_CAN_RETRY if deed is self._retry else (DeliveryState.WAITING,))

    def follow_selection(self) -> None:
        """Show all that is known of the message chosen."""
        super().follow_selection()
        delivery = self.chosen
        text = detail_text(delivery, moment_from_unix(self._now())) if delivery is not None else ""
        if hasattr(self, "_detail"):
            self._detail.setText(text)
            self._detail.setVisible(bool(text))

    def retry(self) -> None:
        """Have the message chosen tried again at once."""
        if self.chosen is not None:
            self._order(RetryDeliveries((self.chosen.id,)))

    def retry_all(self) -> None:
        """Have every failed message that is shown tried again at once."""
        rows = [self.model.row_at(number) for number in range(self.model.rowCount())]
        self._order(RetryDeliveries(tuple(row.id for row in rows if self._is_lost(row))))

    def cancel(self) -> None:
        """Give the message chosen up."""
        if self.chosen is not None:
            self._order(CancelDeliveries((self.chosen.id,)))

    def _order(self, command: RetryDeliveries | CancelDeliveries) -> None:
        verb = "tried again now" if isinstance(command, RetryDeliveries) else "cancelled"

        def take(count: int) -> None:
            self.say(f"{count} {'message is' if count == 1 else 'messages are'} {verb}.")
            self._refresh()

        self._bridge.command(command, take, self.say, self)

    @staticmethod
    def _is_lost(delivery: Delivery) -> bool:
        return delivery.state is DeliveryState.FAILED and not delivery.is_test

    def _words(self, delivery: Delivery) -> tuple[str, ...]:
        return (
            STATE_WORDS[delivery.state],
            moment_of(delivery, moment_from_unix(self._now())),
            content_text(delivery),
            delivery.recipient or "the webhook",
            delivery.rule,
            delivery.channel,
            str(delivery.attempts),
        )
