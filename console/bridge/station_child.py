"""Starts a station when none answers on this computer, and again when it ends or hangs.

Two ways: *attached*, the station is this window's child and ends with it (demo, tour); *detached*, it goes on
collecting after the last window closes, as a plant needs it. Either way the socket tells whether a station is
there, so a station that somebody started by hand, or another window, is used as it is: where several windows
start one at the same time, the lock on the data folder decides, and the others leave quietly.
"""

import logging
from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer, Signal

from console.bridge.station_process import (
    AttachedStation,
    DetachedStation,
    StationEnd,
    StationStart,
)
from console.bridge.station_vigil import StationVigil

_log = logging.getLogger(__name__)

FIRST_PAUSE_MS, LONGEST_PAUSE_MS = 500, 30_000
SETTLED_AFTER_S = 10.0
"""A station that lived for so long is started again at once when it ends."""
SILENT_AFTER_S = 5.0
KILLED_AFTER_S = 10.0
"""A station that hangs takes none of its devices' values; its spool keeps what it had."""
_STARTED_AGAIN = "; starting it again."
_KEEPER_SPEAKS_MS = 100
LISTENS_WITHIN_S = 60.0
"""It listens before it has its database; a locked keyring may keep it for some seconds."""


def pause_ms(quick_ends: int) -> int:
    """Return how long to wait before the next start.

    Args:
        quick_ends: How many runs in a row ended before they had settled, the last one included; 0 where
            the last one had settled.
    """
    if quick_ends <= 1:
        return 0
    return min(FIRST_PAUSE_MS * 2 ** min(quick_ends - 2, 10), LONGEST_PAUSE_MS)


class StationChild(QObject):
    """Keeps a station running for as long as the window is open. Lives on the window's thread."""

    told = Signal(str)  # one sentence: what is being done about the missing station

    def __init__(
        self, start: StationStart, monotonic: Callable[[], float], parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._how = start
        self._monotonic = monotonic
        self._quick_ends = 0
        self._started_at = 0.0
        self._is_linked = False
        self._is_stopped = True
        self._there_at = 0.0
        self._station_id = 0
        self._killed_because = ""
        self._sentence = ""
        self._run: AttachedStation | DetachedStation | None = None
        self._next = QTimer(self, singleShot=True)
        self._next.timeout.connect(self._start)
        self._vigil = StationVigil(start.socket_name, monotonic, self)
        self._vigil.answered.connect(self._on_answered)
        self._vigil.absent.connect(self._on_absent)
        self._vigil.silent.connect(self._on_silent)

    @property
    def process_id(self) -> int | None:
        """The process of the station that this window started; None while there is none."""
        return None if self._run is None else self._run.process_id

    def begin(self) -> None:
        """From now on start a station whenever none answers."""
        self._is_stopped = False
        self._vigil.start()

    def on_link(self, is_connected: bool) -> None:  # noqa: FBT001
        """Hear from the feed whether a station answers; starts one where none does."""
        self._is_linked = is_connected
        if self._is_stopped:
            return
        if is_connected:
            self._next.stop()
            self._sentence = ""
        elif self._sentence:
            # Why it ended is more than that the connection did, which the feed has just said.
            self.told.emit(self._sentence)
        elif self.process_id is not None:
            # Its keeper may have started the next one, and says why on stderr.
            QTimer.singleShot(_KEEPER_SPEAKS_MS, self, self._hear_keeper)
        if not is_connected and self.process_id is None and not self._next.isActive():
            self._plan_start()

    def look(self) -> None:
        """Find out whether a station is there while nobody talks to it; starts one where none is."""
        if not self._is_stopped:
            self._vigil.knock()

    def stop(self) -> None:
        """Start no more; an attached station is asked to end, and made to after some seconds. Safe twice."""
        self._is_stopped = True
        self._next.stop()
        self._vigil.stop()
        run, self._run = self._run, None
        if run is not None:
            process_id = run.process_id
            run.ended.disconnect(self._on_ended)
            if not run.leave():
                _log.warning("The station did not end by itself; process %s was killed", process_id)
            run.deleteLater()

    def _hear_keeper(self) -> None:
        said = "" if self._run is None else self._run.news()
        if not self._is_linked and said.startswith("The station ") and said.endswith(_STARTED_AGAIN):
            self._say(said)

    # -- what the vigil finds --------------------------------------------------------------------------

    def _on_answered(self, process_id: int) -> None:
        self._station_id, self._there_at = process_id, self._monotonic()
        self._next.stop()
        self._sentence = ""

    def _on_absent(self) -> None:
        if self._is_stopped or self._is_linked or self._next.isActive():
            return
        if self.process_id is None:
            self._plan_start()
        elif self._monotonic() - max(self._started_at, self._there_at) > LISTENS_WITHIN_S:
            self._kill(f"The station has not listened for {LISTENS_WITHIN_S:.0f} s and was ended")

    def _on_silent(self, silent_s: float) -> None:
        if self._is_stopped or silent_s < SILENT_AFTER_S:
            return
        if self.process_id is None:
            number = f", process {self._station_id}," if self._station_id else ""
            self._say(
                f"The station of this computer{number} does not answer. This window did not start it and "
                "leaves it alone: end it, and this window starts another."
            )
        elif silent_s < KILLED_AFTER_S:
            self._say(
                f"The station has not answered for {SILENT_AFTER_S:.0f} s; unless it does, it is ended and "
                f"started again after {KILLED_AFTER_S:.0f} s."
            )
        else:
            self._kill(f"The station did not answer for {KILLED_AFTER_S:.0f} s and was ended")

    def _kill(self, because: str) -> None:
        self._killed_because = because
        if self._run is not None:
            self._run.kill()

    # -- starting, and its end -------------------------------------------------------------------------

    def _plan_start(self) -> None:
        if not self._next.isActive():
            self._next.start(pause_ms(self._quick_ends))

    def _start(self) -> None:
        if self._is_stopped or self._is_linked or self.process_id is not None:
            return
        if not self._sentence:
            self.told.emit("Starting the station…")
        self._started_at = self._monotonic()
        self._killed_because = ""
        kind = AttachedStation if self._how.is_attached else DetachedStation
        self._run = kind(self._how, self)
        self._run.ended.connect(self._on_ended)
        self._run.start()

    def _on_ended(self, end: StationEnd) -> None:
        run, self._run = self._run, None
        if run is not None:
            run.deleteLater()
        is_settled = self._monotonic() - self._started_at >= SETTLED_AFTER_S
        self._quick_ends = 1 if is_settled else self._quick_ends + 1
        if end.is_already_running:
            # Another station was faster. Should it not answer after all, the vigil finds out.
            self._sentence = ""
            return
        what = self._killed_because or str(end)
        wait_ms = pause_ms(self._quick_ends)
        when = f" in {wait_ms / 1000:g} s" if wait_ms else ""
        self._say(f"{what}; starting it again{when}.")
        self._plan_start()

    def _say(self, sentence: str) -> None:
        if sentence != self._sentence:
            self._sentence = sentence
            _log.warning("%s", sentence)
            self.told.emit(sentence)
