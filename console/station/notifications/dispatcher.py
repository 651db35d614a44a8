"""Works the queue off: one thread asks the database, one more for each channel that is sending right now.

A mail server that hangs keeps its own channel's thread for half a minute and nothing else: polling, writing
and other channels never wait for it, and neither does the end of the station.
"""

import logging
import random
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from console.station.clocks.clock import Clock
from console.station.database_thread import DatabaseThread, Turn
from console.station.health import LoopHealth
from console.station.notifications.errand import Errand
from console.station.notifications.limits import SendLimits
from console.station.notifications.sending import send
from console.station.notifications.store import DueChannel, NotificationStore, Taken
from models.errors import DatabaseAway, NotAllowed, StorageError
from models.records.notification import Attempt, ChannelId, Claimed, Outcome

_log = logging.getLogger(__name__)

_STEP_S = 1.0

Send = Callable[[Claimed, str, str, datetime, Errand], Attempt]


@dataclass(frozen=True, slots=True)
class _UnderWay:
    """A message that a thread is sending."""

    thread: threading.Thread
    errand: Errand


@dataclass(slots=True)
class _Rest:
    """A channel whose server failed: how often in a row, and until when it is left alone."""

    failures: int = 0
    until_s: float = 0.0


class Dispatcher:
    """Sends what this station claims. `start` and `stop` belong to the event loop's thread."""

    def __init__(
        self,
        store: NotificationStore,
        clock: Clock,
        limits: SendLimits,
        health: LoopHealth,
        station: str,
        thread_limit_s: float,
        send: Send = send,
        chance: Callable[[], float] = random.random,
    ) -> None:
        """Keep what it needs; starts nothing.

        Args:
            store: The queue.
            clock: For the channels' rests, and the date of messages.
            limits: How long everything may take.
            health: Counts rounds and failures.
            station: Name of who sends.
            thread_limit_s: How long `stop` waits.
            send: Makes an attempt, on a thread of its own.
            chance: A random number in [0, 1), for the waits.
        """
        self._store = store
        self._clock = clock
        self._limits = limits
        self._health = health
        self._station = station
        self._thread_limit_s = thread_limit_s
        self._send = send
        self._chance = chance
        self._wake = threading.Event()
        self._thread = DatabaseThread("station-notifications", self._run, thread_limit_s, self._rouse, health)
        self._is_stopping = False
        self._under_way: dict[ChannelId, _UnderWay] = {}  # changed by the dispatcher's thread only
        self._ended: deque[tuple[Claimed, Attempt]] = deque()
        self._rests: dict[ChannelId, _Rest] = {}
        self._is_failing = False

    @property
    def channels_under_way(self) -> frozenset[ChannelId]:
        """The channels by which something is being sent at this moment."""
        return frozenset(self._under_way)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def stop(self) -> None:
        """Cut what is under way, and end the thread as `DatabaseThread.stop` does. Blocks; safe twice.

        What was not sent yet is given back, for another station to send at once.
        """
        self._is_stopping = True
        self._thread.stop()

    def run_due(self) -> None:
        """Do one round: note what ended, make messages, hand out what can be sent. Raises StorageError."""
        self.settle()
        self._store.make_messages()
        for due in self._store.due():
            self._serve(due)
        self._health.passes += 1

    def attend(self) -> float:
        """Do one round, whatever comes of it; return after how many seconds to do the next."""
        return self._guarded(self.run_due)

    def settle(self) -> None:
        """Note in the database what ended. Raises StorageError; what was not noted is noted next time."""
        while self._ended:
            message, attempt = self._ended[0]
            self._store.finish(message, attempt, self._wait_s(message, attempt))
            if self._thread.is_left_behind():
                # Another thread has noted this one by now, or will.
                return
            self._ended.popleft()
            self._under_way.pop(message.channel.id, None)
            self._let_rest(message.channel.id, attempt)

    # -- the dispatcher's thread -----------------------------------------------------------------------

    def _run(self, turn: Turn) -> None:
        while not turn.is_set():
            wait_s = self.attend()
            with turn.rest():
                self._wake.wait(wait_s)
            if not turn.is_set():
                self._wake.clear()
        if self._thread.is_left_behind():
            return
        for way in list(self._under_way.values()):
            way.errand.cut()
            way.thread.join(self._thread_limit_s)
        self._guarded(self.settle)

    def _guarded(self, work: Callable[[], None]) -> float:
        wait_s = _STEP_S
        try:
            work()
        except StorageError as error:
            if isinstance(error, NotAllowed):
                # Every refusal stands in the audit trail: do not fill it.
                wait_s = self._limits.refused_s
            self._health.note_failure(error)
            if not self._is_failing:
                # While the database is away the writer says so; anything else is this thread's own news.
                level = logging.DEBUG if isinstance(error, DatabaseAway) else logging.WARNING
                _log.log(level, "Notifications have to wait: %s", error)
            self._is_failing = True
        except Exception as error:  # noqa: BLE001 - the dispatcher's net: the next round may succeed
            self._health.note_failure(error)
            _log.exception("Notifications failed in a way nobody foresaw")
        else:
            self._is_failing = False
        return wait_s

    def _serve(self, due: DueChannel) -> None:
        """Send one message of a channel, unless one is under way or the channel rests."""
        channel = due.channel
        if channel.id in self._under_way:
            return
        if due.trouble:
            # Another station may hold the key; only when none took it in time there is something to tell.
            if self._clock.unix() - due.due_since.timestamp() > self._limits.trouble_after_s:
                self._store.note_trouble(channel.id, due.trouble)
            return
        rest = self._rests.get(channel.id)
        if rest is not None and self._clock.monotonic() < rest.until_s:
            return
        taken = self._store.claim(channel.id, self._limits.claim_s)
        # What a thread claimed that was given up meanwhile is free again once its claim runs out.
        if taken is not None and not self._thread.is_left_behind():
            self._begin(channel.id, taken)

    def _begin(self, channel: ChannelId, taken: Taken) -> None:
        errand = Errand(self._limits)
        thread = threading.Thread(
            target=self._carry, args=(taken, errand), name=f"notification-channel-{channel}", daemon=True
        )
        # A thread that does not start leaves the channel free; the claim on its message runs out.
        thread.start()
        self._under_way[channel] = _UnderWay(thread, errand)

    def _wait_s(self, message: Claimed, attempt: Attempt) -> float:
        """Return after how long an attempt that ended is repeated."""
        asked_s = min(attempt.retry_after_s or 0.0, self._limits.most_retry_after_s)
        return max(self._limits.retry.wait_s(message.attempt, self._chance()), asked_s)

    def _let_rest(self, channel: ChannelId, attempt: Attempt) -> None:
        """Leave a channel alone for a while whose server failed; one that answered goes on."""
        if not attempt.is_channel_fault:
            self._rests.pop(channel, None)
            return
        rest = self._rests.setdefault(channel, _Rest())
        rest.failures += 1
        rest.until_s = self._clock.monotonic() + self._limits.pause.wait_s(rest.failures, self._chance())

    # -- a channel's thread ----------------------------------------------------------------------------

    def _carry(self, taken: Taken, errand: Errand) -> None:
        now = datetime.fromtimestamp(self._clock.unix(), UTC)
        attempt = self._send(taken.message, taken.secret, self._station, now, errand)
        if attempt.outcome is Outcome.SENT:
            _log.info("Message %d was sent by %s", taken.message.delivery, taken.message.channel.name)
        else:
            _log.warning("Message %d was not sent: %s", taken.message.delivery, attempt.error)
        self._ended.append((taken.message, attempt))
        self._wake.set()

    # -- the event loop's thread -----------------------------------------------------------------------

    def _rouse(self) -> None:
        for way in list(self._under_way.values()) if self._is_stopping else ():
            way.errand.cut()
        self._wake.set()
