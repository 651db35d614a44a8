"""Sees to it that nothing in the station hangs unnoticed. A thread of its own, which waits for nobody.

Every loop shows life by its pulse. A loop that shows none for longer than its step may take is left behind
and started again. The event loop cannot be replaced: where it does not turn, the process ends itself, with
every thread's stack in the faults file, and whoever started it starts another. The spool keeps what is
durable.
"""

import asyncio
import faulthandler
import logging
import os
import sys
import threading
import traceback
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from console.station.clocks.clock import Clock
from console.station.exit_codes import HUNG
from console.station.health import Health, LoopHealth
from console.station.tuning import Tuning
from models.records.station import Condition, ConditionKind
from models.records.threshold import Severity

_log = logging.getLogger(__name__)

_LAST_WORDS_S = 1.0


@dataclass(frozen=True, slots=True)
class _Seen:
    """A loop as it was seen last: how far it was, and the watchdog's own time when that was new."""

    progress: int
    at_s: float


class Watchdog:
    """Looks round twice a second. `start` and `stop` belong to the event loop's thread."""

    def __init__(
        self,
        health: Health,
        clock: Clock,
        tuning: Tuning,
        faults: Path | None = None,
        on_well: Callable[[], None] = lambda: None,
        end: Callable[[int], None] = os._exit,
    ) -> None:
        """Keep what it needs; starts nothing.

        Args:
            health: Whose loops to look after.
            clock: For the age of pulses, and the date of conditions.
            tuning: How long everything may take.
            faults: Gets every thread's stack before the process ends itself.
            on_well: Called at each look at which nothing hangs, on the watchdog's thread.
            end: Ends the process at once with an exit code.
        """
        self._health = health
        self._clock = clock
        self._tuning = tuning
        self._faults = faults
        self._on_well = on_well
        self._end = end
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._loop_thread = 0
        self._asked = self._answered = 0
        self._asked_s = 0.0
        self._looked_s = clock.monotonic()
        self._awake_s = 0.0
        self._seen: dict[int, _Seen] = {}
        self._left_behind: list[tuple[LoopHealth, threading.Thread]] = []
        self._is_ending = False
        self._restarts: tuple[Condition, ...] = ()

    def start(self) -> None:
        """Begin to look after the running event loop and every loop of `health`."""
        self._loop = asyncio.get_running_loop()
        self._loop_thread = threading.get_ident()
        self._looked_s = self._clock.monotonic()
        self._thread = threading.Thread(target=self._run, name="station-watchdog", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Look after nothing any more. Safe twice."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def conditions(self) -> tuple[Condition, ...]:
        """Return what was started again within the last ten minutes, newest first. Any thread may ask."""
        earliest_unix = self._clock.unix() - self._tuning.restart_shown_s
        return tuple(one for one in self._restarts if one.since_unix > earliest_unix)

    def look(self) -> bool:
        """Look once at everything; return whether all is well. For the watchdog's thread."""
        now_s = self._clock.monotonic()
        # Time counts only as far as this thread itself was running: a process that was stopped and goes on
        # (SIGSTOP, a debugger, a frozen virtual machine) must not take its own absence for a loop that hangs.
        self._awake_s += min(now_s - self._looked_s, 2.0 * self._tuning.watch_s)
        self._looked_s = now_s
        self._left_behind = [left for left in self._left_behind if left[1].is_alive()]
        if not self._is_loop_turning():
            return False
        late = [loop for loop in self._health.loops() if self._is_late(loop)]
        for loop in late:
            self._restart(loop)
        return not late

    def _run(self) -> None:
        while not self._stopping.wait(self._tuning.watch_s):
            try:
                if self.look():
                    self._on_well()
            except Exception:  # noqa: BLE001 - the watchdog's net: who looks after all others must not end
                _log.exception("The watchdog's look round failed in a way nobody foresaw")

    def _is_loop_turning(self) -> bool:
        if self._loop is None:
            return True
        if self._answered == self._asked:
            self._asked += 1
            self._asked_s = self._awake_s
            with suppress(RuntimeError):  # closed: the station is ending
                self._loop.call_soon_threadsafe(self._answer, self._asked)
        elif self._awake_s - self._asked_s > self._tuning.loop_limit_s:
            self._end_process(f"Its event loop has not turned for {self._tuning.loop_limit_s:.0f} s")
            return False
        return True

    def _answer(self, number: int) -> None:
        self._answered = number

    def _is_late(self, loop: LoopHealth) -> bool:
        seen, progress = self._seen.get(id(loop)), loop.progress
        if seen is None or seen.progress != progress:
            self._seen[id(loop)] = _Seen(progress, self._awake_s)
            return False
        # What hangs again is given longer each time: every thread left behind keeps what it hangs in.
        patience = 2 ** sum(whose is loop for whose, _ in self._left_behind)
        limit_s = loop.pulse.limit_s
        return limit_s is not None and self._awake_s - seen.at_s > limit_s * patience

    def _restart(self, loop: LoopHealth) -> None:
        revive, pulse = loop.revive, loop.pulse
        waited_s = self._awake_s - self._seen[id(loop)].at_s
        what = f" while {pulse.doing}" if pulse.doing else ""
        told = f"{loop.name} made no progress for {waited_s:.0f} s{what}"
        if revive is None:
            self._note(loop, f"{told}; nothing can be started in its place.")
            return
        self._note(loop, f"{told} and was started again.")
        if pulse.thread is not None:
            self._left_behind.append((loop, pulse.thread))
        if len(self._left_behind) > self._tuning.left_behind:
            self._end_process(f"{len(self._left_behind)} of its threads hang")
            return
        loop.restarts += 1
        revive()
        self._seen[id(loop)] = _Seen(loop.progress, self._awake_s)

    def _note(self, loop: LoopHealth, sentence: str) -> None:
        """Tell people, and write the stack of what hangs into the log; once while it goes on."""
        known = {one.sentence.split(" made no progress")[0] for one in self.conditions()}
        if loop.revive is None and loop.name in known:
            return
        _log.error("%s It hangs in:\n%s", sentence, self._stack(loop.pulse.thread))
        condition = Condition(ConditionKind.LOOP_RESTARTED, Severity.WARNING, self._clock.unix(), sentence)
        others = (one for one in self.conditions() if not one.sentence.startswith(loop.name))
        self._restarts = (condition, *others)

    def _stack(self, thread: threading.Thread | None) -> str:
        ident = self._loop_thread if thread is None else thread.ident
        frame = None if ident is None else sys._current_frames().get(ident)  # pyright: ignore[reportPrivateUsage] - documented
        return "".join(traceback.format_stack(frame)) if frame is not None else "(a thread that has ended)"

    def _end_process(self, reason: str) -> None:
        """Write down what every thread is doing, and end. Whatever hangs may hold any lock, logging's too."""
        sentence = f"The station ends itself to be started again. {reason}."
        if self._is_ending:
            return
        self._is_ending = True
        with suppress(OSError):
            self._write_stacks(sentence)
        words = threading.Thread(target=_say, args=(sentence,), name="station-last-words", daemon=True)
        words.start()
        words.join(_LAST_WORDS_S)
        self._end(HUNG)

    def _write_stacks(self, sentence: str) -> None:
        if self._faults is None:
            return
        self._faults.parent.mkdir(parents=True, exist_ok=True)
        with self._faults.open("a", encoding="utf-8") as file:
            file.write(f"\n{self._clock.unix():.3f} {sentence}\n")
            file.flush()
            faulthandler.dump_traceback(file, all_threads=True)


def _say(sentence: str) -> None:
    _log.critical("%s", sentence)
    sys.stderr.write(f"{sentence}\n")
    sys.stderr.flush()
