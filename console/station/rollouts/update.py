"""The update of one device, from its preflight to the end of a try: a task a device.

    preflight ─ look ─→ course ─→ staging, preparing, transferring ─→ installing, rebooting ─→ verifying
                          ↑___________________ what the device says ___________________|      (confirming)
What is irreversible is asked of the database first (`begin_install`); what happened is asked of the device.
A device that is another station's by now is left alone at once, before the next block.
"""

import asyncio
import logging
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import replace

from console.station.rollouts.course import AFTER_ORDER, Course, course_of, plain
from console.station.rollouts.endings import again
from console.station.rollouts.ground import Ground
from console.station.rollouts.papers import Papers, papers_of, permit_for
from console.station.rollouts.prepared import answering, stranger_end
from console.station.rollouts.store import End
from console.station.rollouts.taking_back import take_back
from console.station.rollouts.telling import GOES_ON, Stopped, Telling
from console.station.rollouts.windows import closed_until
from drivers.errors import DriverError, LineLost, NeedsHuman, Refused
from drivers.firmware.target import FirmwareTarget, Image, Phase, Standing
from models.errors import FirmwareRefused, LeaseLost, StorageError
from models.firmware.downgrades import check_step
from models.records.device import DeviceId
from models.records.rollout import DeploymentOrder, Outcome, RolloutState, Step

_log = logging.getLogger(__name__)
_BEFORE = frozenset({Step.QUEUED, Step.RETRY, Step.PREFLIGHT, Step.STAGING})
"""Nothing was said to the device yet but questions."""


