"""The update of one device, from its preflight to the end of a try: a task a device.

    preflight ─ look ─→ course ─→ staging, preparing, transferring ─→ installing, rebooting ─→ verifying
                          ↑___________________ what the device says ___________________|      (confirming)
What is irreversible is asked of the database first (`begin_install`); what happened is asked of the device.
A device that is another station's by now is left alone at once, before the next block.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Generator
from contextlib import contextmanager, suppress
from dataclasses import replace
from typing import TypeVar

from console.station.rollouts.course import AFTER_ORDER, Course, Known, course_of, plain
from console.station.rollouts.endings import again
from console.station.rollouts.ground import Ground
from console.station.rollouts.papers import Papers, papers_of, permit_for
from console.station.rollouts.store import End, Told
from console.station.rollouts.windows import closed_until
from drivers.errors import DriverError, LineLost, NeedsHuman, Refused
from drivers.firmware.target import FirmwareTarget, Image, Phase, Standing
from models.errors import DatabaseAway, FirmwareRefused, LeaseLost, StorageError
from models.firmware.downgrades import check_step
from models.records.device import DeviceId
from models.records.rollout import DeploymentOrder, Outcome, RolloutState, Step

_log = logging.getLogger(__name__)
_Found = TypeVar("_Found")
_GOES_ON = frozenset({RolloutState.RUNNING, RolloutState.PAUSED})


class _Stopped(Exception):
    """The rollout was halted or given up before anything irreversible was done to the device."""


class Update:
    """One try at one device. Belongs to the event loop."""

    def __init__(self, order: DeploymentOrder, ground: Ground) -> None:
        """Keep what it needs; `run` does the work."""
        self._order = order
        self._ground = ground
        self._deployment = order.deployment
        self._times = order.settings.times
        self._state = RolloutState.PAUSED if order.is_draining else RolloutState.RUNNING
        self._known = Known(order.deployment.from_version, order.deployment.serial, order.deployment.step)
        self._step = order.deployment.step
        self._sent = 0
        self._size = 0
        self._observed = ""
        self._is_ordered = False
        """Whether this try gave the order to install."""
        self._still: frozenset[DeviceId] = frozenset()

    async def run(self) -> None:
        """Bring the device to an end, and tell which; returns early where it is another station's."""
        try:
            end = await self._tried()
            await self._insistently(lambda: self._ground.store.end(self._deployment, end))
        except LeaseLost as lost:
            _log.info("The update of device %s was left to others: %s", self._deployment.device, lost)

    async def _tried(self) -> End:
        """Return how the try ended, whatever went wrong."""
        target: FirmwareTarget | None = None
        try:
            papers = await self._papers()
            target = await self._ground.target(papers.reach, papers.way, papers.profile)
            end = await self._through(papers, target)
            if end.step is Step.DONE:
                device = papers.reach.device.device_id
                await self._asked(lambda: self._ground.store.saw(device, papers.manifest))
            return end
        except LeaseLost:
            raise
        except FirmwareRefused as error:
            return End(Step.FAILED, Outcome.REFUSED, str(error), self._observed)
        except (Refused, NeedsHuman) as error:
            await self._abandon(target)
            return End(Step.FAILED, Outcome.REFUSED, str(error), self._observed)
        except TimeoutError:
            await self._abandon(target)
            return self._late()
        except _Stopped:
            await self._abandon(target)
            return End(Step.RETRY, None, "Stopped before its installation, because the rollout was.")
        except (DriverError, StorageError) as error:
            return again(self._order, self._observed, str(error))
        except Exception as error:  # noqa: BLE001 - the updates' net: the other devices go on
            _log.exception("The update of device %s failed in a way nobody foresaw", self._deployment.device)
            await self._abandon(target)
            return again(self._order, self._observed, f"{type(error).__name__}: {error}.")
        finally:
            if target is not None:
                await target.close()

    async def _papers(self) -> Papers:
        version, _, product = self._order.version.partition("+")
        try:
            reach = self._ground.reach(self._deployment.device)
        except KeyError as error:
            raise LineLost(
                "The device cannot be polled as it is configured; look at it under Devices."
            ) from error
        terms = await self._asked(lambda: self._ground.store.terms(reach.device.device_id, product, version))
        return papers_of(self._order, terms, reach, self._ground.ways)

    # ---- the way through

    async def _through(self, papers: Papers, target: FirmwareTarget) -> End:
        self._still = self._ground.stillness.begin(self._deployment.device, papers.way)
        try:
            if self._known.step is Step.INSTALLING or self._known.step in AFTER_ORDER:
                standing = await self._back(papers, target)  # it may be away, and may be so for a while yet
            else:
                standing = await self._looked(target)
            while True:
                self._observed = standing.identity.version
                found = await self._next(papers, target, standing)
                if isinstance(found, End):
                    return found
                standing = found
        finally:
            self._ground.stillness.end(self._still)

    async def _next(self, papers: Papers, target: FirmwareTarget, standing: Standing) -> End | Standing:
        """Do what the device's standing asks for; returns how it stands then, or how the try ended."""
        course, why = course_of(papers.manifest, self._known, standing)
        match course:
            case Course.ALREADY:
                outcome = Outcome.UPDATED if self._known.from_version else Outcome.ALREADY
                return End(Step.DONE, outcome, "", self._observed)
            case Course.REFUSE:
                return End(Step.FAILED, Outcome.REFUSED, why, self._observed)
            case Course.PERSON:
                return End(Step.NEEDS_PERSON, Outcome.NEEDS_PERSON, why, self._observed)
            case Course.ROLLED_BACK:
                return End(Step.ROLLED_BACK, Outcome.ROLLED_BACK, why, self._observed)
            case Course.TRANSFER:
                await self._begun(papers, standing)
                if not papers.way.is_by_hand:
                    await self._transferred(papers, target)
                    standing = await self._looked(target)
                return await self._installed_if_it_must(papers, target, standing)
            case Course.INSTALL:
                await self._begun(papers, standing)
                return await self._installed(papers, target)
            case Course.WAIT:
                return await self._back(papers, target)
            case Course.VERIFY:
                return await self._proved(papers, standing)
            case Course.CONFIRM:
                found = await self._proved(papers, standing)
                if found.step is Step.DONE:
                    await self._confirmed(target)
                return found

    async def _installed_if_it_must(
        self, papers: Papers, target: FirmwareTarget, standing: Standing
    ) -> Standing:
        """Go on after a transfer: some devices install by themselves, and some tell no state at all."""
        is_new = plain(standing.identity.version) == papers.manifest.version
        if is_new or standing.phase is Phase.INSTALLING:
            return standing
        return await self._installed(papers, target)

    async def _begun(self, papers: Papers, standing: Standing) -> None:
        """Remember who the device is and what it ran, before anything is done to it."""
        identity = standing.identity
        running = plain(identity.version) or self._known.from_version
        check_step(
            papers.manifest,
            running,
            max(self._order.sequence_floor, papers.terms.floor),
            serial=identity.serial,
            permit=permit_for(papers, identity.serial, running),
            now=papers.terms.site.now,
        )
        if not self._known.from_version:
            self._known = replace(self._known, from_version=running, serial=identity.serial)
            await self._insistently(lambda: self._ground.store.tell(self._told(self._step)))

    async def _transferred(self, papers: Papers, target: FirmwareTarget) -> None:
        manifest = papers.manifest
        await self._at(Step.STAGING)
        async with asyncio.timeout(self._times.staging_s), self._ground.fetching:
            data = await self._asked(lambda: self._ground.store.image(self._order.firmware_url, manifest))
        self._size = len(data)
        with self._polled(papers):
            while waits_for := self._not_yet(papers):
                await self._waited(waits_for)
        await self._at(Step.PREPARING)
        async with asyncio.timeout(self._times.preparing_s):
            self._check()
            await target.prepare()
        await self._at(Step.TRANSFERRING)
        teller = asyncio.create_task(self._tell_on(), name=f"firmware progress {self._deployment.id}")
        try:
            async with asyncio.timeout(self._times.transferring_s):
                await target.transfer(
                    Image(data, manifest.version, manifest.product, manifest.sha256), self._on_block
                )
        finally:
            teller.cancel()
            await asyncio.wait({teller})

    def _on_block(self, sent: int) -> None:
        """Stop a transfer, before its next block, where it must not go on."""
        self._check()
        if self._state not in _GOES_ON:
            raise _Stopped
        self._sent = sent

    def _not_yet(self, papers: Papers) -> str:
        """Return what a transfer waits for, or nothing."""
        if self._state is RolloutState.PAUSED:
            return "the rollout to go on"
        return "" if self._order.settings.is_transfer_early else self._window(papers)

    async def _installed(self, papers: Papers, target: FirmwareTarget) -> Standing:
        """Order the installation once window, plan and rollout allow it; returns how the device came back."""
        limit_s = self._times.installing_s

        async def hindrance() -> str:
            return self._window(papers) or await self._insistently(
                lambda: self._ground.store.begin_install(self._deployment, limit_s)
            )

        if waits_for := await hindrance():
            with self._polled(papers):
                while waits_for:
                    await self._waited(waits_for)
                    waits_for = await hindrance()
        self._step, self._is_ordered = Step.INSTALLING, True
        if not papers.way.is_by_hand:
            async with asyncio.timeout(limit_s):
                self._check()
                await target.install()
        await self._at(Step.REBOOTING)
        return await self._back(papers, target)

    async def _back(self, papers: Papers, target: FirmwareTarget) -> Standing:
        """Return how the device came back; raises TimeoutError where it does not in time."""
        pace, clock = self._ground.pace, self._ground.clock
        began_s, was_away = clock.monotonic(), not self._is_ordered
        async with asyncio.timeout(self._time_to_come_back(papers)):
            while True:
                try:
                    standing = await self._reached(target)
                except LineLost:
                    was_away = True
                else:
                    is_old = plain(standing.identity.version) == self._known.from_version
                    was_away = was_away or standing.phase is Phase.INSTALLING
                    # One that answers as before may not have begun yet.
                    is_back = was_away or clock.monotonic() - began_s >= pace.settle_s
                    if standing.phase is not Phase.INSTALLING and (
                        not is_old
                        or standing.phase is Phase.FAILED
                        or (is_back and not papers.way.is_by_hand)
                    ):
                        if not self._is_ordered:
                            return standing
                        self._known = replace(self._known, step=Step.REBOOTING)
                        # What still lies there was not taken: no second order is given in one try.
                        is_left = standing.phase is Phase.STAGED
                        return replace(standing, phase=Phase.IDLE) if is_left else standing
                await self._rested(pace.look_s)

    def _time_to_come_back(self, papers: Papers) -> float:
        """Return how long the device may be away from now; a successor waits no longer than was meant."""
        deadline = self._deployment.deadline_at
        if self._order.is_adopted and not self._is_ordered and deadline is not None:
            return max(self._ground.pace.look_s, deadline.timestamp() - self._ground.clock.unix())
        return self._times.installing_s if papers.way.is_by_hand else self._times.rebooting_s

    async def _proved(self, papers: Papers, standing: Standing) -> End:
        """Return DONE once the device runs the version and polls well; raises TimeoutError otherwise."""
        self._is_ordered = True
        await self._at(Step.VERIFYING)
        if standing.is_healthy is False:
            why = standing.detail or "it gives no reason"
            return End(
                Step.FAILED, Outcome.FAILED, f"The device says that it is not well: {why}.", self._observed
            )
        device, pace = self._deployment.device, self._ground.pace
        with self._polled(papers):
            async with asyncio.timeout(self._times.verifying_s):
                while self._ground.stillness.answered(device) < pace.good_polls:
                    await self._rested(min(1.0, pace.look_s))
        return End(Step.DONE, Outcome.UPDATED, "", self._observed)

    async def _confirmed(self, target: FirmwareTarget) -> None:
        await self._at(Step.CONFIRMING)
        async with asyncio.timeout(self._times.confirming_s):
            self._check()
            await target.confirm()
            while (await self._reached(target)).phase is Phase.UNCONFIRMED:
                await self._rested(self._ground.pace.look_s)

    # ---- small things

    def _check(self) -> None:
        if not self._ground.may_go_on(self._deployment):
            raise LeaseLost("The device is another station's now.")

    async def _rested(self, seconds: float) -> None:
        await asyncio.sleep(seconds)
        self._check()

    async def _looked(self, target: FirmwareTarget) -> Standing:
        async with asyncio.timeout(self._times.preflight_s):
            return await self._reached(target)

    async def _reached(self, target: FirmwareTarget) -> Standing:
        self._check()
        await target.open()
        return await target.look()

    def _window(self, papers: Papers) -> str:
        zone, now = papers.terms.site.time_zone, self._ground.clock.unix()
        return closed_until(self._order.settings.window, zone, now)

    @contextmanager
    def _polled(self, papers: Papers) -> Generator[None]:
        """Let the device be polled meanwhile."""
        self._ground.stillness.end(self._still)
        self._still = frozenset()
        try:
            yield
        finally:
            self._still = self._ground.stillness.begin(self._deployment.device, papers.way)

    async def _waited(self, waits_for: str) -> None:
        """Wait a little, tell what for, and hear whether the rollout still stands."""
        with suppress(DatabaseAway):
            told = replace(self._told(self._step), waits_for=waits_for)
            self._state = await self._asked(lambda: self._ground.store.tell(told))
        if self._state not in _GOES_ON:
            raise _Stopped
        await self._rested(self._ground.pace.wait_s)

    async def _at(self, step: Step) -> None:
        self._step = step
        await self._tell()

    async def _tell_on(self) -> None:
        while True:
            await asyncio.sleep(self._ground.pace.tell_s)
            await self._tell()

    async def _tell(self) -> None:
        """Tell where it stands; without the database the lease alone decides whether it goes on."""
        told = self._told(self._step)
        with suppress(DatabaseAway):
            self._state = await self._asked(lambda: self._ground.store.tell(told))

    def _told(self, step: Step) -> Told:
        return Told(
            self._deployment,
            step,
            getattr(self._times, f"{step}_s"),
            bytes_sent=self._sent,
            percent=min(99, 100 * self._sent // self._size) if self._size else 0,
            from_version=self._known.from_version,
            observed_version=self._observed,
            serial=self._known.serial,
        )

    async def _insistently(self, ask: Callable[[], _Found]) -> _Found:
        """Ask what must be answered, until it is or the device is another's."""
        while True:
            try:
                return await self._asked(ask)
            except DatabaseAway:
                await self._rested(self._ground.pace.wait_s)

    @staticmethod
    def _asked(ask: Callable[[], _Found]) -> Awaitable[_Found]:
        return asyncio.to_thread(ask)

    async def _abandon(self, target: FirmwareTarget | None) -> None:
        """Take back what was sent, where nothing is installed yet."""
        if target is None or self._is_ordered or self._step not in (Step.PREPARING, Step.TRANSFERRING):
            return
        with suppress(DriverError, TimeoutError):
            async with asyncio.timeout(self._times.preparing_s):
                await target.abandon()

    def _late(self) -> End:
        limit_s = getattr(self._times, f"{self._step}_s")
        sentence = f"{str(self._step).capitalize()} took longer than {limit_s:g} s."
        if self._is_ordered or self._known.step in (Step.INSTALLING, Step.REBOOTING):
            return End(Step.FAILED, Outcome.TIMED_OUT, sentence, self._observed)
        return again(self._order, self._observed, sentence, Outcome.TIMED_OUT)
