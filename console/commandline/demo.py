"""`main.py demo`: the console on an embedded database and the simulated factory, nothing to configure."""

import argparse
import os
import re
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from console.commandline.command import BAD_USAGE, Command, CommandError
from console.settings import Settings, default_data_dir
from installer.preflight import window_fault

if TYPE_CHECKING:
    from console.bridge.session_keeper import Entrant
    from console.demo_plant import PlantStart

_MAIN = Path(__file__).resolve().parents[2] / "main.py"
_SMALLEST, _LARGEST = 320, 16_384
_MOST_WITH_PAST = 48
"""The past of more devices would take minutes to simulate."""


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--devices", type=int, default=24, metavar="N", help="size of the factory (24)")
    parser.add_argument(
        "--tour",
        type=Path,
        metavar="DIR",
        help="visit every screen, write a picture of each, then end (as the administrator without --as)",
    )
    parser.add_argument(
        "--size", type=_size, metavar="WxH", help="of the window on the tour, in pixels (1600x1000)"
    )
    parser.add_argument("--theme", choices=("light", "dark"), help="instead of the setting's")
    parser.add_argument(
        "--for",
        dest="watch_s",
        type=_seconds,
        metavar="SECONDS",
        help="live data before the tour's first picture (20)",
    )
    parser.add_argument(
        "--until-live",
        action="store_true",
        help="print when window and first live value were painted (Unix seconds), then end",
    )
    parser.add_argument(
        "--no-past",
        action="store_true",
        help="a new demonstration begins without the simulated hours behind it",
    )
    # What the window starts beside itself.
    parser.add_argument("--fill-past", action="store_true", help=argparse.SUPPRESS)


def _run(arguments: argparse.Namespace, settings: Settings) -> int:
    for name in ("size", "watch_s"):
        if getattr(arguments, name) is not None and arguments.tour is None:
            raise CommandError("--size and --for belong to --tour DIR; add it, or leave them out.")
    if arguments.fill_past:
        return _fill_past(_demo_settings(arguments, settings), arguments.devices)
    if arguments.tour is not None and not _has_display():
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    if fault := window_fault():
        print(fault, file=sys.stderr)
        return BAD_USAGE
    # Here, not above: `--help` answers without loading Qt.
    from PySide6.QtCore import QSize

    from console.app import WindowOptions, run_window
    from console.tour import TourPlan

    width, height = arguments.size or (1600, 1000)
    watch_s = 20.0 if arguments.watch_s is None else arguments.watch_s
    tour = TourPlan(arguments.tour, QSize(width, height), watch_s) if arguments.tour else None
    demo = _demo_settings(arguments, settings)
    is_alone = tour is not None or arguments.until_live
    return run_window(
        demo,
        WindowOptions(
            is_station_attached=True,
            plant=_plant_start(
                demo, arguments.devices, with_past=not (arguments.no_past or arguments.until_live)
            ),
            entrant=_entrant(settings.person or ("admin" if is_alone else "")),
            tour=tour,
            tell_milestone=_print_milestone if arguments.until_live else None,
        ),
    )


def _demo_settings(arguments: argparse.Namespace, settings: Settings) -> Settings:
    """Return the settings of a run that touches nothing but its own folder and the database in it."""
    is_chosen = settings.data_dir != default_data_dir()
    # A database named by option, environment or settings file is a real plant's: no simulated devices there.
    demo = replace(
        settings,
        data_dir=settings.data_dir if is_chosen else settings.data_dir / "demo",
        database_url=None,
        person=None,
        theme=arguments.theme or settings.theme,
    )
    for name in ("CONSOLE_DATABASE_URL", "CONSOLE_PERSON", "CONSOLE_PASSWORD"):
        os.environ.pop(name, None)
    return demo


def _entrant(key: str) -> "Entrant | None":
    """Return who is signed in without being asked. Nobody where none was named: the window then asks."""
    from console.bridge.session_keeper import Entrant
    from console.demo_people import PASSWORD, PERSONS, demo_person

    if not key:
        return None
    person = demo_person(key)
    if person is None:
        names = ", ".join(each.key for each in PERSONS)
        raise CommandError(f"--as {key}: the demonstration has no such person; choose one of {names}.")
    return Entrant(person.email, PASSWORD)


def _fill_past(settings: Settings, devices: int) -> int:
    """Simulate the hours before; gives way to everybody else on this computer."""
    if hasattr(os, "nice"):
        os.nice(10)
    import time
    from contextlib import closing

    from console.database_host import DatabaseHost
    from console.demo_past import fill_past
    from console.demo_people import PERSONS
    from drivers.plant.plan import PlantPlan
    from models.queries.people import accounts
    from models.records.person import Role

    with closing(DatabaseHost(settings).owner("demonstration")) as database:
        with database.transaction() as connection:
            ids = {account.email: account.id for account in accounts(connection)}
        # The operator first: who is at the alerts most of the day.
        handlers = sorted(PERSONS, key=lambda person: person.role is not Role.OPERATOR)
        persons = [ids[person.email] for person in handlers if person.email in ids]
        fill_past(database, PlantPlan(devices=devices, has_gauges=True), persons, time.time())
    return 0


def _plant_start(settings: Settings, devices: int, *, with_past: bool) -> "PlantStart":
    from console.demo_plant import PlantStart

    folder = settings.data_dir / "plant"
    document = folder / "import.json"
    arguments = [
        str(_MAIN),
        "--data",
        str(settings.data_dir),
        "plant",
        "--attached",
        "--demo-faults",
        "--gauges",
        "--devices",
        str(devices),
        "--modbus-port",
        "0",
        "--opcua-port",
        "0",
        "--state",
        str(folder),
        "--document",
        str(document),
    ]
    past: list[str] = []
    if with_past and devices <= _MOST_WITH_PAST:
        past = [
            str(_MAIN),
            "--data",
            str(settings.data_dir),
            "demo",
            "--fill-past",
            "--devices",
            str(devices),
        ]
    return PlantStart(sys.executable, arguments, document, folder / "plant.json", past)


def _print_milestone(name: str, unix: float) -> None:
    print(f"{name} {unix:.3f}", flush=True)


def _has_display() -> bool:
    if sys.platform in ("win32", "darwin") or "QT_QPA_PLATFORM" in os.environ:
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def _size(text: str) -> tuple[int, int]:
    match = re.fullmatch(r"(\d+)[x×](\d+)", text)
    if match is None:
        raise argparse.ArgumentTypeError(f"{text!r} is no size; write it like 1600x1000")
    width, height = int(match[1]), int(match[2])
    if not (_SMALLEST <= width <= _LARGEST and _SMALLEST <= height <= _LARGEST):
        raise argparse.ArgumentTypeError(f"{text} is outside {_SMALLEST} to {_LARGEST} pixels a side")
    return width, height


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of seconds") from error
    if not 0 <= seconds <= 86_400:
        raise argparse.ArgumentTypeError(f"{text} s is outside 0 to 86400")
    return seconds


COMMAND = Command(_add_arguments, _run, "main.py demo --as operator")
