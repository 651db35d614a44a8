"""Events of one device over one session: subscribed to beside its values, and never at their cost.

A refusal, a time-out or an end of the subscription is trouble of the events alone: it is kept in words, and
tried again after a while, as servers get reloaded. The subscription is one of its own, because its queue
would hold back the values of a shared one.
"""

import asyncio
from collections.abc import Awaitable

from asyncua import ua
from asyncua.ua.status_codes import StatusCodes

from drivers.errors import DriverError
from drivers.events import EventNews
from drivers.opcua.address import NodeAddress
from drivers.opcua.decode import refusal_words, status_words
from drivers.opcua.event_inbox import EventInbox
from drivers.opcua.event_services import delete_subscription, refresh_conditions, watch_events
from drivers.opcua.faults import ends_session
from drivers.opcua.fields import NotThere
from drivers.opcua.finding import find_paths, place_in
from drivers.opcua.item import Subscription
from drivers.opcua.link import Link
from drivers.opcua.publisher import Publisher
from drivers.opcua.services import node_id

_PUBLISHING_MS = 500.0
_MOST_PER_PUBLISH = 25
_AT_A_TIME = 10  # reading so many takes some 3 ms, in which no poll can begin
_QUEUE_SIZE = 1000
_LEAST_TIMEOUT_S = 5.0  # nothing else waits for these answers
_REFRESH_S = 30.0  # so long a server may take to tell what stands
_BETWEEN_REFRESHES_S = 60.0  # lost events ask for a refresh, and a refresh may lose events
_LOOK_S = 0.2
_AGAIN_S = 60.0

_FILTER_REFUSED = (
    StatusCodes.BadEventFilterInvalid,
    StatusCodes.BadMonitoredItemFilterInvalid,
    StatusCodes.BadMonitoredItemFilterUnsupported,
    StatusCodes.BadFilterNotAllowed,
)
# Servers of plain events have no such method.
_NO_REFRESH = (
    StatusCodes.BadMethodInvalid,
    StatusCodes.BadNodeIdUnknown,
    StatusCodes.BadNodeIdInvalid,
    StatusCodes.BadNotImplemented,
    StatusCodes.BadNotSupported,
    StatusCodes.BadServiceUnsupported,
    StatusCodes.BadNothingToDo,
    StatusCodes.BadNotExecutable,
)


class _Ended(Exception):
    """The subscription is over; the text says why, as a sentence."""


