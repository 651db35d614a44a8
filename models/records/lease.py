"""A lease: which station polls a device. The database lends it for some seconds at a time.

A device's `epoch` counts its leases, so that what a station tells of a device after another took it over
is recognised as late, whoever sends it and whenever it comes.
"""

from dataclasses import dataclass
from datetime import datetime

from models.records.alert import OpenEpisode
from models.records.device import DeviceId

LEASE_S = 5.0
"""A station that has not renewed for so long may lose its devices."""

LEASE_MARGIN_S = 0.5
"""A station falls silent so long before its lease ends: its clock and the database's may run differently."""


@dataclass(frozen=True, slots=True)
class Lease:
    """One device in the hands of the station that asked.

    Attributes:
        epoch: Counts the device's leases; readings, states and transitions carry it.
        is_surplus: Another station should have it: stop polling, then name it as released.
    """

    device: DeviceId
    epoch: int
    is_surplus: bool = False


@dataclass(frozen=True, slots=True)
class Peer:
    """Another station that was alive when the lease was renewed.

    Attributes:
        address: "host:port" where its witness answers; empty where it has none.
    """

    id: int
    name: str
    address: str


@dataclass(frozen=True, slots=True)
class Tenure:
    """What a renewal brought.

    Attributes:
        leases: Every device this station holds now.
        episodes: Open ones of the devices that it was not known to know.
        peers: Other stations that are alive.
        witness_key: With it stations prove to each other that they are of the same site.
        database_unix: The database's clock at the renewal, Unix seconds.
        is_draining: This station gives its devices away and takes none.
        has_order: An administrator asks something of this station (`take_order`).
    """

    leases: tuple[Lease, ...]
    episodes: tuple[OpenEpisode, ...]
    peers: tuple[Peer, ...]
    witness_key: bytes
    database_unix: float
    is_draining: bool = False
    has_order: bool = False


@dataclass(frozen=True, slots=True)
class LeaseSpan:
    """One lease as history keeps it; for people, and for what comes late.

    Attributes:
        ended_at: When the device went to somebody else; None while the lease stands.
        last_reading_at: Of those taken under it; None where there is none, or nobody asked for it.
    """

    device: DeviceId
    device_name: str
    epoch: int
    station: int
    station_name: str
    began_at: datetime
    ended_at: datetime | None
    last_reading_at: datetime | None = None
