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
from drivers.opcua.item import Item, Subscription
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

    async def subscribe(self, publishing_interval_ms: float) -> Subscription:
        """Make one more subscription. Raises UaStatusCodeError where the server refuses, or LineLost."""
        terms = await create_subscription(self._link.channel, publishing_interval_ms, KEEP_ALIVE_S)
        limit_s = terms.keep_alive_s + self._link.timeout_s + _GRACE_S
        subscription = Subscription(terms.id, limit_s, self._loop.time())
        self._subscriptions[terms.id] = subscription
        # One more than subscriptions: each can speak while one answer is on its way.
        while self._request_count < min(len(self._subscriptions) + 1, self._request_limit):
            self._request_count += 1
            self._link.spawn(self._fetch(), "publish")
        return subscription

    def check_life(self) -> None:
        """Raise LineLost when a subscription has been silent for longer than it may."""
        now_s = self._loop.time()
        for subscription in self._subscriptions.values():
            if now_s - subscription.at_s > subscription.silence_limit_s:
                raise LineLost(
                    f"{self._link.channel.endpoint} has sent no sign of life of a subscription for "
                    f"{subscription.silence_limit_s:.1f} s; it is connected anew."
                )

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
                raise LineLost(
                    f"{self._link.channel.endpoint} ended a subscription: "
                    f"{status_words(publication.ended_code)}; it is connected anew."
                )
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
