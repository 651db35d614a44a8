"""Items of one pace in one session: watched in few subscriptions, polled where that is refused.

Devices that open within a moment share calls: what they ask for is gathered, then made in batches as large
as the server allows. What the server refuses to watch is read in batches at the same pace; what it does not
know stays a bad value and is asked for again from time to time, because programs get reloaded.
"""

import asyncio
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from asyncua import ua
from asyncua.ua.status_codes import StatusCodes

from drivers.opcua.decode import refusal_words
from drivers.opcua.faults import again, ends_session, is_too_large
from drivers.opcua.fields import NotThere
from drivers.opcua.finding import find_paths, place_in
from drivers.opcua.item import Item, Subscription
from drivers.opcua.link import Link
from drivers.opcua.polling import Polling
from drivers.opcua.publisher import Publisher
from drivers.opcua.services import ItemRequest, create_items, delete_items, node_id, read_facts
from drivers.opcua.settings import Mode, OpcuaSettings

_GATHER_S = 0.02  # how long a first request waits for others to join its call
_ITEM_S = 0.01  # a small controller may need this long to make or remove one item
_RETRY_S = 10.0

# Watching and reading would fail alike: the value is bad until the server's address space changes.
_ABSENT = (
    StatusCodes.BadNodeIdUnknown,
    StatusCodes.BadNodeIdInvalid,
    StatusCodes.BadAttributeIdInvalid,
    StatusCodes.BadNotReadable,
    StatusCodes.BadUserAccessDenied,
)


@dataclass(frozen=True, slots=True)
class Pace:
    """What devices must have in common to share subscriptions."""

    mode: Mode
    publishing_interval_ms: int
    sampling_interval_ms: int
    items_per_subscription: int

    @staticmethod
    def of(settings: OpcuaSettings) -> "Pace":
        """Return the pace that `settings` ask for."""
        sampling_ms = settings.sampling_interval_ms
        publishing_ms = settings.publishing_interval_ms
        return Pace(
            settings.mode,
            publishing_ms,
            publishing_ms if sampling_ms is None else sampling_ms,
            settings.items_per_subscription,
        )