class EventFeed:
    """Belongs to a link, and ends with it. Hears of its subscription as an `EventListener`."""

    def __init__(self, link: Link, publisher: Publisher, notifier: NodeAddress, handle: int) -> None:
        """Keep what it needs; `start` begins.

        Args:
            link: The session's.
            publisher: The session's.
            notifier: The object whose events are wanted.
            handle: Our number of the item, no other's.
        """
        self._link = link
        self._publisher = publisher
        self._notifier = notifier
        self._handle = handle
        self._inbox = EventInbox(asyncio.get_running_loop().time())
        self._subscription: Subscription | None = None
        self._timeout_s = max(link.timeout_s, _LEAST_TIMEOUT_S)
        self._end_reason = ""
        self._refreshed_s = 0.0
        self._task: asyncio.Task[None] | None = None
        self._digesting: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to subscribe; returns at once."""
        self._task = self._link.spawn(self._run(), "events")

    def take(self) -> EventNews | None:
        """Return what came since the last call; None where nothing is new."""
        return self._inbox.take()

    def stop(self) -> None:
        """Hear no more; the server is told a moment later."""
        for task in (self._task, self._digesting):
            if task is not None:
                task.cancel()
        subscription, self._subscription = self._subscription, None
        if subscription is not None:
            self._publisher.forget(subscription)
            if self._link.lost is None:
                self._link.spawn(self._end(subscription), "end of events")

    def on_events(self, body: bytes) -> None:
        """See `EventListener`."""
        self._inbox.put(body, asyncio.get_running_loop().time())
        if self._digesting is None:
            self._digesting = self._link.spawn(self._digest(), "reading of events")

    def on_end(self, reason: str) -> None:
        """See `EventListener`."""
        self._subscription = None
        self._end_reason = reason

    async def _digest(self) -> None:
        while True:
            if not self._inbox.digest(_AT_A_TIME):
                self._digesting = None
                return
            await asyncio.sleep(0)

    async def _run(self) -> None:
        while True:
            try:
                await self._subscribe()
                await self._serve()
            except _Ended as end:
                self._inbox.trouble = str(end)
            except ua.UaStatusCodeError as error:
                if ends_session(error.code or 0):
                    raise
                self._inbox.trouble = self._refused(status_words(error.code or 0))
            except DriverError as error:
                if self._link.lost is not None:
                    return
                self._inbox.trouble = f"No events: {error}"
            await self._leave()
            await asyncio.sleep(_AGAIN_S)

    async def _subscribe(self) -> None:
        link = self._link
        try:
            await find_paths(link, [self._notifier], is_again=True)
            namespace, identifier = place_in(link, self._notifier)
        except NotThere as why:
            raise _Ended(self._refused(str(why))) from why
        self._end_reason = ""
        subscription = await self._publisher.subscribe(_PUBLISHING_MS, self, _MOST_PER_PUBLISH)
        self._subscription = subscription
        node = node_id(identifier, namespace)
        code = await self._watch(subscription, node, with_conditions=True)
        if code in _FILTER_REFUSED:
            code = await self._watch(subscription, node, with_conditions=False)
        if code >> 31:
            raise _Ended(self._refused(refusal_words(code, str(self._notifier))))
        self._inbox.trouble = ""

    def _watch(self, subscription: Subscription, node: ua.NodeId, *, with_conditions: bool) -> Awaitable[int]:
        return watch_events(
            self._link.channel,
            subscription.id,
            node,
            self._handle,
            _QUEUE_SIZE,
            self._timeout_s,
            with_conditions=with_conditions,
        )

    async def _serve(self) -> None:
        """Ask what stands at first and whenever something was lost, until the subscription is over."""
        loop = asyncio.get_running_loop()
        await self._refresh()
        while not self._end_reason:
            await asyncio.sleep(_LOOK_S)
            since_s = loop.time() - self._refreshed_s
            if self._inbox.is_refreshing and since_s > _REFRESH_S:
                self._inbox.end_refresh()  # whatever it did not tell of by now it does not know of
            if self._inbox.is_refresh_due and since_s > _BETWEEN_REFRESHES_S:
                await self._refresh()
        raise _Ended(f"No events: {self._end_reason}")

    async def _refresh(self) -> None:
        subscription, inbox = self._subscription, self._inbox
        if subscription is None:
            return
        self._refreshed_s = asyncio.get_running_loop().time()
        inbox.begin_refresh()
        code = await refresh_conditions(self._link.channel, subscription.id, self._timeout_s)
        if code >> 31 and code != StatusCodes.BadRefreshInProgress:
            inbox.end_refresh()
            inbox.trouble = (
                ""
                if code in _NO_REFRESH
                else f"{self._link.channel.endpoint} does not tell which conditions stand already: "
                f"{status_words(code)}; events that come from now on are shown."
            )

    async def _leave(self) -> None:
        subscription, self._subscription = self._subscription, None
        if subscription is not None:
            self._publisher.forget(subscription)
            await self._end(subscription)

    async def _end(self, subscription: Subscription) -> None:
        try:
            await delete_subscription(self._link.channel, subscription.id)
        except (ua.UaStatusCodeError, DriverError):
            pass  # the server forgets it by itself once nobody fetches from it

    def _refused(self, words: str) -> str:
        return (
            f"{self._link.channel.endpoint} offers no events of {self._notifier}: {words}; values go on. "
            "Switch events off for this device, or name another notifier."
        )
