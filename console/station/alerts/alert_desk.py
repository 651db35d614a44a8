"""Takes acknowledgements from windows, database or not: into the queue of findings, and onto the list.

    window ── Acknowledge ──→ desk ──→ the list, at once: its order is the order of the queue
                               └─────→ the outbox ── durable ──→ answer to the window

Whoever is first is first: a second person is told who that was. Used from the event loop only.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from console.station.alerts.alert_list import AlertKey, AlertList
from console.station.clocks.clock import Clock
from models.clock_words import moment_in_words
from models.queries.search_text import storable
from models.records.device import DeviceId
from models.records.station_alert import Acknowledgement, StationAlert
from models.records.threshold import ThresholdId
from models.records.ticket import TicketHolder, digest_of

LONGEST_COMMENT = 4000
"""Characters; as `app.bounded` has it for comments."""

_REMEMBERED = 10_000
_COMMENT_WANTED = "This alert asks for a comment; say in a few words what you found or did."
_NOT_OPEN = (
    "This computer's station does not poll this device, or the alert is over; acknowledge it where the "
    "device is polled, or here once the database is back."
)
_DONE = {False: "Acknowledged.", True: "Resolved."}

Outcome = tuple[int, int, bool, str]
"""Device, threshold, whether this did it, and one sentence."""

OnOutcomes = Callable[[Sequence[Outcome]], None]
Keep = Callable[[Sequence[Acknowledgement], Callable[[], None]], None]
"""Puts acts into the queue of findings, never waits, and calls back, on any thread, once they are durable."""

_Order = tuple[bytes, int]


@dataclass(slots=True)
class _Pending:
    """Acts on their way to the disk, and who waits for them."""

    outcomes: tuple[Outcome, ...]
    listeners: list[OnOutcomes] = field(default_factory=list[OnOutcomes])


class AlertDesk:
    """One for all windows."""

    def __init__(
        self,
        alerts: AlertList,
        clock: Clock,
        keep: Keep,
        on_told: Callable[[Sequence[AlertKey]], None] = lambda _: None,
        on_changed: Callable[[], None] = lambda: None,
    ) -> None:
        """Keep what it needs.

        Args:
            alerts: What is open.
            clock: Dates what is done.
            keep: Makes acts durable.
            on_told: Hears of which alerts acts were just put into the queue, in their order.
            on_changed: Hears that the list changed.
        """
        self._alerts = alerts
        self._clock = clock
        self._keep = keep
        self._on_told = on_told
        self._on_changed = on_changed
        self._pending: dict[_Order, _Pending] = {}
        self._done: OrderedDict[AlertKey, tuple[_Order, str]] = OrderedDict()

    def acknowledge(
        self,
        holder: TicketHolder,
        ticket: str,
        sight: frozenset[DeviceId] | None,
        number: int,
        alerts: Sequence[tuple[int, int]],
        comment: str,
        on_outcomes: OnOutcomes,
    ) -> None:
        """Take an acknowledgement; saying the same again does nothing again, and is answered the same.

        Args:
            holder: Whom the ticket speaks for, as checked. Every role may acknowledge what it may see.
            ticket: Goes with the acts as proof; kept nowhere else.
            sight: The devices this person may see; None = all.
            number: The window's, by which a repetition is recognised.
            alerts: Device and threshold of each.
            comment: The person's words.
            on_outcomes: Hears one outcome an alert once what was done is durable; at once if nothing was.
        """
        order = (digest_of(ticket), number)
        words = storable(comment).strip()
        if len(words) > LONGEST_COMMENT:
            why = f"A comment may have {LONGEST_COMMENT} characters; this one has {len(words)}."
            on_outcomes([(device, threshold, False, why) for device, threshold in alerts])
            return
        now_unix = self._clock.unix()
        outcomes: list[Outcome] = []
        acts: list[Acknowledgement] = []
        for device, threshold in alerts:
            key = (DeviceId(device), ThresholdId(threshold))
            is_seen = sight is None or key[0] in sight
            is_act, is_ours, text = (
                self._take(key, order, holder.name, words, now_unix) if is_seen else (False, False, _NOT_OPEN)
            )
            if is_act:
                acts.append(Acknowledgement(ticket, *key, now_unix, words))
            outcomes.append((device, threshold, is_ours, text))
        self._answer(order, acts, tuple(outcomes), on_outcomes)

    def _take(
        self, key: AlertKey, order: _Order, name: str, words: str, now_unix: float
    ) -> tuple[bool, bool, str]:
        """Return whether there is something to tell, whether this order did it, and the sentence."""
        alert = self._alerts.alert(key)
        if alert is None or alert.acknowledged_unix is not None:
            done_by, text = self._done.get(key, (None, ""))
            if done_by == order:
                return False, True, text
            return False, False, _NOT_OPEN if alert is None else _already(alert)
        if alert.requires_comment and not words:
            return False, False, _COMMENT_WANTED
        self._alerts.acknowledge(key, now_unix, name)
        text = _DONE[self._alerts.alert(key) is None]
        self._done[key] = (order, text)
        self._done.move_to_end(key)
        if len(self._done) > _REMEMBERED:
            self._done.popitem(last=False)
        return True, True, text

    def _answer(
        self,
        order: _Order,
        acts: Sequence[Acknowledgement],
        outcomes: tuple[Outcome, ...],
        on_outcomes: OnOutcomes,
    ) -> None:
        pending = self._pending.get(order)
        if not acts and pending is not None and pending.outcomes == outcomes:
            pending.listeners.append(on_outcomes)
        elif not acts:
            on_outcomes(outcomes)
        else:
            pending = self._pending[order] = _Pending(outcomes, [on_outcomes])
            loop = asyncio.get_running_loop()

            def tell() -> None:
                if not loop.is_closed():
                    loop.call_soon_threadsafe(self._settle, order, pending)

            self._keep(acts, tell)
            self._on_told([(act.device, act.threshold) for act in acts])
            self._on_changed()

    def _settle(self, order: _Order, pending: _Pending) -> None:
        if self._pending.get(order) is pending:
            del self._pending[order]
        for on_outcomes in pending.listeners:
            on_outcomes(pending.outcomes)
        pending.listeners.clear()


def _already(alert: StationAlert) -> str:
    assert alert.acknowledged_unix is not None  # the caller has looked
    when = moment_in_words(datetime.fromtimestamp(alert.acknowledged_unix, UTC))
    return f"Already acknowledged by {alert.acknowledged_by or 'somebody'} at {when}."