class ItemGroup:
    """Adds and removes items. Everything it starts belongs to the link and ends with it."""

    def __init__(self, link: Link, publisher: Publisher, pace: Pace) -> None:
        self._link = link
        self._publisher = publisher
        self._pace = pace
        self._polling = Polling(link, pace.publishing_interval_ms / 1000.0)
        self._is_watching = pace.mode is Mode.SUBSCRIBE
        self._subscriptions: list[Subscription] = []
        self._wanted: deque[Item] = deque()
        self._unwanted: dict[Subscription, list[int]] = {}
        self._absent: dict[int, Item] = {}
        self._batch = min(link.facts.items_per_call, pace.items_per_subscription)
        self._flushing: asyncio.Task[None] | None = None
        self._retrying: asyncio.Task[None] | None = None
        publisher.on_garbled.append(self._give_up_watching)

    async def add(self, items: Sequence[Item]) -> None:
        """Start watching or polling `items`. Returns when the server has accepted or refused each.

        Raises:
            DriverError: The link was lost meanwhile.
        """
        self._wanted.extend(items)
        task = self._flush_soon()
        await asyncio.wait({task})
        if self._link.lost is not None:
            raise again(self._link.lost)

    def remove(self, items: Iterable[Item]) -> None:
        """Let go of `items` at once; the server is told a moment later."""
        for item in items:
            item.is_wanted = False
            self._publisher.items.pop(item.handle, None)
            self._polling.discard(item)
            self._absent.pop(item.handle, None)
            self._leave_subscription(item)
        if self._unwanted and self._link.lost is None:
            self._flush_soon()

    def _flush_soon(self) -> asyncio.Task[None]:
        if self._flushing is None:
            self._flushing = self._link.spawn(self._flush(), "items")
        return self._flushing

    async def _flush(self) -> None:
        try:
            await asyncio.sleep(_GATHER_S)
            while self._wanted or self._unwanted:
                await self._delete_unwanted()
                await self._create_wanted()
        finally:
            self._flushing = None

    async def _delete_unwanted(self) -> None:
        unwanted, self._unwanted = self._unwanted, {}
        for subscription, ids in unwanted.items():
            for start in range(0, len(ids), self._batch):
                batch = ids[start : start + self._batch]
                timeout_s = self._link.begin_bulk(len(batch), _ITEM_S)
                await delete_items(self._link.channel, subscription.id, batch, timeout_s)
                self._link.end_bulk()

    async def _create_wanted(self) -> None:
        batch = [self._wanted.popleft() for _ in range(min(self._batch, len(self._wanted)))]
        await find_paths(self._link, [item.address for item in batch])
        found = [item for item in batch if item.is_wanted and self._locate(item)]
        subscription = await self._subscription_for(len(found))
        if subscription is None:
            self._polling.extend(found)
            return
        for item in found:
            self._publisher.items[item.handle] = item
            item.carrier = subscription
        await self._create_in(subscription, found)

    async def _create_in(self, subscription: Subscription, items: Sequence[Item]) -> None:
        requests = [
            ItemRequest(item.handle, item.node, item.index_range) for item in items if item.node is not None
        ]
        timeout_s = self._link.begin_bulk(len(requests), _ITEM_S)
        try:
            results = await create_items(
                self._link.channel, subscription.id, requests, self._pace.sampling_interval_ms, timeout_s
            )
        except ua.UaStatusCodeError as error:
            self._on_call_refused(error, items)
            return
        self._link.end_bulk()
        for item, result in zip(items, results, strict=True):
            item.refusal = ""
            if result.code >> 31:
                self._on_item_refused(item, result.code)
            elif item.is_wanted and self._is_watching:
                item.subscription, item.server_id = subscription, result.id
                subscription.item_count += 1
            else:
                self._unwanted.setdefault(subscription, []).append(result.id)
                self._poll_instead((item,))

    def _on_call_refused(self, error: ua.UaStatusCodeError, items: Sequence[Item]) -> None:
        self._link.end_bulk()
        code = error.code or 0
        if ends_session(code) or code == StatusCodes.BadSubscriptionIdInvalid:
            raise error
        if is_too_large(code) and len(items) > 1:
            self._batch = max(1, len(items) // 2)
            self._wanted.extendleft(reversed(items))
            return
        self._poll_instead(items)

    def _on_item_refused(self, item: Item, code: int) -> None:
        if not item.is_wanted:
            return
        if code in _ABSENT:
            self._set_absent(item, refusal_words(code, item.text))
        else:
            self._poll_instead((item,))

    def _poll_instead(self, items: Iterable[Item]) -> None:
        for item in items:
            self._publisher.items.pop(item.handle, None)
        self._polling.extend(item for item in items if item.is_wanted)

    def _give_up_watching(self) -> None:
        """Read all items from now on: one reading shows which value it is that cannot be decoded."""
        if not self._is_watching:
            return
        self._is_watching = False
        watched = [
            item for item in self._publisher.items.values() if item.subscription in self._subscriptions
        ]
        for item in watched:
            self._leave_subscription(item)
        self._subscriptions.clear()
        self._poll_instead(watched)
        self._flush_soon()

    def _leave_subscription(self, item: Item) -> None:
        if item.subscription is not None:
            self._unwanted.setdefault(item.subscription, []).append(item.server_id)
            item.subscription.item_count -= 1
            item.subscription = None

    async def _subscription_for(self, count: int) -> Subscription | None:
        """Return a subscription with room, or None where values have to be polled."""
        if not self._is_watching or count == 0:
            return None
        for subscription in self._subscriptions:
            if subscription.item_count + count <= self._pace.items_per_subscription:
                return subscription
        try:
            subscription = await self._publisher.subscribe(self._pace.publishing_interval_ms)
        except ua.UaStatusCodeError as error:
            if ends_session(error.code or 0):
                raise
            self._is_watching = False
            return None
        self._subscriptions.append(subscription)
        return subscription

    def _locate(self, item: Item) -> bool:
        """Find the node in this session; an unknown or moved namespace makes the item absent."""
        link = self._link
        try:
            namespace, identifier = place_in(link, item.address)
        except NotThere as why:
            item.node = None
            self._set_absent(item, str(why))
            return False
        item.node = node_id(identifier, namespace)
        return True

    def _set_absent(self, item: Item, refusal: str) -> None:
        item.refusal = refusal
        self._absent[item.handle] = item
        if self._retrying is None:
            self._retrying = self._link.spawn(self._retry(), "retry")

    async def _retry(self) -> None:
        try:
            while self._absent:
                await asyncio.sleep(_RETRY_S)
                self._link.renew_facts(await read_facts(self._link.channel))
                absent = [*self._absent.values()]
                self._absent.clear()
                await find_paths(self._link, [item.address for item in absent], is_again=True)
                await self.add(absent)
        finally:
            self._retrying = None
