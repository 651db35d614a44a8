"""The seam between the station and the database: what the station asks of it, and the real thing.

Everything here blocks and is called from the station's own threads, never from the event loop. Errors are
`models.errors`.
"""

import threading
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from console.catalogue.sealing import holds_secrets
from console.version import VERSION
from models.database import Database
from models.quantities import THE_SIX, Quantities
from models.queries.alarm_time import pass_time
from models.queries.alerts import apply_transitions, open_episodes
from models.queries.catalogue import load_devices, load_thresholds
from models.queries.device_health import record_health
from models.queries.device_states import write_states
from models.queries.device_writes import note_device_write_for
from models.queries.drill import StoredBy, TakenOver, stored_between, taken_over_between
from models.queries.leases import end_order, enter_station, leave_station, renew, take_order
from models.queries.people import end_sessions_in_the_way
from models.queries.readings import record_readings
from models.queries.signals import load_quantities
from models.queries.station_acts import acknowledge_for
from models.queries.station_alerts import station_alerts
from models.queries.stations import beat, database_unix
from models.queries.tickets import check_tickets
from models.records.alert import OpenEpisode, Transition
from models.records.device import Device, DeviceId, DeviceState
from models.records.device_health import DeviceHealth
from models.records.key import KeyId
from models.records.lease import Tenure
from models.records.reading import Reading
from models.records.station import StationIdentity, StationOrder, StationReport
from models.records.station_alert import Acknowledgement, StationAlerts
from models.records.threshold import Threshold
from models.records.ticket import TicketHolder, TicketState
from models.secrets import NO_KEYS, SecretBox
from models.upkeep.partitions import ensure_partitions
from models.upkeep.rollups import refresh_rollups
from models.workstation import WorkstationKeys

_RENEW_LIMIT_S = 1.5


class Change(StrEnum):
    """What the station hears of: devices and thresholds; persons, roles, tickets; alerts; rollouts."""

    CATALOGUE = "catalogue"
    PEOPLE = "people"
    ALERTS = "alerts"
    FIRMWARE = "firmware"


@dataclass(frozen=True, slots=True)
class Plan:
    """What the database says the station has to do, as of one moment.

    Attributes:
        secrets: Opens the devices' sealed settings, as far as this computer holds their key.
        quantities: What can be measured at the site.
        is_remembered: Of the station's own disk: the database may know better of its episodes.
    """

    devices: tuple[Device, ...]
    thresholds: tuple[Threshold, ...]
    episodes: tuple[OpenEpisode, ...]
    secrets: SecretBox = NO_KEYS
    quantities: Quantities = THE_SIX
    is_remembered: bool = False


@dataclass(frozen=True, slots=True)
class Load:
    """What is written in one transaction.

    Attributes:
        epochs: Of the leases under which the states were found, by device.
        acts: What persons did while the database was away; applied after the transitions.
    """

    readings: Sequence[Reading] = ()
    transitions: Sequence[Transition] = ()
    states: Sequence[DeviceState] = ()
    epochs: Mapping[DeviceId, int] = field(default_factory=dict[DeviceId, int])
    acts: Sequence[Acknowledgement] = ()


@dataclass(frozen=True, slots=True)
class Written:
    """What became of a load.

    Attributes:
        fenced: Readings that were not stored, because they were recorded after their lease had ended.
        declined: Why acts changed nothing, a sentence each; those that did are left out.
    """

    fenced: int = 0
    declined: Sequence[str] = ()


