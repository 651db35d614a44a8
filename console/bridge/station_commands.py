"""What administrators ask of stations: commands, as in `commands.py`.

What comes of it is done by the stations themselves, within a second or two, and comes back to every window as
`stations_changed`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from models.records.device import DeviceId
from models.records.station import OrderKind

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from models.records.person import Person


@dataclass(frozen=True, slots=True)
class AssignDevices:
    """Have devices polled by a station for as long as it lives.

    Attributes:
        station: `stations.id`; None = back to the automatic balance.
    """

    devices: tuple[DeviceId, ...]
    station: int | None

    def apply(self, connection: Connection, person: Person) -> int:
        """Return for how many devices that was new. Raises StorageError."""
        from models.queries.leases import assign_devices

        return assign_devices(connection, self.devices, self.station)


@dataclass(frozen=True, slots=True)
class DrainStation:
    """Have a station give everything away before maintenance, or take devices again."""

    station: int
    is_draining: bool

    def apply(self, connection: Connection, person: Person) -> int:
        """Return the station's id. Raises StorageError."""
        from models.queries.leases import drain_station

        drain_station(connection, self.station, is_draining=self.is_draining)
        return self.station


@dataclass(frozen=True, slots=True)
class OrderStation:
    """Ask a station for a drill, or to offer the database once more what that declined.

    Attributes:
        amount_s: Of a drill: for how long, 5 to 600 s.
    """

    station: int
    kind: OrderKind
    amount_s: float = 0.0

    def apply(self, connection: Connection, person: Person) -> int:
        """Return the order's number. Raises StorageError."""
        from models.queries.leases import order_station

        return order_station(connection, self.station, self.kind, self.amount_s)


@dataclass(frozen=True, slots=True)
class WithdrawOrder:
    """Take back what no station has begun."""

    order: int

    def apply(self, connection: Connection, person: Person) -> int:
        """Return the order's number. Raises Rejected where the station has begun."""
        from models.queries.leases import withdraw_order

        withdraw_order(connection, self.order)
        return self.order
