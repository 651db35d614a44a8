"""What the Limits screen asks the database. Runs on worker threads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from console.catalogue.threshold_sheet import SheetPlan
from console.panels.limits.limit_rows import LimitRow, rows_of
from models.quantities import THE_SIX, Quantities
from models.records.device import Device
from models.records.threshold_entry import ThresholdEntry

if TYPE_CHECKING:
    from sqlalchemy import Connection


@dataclass(frozen=True, slots=True)
class LimitsAnswer:
    """Everything the list shows.

    Attributes:
        rows: The same with their devices, as the plant is laid out.
        people: Names of possible owners by `users.id`.
    """

    entries: tuple[ThresholdEntry, ...]
    rows: tuple[LimitRow, ...]
    people: Mapping[int, str]


@dataclass(frozen=True, slots=True)
class AskLimits:
    """Asks for every threshold that the person may see, and who may own one."""

    devices: Sequence[Device]
    now: datetime
    quantities: Quantities = THE_SIX

    def __call__(self, connection: Connection) -> LimitsAnswer:
        """Return both. Raises StorageError."""
        from models.queries.thresholds import possible_owners, threshold_entries

        entries = tuple(threshold_entries(connection, self.now))
        # Here, on the worker: thousands of rows take longer to sort than a window may stand still.
        rows = tuple(rows_of(entries, self.devices, self.quantities))
        return LimitsAnswer(entries, rows, possible_owners(connection))


@dataclass(frozen=True, slots=True)
class ExportLimits:
    """Writes thresholds into a file, CSV or XLSX by its ending."""

    entries: Sequence[ThresholdEntry]
    devices: Sequence[Device]
    path: Path
    quantities: Quantities = THE_SIX

    def __call__(self) -> str:
        """Return one sentence: what was written, or why it could not be. Raises OSError."""
        from console.catalogue.sheet_export import write_table
        from console.catalogue.sheet_file import SheetFault
        from console.catalogue.threshold_sheet import HEADINGS, table_of

        rows = table_of(self.entries, self.devices, self.quantities)
        try:
            write_table(self.path, HEADINGS, rows, "Thresholds")
        except SheetFault as error:
            return str(error)
        return f"{len(rows):,} limits saved as {self.path}."


@dataclass(frozen=True, slots=True)
class PlanImport:
    """Reads a file and compares it with what is stored at this moment; nothing is written.

    Attributes:
        devices: Those whose thresholds this person may change.
        is_removing: Whether thresholds of the file's devices that it does not name shall go.
        quantities: What can be measured at the site.
    """

    path: Path
    devices: Sequence[Device]
    now: datetime
    is_removing: bool = False
    quantities: Quantities = THE_SIX

    def __call__(self, connection: Connection) -> SheetPlan | str:
        """Return the plan, or one sentence why the file cannot be read. Raises StorageError."""
        from console.catalogue.sheet_file import SheetFault, read_grid
        from console.catalogue.threshold_plan import plan_of
        from console.catalogue.threshold_sheet import Stored
        from models.queries.thresholds import possible_owners, threshold_entries

        try:
            grid = read_grid(self.path)
        except SheetFault as error:
            return str(error)
        entries, people = threshold_entries(connection, self.now), possible_owners(connection)
        stored = Stored(entries, self.devices, people, self.quantities)
        return plan_of(grid, stored, is_removing=self.is_removing)
