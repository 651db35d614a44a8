"""Which file the spool works on: opened, set aside where damaged, begun anew; and what is wrong with it."""

import logging
import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from console.station.clocks.clock import Clock
from console.station.errors import SpoolError, SpoolRefused
from console.station.outbox import Outbox
from console.station.spool.file import Moves, Row, SpoolFile
from console.station.spool.opening import FileDamaged, opened, set_file_aside
from console.station.tally import Tally

_log = logging.getLogger(__name__)
Result = TypeVar("Result")


class Cabinet:
    """Lends the file to whoever works on it, from any thread, and sees to it that its faults stop nobody."""

    def __init__(self, folder: Path, outbox: Outbox, clock: Clock) -> None:
        """Keep what it needs; opens nothing."""
        self._folder = folder
        self._outbox = outbox
        self._clock = clock
        self._changing = threading.RLock()
        self.file: SpoolFile | None = None
        self.trouble = ""
        """One sentence why the disk takes nothing now; empty while it does."""
        self.set_aside = ""
        """One sentence about what was damaged and is out of the way; empty where nothing was."""
        self.quarantined_findings = 0
        self._moves = Moves()

    def open(self) -> None:
        """Open the file, and count what lies in it. Never fails: `trouble` says what is wrong."""
        with self._changing:
            if self.file is not None:
                return
            try:
                file = SpoolFile(self._opened())
                totals, self._moves = file.totals(), file.moves()
            except (SpoolError, FileDamaged, OSError, sqlite3.Error) as error:
                self.note_trouble(
                    error if isinstance(error, SpoolError) else SpoolRefused(f"{self._folder}: {error}.")
                )
                return
            self.quarantined_findings = totals.quarantined_findings
            self._outbox.record(
                lambda tally: tally.find(totals.readings, totals.findings, totals.quarantined)
            )
            self.file = file
            self.note_success()
            if totals.readings or totals.findings:
                _log.info("%d readings and %d findings wait in the spool", totals.readings, totals.findings)

    def close(self) -> None:
        """Close the file. Safe twice."""
        with self._changing:
            file, self.file = self.file, None
            if file is not None:
                file.close()

    def use(self, work: Callable[[SpoolFile], Result], otherwise: Result) -> Result:
        """Work on the file; return `otherwise` where there is none, or where it fails."""
        file = self.file
        if file is None:
            return otherwise
        try:
            return work(file)
        except FileDamaged as error:
            self._replace(file, error)
        except SpoolError as error:
            if file is self.file:
                self.note_trouble(error)
        return otherwise

    def follow_moves(self, file: SpoolFile) -> None:
        """Count what commands beside this station did to the quarantine."""
        with self._changing:
            moves, before = file.moves(), self._moves
            if moves == before:
                return
            self._moves = moves
            self.quarantined_findings = file.totals().quarantined_findings

        def count(tally: Tally) -> None:
            tally.retry(
                moves.retried_readings - before.retried_readings,
                moves.retried_findings - before.retried_findings,
            )
            tally.discard(moves.discarded_readings - before.discarded_readings)

        self._outbox.record(count)

    def put_row_aside(self, file: SpoolFile, row: Row, reason: str) -> None:
        """Get a row out of the way that cannot be read."""
        file.set_aside(row, reason, self._clock.unix())
        self._outbox.record(lambda tally: tally.lose(row.readings, 1 if row.kind else 0))
        what = f"A finding ({row.kind})" if row.kind else f"A block of {row.readings} readings"
        self._note_aside(
            f"{what} in the spool is damaged: {reason}. It was set aside in the same file and stops nothing; "
            "call whoever looks after this system."
        )

    def note_trouble(self, error: SpoolError) -> None:
        """Say once what is wrong."""
        if not self.trouble:
            _log.error("The spool does not keep readings: %s", error)
        self.trouble = str(error)

    def note_success(self) -> None:
        """Say once that the disk takes again what it is given."""
        if self.trouble:
            self.trouble = ""
            _log.info("The spool keeps readings again")

    def _opened(self) -> sqlite3.Connection:
        try:
            return opened(self._folder)
        except FileDamaged as error:
            self._put_file_aside(error)
            return opened(self._folder)

    def _replace(self, file: SpoolFile, error: FileDamaged) -> None:
        """Begin a new file; what was in the damaged one is counted as dropped."""
        with self._changing:
            if file is not self.file:
                return
            self.file = None
            file.close()
            self._outbox.forget_copies()
            self._outbox.record(Tally.lose_all)
            try:
                self._put_file_aside(error)
            except OSError as refusal:
                self.note_trouble(SpoolRefused(f"{self._folder}: {refusal.strerror}."))
                return
            self.open()

    def _put_file_aside(self, error: FileDamaged) -> None:
        aside = set_file_aside(self._folder, self._clock.unix())
        self._note_aside(
            f"The spool was damaged ({error}) and is now called {aside.name}; what is in it is not in the "
            f"database. Keep it for whoever looks after this system: {self._folder}."
        )

    def _note_aside(self, sentence: str) -> None:
        self.set_aside = sentence
        _log.error("%s", sentence)
