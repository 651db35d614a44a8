"""One living connection as its parts share it: channel, server facts, sign of life, tasks, and its end.

A link lives once. Whichever part first finds the server gone calls `lose` (or lets its task end with an
error, which is the same); everything else stops, and every reader learns the reason.
"""

import asyncio
from collections.abc import Coroutine

from asyncua import ua

from drivers.errors import DriverBug, DriverError, LineLost
from drivers.opcua.address import NodeAddress
from drivers.opcua.channel import Channel
from drivers.opcua.faults import fault
from drivers.opcua.reference_wire import Place
from drivers.opcua.services import ServerFacts


class Link:
    """State that publisher, groups and watchdog share. Used from one event loop.

    Attributes:
        channel: Connected, with a session.
        facts: Namespaces and limits; replaced when namespaces are asked for again.
        timeout_s: The settings' time-out.
        lost: Why this link ended; None while it lives.
        first_namespaces: URI of each index when the server was first seen, by this or an earlier link.
        places: Where addresses by browse path are in this session, or why nowhere (`finding.py`).
    """

    facts: ServerFacts

    def __init__(
        self,
        channel: Channel,
        facts: ServerFacts,
        timeout_s: float,
        namespaces: dict[int, str] | None = None,
    ) -> None:
        self.channel = channel
        self.first_namespaces = {} if namespaces is None else namespaces
        self.places: dict[NodeAddress, Place | str] = {}
        self.renew_facts(facts)
        self.timeout_s = timeout_s
        self.lost: DriverError | None = None
        self._loop = asyncio.get_running_loop()
        self._tasks: set[asyncio.Task[None]] = set()
        self._alive_s = self._loop.time()
        self._busy_until_s = 0.0
        self._arrival = asyncio.Event()

    @property
    def quiet_s(self) -> float:
        """Seconds since the last sign of life; negative while a long request has time left to answer."""
        return self._loop.time() - max(self._alive_s, self._busy_until_s)

    def renew_facts(self, facts: ServerFacts) -> None:
        """Count on these from now on."""
        self.facts = facts
        for index, uri in enumerate(facts.namespaces):
            self.first_namespaces.setdefault(index, uri)

    def seen(self) -> None:
        """Note a sign of life."""
        self._alive_s = self._loop.time()

    def begin_bulk(self, nodes: int, node_s: float) -> float:
        """Return the time-out of a request over `nodes` nodes, and do not probe the server before it ends.

        Args:
            nodes: How many the request is about.
            node_s: Seconds that each may cost a small controller, besides the settings' time-out.
        """
        timeout_s = self.timeout_s + nodes * node_s
        self._busy_until_s = self._loop.time() + timeout_s
        return timeout_s

    def end_bulk(self) -> None:
        """The long request was answered."""
        self._busy_until_s = 0.0
        self.seen()

    def arrived(self) -> None:
        """Wake whoever waits for first values."""
        self._arrival.set()
        self._arrival.clear()

    async def wait_for_arrival(self, deadline_s: float) -> bool:
        """Wait until values arrived or the link was lost; False when `deadline_s` (loop time) passed."""
        try:
            async with asyncio.timeout_at(deadline_s):
                await self._arrival.wait()
        except TimeoutError:
            return False
        return True

    def spawn(self, work: Coroutine[None, None, None], name: str) -> asyncio.Task[None]:
        """Run `work` as long as the link lives. If it ends with an error, the link is lost by it."""
        task = asyncio.create_task(work, name=f"opcua {name} {self.channel.endpoint}")
        self._tasks.add(task)
        task.add_done_callback(self._on_done)
        return task

    def lose(self, error: DriverError) -> None:
        """End the link for this reason. Only the first reason counts."""
        if self.lost is not None:
            return
        self.lost = error
        for task in self._tasks:
            task.cancel()
        self.channel.abort()
        self.arrived()

    async def close(self, reason: DriverError | None = None) -> None:
        """End the link politely, for `reason` where there is one. Safe twice; never raises."""
        if self.lost is None:
            self.lost = reason or LineLost(
                f"The connection to {self.channel.endpoint} was closed on purpose."
            )
            for task in self._tasks:
                task.cancel()
            self.arrived()
        if self._tasks:
            await asyncio.wait(self._tasks)
        await self.channel.close()

    def _on_done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if task.cancelled():
            return
        error = task.exception()
        if error is None:
            return
        if isinstance(error, DriverError):
            self.lose(error)
        elif isinstance(error, ua.UaStatusCodeError):
            self.lose(fault(error, self.channel.endpoint, self.timeout_s))
        else:
            bug = DriverBug(f"{task.get_name()} stopped by a mistake of this program: {error!r}.")
            bug.__cause__ = error
            self.lose(bug)
