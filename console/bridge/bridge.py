"""What panels hold: live values, catalogue, open alerts, the state of both links, questions and commands.

One object on the window's thread. Everything slow happens elsewhere (worker threads, the station's process)
and comes back here as frozen values, through signals.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, TypeVar

from PySide6.QtCore import QObject, QTimer, Signal

from console.bridge.backfill import Backfill
from console.bridge.catalogue import Catalogue
from console.bridge.coalescer import Coalescer
from console.bridge.command_runner import CommandRunner, Job
from console.bridge.commands import Command
from console.bridge.database_watch import DatabaseWatch
from console.bridge.feed_decoding import readings_from_overview, states_from_changes, states_from_overview
from console.bridge.link_state import LinkState, database_text
from console.bridge.live_feed import LiveFeed
from console.bridge.live_store import LiveStore, ReadingArrays
from console.bridge.questions import (
    Configuration,
    ask_configuration,
    ask_open_alerts,
    ask_overview,
    ask_person,
)
from console.bridge.reload import Reload
from console.bridge.station_child import StationChild
from console.bridge.write_watch import WriteWatch
from console.link.messages import StateChange, States
from models.records.alert import Alert
from models.records.device import DeviceId, DeviceState
from models.records.station import StationReport

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from models.database import Database
    from models.records.alert import AlertOutcome
    from models.records.device import DeviceOverview
    from models.records.person import Person

T = TypeVar("T")

_RELOAD_MS = 100
_OVERVIEW_MS = 1_000
_SAFETY_MS = 10_000
_AGAIN_MS = 1_000
"""Notifications may be lost with a connection that nobody yet knows is dead; asked again this often."""

_log = logging.getLogger(__name__)


class Bridge(QObject):
    """The one thing a panel needs. Every member belongs to the window's thread.

    Attributes:
        catalogue: The snapshot in force; `catalogue_changed` announces another.
        live: Latest values, states and rings.
        alerts: Open ones (active and acknowledged), worst first, then newest.
        person: Who is at this window; None until the database has said so.
    """

    catalogue_changed = Signal()
    alerts_changed = Signal()
    link_changed = Signal()
    values_arrived = Signal(object)  # frozenset[int] of device ids, at most 20 a second
    states_changed = Signal(object)  # frozenset[int] of device ids

    def __init__(
        self,
        feed: LiveFeed,
        open_database: Callable[[], AbstractContextManager[Database]],
        station: StationChild | None,
        now: Callable[[], float] = time.time,
        opening_text: str = "Connecting to the database…",
        parent: QObject | None = None,
    ) -> None:
        """Store the parts.

        Args:
            feed: The way to the station of this computer.
            open_database: Gives out the database, on a thread of its own; may create it first.
            station: Starts a station where none answers; None = use only what is there.
            now: Unix seconds.
            opening_text: Shown until the database was reached or could not be.
        """
        super().__init__(parent)
        self.catalogue = Catalogue()
        self.live = LiveStore(now)
        self.alerts: tuple[Alert, ...] = ()
        self.person: Person | None = None
        self._feed = feed
        self._station = station
        self._report: StationReport | None = None
        self._writes = WriteWatch()
        self._station_text = LinkState().station_text
        self._is_database_live, self._watch_text, self._is_opening = False, opening_text, True
        self._told: dict[int, StateChange] = {}  # by the station of this computer, of each device it polls
        self._runner = CommandRunner(self)
        self._watch = DatabaseWatch(open_database, self)
        self._values = Coalescer(self)
        self._backfill = Backfill(self._runner, self.live, now, self)
        self._configuration_reload = Reload(
            self._runner, ask_configuration, self._take_configuration, _RELOAD_MS, self
        )
        self._alerts_reload = Reload(self._runner, ask_open_alerts, self._take_alerts, _RELOAD_MS, self)
        self._overview_reload = Reload(self._runner, ask_overview, self._take_overview, _OVERVIEW_MS, self)
        self._safety = QTimer(self, interval=_SAFETY_MS)
        self._connect_parts()

    @property
    def link(self) -> LinkState:
        """How both links are doing at this moment."""
        is_connected = self._feed.is_connected
        report = self._report if is_connected else None
        text = database_text(self._watch_text, report, is_hung=self._writes.is_hung)
        return LinkState(
            is_station_connected=is_connected,
            station=report,
            station_text=self._station_text,
            is_database_live=self._is_database_live and text == "live",
            database_text=text,
            is_opening=self._is_opening,
            feed_age_s=self._feed.age_s,
        )

    def ask(
        self,
        question: Callable[[Connection], T],
        on_done: Callable[[T], None],
        on_failed: Callable[[str], None],
        owner: QObject,
    ) -> None:
        """Ask the database on a worker thread; the answer, or one sentence, comes back on this thread.

        Args:
            question: Runs inside one transaction on another thread: touch no widget in it.
            on_done: Gets what `question` returned.
            on_failed: Gets the sentence to show.
            owner: Neither callback is called once this object is destroyed.
        """
        self._runner.run(Job(question, on_done, on_failed, owner))

    def command(
        self,
        command: Command,
        on_done: Callable[[list[AlertOutcome]], None],
        on_failed: Callable[[str], None],
        owner: QObject,
    ) -> None:
        """Carry a command out under this window's person; callbacks as in `ask`.

        The change itself comes back like everybody else's, through `alerts_changed`.
        """
        self.ask(
            lambda connection: command.apply(connection, ask_person(connection)), on_done, on_failed, owner
        )

    def start(self) -> None:
        """Connect to station and database. Returns at once."""
        if self._station is not None:
            self._station.begin()
        self._feed.start()
        self._watch.start()
        self._safety.start()

    def stop(self) -> None:
        """End threads and connections, and an attached station. Safe twice."""
        self._safety.stop()
        self._values.stop()
        # The feed first: otherwise the station's end would be taken for a failure and mended.
        self._feed.stop()
        if self._station is not None:
            self._station.stop()
        self._runner.stop()
        self._watch.stop()

    def _connect_parts(self) -> None:
        self._feed.arrived.connect(self._take_readings)
        self._feed.states_arrived.connect(self._take_states)
        self._feed.reported.connect(self._take_report)
        self._feed.link_changed.connect(self._on_station_link)
        self._watch.opened.connect(self._on_opened)
        self._watch.notified.connect(self._on_notified)
        self._watch.link_changed.connect(self._on_database_link)
        self._values.flushed.connect(self.values_arrived)
        self._backfill.filled.connect(self._values.add)
        self._safety.timeout.connect(self._ask_again)
        if self._station is not None:
            self._station.told.connect(self._on_station_told)

    # -- the station's side ----------------------------------------------------------------------------

    def _take_readings(self, readings: ReadingArrays) -> None:
        self._values.add(self.live.add(readings))

    def _take_states(self, message: States) -> None:
        self._told.update({change.device: change for change in message.changes})
        if any(self.catalogue.device(DeviceId(change.device)) is None for change in message.changes):
            # Imported a moment ago, and the station was faster than our own notification.
            self._configuration_reload.request()
        self._set_states(states_from_changes(message.changes, self.live))

    def _take_report(self, report: StationReport) -> None:
        self._report = report
        self._writes.take(report)
        self.link_changed.emit()

    def _on_station_link(self, is_connected: bool, text: str) -> None:  # noqa: FBT001
        self._report = None
        self._writes.forget()
        self._told = {}
        self._station_text = text
        if self._station is not None:
            self._station.on_link(is_connected)
        self._overview_reload.request()
        self.link_changed.emit()

    def _on_station_told(self, text: str) -> None:
        self._station_text = text
        self.link_changed.emit()

    # -- the database's side ---------------------------------------------------------------------------

    def _on_opened(self, database: Database) -> None:
        self._runner.use(database)
        self.ask(ask_person, self._take_person, self._log_failure, self)

    def _on_notified(self, channel: str) -> None:
        if channel == "catalogue":
            self._configuration_reload.request()
        elif channel == "alerts":
            self._alerts_reload.request()
        elif self._has_devices_elsewhere():
            self._overview_reload.request()

    def _on_database_link(self, is_live: bool, text: str) -> None:  # noqa: FBT001
        self._is_database_live, self._watch_text, self._is_opening = is_live, text, False
        if is_live:
            # What changed between our questions and the moment from which we listen was never heard of.
            QTimer.singleShot(_AGAIN_MS, self, self._ask_again)
        else:
            self._runner.refuse_waiting(text)
        self.link_changed.emit()

    def _ask_again(self) -> None:
        self._configuration_reload.request()
        self._alerts_reload.request()
        if self._has_devices_elsewhere():
            self._overview_reload.request()

    def _has_devices_elsewhere(self) -> bool:
        return any(device.id not in self._told for device in self.catalogue.devices)

    def _take_configuration(self, configuration: Configuration) -> None:
        catalogue = Catalogue(configuration.devices, configuration.thresholds)
        if catalogue.is_same_as(self.catalogue):
            return
        self.catalogue = catalogue
        self.live.set_catalogue(self.catalogue)
        # The station tells all states once, which may have been before we knew the devices.
        self.live.set_states(states_from_changes(self._told.values(), self.live))
        self.catalogue_changed.emit()
        self._backfill.request(self.catalogue)
        self._overview_reload.request()

    def _take_alerts(self, alerts: list[Alert]) -> None:
        if tuple(alerts) != self.alerts:
            self.alerts = tuple(alerts)
            self.alerts_changed.emit()

    def _take_overview(self, rows: list[DeviceOverview]) -> None:
        elsewhere = [row for row in rows if row.device not in self._told]
        self._values.add(self.live.add(readings_from_overview(rows)))
        self._set_states(states_from_overview(elsewhere))

    def _set_states(self, states: Iterable[DeviceState]) -> None:
        changed = self.live.set_states(states)
        if changed:
            self.states_changed.emit(changed)

    def _take_person(self, person: Person) -> None:
        self.person = person
        self.link_changed.emit()

    def _log_failure(self, sentence: str) -> None:
        _log.warning("Not answered: %s", sentence)
