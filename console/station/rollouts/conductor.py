"""Conducts the rollouts that are this station's to conduct: looks, makes one move, looks again."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from console.station.health import LoopHealth
from console.station.rollouts.conducting import Conclude, MoveWave
from console.station.rollouts.stirring import at_once
from console.station.rollouts.store import ConductStore
from models.errors import LeaseLost, StorageError
from models.records.rollout import RolloutId

_log = logging.getLogger(__name__)
_MOST_MOVES = 20
"""So many moves of one rollout in a row; then the others have their turn."""


class Conductor:
    """A task that looks now and then. Belongs to the event loop; what it asks runs on threads."""

    def __init__(
        self,
        store: ConductStore,
        incarnation: Callable[[], int],
        health: LoopHealth,
        period_s: float,
        stirred: Callable[[], Awaitable[None]] = at_once,
    ) -> None:
        """Keep what it needs; starts nothing.

        Args:
            store: Asked for rollouts and told the moves.
            incarnation: Which start of the station this is; 0 = not known yet.
            health: Counts rounds and failures.
            period_s: How often it looks, well below the 30 s for which a rollout is lent.
            stirred: Waits until there may be something to do.
        """
        self._store = store
        self._incarnation = incarnation
        self._health = health
        self._period_s = period_s
        self._stirred = stirred
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to look."""
        self._task = asyncio.create_task(self._look_on(), name="station-conductor")

    async def stop(self) -> None:
        """Leave every rollout as it stands. Safe twice."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait({self._task})
            self._task = None

    async def _look_on(self) -> None:
        while True:
            try:
                incarnation = self._incarnation()
                if incarnation:
                    await asyncio.to_thread(self._look, incarnation)
                self._health.passes += 1
            except StorageError as error:
                self._health.note_failure(error)
            except Exception as error:  # noqa: BLE001 - the conductor's net: the next round may succeed
                self._health.note_failure(error)
                _log.exception("Conducting rollouts failed in a way nobody foresaw")
            await asyncio.sleep(self._period_s)
            await self._stirred()

    def _look(self, incarnation: int) -> None:
        for rollout, epoch in self._store.conduct(incarnation).items():
            try:
                self._conduct(rollout, epoch)
            except LeaseLost as lost:
                # Somebody paused it, or moved it, between look and move: the next look shows it.
                _log.info("Rollout %d stood elsewhere by then: %s", rollout, lost)

    def _conduct(self, rollout: RolloutId, epoch: int) -> None:
        for _ in range(_MOST_MOVES):
            move = self._store.next_move(rollout)
            match move:
                case None:
                    return
                case MoveWave():
                    self._store.move_wave(
                        rollout,
                        epoch,
                        move.wave,
                        move.source,
                        move.target,
                        move.reason,
                        move.evidence or None,
                    )
                case Conclude():
                    self._store.conclude(rollout, epoch, move.target, move.reason)
