"""Looks at every connection once in two seconds, some at a time, and tells what is worth telling.

What goes well is told in turns, what changes for the worse or the better at once.
"""

import math
from collections.abc import Callable, Sequence

from console.station.clocks.site_clock import SiteClock
from console.station.connections.diary import Diary
from console.station.polling.channel import Channel
from models.records.device import DeviceId, Tag
from models.records.device_health import SLOT_S, SLOTS, DeviceHealth

LOOK_S = 2.0
"""How often each connection is looked at."""

TURN_S = 0.2
"""How often some of them are: a thousand at once would keep the polls waiting."""

FEW = 100
"""So many devices are all told of at every look."""

CALM_S = 14.0
"""Of more, each that does well is told of so often: before the database is told again, every 15 s."""

_TURNS = round(CALM_S / LOOK_S)


class ConnectionLook:
    """Belongs to the event loop."""

    def __init__(
        self,
        channels: Callable[[], Sequence[Channel]],
        tags_of: Callable[[DeviceId], Sequence[Tag]],
        epoch_of: Callable[[DeviceId], int],
        own: Callable[[], int],
        clock: SiteClock,
        tell: Callable[[Sequence[DeviceHealth]], None],
    ) -> None:
        """Keep what it needs.

        Args:
            channels: What is polled now.
            tags_of: The tags of a device as it is judged; empty where it is not.
            epoch_of: The lease under which a device is polled.
            own: This station's `stations.id`; 0 = none.
            clock: The site's.
            tell: Gets what is worth telling, of some devices at a time.
        """
        self._channels = channels
        self._tags_of = tags_of
        self._epoch_of = epoch_of
        self._own = own
        self._clock = clock
        self._tell = tell
        self._diaries: dict[DeviceId, Diary] = {}
        self._round: list[Channel] = []
        self._share = 1
        self._is_many = False
        self._begun_s = clock.monotonic() - LOOK_S

    def turn(self) -> None:
        """Look at some connections; called every `TURN_S`."""
        now_s = self._clock.monotonic()
        if not self._round and now_s - self._begun_s >= LOOK_S:
            self._begin_round(now_s)
        some = self._round[-self._share :]
        if not some:
            return
        del self._round[-self._share :]
        now_unix = self._clock.unix()
        ahead_s = self._clock.wall() - now_unix
        told = [
            record
            for channel in some
            if (record := self._look_at(channel, now_s, now_unix, ahead_s)) is not None
        ]
        if told:
            self._tell(told)

    def _begin_round(self, now_s: float) -> None:
        self._begun_s = now_s
        self._round = list(self._channels())
        self._is_many = len(self._round) > FEW
        self._share = max(1, math.ceil(len(self._round) * TURN_S / LOOK_S))
        if len(self._diaries) > len(self._round):
            # Whoever is polled again within the sparkline's time goes on with it.
            since_s = now_s - SLOTS * SLOT_S
            self._diaries = {id: diary for id, diary in self._diaries.items() if diary.looked_s >= since_s}

    def _look_at(
        self, channel: Channel, now_s: float, now_unix: float, ahead_s: float
    ) -> DeviceHealth | None:
        device = channel.target.device
        diary = self._diaries.get(device)
        is_first = diary is None
        if diary is None:
            diary = self._diaries[device] = Diary(now_s)
        epoch = self._epoch_of(device)
        diary.look(channel, now_s, now_unix, ahead_s)
        is_news = diary.is_news(channel, epoch)
        if not is_news and self._is_many and now_s - diary.told_s < CALM_S:
            return None
        # From the second time on they take turns: all at once would keep the polls waiting.
        diary.told_s = now_s - device % _TURNS * LOOK_S if is_first else now_s
        return diary.record(channel, self._tags_of(device), self._own(), epoch, now_unix, ahead_s)
