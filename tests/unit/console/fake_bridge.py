"""A bridge fed by hand: the surface of `console.bridge.bridge.Bridge` without station, database or threads.

Every `set_…` emits the signal that the real one would emit. Questions are
answered by `answer_next` and `fail_next`, in the order asked.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

import numpy as np
from PySide6.QtCore import QObject, Signal
from shiboken6 import isValid

from console.bridge import permissions
from console.bridge.catalogue import Catalogue
from console.bridge.device_health import DeviceHealths
from console.bridge.link_state import LinkState
from console.bridge.live_store import LiveStore, ReadingArrays
from console.bridge.series_buffer import Samples
from console.bridge.session_state import Phase, SessionState
from console.bridge.sound_desk import SoundDesk
from console.link.messages import DeviceFigures
from models.metrics import METRIC_COUNT, METRIC_INDEX
from models.quantities import THE_SIX, Quantities
from models.records.alert import Alert
from models.records.device import Device, DeviceId, DeviceState
from models.records.device_health import DeviceHealth
from models.records.person import Person, Role
from models.records.rights import Action
from models.records.shelf import AlarmSettings, Maintenance, Shelf
from models.records.station import StationNow
from models.records.threshold import Threshold


@dataclass
class Asked:
    """One question or command that waits for the test to answer it."""

    what: Any
    on_done: Callable[[Any], None]
    on_failed: Callable[[str], None]
    owner: QObject
    password: str | None = None
    """Typed as a signature; None where none was asked for."""


@dataclass
class AskedOfDevice:
    """One question to a device that waits for the test to answer it."""

    tool: str
    driver: str
    settings: Any
    subject: Any
    hardware_id: str
    on_part: Callable[[Any], None]
    on_done: Callable[[Any], None]
    on_failed: Callable[[str], None]
    is_stopped: bool = False

    def stop(self) -> None:
        self.is_stopped = True


class FakeDeviceTools(QObject):
    """Stands in for DeviceTools: writes down what is asked of devices."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[AskedOfDevice] = []

    def ask(
        self,
        tool: str,
        driver: str,
        settings: Any,
        subject: Any = None,
        *,
        on_part: Any = lambda _part: None,
        on_done: Any = lambda _result: None,
        on_failed: Any = lambda _sentence: None,
        owner: QObject,
        hardware_id: str = "",
        is_repeated: bool = False,
    ) -> AskedOfDevice:
        del owner, is_repeated
        made = AskedOfDevice(tool, driver, settings, subject, hardware_id, on_part, on_done, on_failed)
        self.asked.append(made)
        return made

    def open(self, tool: str) -> AskedOfDevice:
        """Return the newest question of a tool that nobody stopped."""
        return [one for one in self.asked if one.tool == tool and not one.is_stopped][-1]


EVA = Person(1, "Eva Lind", "eva@example.org", Role.ADMIN)


@dataclass(frozen=True)
class FakePersonsSession:
    """What of `console.sign_in.Session` a window looks at."""

    person: Person
    is_offline: bool = False
    expires_at: datetime = field(default_factory=lambda: datetime.fromtimestamp(1_800_500_000, UTC))


class FakeSession(QObject):
    """Stands in for SessionKeeper: somebody is signed in; orders are written down."""

    changed = Signal()
    signed_in = Signal(object)
    signed_out = Signal()
    renewed = Signal(object)
    person_changed = Signal()
    unlock_refused = Signal(str)
    told = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.state = SessionState(Phase.SIGNED_IN, session=FakePersonsSession(EVA))
        self.orders: list[tuple[str, ...]] = []

    def become(self, **changes: Any) -> None:
        self.state = replace(self.state, **changes)
        self.changed.emit()

    def sign_in(self, email: str, password: str) -> None:
        self.orders.append(("sign in", email, password))

    def create_first_admin(self, name: str, email: str, password: str) -> None:
        self.orders.append(("create", name, email, password))

    def sign_out(self) -> None:
        self.orders.append(("sign out",))

    def end(self, sentence: str) -> None:
        self.orders.append(("end", sentence))

    def lock(self) -> None:
        self.become(is_locked=True)

    def unlock(self, password: str) -> None:
        self.orders.append(("unlock", password))

    def refresh(self) -> None:
        self.orders.append(("refresh",))

    def password_changed(self, password: str) -> None:
        self.orders.append(("password changed", password))


