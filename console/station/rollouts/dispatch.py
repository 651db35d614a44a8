"""Updates the devices that this station polls: takes what is due, and what others left in the middle."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection

from console.station.health import LoopHealth
from console.station.rollouts.ground import Ground
from console.station.rollouts.stirring import at_once
from console.station.rollouts.update import Update
from models.errors import LeaseLost, StorageError
from models.records.device import DeviceId
from models.records.rollout import DeploymentId, DeploymentOrder

_log = logging.getLogger(__name__)

AT_ONCE = 64
"""Devices one station updates at the same time, whatever plans allow."""
_PREFLIGHT_S = 60.0


class Dispatch:
    """Makes a task of every deployment of this station. Belongs to the event loop."""

    def __init__(
        self,
        ground: Ground,
        incarnation: Callable[[], int],
        health: LoopHealth,
        period_s: float,
        on_busy: Callable[[Collection[DeviceId]], None] = lambda _: None,
        stirred: Callable[[], Awaitable[None]] = at_once,
    ) -> None:
        """Keep what it needs; starts nothing.

        Args:
            ground: What updates stand on.
            incarnation: Which start of the station this is, for the database; 0 = not known yet.
            health: Counts rounds and failures.
            period_s: How often it looks for what is due.
            on_busy: Hears which devices are being updated: none of them is to be given away.
            stirred: Waits until there may be something to do.
        """
        self._ground = ground
        self._incarnation = incarnation
        self._health = health
        self._period_s = period_s
        self._on_busy = on_busy
        self._stirred = stirred
        self._updates: dict[DeploymentId, tuple[DeviceId, asyncio.Task[None]]] = {}
        self._loop: asyncio.Task[None] | None = None
        self._called = asyncio.Event()

    @property
    def busy(self) -> frozenset[DeviceId]:
        """Devices that are being updated."""
        return frozenset(device for device, _ in self._updates.values())

    def start(self) -> None:
        """Begin to look."""
        self._loop = asyncio.create_task(self._look_on(), name="station-firmware")

    async def stop(self) -> None:
        """Leave every device as it stands: whoever polls it next goes on. Safe twice."""
        if self._loop is None:
            return
        running = [self._loop, *(task for _, task in self._updates.values())]
        self._loop = None
        for task in running:
            task.cancel()
        await asyncio.wait(running)

    async def _look_on(self) -> None:
        while True:
            try:
                await self._look()
                self._health.passes += 1
            except (StorageError, LeaseLost) as error:
                self._health.note_failure(error)
            except Exception as error:  # noqa: BLE001 - the dispatch's net: the next round may succeed
                self._health.note_failure(error)
                _log.exception("Looking for firmware updates failed in a way nobody foresaw")
            try:
                async with asyncio.timeout(self._period_s):
                    await self._called.wait()
            except TimeoutError:
                pass
            self._called.clear()
            if not self._updates:
                await self._stirred()

    async def _look(self) -> None:
        incarnation = self._incarnation()
        if not incarnation:
            return
        store = self._ground.store
        for order in await asyncio.to_thread(store.adopt, incarnation):
            self._begin(order)
        free = AT_ONCE - len(self._updates)
        if free > 0:
            for order in await asyncio.to_thread(store.claim, incarnation, free, _PREFLIGHT_S):
                self._begin(order)

    def _begin(self, order: DeploymentOrder) -> None:
        deployment = order.deployment
        former = self._updates.pop(deployment.id, None)
        if former is not None:
            # Adopted from an earlier lease of our own: that one leaves the device alone at its next step.
            former[1].cancel()
        task = asyncio.create_task(self._run(order), name=f"firmware update {deployment.id}")
        self._updates[deployment.id] = deployment.device, task
        task.add_done_callback(lambda done: self._ended(deployment.id, done))
        self._on_busy(self.busy)

    async def _run(self, order: DeploymentOrder) -> None:
        await Update(order, self._ground).run()

    def _ended(self, deployment: DeploymentId, task: asyncio.Task[None]) -> None:
        kept = self._updates.get(deployment)
        if kept is not None and kept[1] is task:
            del self._updates[deployment]
            self._on_busy(self.busy)
            self._called.set()
        if not task.cancelled() and (error := task.exception()) is not None:
            self._health.note_failure(error)
            _log.error("An update ended in a way nobody foresaw", exc_info=error)
