"""What the dialogs about former states ask the database. Runs on worker threads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from models.quantities import THE_SIX, Quantities
from models.records.device import DeviceId
from models.records.device_revision import DeviceBatch, DeviceRevision

if TYPE_CHECKING:
    from sqlalchemy import Connection


@dataclass(frozen=True, slots=True)
class DeviceHistory:
    """Everything the list of one device shows.

    Attributes:
        revisions: Newest first.
        people: Names by `users.id`.
    """

    revisions: tuple[DeviceRevision, ...]
    quantities: Quantities = THE_SIX
    people: Mapping[int, str] = field(default_factory=dict[int, str])


@dataclass(frozen=True, slots=True)
class AskHistory:
    """Asks for every revision of a device."""

    device: DeviceId

    def __call__(self, connection: Connection) -> DeviceHistory:
        """Return them. Raises StorageError."""
        from models.queries.device_history import revisions_of
        from models.queries.signals import load_quantities
        from models.queries.thresholds import possible_owners

        revisions = tuple(revisions_of(connection, self.device))
        return DeviceHistory(revisions, load_quantities(connection), possible_owners(connection))


@dataclass(frozen=True, slots=True)
class AskChanges:
    """Asks for the last changes of devices, each of which may be an import."""

    def __call__(self, connection: Connection) -> tuple[DeviceBatch, ...]:
        """Return them, newest first. Raises StorageError."""
        from models.queries.device_history import recent_batches

        return tuple(recent_batches(connection))
