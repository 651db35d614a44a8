"""What a try at one device has come to, and the telling of it: to the database, and to whoever takes over."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import TypeVar

from console.station.rollouts.course import Known
from console.station.rollouts.ground import Ground
from console.station.rollouts.store import Told
from models.errors import DatabaseAway, LeaseLost
from models.records.rollout import DeploymentOrder, RolloutState, Step

_Found = TypeVar("_Found")
GOES_ON = frozenset({RolloutState.RUNNING, RolloutState.PAUSED})


class Stopped(Exception):
    """The rollout was halted or given up before anything irreversible was done to the device."""


class Telling:
    """One try. Belongs to the event loop.

    Attributes:
        state: Where the rollout stood when it was last heard of.
        known: Of the device, from before.
        step: What is being done to it.
        sent, size: Bytes of the image.
        observed: The version that the device told last.
    """

    def __init__(self, order: DeploymentOrder, ground: Ground) -> None:
        """Begin where the row says that the update stands."""
        self._deployment = deployment = order.deployment
        self._times = order.settings.times
        self._ground = ground
        self.state = RolloutState.PAUSED if order.is_draining else RolloutState.RUNNING
        self.known = Known(deployment.from_version, deployment.serial, deployment.step)
        self.step = deployment.step
        self.sent = 0
        self.size = 0
        self.observed = ""

    def check(self) -> None:
        """Raise LeaseLost where the device is another station's."""
        if not self._ground.may_go_on(self._deployment):
            raise LeaseLost("The device is another station's now.")

    def on_block(self, sent: int) -> None:
        """Stop a transfer, before its next block, where it must not go on."""
        self.check()
        if self.state not in GOES_ON:
            raise Stopped
        self.sent = sent

    async def rested(self, seconds: float) -> None:
        """Wait; raises LeaseLost where the device is another station's by then."""
        await asyncio.sleep(seconds)
        self.check()

    async def waited(self, waits_for: str) -> None:
        """Wait a little, tell what for, and hear whether the rollout still stands. Raises Stopped."""
        told = self.told(self.step, waits_for)
        with suppress(DatabaseAway):
            self.state = await self.asked(lambda: self._ground.store.tell(told))
        if self.state not in GOES_ON:
            raise Stopped
        await self.rested(self._ground.pace.wait_s)

    async def at(self, step: Step) -> None:
        """Tell the next step."""
        self.step = step
        await self.tell()

    async def tell_on(self) -> None:
        """Tell again and again how far it has come, until cancelled."""
        while True:
            await asyncio.sleep(self._ground.pace.tell_s)
            await self.tell()

    async def tell(self) -> None:
        """Tell where it stands; without the database the lease alone decides whether it goes on."""
        told = self.told(self.step)
        with suppress(DatabaseAway):
            self.state = await self.asked(lambda: self._ground.store.tell(told))

    def told(self, step: Step, waits_for: str = "") -> Told:
        """Return what there is to tell."""
        return Told(
            self._deployment,
            step,
            getattr(self._times, f"{step}_s"),
            bytes_sent=self.sent,
            percent=min(99, 100 * self.sent // self.size) if self.size else 0,
            from_version=self.known.from_version,
            observed_version=self.observed,
            serial=self.known.serial,
            waits_for=waits_for,
        )

    async def insistently(self, ask: Callable[[], _Found]) -> _Found:
        """Ask what must be answered, until it is or the device is another's."""
        while True:
            try:
                return await self.asked(ask)
            except DatabaseAway:
                await self.rested(self._ground.pace.wait_s)

    @staticmethod
    def asked(ask: Callable[[], _Found]) -> Awaitable[_Found]:
        """Ask on a thread that may wait."""
        return asyncio.to_thread(ask)
