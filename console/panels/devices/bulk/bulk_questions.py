"""What the dialogs for many devices ask the database. Runs on worker threads."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from console.catalogue.device_plan import DevicePlan
from console.panels.devices.bulk.plan_rows import PlanRow, rows_of_plan
from console.panels.wording import count_text

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from console.catalogue.sheet_file import Grid
    from models.records.device import DeviceId
    from models.records.threshold import Threshold

STOPPED = "Stopped; nothing was compared."


class _Stopped(Exception):
    """The person wants no answer any more."""


class PlanTask(QObject):
    """One comparison under way. `tell` is for the worker, everything else for the window's thread.

    Attributes:
        moved: How many devices of how many are done.
    """

    moved = Signal(int, int)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.stop = threading.Event()
        self.destroyed.connect(self._stopper())

    def tell(self, done: int, total: int) -> None:
        """Say how far the work is, and end it where that is wanted. Called on the worker."""
        if self.stop.is_set():
            raise _Stopped
        # This object may go while the worker is at it; it has set `stop` then.
        with suppress(RuntimeError):
            self.moved.emit(done, total)

    def _stopper(self) -> Callable[[], None]:
        # A function of its own: bound to this object, it would not be called when the object goes.
        stop = self.stop
        return stop.set


@dataclass(frozen=True, slots=True)
class Compared:
    """A plan, and its lines as the table lists them: of thousands, made on the worker."""

    plan: DevicePlan
    rows: tuple[PlanRow, ...]


@dataclass(frozen=True, slots=True, eq=False)
class PlanDevices:
    """Reads a file, or takes a table, and compares it with what is stored; nothing is written.

    Attributes:
        source: The file; or a table that was made here.
        is_taking_results: Take what formulas showed.
        tell: Hears how far it is; called on the worker, may raise to end it.
    """

    source: Path | Grid
    is_taking_results: bool
    tell: Callable[[int, int], None]

    def __call__(self, connection: Connection) -> Compared | str:
        """Return the plan, or one sentence why there is none. Raises StorageError."""
        from console.catalogue.device_import import ReadFile, plan_file, read_devices_file
        from console.catalogue.sheet_file import SheetFault

        try:
            if isinstance(self.source, Path):
                read = read_devices_file(self.source)
            else:
                read = ReadFile("", grid=self.source)
            plan = plan_file(connection, read, is_taking_results=self.is_taking_results, tell=self.tell)
            return Compared(plan, tuple(rows_of_plan(plan)))
        except SheetFault as error:
            return str(error)
        except _Stopped:
            return STOPPED


@dataclass(frozen=True, slots=True)
class ExportDevices:
    """Writes devices with their tags and limits into a file, by its ending.

    Attributes:
        wanted: Hardware ids; None = all that the person sees. Secrets are written sealed.
    """

    path: Path
    wanted: frozenset[str] | None = None

    def __call__(self, connection: Connection) -> str:
        """Return one sentence: what was written, or why it could not be. Raises StorageError."""
        from console.catalogue.device_export import write_devices_file
        from console.catalogue.sheet_file import SheetFault
        from models.queries.catalogue import load_devices, load_thresholds
        from models.records.device_entry import DeviceEntry

        wanted = self.wanted
        devices = [one for one in load_devices(connection) if wanted is None or one.device_id in wanted]
        limits: dict[DeviceId, list[Threshold]] = {one.id: [] for one in devices}
        for threshold in load_thresholds(connection):
            if threshold.device in limits:
                limits[threshold.device].append(threshold)
        entries = [DeviceEntry(one, tuple(limits[one.id])) for one in devices]
        try:
            write_devices_file(self.path, entries)
        except SheetFault as error:
            return str(error)
        except OSError as error:
            return f"The file could not be written: {error.strerror or error}. Choose another folder."
        return f"{count_text(len(entries), 'device')} saved as {self.path}."
