"""Builds every floor in order, runs the window, and takes everything down in reverse.

    settings → log and crash guard → Qt → theme → bridge (feed, session, station) → window → demo, tour

The window is painted before anything that waits begins: connecting, creating a database, starting a station.
"""

import os
import signal
import socket
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QSettings, QTimer
from PySide6.QtWidgets import QApplication

from console.bridge.bridge import Bridge
from console.bridge.live_feed import LiveFeed
from console.bridge.notification_commands import Sealing
from console.bridge.questions import load_statements
from console.bridge.session_keeper import Door, Entrant, SessionKeeper
from console.bridge.sound_desk import SoundDesk
from console.bridge.sound_player import SoundPlayer
from console.bridge.station_child import StationChild
from console.bridge.station_process import StationStart
from console.crash_guard import CrashGuard
from console.demo_people import PERSONS, DemoDoor
from console.demo_plant import DemoPlant, PlantStart, load_import
from console.frame.paint_watch import PaintWatch
from console.garbage import GarbageCollection
from console.link.messages import PROTOCOL, Hello
from console.main_window import MainWindow
from console.milestones import Milestones
from console.panels.registry import PANELS
from console.settings import APP, Settings
from console.tour import Tour, TourPlan
from console.version import VERSION
from console.widgets.theme import ThemeSource
from console.widgets.theme_memory import ThemeMemory
from drivers.registry import PLUGINS
from models.records.audit import AuditAnchor

if TYPE_CHECKING:
    from models.firmware_release import Judge
    from models.workstation import WorkstationKeys

_PAINTED_WITHIN_MS = 2_000
_SETTLED_AFTER_MS = 5_000
_MAIN = Path(__file__).resolve().parents[1] / "main.py"


@dataclass(frozen=True, slots=True)
class WindowOptions:
    """What a run of the window may be asked for.

    Attributes:
        is_station_attached: Whether a station that we start ends with the window.
        plant: A simulated factory to start and to import, with the demonstration's persons; None = none.
        entrant: Who is signed in without being asked; None = the window asks.
        tour: Pictures to take, after which the window closes; None = none.
        tell_milestone: Hears "window" and "live" when they were painted, after which the window closes.
    """

    is_station_attached: bool = False
    plant: PlantStart | None = None
    entrant: Entrant | None = None
    tour: TourPlan | None = None
    tell_milestone: Callable[[str, float], None] | None = None


def run_window(settings: Settings, options: WindowOptions) -> int:
    """Open the console and return the exit code once its window was closed."""
    app = _application()
    guard = CrashGuard(settings.log_dir / "window.log")
    guard.install()
    try:
        console = _Console(app, guard, settings, options)
        try:
            return console.run()
        finally:
            console.take_down()
    finally:
        guard.uninstall()


def make_door(settings: Settings) -> Door:
    """Return this run's way in. For a thread that may wait: it imports SQLAlchemy, and asks a keyring."""
    from console.database_host import credential_store
    from console.sign_in import SignIn

    return SignIn(settings, credential_store(settings))


def station_start(settings: Settings, *, is_attached: bool) -> StationStart:
    """Return how to start this run's station. The database's URL may hold a password: never an argument."""
    arguments = [str(_MAIN), "--data", str(settings.data_dir), "station", "--keep"]
    if is_attached:
        arguments.append("--exit-with-parent")
    environment = {"CONSOLE_DATABASE_URL": settings.database_url} if settings.database_url else {}
    return StationStart(
        sys.executable,
        arguments,
        settings.log_dir / "station.stderr.txt",
        is_attached,
        environment,
        settings.socket_name("station"),
    )


