"""Rollouts as one part of a station: connects updates to polling, hubs and leases."""

import asyncio
from collections.abc import Collection, Mapping

from pydantic import BaseModel

from console.station.clocks.clock import Clock
from console.station.health import Health
from console.station.leasing.duty import Duty
from console.station.leasing.rota import Rota
from console.station.polling.hubs import Hubs
from console.station.polling.poller import Poller
from console.station.rollouts.conductor import Conductor
from console.station.rollouts.dispatch import Dispatch
from console.station.rollouts.ground import Ground, Reach
from console.station.rollouts.pace import Pace
from console.station.rollouts.second_looks import SecondLooks
from console.station.rollouts.stillness import Stillness
from console.station.rollouts.stirring import Stirring
from console.station.rollouts.store import RolloutStore, UpdateStore
from console.station.tuning import Tuning
from drivers.firmware.registry import way_of
from drivers.firmware.target import FirmwareTarget, FirmwareWay
from models.records.device import DeviceId
from models.records.rollout import Deployment


class RolloutOffice:
    """Updates this station's devices. Belongs to the event loop."""

    def __init__(
        self,
        store: RolloutStore | None,
        duty: Duty,
        rota: Rota,
        poller: Poller,
        hubs: Hubs,
        clock: Clock,
        health: Health,
        tuning: Tuning,
    ) -> None:
        """Connect the parts; starts nothing. Without a store this station updates nothing."""
        self._duty = duty
        self._rota = rota
        self._poller = poller
        self._hubs = hubs
        self._clock = clock
        self._stirring: Stirring | None = None
        self._parts: tuple[Dispatch, Conductor, SecondLooks] | None = None
        if store is not None:
            pace = tuning.rollouts
            ground = self._ground(store, pace)
            self._stirring = Stirring(store.is_idle)
            stirred = self._stirring.until_stirred
            dispatch = Dispatch(
                ground, lambda: duty.incarnation, health.rollouts, pace.dispatch_s, duty.keep, stirred
            )
            self._parts = (
                dispatch,
                Conductor(store, lambda: duty.incarnation, health.conducting, pace.conduct_s, stirred),
                SecondLooks(ground, health.rollouts, lambda: dispatch.busy, stirred),
            )

    def start(self) -> None:
        """Begin to look for what is due."""
        for part in self._parts or ():
            part.start()

    async def stop(self) -> None:
        """Leave every device as it stands. Safe twice."""
        for part in self._parts or ():
            await part.stop()

    def stir(self) -> None:
        """Look at once: the database told of a rollout. Any thread."""
        if self._stirring is not None:
            self._stirring.stir()

    def stand_still(self, devices: Collection[DeviceId]) -> None:
        """See stillness.Polling."""
        self._rota.stand_still(devices)

    def answered(self, device: DeviceId) -> int:
        """See stillness.Polling."""
        try:
            return self._poller.health_of(device).answered
        except KeyError:
            return 0

    def _ground(self, store: UpdateStore, pace: Pace) -> Ground:
        return Ground(
            store=store,
            clock=self._clock,
            stillness=Stillness(self, self._lines),
            reach=self._reach,
            target=self._target,
            may_go_on=self._may_go_on,
            ways=way_of,
            pace=pace,
        )

    def _lines(self, way: FirmwareWay) -> Mapping[DeviceId, str]:
        return self._rota.lines_of(
            lambda binding: (
                way.line(binding.settings) if not way.drivers or binding.spec.kind in way.drivers else ""
            )
        )

    def _reach(self, device: DeviceId) -> Reach:
        record, binding = self._rota.reached(device)
        return Reach(record, binding.spec, binding.settings)

    async def _target(self, reach: Reach, way: FirmwareWay, profile: BaseModel) -> FirmwareTarget:
        hub = await self._hubs.hub(reach.spec)
        # A way loads its protocol's library when it is first used, which may take a second.
        return await asyncio.to_thread(way.make, hub, reach.settings, profile)

    def _may_go_on(self, deployment: Deployment) -> bool:
        return self._rota.epochs.get(deployment.device) == deployment.epoch and self._duty.may_poll()
