"""What panels hold: live values, catalogue, open alerts, the state of both links, questions and commands.

One object on the window's thread. Everything slow happens elsewhere (worker threads, the station's process)
and comes back here as frozen values, through signals. Everything it holds belongs to the person signed in:
when their session ends, it holds nothing.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from console.bridge.alerting import Alerting
from console.bridge.backfill import Backfill
from console.bridge.catalogue import Catalogue
from console.bridge.catalogue_memory import CatalogueMemory
from console.bridge.coalescer import Coalescer
from console.bridge.configuration import Configuration
from console.bridge.farewells import Farewells
from console.bridge.feed_decoding import readings_from_overview, states_from_changes, states_from_overview
from console.bridge.link_state import LinkState, database_text
from console.bridge.live_feed import LiveFeed
from console.bridge.live_store import LiveStore, ReadingArrays
from console.bridge.notification_commands import Sealing
from console.bridge.persons_database import PersonsDatabase
from console.bridge.session_keeper import SessionKeeper
from console.bridge.signature import SignatureTries
from console.bridge.sound_desk import SoundDesk
from console.bridge.station_child import StationChild
from console.bridge.write_watch import WriteWatch
from console.link.messages import StateChange, States
from models.records.device import DeviceId, DeviceState
from models.records.shelf import AlarmSettings
from models.records.station import StationNow, StationReport

if TYPE_CHECKING:
    from console.sign_in import Session
    from models.firmware_release import Judge
    from models.records.audit import AuditAnchor
    from models.records.device import DeviceOverview

_SAFETY_MS = 10_000
"""Notifications may be lost with a connection that nobody yet knows is dead; asked again this often."""
_AGAIN_MS = 1_000
AWAY = "The database is away."

_log = logging.getLogger(__name__)


class Bridge(Alerting):
    """The one thing a panel needs. Belongs to the window's thread.

    How it asks and orders is in `Asking`, what is open in `Alerting`.

    Attributes:
        sounds: How loud this workstation is, and whether it can be heard.
        catalogue: The snapshot in force; `catalogue_changed` announces another.
        live: Latest values, states and rings; another object for every session.
        alarm_settings: What the site decided about alerts; `catalogue_changed` announces others.
        stations: Every station as the database told last; `stations_changed` announces every answer.
        stations_at_unix: When it told, Unix seconds by this computer's clock; None: not yet.
        cleared: The session ended or began anew: nothing that was shown may stay.
        person_changed: `person` or what they may do is another.
        sealing: How this computer encrypts secrets; None where the run was given no way to.
        firmware_judge: What this computer verifies firmware by; None where the run was given none.
    """

    catalogue_changed = Signal()
    link_changed = Signal()
    values_arrived = Signal(object)  # frozenset[int] of device ids, at most 20 a second
    states_changed = Signal(object)  # frozenset[int] of device ids
    cleared = Signal()
    person_changed = Signal()
    stations_changed = Signal()

    def __init__(
        self,
        feed: LiveFeed,
        session: SessionKeeper,
        station: StationChild | None,
        now: Callable[[], float] = time.time,
        audit_anchors: Callable[[str], Sequence[AuditAnchor]] = lambda _place: (),
        sounds: SoundDesk | None = None,
        sealing: Sealing | None = None,
        catalogues: Path | None = None,
        firmware_judge: Callable[[], Judge] | None = None,
        parent: QObject | None = None,
    ) -> None:
        """Store the parts.

        Args:
            feed: The way to the station of this computer.
            session: Who is signed in, with their way to the database.
            station: Starts a station where none answers; None = use only what is there.
            now: Unix seconds.
            audit_anchors: Returns what this computer has seen of the audit trail of the database at a place;
                reads a file, so it is called on a worker.
            sounds: The sounds of this workstation; None = it makes none.
            sealing: How this computer encrypts secrets.
            firmware_judge: Reads whom this computer believes; for a worker.
            catalogues: The folder that remembers what each person was shown last; None = nothing does.
        """
        super().__init__(session, feed, now, parent)
        self.sounds = sounds or SoundDesk(parent=self)
        self.audit_anchors = audit_anchors
        self.sealing = sealing
        self.firmware_judge = firmware_judge
        self._station = station
        self._station_text, self._own_station = LinkState().station_text, 0
        self._memory = CatalogueMemory(catalogues)
        self._farewells = Farewells(session.dismiss, self)
        self._values = Coalescer(self)
        self._safety = QTimer(self, interval=_SAFETY_MS)
        self._forget()
        self._connect_parts()

    @property
    def link(self) -> LinkState:
        """How both links are doing at this moment."""
        session = self.session.state.session
        is_connected, hello = self._feed.is_connected, self._feed.station
        report = self._report if is_connected else None
        text = database_text(self._watch_text, report, is_hung=self._writes.is_hung)
        return LinkState(
            is_station_connected=is_connected,
            station=report,
            station_id=self._own_station,
            station_name=hello.name if hello else "",
            station_version=hello.version if hello else "",
            station_text=self._station_text,
            is_database_live=self._is_database_live and text == "live",
            is_window_live=self._is_database_live,
            database_text=text,
            is_opening=self._is_opening,
            is_offline=session is not None and session.is_offline,
            has_devices_elsewhere=bool(self._away_text) and self._has_devices_elsewhere(),
            feed_age_s=self._feed.age_s,
        )

    @property
    def polled_here(self) -> frozenset[int]:
        """Devices, by `devices.id`, of which the station of this computer tells."""
        return frozenset(self._told)

    def look_at_stations(self) -> None:
        """Ask how every station is doing, soon: what changes every second is not announced."""
        if self._database is not None:
            self._database.ask_stations()

    def start(self) -> None:
        """Open the database and connect to the station. Returns at once."""
        if self._station is not None:
            self._station.begin()
        self.sounds.start()
        self._feed.start()
        self.session.start()
        self._safety.start()

    def stop(self) -> None:
        """End threads and connections, and an attached station. Safe twice."""
        self._safety.stop()
        self._values.stop()
        self.sounds.stop()
        # The feed first: otherwise the station's end would be taken for a failure and mended.
        self._feed.stop()
        if self._station is not None:
            self._station.stop()
        self._farewells.stop()
        if self._database is not None:
            self._database.stop()
        self.session.stop()

    def _connect_parts(self) -> None:
        self._feed.arrived.connect(self._take_readings)
        self._feed.states_arrived.connect(self._take_states)
        self._feed.reported.connect(self._take_report)
        self._feed.withdrawn.connect(self._on_withdrawn)
        self._feed.released.connect(self._on_released)
        self._feed.link_changed.connect(self._on_station_link)
        self._feed.ticket_refused.connect(self._on_login_doubted)
        self.session.signed_in.connect(self._on_signed_in)
        self.session.signed_out.connect(self._on_signed_out)
        self.session.renewed.connect(self._on_renewed)
        self.session.person_changed.connect(self.person_changed)
        self._values.flushed.connect(self.values_arrived)
        self._safety.timeout.connect(self._ask_again)
        if self._station is not None:
            self._station.told.connect(self._on_station_told)

    # -- the session -----------------------------------------------------------------------------------

    def _forget(self) -> None:
        """Hold nothing of anybody."""
        self._forget_alerts()
        self.catalogue = Catalogue()
        self.live = LiveStore(self._now)
        self.alarm_settings = AlarmSettings()
        self.stations: tuple[StationNow, ...] = ()
        self.stations_at_unix: float | None = None
        self._tries = SignatureTries()
        self._report: StationReport | None = None
        self._writes = WriteWatch()
        self._is_database_live, self._is_opening = False, True
        self._watch_text = "Connecting to the database…"
        self._away_text = ""
        self._told: dict[int, StateChange] = {}  # by the station of this computer, of each device it polls
        self._values.stop()

    def _on_signed_in(self, session: Session) -> None:
        self._forget()
        whose = self.session.state.place, session.person
        keep, recall = partial(self._memory.keep, *whose), partial(self._memory.recall, *whose)
        self._database = database = PersonsDatabase(session, self, keep, recall)
        self._backfill = Backfill(database.runner, self.live, self._now, database)
        self._backfill.filled.connect(self._values.add)
        database.configured.connect(self._take_configuration)
        database.alerts_came.connect(self._take_alerts)
        database.overview_came.connect(self._take_overview)
        database.person_came.connect(self.session.take_person)
        database.person_unknown.connect(self._on_login_doubted)
        database.stations_came.connect(self._take_stations)
        self._pass_on(database)
        database.readings_announced.connect(self._on_readings_announced)
        database.link_changed.connect(self._on_database_link)
        database.refused.connect(self._on_login_doubted)
        self._feed.present(session.ticket)
        self._follow_database()
        database.start()

    def _on_signed_out(self) -> None:
        self._feed.present(None)
        database, self._database = self._database, None
        if database is not None:
            self._farewells.see_off(database)
        self._forget()
        self.cleared.emit()
        self.catalogue_changed.emit()
        self.alerts_changed.emit()
        self.stations_changed.emit()
        self.link_changed.emit()

    def _on_renewed(self, session: Session) -> None:
        if self._database is not None:
            self._database.session = session
        self._feed.present(session.ticket)
        self.link_changed.emit()

    def _on_login_doubted(self, sentence: str) -> None:
        _log.warning("The database doubts this login: %s", sentence)
        self.session.refresh()

    # -- the station's side ----------------------------------------------------------------------------

    def _take_readings(self, readings: ReadingArrays) -> None:
        if self._database is None:
            return
        self._values.add(self.live.add(readings))

    def _take_states(self, message: States) -> None:
        if self._database is None:
            return
        known = len(self._told)
        self._told.update({change.device: change for change in message.changes})
        if len(self._told) != known:
            self._keeper.use(self.catalogue, self._told)
            self._show_alerts()
        if any(self.catalogue.device(DeviceId(change.device)) is None for change in message.changes):
            # Imported a moment ago, and the station was faster than our own notification.
            self._database.ask_configuration()
        self._set_states(states_from_changes(message.changes, self.live))

    def _take_report(self, report: StationReport) -> None:
        if self._database is None:
            return
        self._report = report
        self._own_station = report.station or self._own_station
        self._writes.take(report)
        self._follow_database()
        self.link_changed.emit()

    def _on_station_link(self, is_connected: bool, text: str) -> None:  # noqa: FBT001
        self._report = None
        self._writes.forget()
        self._keeper.forget_station()
        self._told.clear()
        self._station_text = text
        if not is_connected:
            self._lose_station()
        self._follow_database()
        self._look_for_station()
        if self._database is not None:
            self._database.ask_overview()
        self.link_changed.emit()

    def _look_for_station(self) -> None:
        """Have a station started where none runs: it collects whether or not somebody is signed in."""
        if self._station is not None and self._database is None:
            self._station.look()
        elif self._station is not None:
            self._station.on_link(self._feed.is_connected or self._feed.is_station_there)

    def _on_withdrawn(self, devices: frozenset[int]) -> None:
        for device in devices:
            self._told.pop(device, None)
        if self._database is not None:
            self._database.ask_configuration()

    def _on_released(self, devices: frozenset[int]) -> None:
        """Their values stay; from now on the database knows more of them."""
        self._keeper.release(devices)
        for device in devices:
            self._told.pop(device, None)
        self._show_alerts()
        if self._database is not None:
            self._database.ask_overview()
        self.link_changed.emit()

    def _on_station_told(self, text: str) -> None:
        self._station_text = text
        self.link_changed.emit()

    # -- the database's side ---------------------------------------------------------------------------

    def _on_readings_announced(self) -> None:
        if self._database is not None and self._has_devices_elsewhere():
            self._database.ask_overview()

    def _on_database_link(self, is_live: bool, text: str) -> None:  # noqa: FBT001
        self._is_database_live, self._watch_text, self._is_opening = is_live, text, False
        self._follow_database()
        if is_live:
            self._backfill.request(self.catalogue)
            # What changed between our questions and the moment from which we listen was never heard of.
            QTimer.singleShot(_AGAIN_MS, self, self._ask_again)
            session = self.session.state.session
            if session is not None and session.is_offline:
                self.session.refresh()
        self.link_changed.emit()

    def _follow_database(self) -> None:
        """Know whether the database is away: for orders, for questions, and for what is known without it."""
        session, report = self.session.state.session, self._report
        is_unreached = not self._is_opening or (session is not None and session.is_offline)
        is_away = self._database is not None and not self._is_database_live and is_unreached
        self._away_text = (AWAY if self._is_opening else self._watch_text) if is_away else ""
        self._follow_alerts(report, is_away=is_away, is_hung=self._writes.is_hung)
        if is_away and not self.catalogue.devices and self._database is not None:
            self._database.recall_configuration()

    def _ask_again(self) -> None:
        self._look_for_station()
        if self._database is None:
            return
        self._database.ask_configuration()
        self._database.ask_alerts()
        self._database.ask_stations()
        if self._has_devices_elsewhere():
            self._database.ask_overview()

    def _has_devices_elsewhere(self) -> bool:
        return any(device.id not in self._told for device in self.catalogue.devices)

    def _take_configuration(self, configuration: Configuration) -> None:
        if configuration.catalogue is self.catalogue:
            if configuration.alarm_settings != self.alarm_settings:
                self.alarm_settings = configuration.alarm_settings
                self.catalogue_changed.emit()
            return
        self.alarm_settings = configuration.alarm_settings
        self.catalogue = configuration.catalogue
        self.live.set_catalogue(self.catalogue)
        self._keeper.use(self.catalogue, self._told)
        # The station tells all states once, which may have been before we knew the devices.
        self.live.set_states(states_from_changes(self._told.values(), self.live))
        self.catalogue_changed.emit()
        self._show_alerts()
        if self._database is not None and not self._away_text:
            self._backfill.request(self.catalogue)
            self._database.ask_overview()

    def _take_stations(self, stations: tuple[StationNow, ...]) -> None:
        self.stations, self.stations_at_unix = stations, self._now()
        self.stations_changed.emit()

    def _take_overview(self, rows: list[DeviceOverview]) -> None:
        elsewhere = [row for row in rows if row.device not in self._told]
        self._values.add(self.live.add(readings_from_overview(rows)))
        self._set_states(states_from_overview(elsewhere))

    def _set_states(self, states: Iterable[DeviceState]) -> None:
        changed = self.live.set_states(states)
        if changed:
            self.states_changed.emit(changed)
