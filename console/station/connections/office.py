"""How connections do, as one part of the station: looked at, told to windows, recorded in the database."""

import asyncio
from collections.abc import Callable, Sequence

from console.station.clocks.site_clock import SiteClock
from console.station.connections.looking import TURN_S, ConnectionLook
from console.station.connections.recorder import ConnectionRecorder
from console.station.feed import Feed
from console.station.health import Health
from console.station.judgement import Judgement
from console.station.polling.poller import Poller
from console.station.rounds import repeat
from console.station.store import Store
from console.station.tuning import Tuning
from models.records.device import DeviceId, Tag
from models.records.device_health import DeviceHealth


class ConnectionOffice:
    """Made anywhere; everything else belongs to the event loop."""

    def __init__(
        self,
        poller: Poller,
        judgement: Judgement,
        epoch_of: Callable[[DeviceId], int],
        own: Callable[[], int],
        store: Store,
        feed: Feed,
        clock: SiteClock,
        tuning: Tuning,
        health: Health,
    ) -> None:
        """Keep what it needs; starts nothing. Arguments as of `ConnectionLook` and `ConnectionRecorder`."""
        self._judgement = judgement
        self._feed = feed
        self._health = health.connections
        self._stuck_s = tuning.stuck_s
        self._recorder = ConnectionRecorder(store, tuning, health.connection_records)
        self._look = ConnectionLook(poller.channels, self._tags_of, epoch_of, own, clock, self._tell)
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to look at connections, and to record what is found."""
        self._recorder.start()
        self._task = repeat("station-look", TURN_S, self._look.turn, self._health, self._stuck_s)

    async def stop(self) -> None:
        """End both, as `DatabaseThread.stop` does. Safe twice, safe when never started."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            await asyncio.wait({task})
        await asyncio.to_thread(self._recorder.stop)

    def _tags_of(self, device: DeviceId) -> Sequence[Tag]:
        line = self._judgement.lines.get(device)
        return () if line is None else line.device.tags

    def _tell(self, records: Sequence[DeviceHealth]) -> None:
        self._recorder.keep(records)
        self._feed.publish_health(records)
