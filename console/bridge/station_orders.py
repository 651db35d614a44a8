"""Acknowledging through the station of this computer, while the database cannot be told.

The station keeps it on its disk, and the database applies it under the person's name once it is back.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal
from shiboken6 import isValid

from console.bridge.commands import AcknowledgeAlerts
from console.bridge.station_alerts import AlertKey, key_of
from console.link.messages import Acknowledge, Acknowledged
from models.records.alert import Alert, AlertId, AlertOutcome

CONFIRMED_WITHIN_MS = 5_000
KEPT = "Kept on this computer; entered under your name once the database is back."
NO_STATION = (
    "The database is away and no station runs on this computer, so nothing can be kept; "
    "acknowledge again once one of them is back."
)
_UNCONFIRMED = "The station did not confirm this within 5 s; whether it counts shows in the list."
_LOST = "The station was lost before it confirmed this; whether it counts shows in the list."
_GONE = "This alert is no longer open."
_UNANSWERED = "The station said nothing about this alert; acknowledge it once the database is back."


@dataclass(frozen=True, slots=True, eq=False)
class _Order:
    alerts: dict[AlertKey, AlertId]
    answered: tuple[AlertOutcome, ...]
    on_done: Callable[[list[AlertOutcome]], None]
    on_failed: Callable[[str], None]
    owner: QObject


class StationOrders(QObject):
    """Belongs to the window's thread.

    Attributes:
        kept: The station keeps that these were acknowledged (list of AlertKey).
    """

    kept = Signal(object)

    def __init__(self, send: Callable[[Acknowledge], bool], parent: QObject | None = None) -> None:
        """Store what sends a message to the station, and returns whether there is one."""
        super().__init__(parent)
        self._send = send
        self._number = 0
        self._pending: dict[int, _Order] = {}

    @property
    def pending(self) -> int:
        """How many orders have not been answered yet."""
        return len(self._pending)

    def acknowledge(
        self,
        command: AcknowledgeAlerts,
        alerts: Sequence[Alert],
        on_done: Callable[[Any], None],
        on_failed: Callable[[str], None],
        owner: QObject,
    ) -> None:
        """Hand it to the station; one of the callbacks comes later, as those of `Asking.command`.

        Args:
            command: What the person wants.
            alerts: Those that are open now.
            on_done: Gets a list with one AlertOutcome an alert.
            on_failed: Gets one sentence.
            owner: Neither is called once this object is destroyed.
        """
        keys = {alert.id: key_of(alert) for alert in alerts}
        wanted = {key: id for id in command.ids if (key := keys.get(id)) is not None}
        rest = tuple(AlertOutcome(id, False, _GONE) for id in command.ids if keys.get(id) is None)
        order = _Order(wanted, rest, on_done, on_failed, owner)
        if not wanted:
            QTimer.singleShot(0, owner, partial(on_done, list(rest)))
            return
        self._number += 1
        number = self._number
        if not self._send(Acknowledge(number, list(wanted), command.comment)):
            QTimer.singleShot(0, owner, partial(on_failed, NO_STATION))
            return
        self._pending[number] = order
        QTimer.singleShot(CONFIRMED_WITHIN_MS, self, lambda: self._fail(number, _UNCONFIRMED))

    def take(self, message: Acknowledged) -> None:
        """Take the station's answer; one that nobody waits for any more is left out."""
        kept = [(device, threshold) for device, threshold, is_done, _ in message.outcomes if is_done]
        if kept:
            # Also where it came too late for whoever asked: the alert no longer asks.
            self.kept.emit(kept)
        order = self._pending.pop(message.number, None)
        if order is None or not isValid(order.owner):
            return
        said = {(device, threshold): (done, text) for device, threshold, done, text in message.outcomes}
        outcomes = list(order.answered)
        for key, id in order.alerts.items():
            is_done, text = said.get(key, (False, _UNANSWERED))
            outcomes.append(AlertOutcome(id, is_done, KEPT if is_done else text or _UNANSWERED))
        order.on_done(outcomes)

    def lose_station(self) -> None:
        """No answer will come to what is on its way."""
        for number in list(self._pending):
            self._fail(number, _LOST)

    def forget(self) -> None:
        """Nobody waits any more."""
        self._pending.clear()

    def _fail(self, number: int, sentence: str) -> None:
        order = self._pending.pop(number, None)
        if order is not None and isValid(order.owner):
            order.on_failed(sentence)