class Update:
    """One try at one device. Belongs to the event loop."""

    def __init__(self, order: DeploymentOrder, ground: Ground) -> None:
        """Keep what it needs; `run` does the work."""
        self._order = order
        self._ground = ground
        self._deployment = order.deployment
        self._times = order.settings.times
        self._telling = Telling(order, ground)
        self._is_ordered = False
        """Whether this try gave the order to install."""
        self._target: FirmwareTarget | None = None
        self._still: frozenset[DeviceId] = frozenset()

    async def run(self) -> None:
        """Bring the device to an end, and tell which; returns early where it is another station's."""
        try:
            end = await self._tried()
            await self._telling.insistently(lambda: self._ground.store.end(self._deployment, end))
        except LeaseLost as lost:
            _log.info("The update of device %s was left to others: %s", self._deployment.device, lost)

    async def _tried(self) -> End:
        """Return how the try ended, once nothing of it is left at a device that it did not change."""
        try:
            end = await self._come_to()
            return end if self._target is None else await self._taken_back(self._target, end)
        finally:
            if self._target is not None:
                await self._target.close()

    async def _come_to(self) -> End:
        """Return what the try came to, whatever went wrong."""
        try:
            papers = await self._papers()
            target = self._target = await self._ground.target(papers.reach, papers.way, papers.profile)
            end = await self._through(papers, target)
            if end.step is Step.DONE:
                device = papers.reach.device.device_id
                await self._telling.asked(lambda: self._ground.store.saw(device, papers.manifest))
            return end
        except LeaseLost:
            raise
        except (FirmwareRefused, Refused, NeedsHuman) as error:
            return End(Step.FAILED, Outcome.REFUSED, str(error), self._telling.observed)
        except TimeoutError:
            return self._late()
        except Stopped:
            return End(Step.RETRY, None, "Stopped before its installation, because the rollout was.")
        except (DriverError, StorageError) as error:
            return again(self._order, self._telling.observed, str(error))
        except Exception as error:  # noqa: BLE001 - the updates' net: the other devices go on
            _log.exception("The update of device %s failed in a way nobody foresaw", self._deployment.device)
            return again(self._order, self._telling.observed, f"{type(error).__name__}: {error}.")

    async def _papers(self) -> Papers:
        version, _, product = self._order.version.partition("+")
        try:
            reach = self._ground.reach(self._deployment.device)
        except KeyError as error:
            raise LineLost(
                "The device cannot be polled as it is configured; look at it under Devices."
            ) from error
        terms = await self._telling.asked(
            lambda: self._ground.store.terms(reach.device.device_id, product, version)
        )
        return papers_of(self._order, terms, reach, self._ground.ways)

    # ---- the way through

    async def _through(self, papers: Papers, target: FirmwareTarget) -> End:
        self._still = self._ground.stillness.begin(self._deployment.device, papers.way)
        try:
            if self._telling.known.step is Step.INSTALLING or self._telling.known.step in AFTER_ORDER:
                standing = await self._back(papers, target)  # it may be away, and may be so for a while yet
            else:
                standing = await self._looked(target)
            while True:
                self._telling.observed = standing.identity.version
                found = await self._next(papers, target, standing)
                if isinstance(found, End):
                    return found
                standing = found
        finally:
            self._ground.stillness.end(self._still)

    async def _next(self, papers: Papers, target: FirmwareTarget, standing: Standing) -> End | Standing:
        """Do what the device's standing asks for; returns how it stands then, or how the try ended."""
        course, why = course_of(papers.manifest, self._telling.known, standing)
        match course:
            case Course.ALREADY:
                return await self._found_so(papers, standing)
            case Course.REFUSE:
                return End(Step.FAILED, Outcome.REFUSED, why, self._telling.observed)
            case Course.PERSON:
                return End(Step.NEEDS_PERSON, Outcome.NEEDS_PERSON, why, self._telling.observed)
            case Course.ROLLED_BACK:
                return End(Step.ROLLED_BACK, Outcome.ROLLED_BACK, why, self._telling.observed)
            case Course.TRANSFER:
                await self._begun(papers, standing)
                if not papers.way.is_by_hand:
                    if end := await self._transferred(papers, target):
                        return end
                    standing = await self._looked(target)
                return await self._installed_if_it_must(papers, target, standing)
            case Course.INSTALL:
                await self._begun(papers, standing)
                return await self._installed(papers, target)
            case Course.WAIT:
                return await self._back(papers, target)
            case Course.VERIFY:
                found = await self._proved(papers, standing)
                if found.step is Step.DONE:
                    async with asyncio.timeout(self._times.confirming_s):
                        await target.resume()
                return found
            case Course.CONFIRM:
                found = await self._proved(papers, standing)
                if found.step is Step.DONE:
                    await self._confirmed(target)
                return found

    async def _found_so(self, papers: Papers, standing: Standing) -> End:
        """Hold a device that ran the version before its turn to what updated ones are held to."""
        known = self._telling.known
        if not known.serial:
            self._telling.known = replace(known, serial=standing.identity.serial)
        found = await self._proved(papers, standing)
        is_new = found.step is Step.DONE and not known.from_version
        return replace(found, outcome=Outcome.ALREADY) if is_new else found

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
        running = plain(identity.version) or self._telling.known.from_version
        check_step(
            papers.manifest,
            running,
            max(self._order.sequence_floor, papers.terms.floor),
            serial=identity.serial,
            permit=permit_for(papers, identity.serial, running),
            now=papers.terms.site.now,
        )
        if not self._telling.known.from_version:
            self._telling.known = replace(self._telling.known, from_version=running, serial=identity.serial)
            await self._telling.insistently(
                lambda: self._ground.store.tell(self._telling.told(self._telling.step))
            )

    async def _transferred(self, papers: Papers, target: FirmwareTarget) -> End | None:
        """Bring the image to the device; returns an end where another than is meant would get it."""
        manifest = papers.manifest
        await self._telling.at(Step.STAGING)
        async with asyncio.timeout(self._times.staging_s), self._ground.fetching:
            data = await self._telling.asked(
                lambda: self._ground.store.image(self._order.firmware_url, manifest)
            )
        self._telling.size = len(data)
        with self._polled(papers):
            while waits_for := self._not_yet(papers):
                await self._telling.waited(waits_for)
        await self._telling.at(Step.PREPARING)
        async with asyncio.timeout(self._times.preparing_s):
            self._telling.check()
            await target.prepare()
            await answering(lambda: self._reached(target), self._telling, self._ground.pace.look_s)
        await self._telling.at(Step.TRANSFERRING)
        if end := stranger_end(papers, self._telling, await self._looked(target)):
            return end
        teller = asyncio.create_task(self._telling.tell_on(), name=f"firmware progress {self._deployment.id}")
        try:
            async with asyncio.timeout(self._times.transferring_s):
                await target.transfer(
                    Image(data, manifest.version, manifest.product, manifest.sha256), self._telling.on_block
                )
        finally:
            teller.cancel()
            await asyncio.wait({teller})
        return None

    def _not_yet(self, papers: Papers) -> str:
        """Return what a transfer waits for, or nothing."""
        if self._telling.state is RolloutState.PAUSED:
            return "the rollout to go on"
        return "" if self._order.settings.is_transfer_early else self._window(papers)

    async def _installed(self, papers: Papers, target: FirmwareTarget) -> Standing:
        """Order the installation once window, plan and rollout allow it; returns how the device came back."""
        limit_s = self._times.installing_s

        async def hindrance() -> str:
            return self._window(papers) or await self._telling.insistently(
                lambda: self._ground.store.begin_install(self._deployment, limit_s)
            )

        if waits_for := await hindrance():
            with self._polled(papers):
                while waits_for:
                    await self._telling.waited(waits_for)
                    waits_for = await hindrance()
        self._telling.step, self._is_ordered = Step.INSTALLING, True
        if not papers.way.is_by_hand:
            async with asyncio.timeout(limit_s):
                self._telling.check()
                try:
                    await target.install()
                except DriverError:
                    self._is_ordered = False  # the device was not told, or said no
                    raise
        await self._telling.at(Step.REBOOTING)
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
                    is_old = plain(standing.identity.version) == self._telling.known.from_version
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
                        self._telling.known = replace(self._telling.known, step=Step.REBOOTING)
                        # What still lies there was not taken: no second order is given in one try.
                        is_left = standing.phase is Phase.STAGED
                        return replace(standing, phase=Phase.IDLE) if is_left else standing
                await self._telling.rested(pace.look_s)

    def _time_to_come_back(self, papers: Papers) -> float:
        """Return how long the device may be away from now; a successor waits no longer than was meant."""
        deadline = self._deployment.deadline_at
        if self._order.is_adopted and not self._is_ordered and deadline is not None:
            return max(self._ground.pace.look_s, deadline.timestamp() - self._ground.clock.unix())
        return self._times.installing_s if papers.way.is_by_hand else self._times.rebooting_s

    async def _proved(self, papers: Papers, standing: Standing) -> End:
        """Return DONE once the device runs the version and polls well; raises TimeoutError otherwise."""
        self._is_ordered = True
        await self._telling.at(Step.VERIFYING)
        if standing.is_healthy is False:
            why = standing.detail or "it gives no reason"
            return End(
                Step.FAILED,
                Outcome.FAILED,
                f"The device says that it is not well: {why}.",
                self._telling.observed,
            )
        device, pace = self._deployment.device, self._ground.pace
        with self._polled(papers):
            async with asyncio.timeout(self._times.verifying_s):
                while self._ground.stillness.answered(device) < pace.good_polls:
                    await self._telling.rested(min(1.0, pace.look_s))
        return End(Step.DONE, Outcome.UPDATED, "", self._telling.observed)

    async def _confirmed(self, target: FirmwareTarget) -> None:
        await self._telling.at(Step.CONFIRMING)
        async with asyncio.timeout(self._times.confirming_s):
            self._telling.check()
            await target.confirm()
            while (await self._reached(target)).phase is Phase.UNCONFIRMED:
                await self._telling.rested(self._ground.pace.look_s)

    # ---- small things

    async def _looked(self, target: FirmwareTarget) -> Standing:
        async with asyncio.timeout(self._times.preflight_s):
            return await self._reached(target)

    async def _reached(self, target: FirmwareTarget) -> Standing:
        self._telling.check()
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

    async def _taken_back(self, target: FirmwareTarget, end: End) -> End:
        """Have a device go back to its work, where it runs what it ran; a device that cannot is told of."""
        telling = self._telling
        if end.step in (Step.DONE, Step.NEEDS_PERSON) or telling.step in _BEFORE:
            return end
        is_given = self._is_ordered or telling.known.step in AFTER_ORDER
        why = await take_back(
            target,
            telling,
            self._ground.pace,
            self._times.preparing_s,
            is_patient=not is_given,  # one that was told to install may be away for ever
            keeps_bytes=end.step is Step.RETRY and telling.state in GOES_ON,
        )
        if not why or is_given:
            return end
        return replace(end, error=f"{end.error} What was begun could not be taken back: {why}")

    def _late(self) -> End:
        step = self._telling.step
        limit_s = getattr(self._times, f"{step}_s")
        sentence = f"{str(step).capitalize()} took longer than {limit_s:g} s."
        if self._is_ordered or self._telling.known.step in (Step.INSTALLING, Step.REBOOTING):
            return End(Step.FAILED, Outcome.TIMED_OUT, sentence, self._telling.observed)
        return again(self._order, self._telling.observed, sentence, Outcome.TIMED_OUT)
