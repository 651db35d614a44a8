"""Fetches publish responses and writes their values into items: the hot path of subscriptions.

The server answers a waiting publish request whenever a subscription has something to say or its keep-alive
is due. A few requests wait at a time, so that a slow network does not become the pace of the values.
"""

import asyncio
import time
from collections.abc import Callable

from asyncua import ua
from asyncua.ua.status_codes import StatusCodes

from drivers.errors import LineLost
from drivers.opcua.decode import status_words
from drivers.opcua.faults import Garbled
from drivers.opcua.item import EventListener, Item, Subscription
from drivers.opcua.link import Link
from drivers.opcua.services import create_subscription, publish

KEEP_ALIVE_S = 0.5
_GRACE_S = 0.5  # a keep-alive may be this late before the subscription counts as dead, besides the time-out
_MOST_REQUESTS = 6


class Publisher:
    """All subscriptions of one session.

    Attributes:
        items: Watched items by handle. Groups put them in before the server is asked, because a value may
            arrive earlier than the answer to the request that made its item.
        on_garbled: Called when a response came whose values cannot be told apart. Whatever it held is lost,
            and the server does not send it again.
    """

    def __init__(self, link: Link) -> None:
        self.items: dict[int, Item] = {}
        self.on_garbled: list[Callable[[], None]] = []
        self._link = link
        self._loop = asyncio.get_running_loop()
        self._subscriptions: dict[int, Subscription] = {}
        self._acknowledged: list[tuple[int, int]] = []
        self._request_count = 0
        self._request_limit = _MOST_REQUESTS

    async def subscribe(
        self, publishing_interval_ms: float, events: EventListener | None = None, most_per_publish: int = 0
    ) -> Subscription:
        """Make one more subscription. Raises UaStatusCodeError where the server refuses, or LineLost.

        Args:
            publishing_interval_ms: How often it speaks if there is something to say.
            events: Who hears of events; the end of such a subscription is not the session's.
            most_per_publish: So many come in one response; 0 = no limit.
        """
        terms = await create_subscription(
            self._link.channel, publishing_interval_ms, KEEP_ALIVE_S, most_per_publish
        )
        limit_s = terms.keep_alive_s + self._link.timeout_s + _GRACE_S
        subscription = Subscription(terms.id, limit_s, self._loop.time(), events)
        self._subscriptions[terms.id] = subscription
        # One more than subscriptions: each can speak while one answer is on its way.
        while self._request_count < min(len(self._subscriptions) + 1, self._request_limit):
            self._request_count += 1
            self._link.spawn(self._fetch(), "publish")
        return subscription

    def forget(self, subscription: Subscription) -> None:
        """Hear of a subscription no more."""
        self._subscriptions.pop(subscription.id, None)

    def check_life(self) -> None:
        """Raise LineLost when a subscription has been silent for longer than it may."""
        now_s = self._loop.time()
        silent = [one for one in self._subscriptions.values() if now_s - one.at_s > one.silence_limit_s]
        for subscription in silent:
            self._end(
                subscription,
                f"has sent no sign of life of a subscription for {subscription.silence_limit_s:.1f} s",
            )

    def _end(self, subscription: Subscription, reason: str) -> None:
        """Tell whoever hears of its events; values go on only over a new connection."""
        text = f"{self._link.channel.endpoint} {reason}"
        if subscription.events is None:
            raise LineLost(f"{text}; it is connected anew.")
        self.forget(subscription)
        subscription.events.on_end(f"{text}.")

    async def _fetch(self) -> None:
        while True:
            acknowledged, self._acknowledged = self._acknowledged, []
            try:
                publication = await publish(self._link.channel, acknowledged)
            except Garbled:
                for give_up in self.on_garbled:
                    give_up()
                continue
            except ua.UaStatusCodeError as error:
                if error.code == StatusCodes.BadTimeout:
                    continue  # the request waited for too long on the server; ask again
                if error.code == StatusCodes.BadTooManyPublishRequests and self._request_count > 1:
                    self._request_count -= 1
                    self._request_limit = self._request_count
                    return
                raise
            self._link.seen()
            subscription = self._subscriptions.get(publication.subscription)
            if subscription is None:
                continue
            subscription.at_s = self._loop.time()
            subscription.at_unix = time.time()
            if publication.ended_code is not None:
                self._end(subscription, f"ended a subscription: {status_words(publication.ended_code)}")
                continue
            if publication.sequence is not None:
                self._acknowledged.append((subscription.id, publication.sequence))
                items = self.items
                heard: set[Callable[[], None]] = set()
                for change in publication.changes:
                    item = items.get(change.ClientHandle)
                    if item is not None:
                        item.data = change.Value
                        heard.add(item.tell)
                self._link.arrived()
                for tell in heard:
                    tell()
                if subscription.events is not None:
                    for event_list in publication.events:
                        subscription.events.on_events(event_list.body)
