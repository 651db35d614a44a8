"""The demonstration's plant: the simulated factory as a child, imported once it and the database are up."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QProcess, QTimer, Signal

from console.bridge.command_runner import CommandRunner, Job
from console.bridge.station_process import last_words
from models.file_lock import FileLock

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from models.database import Database
    from models.quantities import Quantities
    from models.records.device_entry import ImportOutcome

_RESTART_MS = 1_000
_IMPORT_AGAIN_MS = 2_000
_ENDS_WITHIN_MS = 4_000
_PAST_AFTER_MS = 4_000
"""The past waits until the present is on the screen."""
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class PlantStart:
    """How to start the factory.

    Attributes:
        program: Executable.
        arguments: Without the program; they make it write its import document to `document`.
        document: Written before the factory says that it is ready.
        ports_file: Where it remembers its ports; removed when they turn out to be taken.
        past_arguments: Those that make the program simulate the hours before the plant's first import;
            empty = a new demonstration has no past.
    """

    program: str
    arguments: Sequence[str]
    document: Path
    ports_file: Path
    past_arguments: Sequence[str] = ()


def load_import() -> None:
    """Import what taking the plant in needs; see `console.bridge.questions.load_statements`."""
    import console.catalogue.document  # noqa: F401


class DemoPlant(QObject):
    """Keeps the factory running while the window is open. `told` carries sentences for the person.

    Windows of one folder share one factory: who came first runs it, and the next takes over when they leave.

    Attributes:
        has_past: Whether the hours before are stored, or there are none to be made.
    """

    told = Signal(str)

    def __init__(self, start: PlantStart, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._runner = CommandRunner(self)
        self._how = start
        self._is_stopped = True
        self._process: QProcess | None = None
        self._past: QProcess | None = None
        self.has_past = False
        self._turn = FileLock(start.document.parent / "factory.lock")
        self._again = QTimer(self, singleShot=True)
        self._again.timeout.connect(self._start_process)
        self._import_again = QTimer(self, singleShot=True, interval=_IMPORT_AGAIN_MS)
        self._import_again.timeout.connect(self._import)

    def start(self) -> None:
        """Start the factory, unless another window runs it; its devices are imported when it is ready."""
        self._is_stopped = False
        self._start_process()

    def use(self, database: Database) -> None:
        """Take the plant in through its owner's login: whoever is at the window may not be allowed to."""
        self._runner.use(database)

    def stop(self) -> None:
        """End the factory. Safe twice."""
        self._is_stopped = True
        self._runner.leave()
        self._again.stop()
        self._import_again.stop()
        past, self._past = self._past, None
        if past is not None and past.state() != QProcess.ProcessState.NotRunning:
            past.finished.disconnect(self._on_past)
            past.kill()
            past.waitForFinished(1_000)
        process, self._process = self._process, None
        if process is not None and process.state() != QProcess.ProcessState.NotRunning:
            process.finished.disconnect(self._on_finished)
            process.closeWriteChannel()
            if not process.waitForFinished(_ENDS_WITHIN_MS):
                process.kill()
                process.waitForFinished(1_000)
        # Last, so that whoever takes over finds the ports free.
        self._turn.release()

    def _start_process(self) -> None:
        self._how.document.parent.mkdir(parents=True, exist_ok=True)
        if not self._turn.try_acquire():
            self.has_past = True  # theirs
            self._again.start(_RESTART_MS)
            return
        process = QProcess(self)
        process.setProgram(self._how.program)
        process.setArguments(list(self._how.arguments))
        process.readyReadStandardOutput.connect(self._on_output)
        process.finished.connect(self._on_finished)
        self._process = process
        process.start()

    def _on_output(self) -> None:
        if self._process is not None and self._process.canReadLine():
            self._process.readAllStandardOutput()
            self._import()

    def _import(self) -> None:
        self._runner.run(Job(_import_of(self._how.document), self._on_imported, self._on_refused, self))

    def _on_imported(self, outcome: ImportOutcome) -> None:
        _log.info("The plant was imported: %d created, %d updated", outcome.created, outcome.updated)
        if outcome.created and self._how.past_arguments:
            QTimer.singleShot(_PAST_AFTER_MS, self, self._simulate_past)
        else:
            self.has_past = True

    def _simulate_past(self) -> None:
        if self._is_stopped or self._past is not None:
            return
        self._past = process = QProcess(self)
        process.setProgram(self._how.program)
        process.setArguments(list(self._how.past_arguments))
        process.finished.connect(self._on_past)
        process.start()

    def _on_past(self, code: int) -> None:
        self.has_past = True
        if self._past is not None and code:
            words = last_words(bytes(self._past.readAllStandardError().data()).decode(errors="replace"))
            _log.warning("The past could not be simulated: %s", words)

    def _on_refused(self, sentence: str) -> None:
        _log.warning("The plant was not imported: %s", sentence)
        if not self._is_stopped:
            self._import_again.start()

    def _on_finished(self) -> None:
        process, self._process = self._process, None
        if process is None or self._is_stopped:
            return
        words = last_words(bytes(process.readAllStandardError().data()).decode(errors="replace"))
        process.deleteLater()
        if "is in use" in words:
            # Another program took a port since the last run; without the file the factory chooses others.
            self._how.ports_file.unlink(missing_ok=True)
        _log.warning("The plant ended: %s", words)
        self.told.emit(
            f"The simulated factory stopped ({words.rstrip('.') or 'no reason given'}); starting it again."
        )
        self._again.start(_RESTART_MS)


def _import_of(file: Path) -> Callable[[Connection], ImportOutcome]:
    def store(connection: Connection) -> ImportOutcome:
        from console.catalogue.document import entries_from_document
        from console.demo_people import shared_out
        from models.queries.catalogue import import_devices, load_devices

        content = json.loads(file.read_text(encoding="utf-8"))
        entries = entries_from_document(content, quantities=_with_gauges(connection))
        known = {device.device_id for device in load_devices(connection)}
        # Ports are others after a restart; the limits of devices that are known belong to whoever edits them.
        entries = [
            replace(entry, thresholds=(), of_rules=frozenset(), defaults=())
            if entry.device.device_id in known
            else entry
            for entry in entries
        ]
        return import_devices(connection, shared_out(connection, entries))

    return store


def _with_gauges(connection: Connection) -> Quantities:
    """Add the signals that the factory has gauges for, and return everything that is measured."""
    from drivers.plant.gauges import GAUGES
    from models.quantities import Quantities
    from models.queries.signals import add_signals, load_signals
    from models.records.signal import Signal as SiteSignal

    known = load_signals(connection)
    keys = {signal.key for signal in known}
    missing = [
        SiteSignal(gauge.key, gauge.label, gauge.unit, gauge.decimals, gauge.plausible, gauge.span,
                   states=gauge.states)
        for gauge in GAUGES
        if gauge.key not in keys
    ]  # fmt: skip
    return Quantities([*known, *add_signals(connection, missing)])
