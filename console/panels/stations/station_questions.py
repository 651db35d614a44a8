"""What the stations screen asks the database. Runs on worker threads."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from models.records.device import DeviceId

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from models.records.lease import LeaseSpan
    from models.records.station import StationOrder

LISTED_ORDERS = 20


@dataclass(frozen=True, slots=True)
class LeasesNow:
    """Who polls what.

    Attributes:
        leases: The lease that stands of each device, by device.
        chosen: The station (`stations.id`) that an administrator chose for a device.
        orders: What was asked of stations, newest first.
    """

    leases: dict[DeviceId, LeaseSpan] = field(default_factory=dict)
    chosen: dict[DeviceId, int] = field(default_factory=dict)
    orders: tuple[StationOrder, ...] = ()


@dataclass(frozen=True, slots=True)
class AskLeases:
    """Who polls which device, and what stations are asked to do.

    Attributes:
        with_orders: The person may see what was asked of stations.
    """

    with_orders: bool

    def __call__(self, connection: Connection) -> LeasesNow:
        """Return it, of this moment. Raises StorageError."""
        from models.queries.leases import chosen_stations, leases_now, orders

        return LeasesNow(
            leases={span.device: span for span in leases_now(connection)},
            chosen=chosen_stations(connection),
            orders=tuple(orders(connection, LISTED_ORDERS)) if self.with_orders else (),
        )


@dataclass(frozen=True, slots=True)
class AskHistory:
    """Who polled one device from when to when."""

    device: DeviceId

    def __call__(self, connection: Connection) -> list[LeaseSpan]:
        """Return its spans, newest first. Raises StorageError."""
        from models.queries.leases import lease_history

        return lease_history(connection, self.device)