class _Console:
    """Everything that a run is made of, from the bridge upwards."""

    def __init__(
        self, app: QApplication, guard: CrashGuard, settings: Settings, options: WindowOptions
    ) -> None:
        self._app = app
        self._settings = settings
        self._is_begun = False
        self._garbage = GarbageCollection()
        self._garbage.start()
        themes = ThemeSource()
        memory = _memory(settings, options)
        ThemeMemory(themes, memory, settings.theme)
        self._demo: DemoDoor | None = None
        self._session = session = self._session_of(options)
        sounds = SoundDesk(None if memory is None else SoundPlayer(), memory)
        self._bridge = bridge = _bridge(settings, options, session, sounds)
        persons = PERSONS if options.plant is not None else ()
        self._window = window = MainWindow(bridge, themes, PANELS, memory, demo_persons=persons)
        guard.told.connect(window.tell)
        window.closed.connect(app.quit)
        self._plant = DemoPlant(options.plant, window) if options.plant else None
        self._tour = (
            Tour(window, bridge, options.tour, app.exit, has_past=self._has_past) if options.tour else None
        )
        if self._plant is not None:
            self._plant.told.connect(window.tell)
            session.opened.connect(self._let_plant_in)
        if options.tour is not None:
            window.resize(options.tour.size)
        if options.tell_milestone is not None:
            Milestones(window, bridge, options.tell_milestone, app.quit).start()

    def run(self) -> int:
        """Show the window and stay until it is closed."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: self._app.quit())
        first_painting = PaintWatch(self._window)
        first_painting.painted.connect(self._begin)
        first_painting.ask()
        # A window that is started minimised is not painted, and collects all the same.
        QTimer.singleShot(_PAINTED_WITHIN_MS, self._begin)
        self._window.show()
        return self._app.exec()

    def take_down(self) -> None:
        """End everything, in reverse."""
        self._window.hide()
        self._bridge.stop()
        # After the station, which would otherwise take the plant's end for lost lines.
        if self._plant is not None:
            self._plant.stop()
        self._garbage.stop()
        self._window.deleteLater()

    def _session_of(self, options: WindowOptions) -> SessionKeeper:
        settings = self._settings
        is_demo = options.plant is not None
        return SessionKeeper(
            self._make_demo_door if is_demo else lambda: make_door(settings),
            # What journals and the audit trail call this workstation.
            f"{socket.gethostname()} (window)",
            options.entrant,
            settings.person or "",
            (load_statements, load_import) if is_demo else (load_statements,),
            _opening_text(settings),
        )

    def _make_demo_door(self) -> Door:
        self._demo = DemoDoor(self._settings)
        return self._demo

    def _let_plant_in(self) -> None:
        if self._plant is not None and self._demo is not None and self._demo.owner is not None:
            self._plant.use(self._demo.owner)

    def _has_past(self) -> bool:
        return self._plant is None or self._plant.has_past

    def _begin(self) -> None:
        """Start what takes time, once the window is on the screen."""
        if self._is_begun:
            return
        self._is_begun = True
        _set_up_logging(self._settings)
        PLUGINS.log_faults()
        if self._plant is not None:
            self._plant.start()
        self._bridge.start()
        self._window.begin()
        if self._tour is not None:
            self._tour.start()
        QTimer.singleShot(_SETTLED_AFTER_MS, self._garbage.settle)


def _application() -> QApplication:
    existing = QApplication.instance()
    app = existing if isinstance(existing, QApplication) else QApplication([APP])
    app.setApplicationName(APP)
    app.setApplicationDisplayName("Operator console")
    app.setApplicationVersion(VERSION)
    app.setQuitOnLastWindowClosed(False)
    return app


def _bridge(settings: Settings, options: WindowOptions, session: SessionKeeper, sounds: SoundDesk) -> Bridge:
    introduction = Hello(PROTOCOL, f"window of {settings.station_name}", VERSION, os.getpid())
    feed = LiveFeed(settings.socket_name("station"), introduction, time.monotonic)
    station = StationChild(station_start(settings, is_attached=options.is_station_attached), time.monotonic)
    return Bridge(
        feed,
        session,
        station,
        audit_anchors=lambda place: _audit_anchors(settings, place),
        sounds=sounds,
        sealing=Sealing(lambda: _workstation_keys(settings), settings.station_name),
        catalogues=settings.data_dir / "catalogues",
        firmware_judge=lambda: _firmware_judge(settings),
    )


def _workstation_keys(settings: Settings) -> "WorkstationKeys":
    """Return this computer's way to the key of encrypted fields. For a worker: imports SQLAlchemy."""
    from console.workstation_keys import workstation_keys

    return workstation_keys(settings)


def _firmware_judge(settings: Settings) -> "Judge":
    """Return what this computer verifies firmware by. For a worker: reads files, imports SQLAlchemy."""
    from console.image_access import image_access
    from models.firmware.trusted_keys import load_trusted_keys
    from models.firmware_release import Judge

    trusted = load_trusted_keys(settings.data_dir)
    return Judge(trusted, image_access(settings), settings.firmware_signatures)


def _audit_anchors(settings: Settings, place: str) -> Sequence[AuditAnchor]:
    """Return what this computer saw of the audit trail. For a worker: reads a file, imports SQLAlchemy."""
    from models.audit_anchors import AnchorFile

    return AnchorFile(settings.data_dir).anchors(place)


def _opening_text(settings: Settings) -> str:
    if settings.database_url:
        return "Connecting to the database…"
    if settings.database_dir.is_dir():
        return "Starting the database…"
    return f"Creating the database in {settings.database_dir}… this happens once and takes some seconds."


def _set_up_logging(settings: Settings) -> None:
    # Here, not above: the first painting does not wait the tenth of a second that structlog takes to load.
    from console.logging_setup import set_up_logging

    set_up_logging(settings.log_dir, "window", is_debug=settings.is_debug)


def _memory(settings: Settings, options: WindowOptions) -> QSettings | None:
    if options.tour is not None or options.tell_milestone is not None:
        return None
    return QSettings(str(settings.data_dir / "window.ini"), QSettings.Format.IniFormat)