class Store(Protocol):
    """What the station asks of a database. Any thread may call."""

    def load_plan(self) -> Plan:
        """Return devices, thresholds and open episodes."""
        ...

    def load_alerts(self, devices: Collection[DeviceId]) -> StationAlerts:
        """Return the open alerts of some devices, and what is set aside of them."""
        ...

    def recall_box(self, names: Collection[KeyId]) -> SecretBox:
        """Return what of these keys this computer remembers, without asking the database."""
        ...

    def watch(self, stop: threading.Event) -> Iterator[Change]:
        """Yield every kind of change once at the beginning, then each as it happens, until `stop` is set."""
        ...

    def check_tickets(self, digests: Sequence[bytes]) -> Mapping[bytes, TicketHolder | TicketState]:
        """Return what tickets stand for, by their SHA-256; those never issued are missing."""
        ...

    def note_write(self, digest: bytes, device: DeviceId, address: str, value: float) -> None:
        """Note that the holder of a ticket is about to write to a device. Gives up within seconds."""
        ...

    def write(self, load: Load) -> Written:
        """Store everything or nothing. Writing the same load again changes nothing.

        What was recorded or found after its lease had ended is passed over.
        """
        ...

    def enter(self) -> StationIdentity | None:
        """Begin as a station: see `models.queries.leases.enter_station`."""
        ...

    def renew(
        self,
        incarnation: int,
        released: Sequence[DeviceId],
        report: StationReport | None,
        witness: str,
        known: Collection[DeviceId],
    ) -> Tenure:
        """Renew all leases: see `models.queries.leases.renew`."""
        ...

    def leave(self, incarnation: int) -> None:
        """Give every device back: see `models.queries.leases.leave_station`."""
        ...

    def read_clock(self) -> float:
        """Return what time it is by the database, Unix seconds."""
        ...

    def take_order(self) -> StationOrder | None:
        """Return what an administrator asks of this station, once."""
        ...

    def end_order(self, order: int, outcome: str) -> None:
        """Say what came of it."""
        ...

    def cut_off(self, seconds: float) -> None:
        """Behave as if the database were away for so long, or until `restore`: for a drill."""
        ...

    def restore(self) -> None:
        """End the drill. Safe without one."""
        ...

    def drill_traces(
        self, devices: Collection[DeviceId], from_unix: float, to_unix: float
    ) -> tuple[Sequence[StoredBy], Sequence[TakenOver]]:
        """Return whose readings of some devices there are within a time, and who took the devices over."""
        ...

    def ensure_partitions(self) -> int:
        """Make room for the coming days' readings; returns how many partitions were made."""
        ...

    def refresh_rollups(self) -> int:
        """Bring the rollups up to date; returns how many buckets were written."""
        ...

    def record_health(self, records: Sequence[DeviceHealth]) -> int:
        """Tell how connections do; returns of how many devices it was taken."""
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
                quantities=load_quantities(connection),
            )

    def load_alerts(self, devices: Collection[DeviceId]) -> StationAlerts:
        """See `Store.load_alerts`."""
        with self._database.transaction() as connection:
            return station_alerts(connection, devices)

    def recall_box(self, names: Collection[KeyId]) -> SecretBox:
        """See `Store.recall_box`."""
        return NO_KEYS if self._keys is None else self._keys.recall_box(names)

    def watch(self, stop: threading.Event) -> Iterator[Change]:
        """See `Store.watch`."""
        for notification in self._database.listen(tuple(Change), stop):
            yield Change(notification.channel)

    def check_tickets(self, digests: Sequence[bytes]) -> Mapping[bytes, TicketHolder | TicketState]:
        """See `Store.check_tickets`."""
        with self._database.transaction() as connection:
            return check_tickets(connection, digests)

    def note_write(self, digest: bytes, device: DeviceId, address: str, value: float) -> None:
        """See `Store.note_write`. A transaction of its own, as the function asks."""
        with self._database.transaction(_RENEW_LIMIT_S) as connection:
            note_device_write_for(connection, digest, device, address, value)

    def write(self, load: Load) -> Written:
        """See `Store.write`. The whole load is one transaction."""
        fenced, declined = 0, ()
        with self._database.transaction() as connection:
            if load.readings:
                fenced = record_readings(connection, load.readings).fenced
            if load.transitions:
                apply_transitions(connection, load.transitions)
            if load.acts:
                declined = tuple(filter(None, acknowledge_for(connection, load.acts)))
            if load.states:
                write_states(connection, load.states, load.epochs)
        return Written(fenced, declined)

    def enter(self) -> StationIdentity | None:
        """See `Store.enter`. Gives up within seconds."""
        with self._database.transaction(_RENEW_LIMIT_S) as connection:
            return enter_station(connection, VERSION)

    def renew(
        self,
        incarnation: int,
        released: Sequence[DeviceId],
        report: StationReport | None,
        witness: str,
        known: Collection[DeviceId],
    ) -> Tenure:
        """See `Store.renew`. Gives up within seconds, long before the lease ends."""
        with self._database.transaction(_RENEW_LIMIT_S) as connection:
            return renew(connection, incarnation, released, report, witness, known)

    def leave(self, incarnation: int) -> None:
        """See `Store.leave`."""
        with self._database.transaction(_RENEW_LIMIT_S) as connection:
            leave_station(connection, incarnation)

    def read_clock(self) -> float:
        """See `Store.read_clock`."""
        with self._database.transaction() as connection:
            return database_unix(connection)

    def take_order(self) -> StationOrder | None:
        """See `Store.take_order`."""
        with self._database.transaction() as connection:
            return take_order(connection)

    def end_order(self, order: int, outcome: str) -> None:
        """See `Store.end_order`."""
        with self._database.transaction() as connection:
            end_order(connection, order, outcome)

    def cut_off(self, seconds: float) -> None:
        """See `Store.cut_off`."""
        self._database.cut_off(seconds)

    def restore(self) -> None:
        """See `Store.restore`."""
        self._database.restore()

    def drill_traces(
        self, devices: Collection[DeviceId], from_unix: float, to_unix: float
    ) -> tuple[Sequence[StoredBy], Sequence[TakenOver]]:
        """See `Store.drill_traces`."""
        with self._database.transaction() as connection:
            return (
                stored_between(connection, devices, from_unix, to_unix),
                taken_over_between(connection, devices, from_unix, to_unix),
            )

    def ensure_partitions(self) -> int:
        """See `Store.ensure_partitions`."""
        with self._database.transaction() as connection:
            return ensure_partitions(connection)

    def refresh_rollups(self) -> int:
        """See `Store.refresh_rollups`. Commits hour by hour, so that writers of readings never wait long."""
        with self._database.autocommit() as connection:
            beat(connection)
            return refresh_rollups(connection)

    def record_health(self, records: Sequence[DeviceHealth]) -> int:
        """See `Store.record_health`."""
        with self._database.transaction() as connection:
            return record_health(connection, records)

    def clear_the_way(self) -> int:
        """See `Store.clear_the_way`."""
        with self._database.transaction() as connection:
            return end_sessions_in_the_way(connection)

    def pass_time(self) -> int:
        """See `Store.pass_time`."""
        with self._database.transaction() as connection:
            return pass_time(connection)