class FakeFigures(QObject):
    """What of LiveFeed `DeviceHealths` listens to."""

    figures_arrived = Signal(object)
    withdrawn = Signal(object)
    released = Signal(object)


class FakeBridge(QObject):
    """Stands in for Bridge. `now_unix` is the clock of `live`; tests set it."""

    catalogue_changed = Signal()
    alerts_changed = Signal()
    link_changed = Signal()
    values_arrived = Signal(object)
    states_changed = Signal(object)
    cleared = Signal()
    person_changed = Signal()
    people_changed = Signal()
    notifications_changed = Signal()
    stations_changed = Signal()
    firmware_changed = Signal()
    control_refused = Signal(str)

    def __init__(self, now_unix: float = 1_800_000_000.0) -> None:
        super().__init__()
        self.now_unix = now_unix
        self.catalogue = Catalogue()
        self.live = LiveStore(lambda: self.now_unix)
        self.alerts: tuple[Alert, ...] = ()
        self.shelves: tuple[Shelf, ...] = ()
        self.maintenance: tuple[Maintenance, ...] = ()
        self.alarm_settings = AlarmSettings()
        self.link = LinkState()
        self.stations: tuple[StationNow, ...] = ()
        self.stations_at_unix: float | None = None
        self.polled_here: frozenset[int] = frozenset()
        self.looks_at_stations = 0
        self.session = FakeSession()
        self.pending_commands = 0
        self.asked: list[Asked] = []
        self.commanded: list[Asked] = []
        self.countersigned: list[tuple[str, str]] = []
        self.is_started = False
        self.audit_anchors: Any = lambda _place: ()
        self.sealing: Any = None
        self.firmware_judge: Any = None
        self.besides: list[Asked] = []
        self.sounds = SoundDesk()
        self.device_tools = FakeDeviceTools()
        self._figures = FakeFigures()
        self.device_health = DeviceHealths(
            self._figures,  # type: ignore[arg-type]
            self.ask,
            lambda: (device.id for device in self.catalogue.devices),
            lambda: self.now_unix,
            self,
        )

    @property
    def person(self) -> Person | None:
        session = self.session.state.session
        return None if session is None else session.person

    @property
    def is_locked(self) -> bool:
        return self.session.state.is_locked

    def may(self, action: Action, owner_id: int | None = None) -> bool:
        return permissions.may(self.session.state, action, owner_id)

    def may_somewhere(self, action: Action) -> bool:
        return self.person is not None and self.may(action, self.person.id)

    def may_handle(self, alert: Alert) -> bool:
        device = self.catalogue.device(alert.device)
        return self.may(Action.HANDLE_ALERTS, None if device is None else device.user_id)

    def look_at_stations(self) -> None:
        self.looks_at_stations += 1

    def start(self) -> None:
        self.is_started = True

    def stop(self) -> None:
        self.is_started = False

    def ask(self, question: Any, on_done: Any, on_failed: Any, owner: QObject) -> None:
        self.asked.append(Asked(question, on_done, on_failed, owner))

    def beside(self, work: Any, on_done: Any, owner: QObject) -> None:
        self.besides.append(Asked(work, on_done, lambda _sentence: None, owner))

    def command(self, command: Any, on_done: Any, on_failed: Any, owner: QObject) -> None:
        self.commanded.append(Asked(command, on_done, on_failed, owner))

    def command_as(
        self, email: str, password: str, command: Any, on_done: Any, on_failed: Any, owner: QObject
    ) -> None:
        self.countersigned.append((email, password))
        self.commanded.append(Asked(command, on_done, on_failed, owner))

    def command_signed(
        self, password: str, command: Any, on_done: Any, on_failed: Any, owner: QObject
    ) -> None:
        self.commanded.append(Asked(command, on_done, on_failed, owner, password))

    # -- what tests do ---------------------------------------------------------------------------------

    def set_person(self, person: Person | None, *, is_offline: bool = False) -> None:
        """Somebody else is signed in, or nobody; as after a role change, `cleared` comes first."""
        session = FakePersonsSession(person, is_offline) if person is not None else None
        phase = Phase.SIGNED_IN if person is not None else Phase.SIGNED_OUT
        self.cleared.emit()
        self.session.become(session=session, phase=phase, is_locked=False)
        self.person_changed.emit()

    def set_catalogue(
        self,
        devices: Iterable[Device],
        thresholds: Iterable[Threshold] = (),
        quantities: Quantities = THE_SIX,
    ) -> None:
        self.catalogue = Catalogue(devices, thresholds, quantities)
        self.live.set_catalogue(self.catalogue)
        self.catalogue_changed.emit()

    def set_alerts(self, alerts: Sequence[Alert]) -> None:
        self.alerts = tuple(alerts)
        self.alerts_changed.emit()

    def set_aside(self, shelves: Sequence[Shelf] = (), maintenance: Sequence[Maintenance] = ()) -> None:
        self.shelves, self.maintenance = tuple(shelves), tuple(maintenance)
        self.alerts_changed.emit()

    def set_stations(self, *stations: StationNow) -> None:
        """The database tells how they are doing, now."""
        self.stations, self.stations_at_unix = stations, self.now_unix
        self.stations_changed.emit()

    def set_health(self, *records: DeviceHealth) -> None:
        """The station here tells how some connections do."""
        self._figures.figures_arrived.emit(DeviceFigures(list(records)))

    def set_alarm_settings(self, settings: AlarmSettings) -> None:
        self.alarm_settings = settings
        self.catalogue_changed.emit()

    def set_link(self, **changes: Any) -> None:
        self.link = replace(self.link, **changes)
        self.link_changed.emit()

    def set_states(self, *states: DeviceState) -> None:
        self.states_changed.emit(self.live.set_states(states))

    def add_reading(
        self, device: DeviceId, at_unix: float | None = None, quality: int = 0, **values: float
    ) -> None:
        """One reading by metric keys, e.g. `add_reading(DeviceId(1), temperature=20.5)`."""
        row = np.full((1, METRIC_COUNT), np.nan)
        for key, value in values.items():
            row[0, METRIC_INDEX[key]] = value
        changed = self.live.add(
            ReadingArrays(
                np.array([device], dtype=np.int64),
                np.array([self.now_unix if at_unix is None else at_unix]),
                row,
                np.array([quality], dtype=np.int16),
            )
        )
        self.values_arrived.emit(changed)

    def add_history(
        self, device: DeviceId, metric: str, times: Sequence[float], values: Sequence[float]
    ) -> None:
        """Older samples of one metric."""
        table = np.full((len(times), METRIC_COUNT), np.nan)
        table[:, METRIC_INDEX[metric]] = values
        self.live.add_history(device, Samples(np.array(times, dtype=np.float64), table))

    def answer_next(self, result: Any) -> None:
        """Answer the oldest open question; dropped where its owner is gone, as the real one does."""
        asked = self.asked.pop(0)
        if isValid(asked.owner):
            asked.on_done(result)

    def fail_next(self, sentence: str) -> None:
        asked = self.asked.pop(0)
        if isValid(asked.owner):
            asked.on_failed(sentence)

    def confirm_next(self, outcomes: Any) -> None:
        """Let the oldest open command succeed."""
        commanded = self.commanded.pop(0)
        if isValid(commanded.owner):
            commanded.on_done(outcomes)

    def refuse_next(self, sentence: str) -> None:
        commanded = self.commanded.pop(0)
        if isValid(commanded.owner):
            commanded.on_failed(sentence)
