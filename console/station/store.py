"""The seam between the station and the database: what the station asks of it, and the real thing.

Everything here blocks and is called from the station's own threads, never from the event loop. Errors are
`models.errors`.
"""

import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from models.database import Database
from models.queries.alerts import apply_transitions, open_episodes
from models.queries.catalogue import load_devices, load_thresholds
from models.queries.device_states import write_states
from models.queries.readings import insert_readings
from models.records.alert import OpenEpisode, Transition
from models.records.device import Device, DeviceState
from models.records.reading import Reading
from models.records.threshold import Threshold
from models.upkeep.partitions import ensure_partitions
from models.upkeep.rollups import refresh_rollups


@dataclass(frozen=True, slots=True)
class Plan:
    """What the database says the station has to do, as of one moment."""

    devices: tuple[Device, ...]
    thresholds: tuple[Threshold, ...]
    episodes: tuple[OpenEpisode, ...]


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

    def watch_plan(self, stop: threading.Event) -> Iterator[None]:
        """Yield once at the beginning, then whenever devices or thresholds changed, until `stop` is set."""
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


class DatabaseStore:
    """The store on PostgreSQL."""

    def __init__(self, database: Database) -> None:
        """Keep the way to the database; connects when first asked."""
        self._database = database

    def load_plan(self) -> Plan:
        """See `Store.load_plan`."""
        with self._database.transaction() as connection:
            return Plan(
                devices=tuple(load_devices(connection)),
                thresholds=tuple(load_thresholds(connection)),
                episodes=tuple(open_episodes(connection)),
            )

    def watch_plan(self, stop: threading.Event) -> Iterator[None]:
        """See `Store.watch_plan`."""
        for _ in self._database.listen(("catalogue",), stop):
            yield

    def write(self, load: Load) -> None:
        """See `Store.write`. The whole load is one transaction."""
        with self._database.transaction() as connection:
            if load.readings:
                insert_readings(connection, load.readings)
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
            return refresh_rollups(connection)
