"""Looks again at updated devices while their rollout is under way: has one gone back, is one unwell?

An update that holds for a minute and not for an hour is what soaking is for, and alerts do not tell it: a
device that went back to its old version does well. So each station asks its own, one after the other.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection

from console.station.health import LoopHealth
from console.station.rollouts.ground import Ground
from console.station.rollouts.papers import Papers, papers_of
from console.station.rollouts.stirring import at_once
from drivers.errors import DriverError
from drivers.firmware.target import Standing
from models.errors import FirmwareRefused, LeaseLost, StorageError
from models.records.device import DeviceId
from models.records.rollout import DeploymentId, DeploymentOrder

_log = logging.getLogger(__name__)
_SOAK_SHARE = 3.0
"""So often a soak each device is looked at, but no more often than the pace allows."""


class SecondLooks:
    """A task that looks, one device at a time. Belongs to the event loop."""

    def __init__(
        self,
        ground: Ground,
        health: LoopHealth,
        busy: Callable[[], Collection[DeviceId]] = frozenset,
        stirred: Callable[[], Awaitable[None]] = at_once,
    ) -> None:
        """Keep what it needs; starts nothing.

        Args:
            ground: What updates stand on.
            health: Counts failures.
            busy: Devices that are being updated: none of them is asked meanwhile.
            stirred: Waits until there may be something to do.
        """
        self._ground = ground
        self._health = health
        self._busy = busy
        self._stirred = stirred
        self._due_s: dict[DeploymentId, float] = {}
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to look."""
        self._task = asyncio.create_task(self._look_on(), name="station-firmware-looks")

    async def stop(self) -> None:
        """Look no more. Safe twice."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait({self._task})
            self._task = None

    async def look_round(self) -> None:
        """Look at every device that is due, one after the other. Raises StorageError."""
        store, clock = self._ground.store, self._ground.clock
        orders = await asyncio.to_thread(store.second_looks)
        now_s = clock.monotonic()
        # Each is first due a pause after it was first seen here: it was looked at a moment before.
        self._due_s = {
            order.deployment.id: self._due_s.get(order.deployment.id, now_s + self._pause_s(order))
            for order in orders
        }
        for order in orders:
            if self._due_s[order.deployment.id] <= clock.monotonic():
                self._due_s[order.deployment.id] = clock.monotonic() + self._pause_s(order)
                await self._look_at(order)

    async def _look_on(self) -> None:
        while True:
            try:
                await self.look_round()
            except StorageError as error:
                self._health.note_failure(error)
            except Exception as error:  # noqa: BLE001 - the looks' net: the next round may succeed
                self._health.note_failure(error)
                _log.exception("Looking at updated devices failed in a way nobody foresaw")
            await asyncio.sleep(self._ground.pace.again_s / 4)
            await self._stirred()

    def _pause_s(self, order: DeploymentOrder) -> float:
        return max(self._ground.pace.again_s, order.settings.soak_s / _SOAK_SHARE)

    async def _look_at(self, order: DeploymentOrder) -> None:
        deployment = order.deployment
        if deployment.device in self._busy() or not self._ground.may_go_on(deployment):
            return
        try:
            papers = await self._papers(order)
            standing = await self._standing(order, papers)
            await asyncio.to_thread(self._ground.store.tell_second_look, deployment, standing)
        except (KeyError, DriverError, FirmwareRefused, LeaseLost, TimeoutError) as error:
            # Whether it answers at all is another tripwire; what cannot be asked now is asked next time.
            _log.debug("Device %s was not looked at again: %s", deployment.device, error)

    async def _papers(self, order: DeploymentOrder) -> Papers:
        version, _, product = order.version.partition("+")
        reach = self._ground.reach(order.deployment.device)
        terms = await asyncio.to_thread(self._ground.store.terms, reach.device.device_id, product, version)
        return papers_of(order, terms, reach, self._ground.ways)

    async def _standing(self, order: DeploymentOrder, papers: Papers) -> Standing:
        target = await self._ground.target(papers.reach, papers.way, papers.profile)
        still = self._ground.stillness.begin(order.deployment.device, papers.way)
        try:
            async with asyncio.timeout(order.settings.times.preflight_s):
                await target.open()
                return await target.look()
        finally:
            self._ground.stillness.end(still)
            await target.close()
