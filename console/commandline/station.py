"""`main.py station`: poll, judge and record without a window."""

import argparse
import asyncio
import faulthandler
import importlib
import json
import logging
import os
import signal
import sys
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress

from console.commandline.command import Command, CommandError
from console.commandline.station_actions import add_actions
from console.commandline.station_keeper import IS_POSSIBLE, keep
from console.database_host import DatabaseHost, credential_store
from console.image_access import image_access
from console.link.server import LinkServer
from console.logging_setup import set_up_logging
from console.settings import Settings
from console.station.descriptors import allow_many_connections
from console.station.errors import AlreadyRunning, StationError
from console.station.exit_codes import ALREADY_RUNNING
from console.station.notifications.store import DatabaseNotificationStore
from console.station.pipeline import Station
from console.station.rollouts.database_store import DatabaseRolloutStore
from console.station.service_manager import ServiceManager
from console.station.store import DatabaseStore
from console.version import VERSION
from console.workstation_keys import workstation_keys
from drivers.registry import PLUGINS
from models.database import Database
from models.errors import StorageError
from models.records.station import StationReport

_log = logging.getLogger(__name__)

_PARENT_READ_BYTES = 4096
_TURN_S = 0.1
_STATUS_S = 5.0


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--for", dest="for_s", type=float, metavar="SECONDS", help="end by itself, everything flushed"
    )
    parser.add_argument(
        "--exit-with-parent",
        action="store_true",
        help="end when standard input closes, that is, with the program that started it",
    )
    parser.add_argument(
        "--wait",
        action="store_true",
        help="where another station works on the same folder, wait for its end instead of leaving",
    )
    parser.add_argument(
        "--keep",
        action="store_true",
        help="stay behind the station and fork the next one at once when it is killed or hangs (Linux)",
    )
    add_actions(parser)


def _run(options: argparse.Namespace, settings: Settings) -> int:
    if options.action is not None:
        # Here, not above: a station that is started again after a crash loads only what it needs.
        from console.commandline.station_accounts import ACTIONS

        return ACTIONS[options.action](options, settings)
    if options.for_s is not None and not options.for_s > 0:
        raise CommandError(f"--for {options.for_s:g}: the station must run for more than 0 seconds.")
    if options.keep and IS_POSSIBLE:
        _load_drivers()
        code = keep()
        if code is not None:
            return code
    set_up_logging(settings.log_dir, "station", is_debug=settings.is_debug)
    PLUGINS.log_faults()
    allow_many_connections()
    manager = ServiceManager.from_environment()
    try:
        with _faults_kept(settings):
            _collect(settings, options, manager)
    except AlreadyRunning as error:
        # Whoever starts stations must tell this from a failure: the devices are polled.
        sys.stderr.write(f"{error}\n")
        return ALREADY_RUNNING
    except StationError as error:
        raise CommandError(str(error)) from error
    return 0


def _load_drivers() -> None:
    """Load what nearly every station needs only once it has found its devices; a fork has it then."""
    for name in ("drivers.modbus.hub", "sqlalchemy.dialects.postgresql.psycopg", "uvloop"):
        importlib.import_module(name)


@contextmanager
def _faults_kept(settings: Settings) -> Generator[None]:
    """Have a hard crash, and the service manager's SIGABRT, leave every thread's stack in a file."""
    with (settings.log_dir / "station.faults.txt").open("a", encoding="utf-8") as faults:
        faulthandler.enable(faults)
        try:
            yield
        finally:
            faulthandler.disable()


def _collect(settings: Settings, options: argparse.Namespace, manager: ServiceManager) -> None:
    host = DatabaseHost(settings)
    try:
        login = host.station(lambda: credential_store(settings))
        try:
            with asyncio.Runner(loop_factory=_loop_factory()) as runner:
                runner.run(_serve(settings, login.database, login.prepare, options, manager))
        finally:
            login.database.close()
    finally:
        host.release()


