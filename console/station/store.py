"""The seam between the station and the database: what the station asks of it, and the real thing.

Everything here blocks and is called from the station's own threads, never from the event loop. Errors are
`models.errors`.
"""

import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from console.catalogue.sealing import holds_secrets
from console.version import VERSION
from models.database import Database
from models.queries.alarm_time import pass_time
from models.queries.alerts import apply_transitions, open_episodes
from models.queries.catalogue import load_devices, load_thresholds
from models.queries.device_states import write_states
from models.queries.people import end_sessions_in_the_way
from models.queries.readings import insert_readings
from models.queries.stations import beat, join_station
from models.queries.tickets import check_tickets
from models.records.alert import OpenEpisode, Transition
from models.records.device import Device, DeviceState
from models.records.reading import Reading
from models.records.threshold import Threshold
from models.records.ticket import TicketHolder, TicketState
from models.secrets import NO_KEYS, SecretBox
from models.upkeep.partitions import ensure_partitions
from models.upkeep.rollups import refresh_rollups
from models.workstation import WorkstationKeys


class Change(StrEnum):
    """What the station hears of: devices and thresholds; persons, their roles and their tickets."""

    CATALOGUE = "catalogue"
    PEOPLE = "people"


@dataclass(frozen=True, slots=True)
class Plan:
    """What the database says the station has to do, as of one moment.

    Attributes:
        secrets: Opens the devices' sealed settings, as far as this computer holds their key.
    """

    devices: tuple[Device, ...]
    thresholds: tuple[Threshold, ...]
    episodes: tuple[OpenEpisode, ...]
    secrets: SecretBox = NO_KEYS


@dataclass(frozen=True, slots=True)
class Load:
    """What is written in one transaction."""

    readings: Sequence[Reading] = ()
    transitions: Sequence[Transition] = ()
    states: Sequence[DeviceState] = ()


class Store(Protocol):
    """What the station asks of a database. Any thread may call."""

    def load_plan(self) -> Plan:
        """Return devices, thresholds and open episodes."""
        ...

    def watch(self, stop: threading.Event) -> Iterator[Change]:
        """Yield every kind of change once at the beginning, then each as it happens, until `stop` is set."""
        ...

    def check_tickets(self, digests: Sequence[bytes]) -> Mapping[bytes, TicketHolder | TicketState]:
        """Return what tickets stand for, by their SHA-256; those never issued are missing."""
        ...

    def write(self, load: Load) -> None:
        """Store everything or nothing. Writing the same load again changes nothing."""
        ...

    def ensure_partitions(self) -> int:
        """Make room for the coming days' readings; returns how many partitions were made."""
        ...

    def refresh_rollups(self) -> int:
        """Bring the rollups up to date; returns how many buckets were written."""
        ...

    def clear_the_way(self) -> int:
        """End sessions of persons that keep a station from writing; returns how many."""
        ...

    def pass_time(self) -> int:
        """Let shelves run out and old alerts ask again; returns how much changed. Gives up within seconds."""
        ...


class DatabaseStore:
    """The store on PostgreSQL."""

    def __init__(self, database: Database, keys: WorkstationKeys | None = None) -> None:
        """Keep the way to the database; connects when first asked.

        Args:
            database: With the station's login.
            keys: This computer's, for devices with sealed settings; without them such devices are not polled.
        """
        self._database = database
        self._keys = keys
        self._joining = threading.Lock()
        self._has_joined = False
        self._epoch: int | None = None

    def load_plan(self) -> Plan:
        """See `Store.load_plan`."""
        with self._database.transaction() as connection:
            devices = tuple(load_devices(connection))
            keys = self._keys if any(holds_secrets(device) for device in devices) else None
            return Plan(
                devices=devices,
                thresholds=tuple(load_thresholds(connection)),
                episodes=tuple(open_episodes(connection)),
                secrets=keys.open_box(connection) if keys else NO_KEYS,
            )

    def watch(self, stop: threading.Event) -> Iterator[Change]:
        """See `Store.watch`."""
        for notification in self._database.listen(tuple(Change), stop):
            yield Change(notification.channel)

    def check_tickets(self, digests: Sequence[bytes]) -> Mapping[bytes, TicketHolder | TicketState]:
        """See `Store.check_tickets`."""
        with self._database.transaction() as connection:
            return check_tickets(connection, digests)

    def write(self, load: Load) -> None:
        """See `Store.write`. The whole load is one transaction."""
        epoch = self._joined_epoch()
        with self._database.transaction() as connection:
            if load.readings:
                insert_readings(connection, load.readings, epoch)
            if load.transitions:
                apply_transitions(connection, load.transitions)
            if load.states:
                write_states(connection, load.states)

    def ensure_partitions(self) -> int:
        """See `Store.ensure_partitions`."""
        with self._database.transaction() as connection:
            return ensure_partitions(connection)

    def refresh_rollups(self) -> int:
        """See `Store.refresh_rollups`. Commits hour by hour, so that writers of readings never wait long."""
        with self._database.autocommit() as connection:
            beat(connection)
            return refresh_rollups(connection)

    def clear_the_way(self) -> int:
        """See `Store.clear_the_way`."""
        with self._database.transaction() as connection:
            return end_sessions_in_the_way(connection)

    def pass_time(self) -> int:
        """See `Store.pass_time`."""
        with self._database.transaction() as connection:
            return pass_time(connection)

    def _joined_epoch(self) -> int | None:
        """Announce this start once, and return its number; None where the login is not a station's."""
        with self._joining:
            if not self._has_joined:
                with self._database.transaction() as connection:
                    identity = join_station(connection, VERSION)
                self._epoch = identity.incarnation if identity else None
                self._has_joined = True
            return self._epoch
