"""What came of events and waits to be taken: bounded, whatever a server sends. Without a network.

A list of events is decoded only while there is time for it (`Budget`), a few events at a time, because each
takes some 0.3 ms; beyond, it is counted and forgotten.
Whatever was lost may have been the end of a condition, so a refresh falls due.
"""

from collections import deque
from collections.abc import Iterator
from datetime import UTC, datetime

from asyncua import ua

from drivers.events import DeviceEvent, EventNews
from drivers.opcua.event_reading import NotAnEvent, Signal, event_of
from drivers.opcua.event_wire import Fields, event_count, events_in

MOST_WAITING = 1000
"""Events that wait to be taken; a station takes them twice a second."""

MOST_STANDING = 2000
"""Conditions that can stand at one time."""

_BURST = 1000
_EVENTS_PER_S = 100.0
_LONGEST_LIST = 1_000_000  # octets; an event has some hundreds
_AT_END: Fields = ()


class Budget:
    """How many events may be decoded: many at once now and then, few a second for long."""

    def __init__(self, now_s: float) -> None:
        self._left = float(_BURST)
        self._at_s = now_s

    def take(self, count: int, now_s: float) -> bool:
        """Spend `count`; False, and nothing spent, where there is not as much."""
        self._left = min(_BURST, self._left + (now_s - self._at_s) * _EVENTS_PER_S)
        self._at_s = now_s
        if count > self._left:
            return False
        self._left -= count
        return True


class EventInbox:
    """Of one device.

    Attributes:
        is_refresh_due: Whether something was lost, so that the server has to be asked what stands.
        is_refreshing: Whether the server has been asked, and has not yet told everything.
        trouble: Why no events come, one sentence; empty while they do.
    """

    def __init__(self, now_s: float) -> None:
        """Begin with nothing at `now_s`, in seconds of the running loop's clock."""
        self.is_refresh_due = False
        self.trouble = ""
        self._budget = Budget(now_s)
        self._lists: deque[Iterator[Fields | None]] = deque()
        self._events: list[DeviceEvent] = []
        self._dropped = 0
        self._told: set[str] | None = None
        self._standing: set[str] | None = None
        self._taken_trouble = ""

    @property
    def is_refreshing(self) -> bool:
        """See Attributes."""
        return self._told is not None

    def begin_refresh(self) -> None:
        """Count on being told of everything that stands from now on."""
        self.is_refresh_due = False
        self._told = set()

    def end_refresh(self) -> None:
        """Believe that nothing stands but what was told since `begin_refresh`."""
        if self._told is not None:
            self._standing, self._told = self._told, None

    def put(self, body: bytes, now_s: float) -> None:
        """Take a list of events as it came; `digest` reads it."""
        if len(body) > _LONGEST_LIST or not self._budget.take(event_count(body), now_s):
            self._lose(event_count(body))
            return
        self._lists.append(events_in(body))

    def digest(self, most: int) -> bool:
        """Read so many of the events that came; returns whether there are more."""
        came_at = datetime.now(UTC)
        while self._lists and most > 0:
            most -= 1
            try:
                fields = next(self._lists[0], _AT_END)
            except ua.UaError:
                self._lose(1)
                fields = _AT_END
            if fields is _AT_END:
                self._lists.popleft()
            elif fields is None:
                self._lose(1)
            else:
                self._read(fields, came_at)
        return bool(self._lists)

    def take(self) -> EventNews | None:
        """Return what came since the last call; None where nothing is new."""
        is_trouble_new = self.trouble != self._taken_trouble
        if not (self._events or self._dropped or is_trouble_new) and self._standing is None:
            return None
        news = EventNews(
            tuple(self._events),
            None if self._standing is None else frozenset(self._standing),
            self._dropped,
            self.trouble,
        )
        self._events, self._dropped, self._standing = [], 0, None
        self._taken_trouble = self.trouble
        return news

    def _read(self, fields: Fields, came_at: datetime) -> None:
        try:
            told = event_of(fields, came_at)
        except NotAnEvent:
            self._lose(1)
            return
        if isinstance(told, Signal):
            self._on_signal(told)
        elif told is not None:
            self._keep(told)

    def _lose(self, count: int) -> None:
        self._dropped += count
        self.is_refresh_due = True

    def _on_signal(self, signal: Signal) -> None:
        match signal:
            case Signal.REFRESH_BEGINS:
                if self._told is not None:
                    self._told.clear()
            case Signal.REFRESH_ENDS:
                self.end_refresh()
            case Signal.REFRESH_NEEDED:
                self.is_refresh_due = True

    def _keep(self, event: DeviceEvent) -> None:
        if len(self._events) >= MOST_WAITING:
            self._lose(1)
            return
        self._events.append(event)
        if event.is_active is None:
            return
        for known in (self._told, self._standing):
            if known is not None:
                if not event.is_active:
                    known.discard(event.key)
                elif len(known) < MOST_STANDING:
                    known.add(event.key)