async def _serve(
    settings: Settings,
    database: Database,
    prepare: Callable[[], None],
    options: argparse.Namespace,
    manager: ServiceManager,
) -> None:
    """Run one station until it is asked to end; then flush everything."""
    stop = asyncio.Event()
    _stop_on_signals(stop)
    if options.exit_with_parent:
        _stop_with_parent(stop)
    address = settings.socket_name("station")
    link = LinkServer(address, settings.station_name, VERSION)
    keys = workstation_keys(settings)
    store = DatabaseStore(database, keys)
    notifications = DatabaseNotificationStore(database, keys)
    rollouts = DatabaseRolloutStore(
        database, image_access(settings), settings.data_dir, settings.firmware_signatures
    )
    station = Station(
        settings,
        database,
        link,
        _telling(prepare),
        store=store,
        notifications=notifications,
        rollouts=rollouts,
        on_well=manager.alive,
    )
    try:
        if not await _begin(station, manager, stop, is_waiting=options.wait):
            return
    except OSError as error:
        await station.stop()
        raise CommandError(f"No window could reach the station: {address}: {error.strerror}.") from error
    ready = {"event": "ready", "pid": os.getpid(), "address": address, "version": VERSION}
    sys.stdout.write(json.dumps(ready) + "\n")
    sys.stdout.flush()
    manager.ready()
    telling = asyncio.create_task(_tell_status(station, manager), name="station-status")
    try:
        await asyncio.wait_for(stop.wait(), options.for_s)
    except TimeoutError:
        pass
    finally:
        manager.stopping()
        telling.cancel()
        await station.stop()
    _check_end(station.figures(), is_told=stop.is_set())


async def _begin(station: Station, manager: ServiceManager, stop: asyncio.Event, *, is_waiting: bool) -> bool:
    """Start the station, or, where it shall wait, once no other works on its folder; False: not any more."""
    is_told = False
    while not stop.is_set():
        try:
            await station.start()
        except AlreadyRunning as error:
            if not is_waiting:
                raise
            if not is_told:
                is_told = True
                _log.info("Waiting for the end of another station: %s", error)
                manager.ready()
                manager.status("Waits: another station polls for the same folder.")
            manager.alive()
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), _TURN_S)
        else:
            return True
    return False


async def _tell_status(station: Station, manager: ServiceManager) -> None:
    """Tell the service manager now and then how the station is doing."""
    while manager.is_there:
        report = station.figures()
        worst = f" {report.conditions[0].sentence}" if report.conditions else ""
        manager.status(
            f"{report.collecting} of {report.configured} devices answer, {report.waiting} readings wait; "
            f"database: {report.database}.{worst}"
        )
        await asyncio.sleep(_STATUS_S)


def _check_end(report: StationReport, *, is_told: bool) -> None:
    """Raise CommandError where the run did not do what it was for: its exit code must say so.

    What waits on the disk is safe, and only told.

    Args:
        report: The station's last.
        is_told: Whether somebody ended it, perhaps before it had found the database at all.
    """
    if report.waiting > report.spooled:
        lost = report.waiting - report.spooled
        raise CommandError(f"{lost} readings could not be written before the end: {report.database}")
    if report.spooled:
        sys.stderr.write(
            f"{report.spooled:,} readings wait in the spool; the next start writes them: {report.database}\n"
        )
        return
    if report.database != "live" and not is_told:
        raise CommandError(f"The database could not be used at the end: {report.database}")


def _telling(prepare: Callable[[], None]) -> Callable[[], None]:
    """Say once on stderr why the station has to wait: somebody at a terminal does not read the log."""
    last = ""

    def prepare_and_tell() -> None:
        nonlocal last
        try:
            prepare()
        except StorageError as error:
            if str(error) != last:
                last = str(error)
                sys.stderr.write(f"Waiting for the database: {error}\n")
                sys.stderr.flush()
            raise
        last = ""

    return prepare_and_tell


def _stop_on_signals(stop: asyncio.Event) -> None:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        if sys.platform == "win32":
            signal.signal(number, lambda *_: loop.call_soon_threadsafe(stop.set))
        else:
            loop.add_signal_handler(number, stop.set)


def _stop_with_parent(stop: asyncio.Event) -> None:
    """Set `stop` when standard input ends: the one sign of a parent's death that every system gives."""
    loop = asyncio.get_running_loop()

    def wait() -> None:
        # os.read, not sys.stdin: a daemon thread inside a buffered reader aborts the interpreter at exit.
        try:
            while os.read(0, _PARENT_READ_BYTES):
                pass
        except OSError:
            pass
        if not loop.is_closed():
            loop.call_soon_threadsafe(stop.set)

    threading.Thread(target=wait, name="station-parent", daemon=True).start()


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop]:
    if sys.platform == "win32":
        return asyncio.ProactorEventLoop  # the only one with named pipes
    import uvloop

    return uvloop.new_event_loop


COMMAND = Command(
    add_arguments=_add_arguments,
    run=_run,
    example="main.py station --for 60",
)
