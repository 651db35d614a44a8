"""Sends a test, from this computer or through a station, and tells every step while it happens."""

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QComboBox, QLineEdit, QListWidget, QListWidgetItem, QWidget

from console.bridge.bridge import Bridge
from console.bridge.notification_commands import OpenSecret, RequestTest
from console.bridge.notification_test import LocalTest
from console.panels.settings.notifications.questions import LoadDelivery
from console.panels.settings.notifications.words import address_error
from console.widgets.form_dialog import FormDialog
from console.widgets.theme import ThemeSource
from models.records.notification import (
    Attempt,
    Channel,
    ChannelKind,
    Delivery,
    DeliveryId,
    DeliveryState,
    Outcome,
    Step,
)

HERE, STATION = "here", "station"
_ASK_MS = 500
_SLOW_S, _LOST_S = 10.0, 90.0
_ACCEPTED = "The server accepted the test. Whether it arrives, only its reader can tell."
_MakeTest = Callable[..., LocalTest]


class TestDialog(FormDialog):
    """One channel, tried as often as wanted."""

    __test__ = False  # no test case, whatever a test runner makes of the name

    def __init__(
        self,
        channel: Channel,
        secret: str | None,
        bridge: Bridge,
        theme_source: ThemeSource,
        parent: QWidget,
        *,
        is_stored: bool,
        make_test: _MakeTest = LocalTest,
    ) -> None:
        """Lay the dialog out.

        Args:
            channel: What to test, as stored or as typed.
            secret: Typed, in clear; None = the one that is stored.
            bridge: Asks and commands.
            theme_source: The theme in use.
            parent: Whose window is blocked meanwhile.
            is_stored: Whether a station would send by this very channel.
            make_test: Makes the test from this computer.
        """
        title = f"A test by “{channel.name}” is really sent; it says that nothing is wrong in the plant."
        super().__init__("notification-test", title, "Send test", theme_source, parent)
        self._channel, self._typed_secret, self._bridge = channel, secret, bridge
        self._make_test = make_test
        self._test: LocalTest | None = None
        self._delivery: DeliveryId | None = None
        self._waited_s = 0.0
        self._from = QComboBox()
        self._from.setObjectName("notification-test-from")
        self._from.addItem("This computer", HERE)
        if is_stored:
            self._from.addItem("A station, as with an alert", STATION)
            self._from.setCurrentIndex(1)
        self._address = QLineEdit(bridge.person.email if bridge.person is not None else "")
        self._address.setObjectName("notification-test-address")
        hint = "" if is_stored else "A station can send it once the channel is saved."
        self.add_row("&From", self._from, hint=hint)
        if channel.kind is ChannelKind.SMTP:
            self.add_row("&To", self._address, lambda: address_error(self._address.text()))
        self._steps = QListWidget()
        self._steps.setObjectName("notification-test-steps")
        self._steps.setAccessibleName("What happened, step by step")
        self._steps.setWordWrap(True)
        self._steps.setMinimumHeight(190)
        self.add_widget(self._steps)
        self._poll = QTimer(self, interval=_ASK_MS)
        self._poll.timeout.connect(self._ask_station)
        self._cancel.setText("Close")
        self.submitted.connect(self._begin)
        self.finished.connect(self._end)

    @property
    def steps(self) -> list[str]:
        """What the list says."""
        return [self._steps.item(row).text() for row in range(self._steps.count())]

    def _begin(self) -> None:
        self._steps.clear()
        self.set_busy("Sending; every wait has an end, all of it within about 40 s…")
        if self._from.currentData() == STATION:
            self._waited_s = 0.0
            command = RequestTest(self._channel.id, self._recipient)
            self._bridge.command(command, self._follow, self.refuse, self)
        elif self._typed_secret is None and self._channel.secret is not None:
            question = OpenSecret(self._channel.id, self._bridge.sealing)
            self._bridge.ask(question, self._send_from_here, self._fail_to_open, self)
        else:
            self._send_from_here(self._typed_secret or "")

    @property
    def _recipient(self) -> str:
        return self._address.text().strip() if self._channel.kind is ChannelKind.SMTP else ""

    # -- from this computer ----------------------------------------------------------------------------

    def _send_from_here(self, secret: str) -> None:
        zone = self._bridge.alarm_settings.time_zone
        self._test = test = self._make_test(self._channel, secret, self._recipient, zone, self)
        test.stepped.connect(self._show_step)
        test.ended.connect(self._take_attempt)
        test.start()

    def _fail_to_open(self, sentence: str) -> None:
        self.refuse(f"The stored secret cannot be used here: {sentence}")

    def _take_attempt(self, attempt: Attempt) -> None:
        self._test = None
        self._conclude(_ACCEPTED if attempt.outcome is Outcome.SENT else attempt.error)

    # -- through a station -----------------------------------------------------------------------------

    def _follow(self, delivery: DeliveryId) -> None:
        self._delivery = delivery
        self._poll.start()

    def _ask_station(self) -> None:
        self._waited_s += _ASK_MS / 1000
        if self._delivery is not None:
            self._bridge.ask(LoadDelivery(self._delivery), self._take_delivery, self._lose_station, self)

    def _take_delivery(self, delivery: Delivery | None) -> None:
        if not self._poll.isActive():
            return
        if delivery is None:
            self._lose_station("The test is not there any more.")
        elif delivery.ended_at is not None:
            self._poll.stop()
            for step in delivery.steps:
                self._show_step(step)
            is_sent = delivery.state is DeliveryState.SENT
            by = f" It was sent by station {delivery.sent_by}." if delivery.sent_by else ""
            self._conclude(_ACCEPTED + by if is_sent else delivery.last_error)
        elif self._waited_s >= _LOST_S:
            self._lose_station("No station has sent it so far; it stays in the list of messages.")
        elif self._waited_s >= _SLOW_S and delivery.state is DeliveryState.WAITING:
            self.set_busy("No station has taken it yet: is one running, and does it hold the site's key?")

    def _lose_station(self, sentence: str) -> None:
        self._poll.stop()
        self._conclude(sentence)

    # -- both ------------------------------------------------------------------------------------------

    def _show_step(self, step: Step) -> None:
        mark = "✓" if step.is_good else "✗"
        item = QListWidgetItem(f"{mark}  {step.name}: {step.detail}  ({step.after_s:.2f} s)")
        item.setFlags(Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable)
        self._steps.addItem(item)
        self._steps.scrollToBottom()

    def _conclude(self, sentence: str) -> None:
        # Also what went well is said below the fields, which stay for another try.
        self.refuse(sentence)

    def _end(self, *_result: Any) -> None:
        self._poll.stop()
        if self._test is not None:
            self._test.stop()
