"""What the dialogs about former states ask the database. Runs on worker threads."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from console.panels.devices.revisions.revision_words import DeviceHistory, history_of
from models.records.device import DeviceId
from models.records.device_revision import DeviceBatch

if TYPE_CHECKING:
    from sqlalchemy import Connection


@dataclass(frozen=True, slots=True)
class AskHistory:
    """Asks for every revision of a device."""

    device: DeviceId

    def __call__(self, connection: Connection) -> DeviceHistory:
        """Return them. Raises StorageError."""
        from models.queries.device_history import revisions_of
        from models.queries.signals import load_quantities
        from models.queries.thresholds import possible_owners

        revisions = revisions_of(connection, self.device)
        # In words here, on the worker: of hundreds that takes longer than a window may stand still.
        return history_of(revisions, load_quantities(connection), possible_owners(connection))


@dataclass(frozen=True, slots=True)
class AskChanges:
    """Asks for the last changes of devices, each of which may be an import."""

    def __call__(self, connection: Connection) -> tuple[DeviceBatch, ...]:
        """Return them, newest first. Raises StorageError."""
        from models.queries.device_history import recent_batches

        return tuple(recent_batches(connection))
