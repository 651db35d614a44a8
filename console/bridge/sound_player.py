"""Plays what the horn wishes, on a thread of its own, and says when this computer plays nothing.

The window's thread only leaves wishes here and reads `fault`: opening a device, and a sound server that
hangs, may take as long as they like.
"""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from console.bridge.sound_files import Sound, loop_of
from console.bridge.sound_output import DeviceOutput, NoSound, Output

CHECK_S = 1.0
"""How often a device that plays is looked at, and one that failed is tried again."""
_LOOK_S = 10.0
"""How often a device that rests is looked for: it is found missing before it is needed."""
_STUCK_S = 2.5
_STOP_WITHIN_S = 2.0
_ONCE_S = {Sound.CRITICAL: 3.6, Sound.WARNING: 1.2, Sound.FLOOD: 1.4}
"""How long a burst that is played once has the device: its length, and what the device buffers."""
_STUCK = "The sound device takes no sound: it was unplugged, or another program holds it."

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be heard: `sound` over and over, at a volume from 0 to 1."""

    sound: Sound
    volume: float


class SoundPlayer:
    """Owns the device. Every public member may be used from any thread, and none waits.

    Attributes:
        fault: Why nothing can be heard at this computer, a sentence; empty while the device works.
    """

    def __init__(self, open_output: Callable[[], Output] = DeviceOutput) -> None:
        """Store how a device is opened."""
        self.fault = ""
        self._open_output = open_output
        self._output: Output | None = None
        self._wish: Wish | None = None
        self._once: Wish | None = None
        self._playing: Wish | None = None
        self._has_news = threading.Event()
        self._is_stopped = False
        self._once_ends = 0.0
        self._look_at = 0.0
        self._taken, self._taken_at = 0, 0.0
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin to look for a device. Returns at once."""
        self._thread = threading.Thread(target=self._run, name="horn", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Fall silent and give the device back. Safe twice."""
        self._is_stopped = True
        self._has_news.set()
        thread, self._thread = self._thread, None
        if thread is not None:
            thread.join(_STOP_WITHIN_S)

    def wish(self, wish: Wish | None) -> None:
        """Play this from now on, until something else is wished; None is silence."""
        if wish != self._wish:
            self._wish = wish
            self._has_news.set()

    def play_once(self, wish: Wish) -> None:
        """Play one burst, and then what is wished otherwise."""
        self._once = wish
        self._has_news.set()

    def _run(self) -> None:
        while not self._is_stopped:
            try:
                self._attend()
            except NoSound as error:
                self._fail(str(error))
            except Exception:  # noqa: BLE001 - a named net: a horn that died silently is worse than none
                _log.exception("Playing a sound failed")
                self._fail("The sound device failed because of a mistake in this program; see the log.")
            self._has_news.wait(CHECK_S)
            self._has_news.clear()
        self._close()

    def _attend(self) -> None:
        """Bring the device to what is wished now."""
        now = time.monotonic()
        if self._once is not None:
            once, self._once = self._once, None
            self._play(once, now)
            self._playing, self._once_ends = None, now + _ONCE_S[once.sound]
        wish = self._wish
        if now < self._once_ends or (wish is not None and wish == self._playing):
            self._check(now)
        elif wish is None:
            self._be_quiet(now)
        else:
            self._play(wish, now)
            self._playing = wish

    def _play(self, wish: Wish, now: float) -> None:
        loop = loop_of(wish.sound, wish.volume)
        output = self._open()
        output.play(loop)
        self._taken, self._taken_at = output.taken, now

    def _be_quiet(self, now: float) -> None:
        output = self._open()
        if self._playing is not None or self._once_ends:
            output.rest()
            self._playing, self._once_ends = None, 0.0
        if now >= self._look_at:
            self._look_at = now + _LOOK_S
            output.look()
        self._tell_well()

    def _check(self, now: float) -> None:
        output = self._open()
        if output.taken != self._taken:
            self._taken, self._taken_at = output.taken, now
            self._tell_well()
        elif now - self._taken_at > _STUCK_S:
            raise NoSound(_STUCK)

    def _open(self) -> Output:
        if self._output is None:
            self._output = self._open_output()
            _log.info("Sounds are played through %s", self._output.name)
        return self._output

    def _tell_well(self) -> None:
        if self.fault:
            _log.info("There is sound again")
        self.fault = ""

    def _fail(self, sentence: str) -> None:
        if sentence != self.fault:
            _log.warning("No sound: %s", sentence)
        self.fault = sentence
        self._playing, self._once_ends = None, 0.0
        self._close()

    def _close(self) -> None:
        output, self._output = self._output, None
        if output is not None:
            output.close()
