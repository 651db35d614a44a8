"""One person's way to the database for as long as their session lasts: questions, commands, news.

Made when somebody signs in, left when they sign out: whatever is still on its way then reaches nobody.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from PySide6.QtCore import QObject, Signal
from shiboken6 import isValid

from console.bridge.command_runner import CommandRunner, Job
from console.bridge.configuration import AskConfiguration
from console.bridge.database_watch import DatabaseWatch
from console.bridge.open_alerts import OpenAlerts
from console.bridge.questions import ask_overview, ask_person, ask_stations
from console.bridge.reload import Reload

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from console.bridge.commands import Command
    from console.bridge.configuration import Configuration
    from console.bridge.counter_signature import CounterSignature
    from console.bridge.signature import Signature
    from console.sign_in import Session
    from models.database import Database

T = TypeVar("T")

_RELOAD_MS = 100
_OVERVIEW_MS = 1_000
_STATIONS_MS = 1_000


class PersonsDatabase(QObject):
    """Belongs to the window's thread; what is slow happens on threads of its own.

    Attributes:
        session: Whose it is.
        configured: Devices and limits (Configuration), of which this person may know.
        alerts_came: Their open alerts, and what is set aside (AlertsNow).
        overview_came: State and latest reading of their devices.
        person_came: Who the database says they are.
        person_unknown: The database does not say so any more; one sentence.
        people_changed: Something about persons, stations or tickets is another.
        notifications_changed: Something about notifications is another: channels, rules, messages.
        stations_came: Every station as the database sees it now (tuple of StationNow).
        firmware_changed: A rollout is another: its plan, its state, a device of it.
        readings_announced: Stations have written.
        link_changed: Whether the database answers; "live", or why not.
        refused: It does not let this login in any more; one sentence.
    """

    configured = Signal(object)
    alerts_came = Signal(object)
    overview_came = Signal(object)
    person_came = Signal(object)
    person_unknown = Signal(str)
    people_changed = Signal()
    notifications_changed = Signal()
    stations_came = Signal(object)
    firmware_changed = Signal()
    readings_announced = Signal()
    link_changed = Signal(bool, str)
    refused = Signal(str)

    def __init__(
        self,
        session: Session,
        parent: QObject | None = None,
        keep: Callable[[Configuration], None] = lambda _configuration: None,
        recall: Callable[[], Configuration | None] = lambda: None,
    ) -> None:
        """Store whose database to use; what keeps a changed configuration, and recalls it, on a worker."""
        super().__init__(parent)
        self.session = session
        self._is_left = False
        self._pending_commands = 0
        self._recall = recall
        self._is_recalled, self._is_configured = False, False
        self.configured.connect(self._note_configured)
        self.runner = CommandRunner(self)
        self.runner.use(session.database)
        self._watch = self._new_watch(session.database)
        self._configuration = self._reload(AskConfiguration(keep).ask, self.configured.emit, _RELOAD_MS)
        self._open_alerts = OpenAlerts()
        self._alerts = self._reload(self._open_alerts.ask, self.alerts_came.emit, _RELOAD_MS)
        self._overview = self._reload(ask_overview, self.overview_came.emit, _OVERVIEW_MS)
        self._stations = self._reload(ask_stations, self.stations_came.emit, _STATIONS_MS)

    @property
    def is_running(self) -> bool:
        """Whether a thread has not come back yet: this object must live on for as long."""
        return self.runner.is_running or self._watch.is_running

    @property
    def pending_commands(self) -> int:
        """How many commands have not been answered yet."""
        return self._pending_commands

    def order(
        self,
        command: Command[T],
        on_done: Callable[[T], None],
        on_failed: Callable[[str], None],
        owner: QObject,
        signature: Signature | CounterSignature | None = None,
    ) -> None:
        """Carry a command out under this person's name, signed or not; callbacks as in `Job`."""
        self._pending_commands += 1

        def settled(tell: Callable[[Any], None]) -> Callable[[Any], None]:
            def settle(answer: Any) -> None:
                self._pending_commands -= 1
                if isValid(owner):
                    tell(answer)

            return settle

        def do(connection: Connection) -> T:
            return command.apply(connection, ask_person(connection))

        self.runner.run(Job(do, settled(on_done), settled(on_failed), self, signature))

    def start(self) -> None:
        """Ask for everything, and listen."""
        self._watch.start()

    def leave(self) -> None:
        """Deliver nothing more, and let the threads end. Returns at once. Safe twice."""
        self._is_left = True
        self._watch.leave()
        self.runner.leave()

    def stop(self) -> None:
        """Leave, and wait a moment for the threads. Safe twice."""
        self.leave()
        self.runner.stop()
        self._watch.stop()

    def ask_configuration(self) -> None:
        """Ask for devices and limits, soon."""
        self._configuration.request()

    def recall_configuration(self) -> None:
        """Look once for what this person was shown last, while the database does not say."""
        if not self._is_recalled:
            self._is_recalled = True
            self.runner.run_beside(self._recall, self._take_recalled, self)

    def _take_recalled(self, configuration: Configuration | None) -> None:
        if configuration is not None and not self._is_configured:
            self.configured.emit(configuration)

    def _note_configured(self, _configuration: object) -> None:
        self._is_configured = True

    def ask_alerts(self) -> None:
        """Ask for the open alerts, soon."""
        self._alerts.request()

    def ask_overview(self) -> None:
        """Ask for states and latest readings, soon."""
        self._overview.request()

    def ask_stations(self) -> None:
        """Ask how every station is doing, soon."""
        self._stations.request()

    def _new_watch(self, database: Database) -> DatabaseWatch:
        watch = DatabaseWatch(database, self)
        watch.notified.connect(self._on_notified)
        watch.link_changed.connect(self._on_link)
        watch.refused.connect(self._on_refused)
        return watch

    def _reload(
        self, question: Callable[..., object], tell: Callable[[object], None], least_ms: int
    ) -> Reload:
        return Reload(self.runner, question, tell, least_ms, self)

    def _on_notified(self, channel: str) -> None:
        # Queued from the watch's thread: it may have been on its way while the person left.
        if self._is_left:
            return
        match channel:
            case "catalogue":
                self.ask_configuration()
                # Devices and thresholds are in alerts by name.
                self._open_alerts.forget()
                self.ask_alerts()
            case "alerts":
                self.ask_alerts()
            case "people":
                self._open_alerts.forget()
                job = Job(ask_person, self.person_came.emit, self.person_unknown.emit, self)
                self.runner.run(job)
                self.people_changed.emit()
            case "notifications":
                self.notifications_changed.emit()
            case "stations":
                self.ask_stations()
            case "firmware":
                self.firmware_changed.emit()
            case _:
                self.readings_announced.emit()

    def _on_link(self, is_live: bool, text: str) -> None:  # noqa: FBT001
        if not self._is_left:
            self.link_changed.emit(is_live, text)

    def _on_refused(self, sentence: str) -> None:
        if not self._is_left:
            self.refused.emit(sentence)
