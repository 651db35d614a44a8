"""`main.py alerts`: what is open and what was, and everything that can be done about it without a window."""

import argparse
from typing import TYPE_CHECKING

from console.commandline.alert_acts import ACTS, act
from console.commandline.alert_listing import history, journal, listing
from console.commandline.command import Command
from console.commandline.set_aside import MAINTENANCE, maintenance, shelve, shelves, unshelve
from console.settings import Settings
from models.records.alert import AlertStatus
from models.records.alert_filter import AlertSort
from models.records.threshold import Severity

if TYPE_CHECKING:
    _Actions = argparse._SubParsersAction[argparse.ArgumentParser]

_EXIT_CODES = "exit codes: 0 done · 1 not all of it, and why · 2 the call itself is wrong"
_FORMATS = ("table", "json", "csv")


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.epilog = f"Example: {_EXAMPLE}\n\n{_EXIT_CODES}"
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    _add_reading(actions)
    _add_acts(actions)
    _add_setting_aside(actions)


def _add(actions: "_Actions", name: str, summary: str, example: str):
    return actions.add_parser(
        name,
        help=summary,
        description=f"{summary[0].upper()}{summary[1:]}.",
        epilog=f"Example: main.py alerts {example}\n\n{_EXIT_CODES}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )


def _add_reading(actions: "_Actions") -> None:
    show = _add(actions, "list", "list open alerts, worst and newest first", "list --severity critical")
    show.add_argument(
        "--status", choices=("open", "active", "all"), default="open", help="open = active or acknowledged"
    )
    show.add_argument("--severity", choices=[str(severity) for severity in Severity])
    show.add_argument("--limit", type=_positive, default=1000, metavar="N")
    show.add_argument("--format", choices=_FORMATS, default="table")

    past = _add(
        actions,
        "history",
        "look for alerts of any status and age, newest first",
        'history --text "press 4" --since 30d --severity critical --severity warning',
    )
    past.add_argument("--text", default="", help="in message, device, hardware id or location")
    past.add_argument("--severity", action="append", choices=[str(severity) for severity in Severity])
    past.add_argument("--status", action="append", choices=[str(status) for status in AlertStatus])
    past.add_argument("--device", metavar="ID", help="hardware id")
    past.add_argument("--location")
    past.add_argument("--metric")
    past.add_argument("--since", help="ISO 8601, or how long ago: 90s, 15min, 24h, 7d")
    past.add_argument("--until", help="as --since")
    past.add_argument("--sort", choices=[str(sort) for sort in AlertSort], default=str(AlertSort.TRIGGERED))
    past.add_argument("--ascending", action="store_true", help="smallest first instead of greatest")
    past.add_argument("--limit", type=_positive, default=100, metavar="N")
    past.add_argument("--format", choices=_FORMATS, default="table")

    tell = _add(
        actions,
        "journal",
        "tell everything that happened to one alert, or to all of them, newest first",
        "journal 4711",
    )
    tell.add_argument("id", type=_positive, nargs="?", metavar="ID", help="of an alert; none = of all")
    tell.add_argument("--text", default="", help="in message, device, comment or person")
    tell.add_argument("--since", help="ISO 8601, or how long ago: 90s, 15min, 24h, 7d")
    tell.add_argument("--until", help="as --since")
    tell.add_argument("--limit", type=_positive, default=100, metavar="N")
    tell.add_argument("--format", choices=_FORMATS, default="table")


def _add_acts(actions: "_Actions") -> None:
    for name, known in ACTS.items():
        parser = _add(actions, name, known.summary, known.example)
        parser.add_argument("id", type=_positive, nargs="+", metavar="ID", help="of an alert, as in the list")
        parser.add_argument(
            "--comment", required=known.needs_comment, default="", help="what you found or did"
        )


def _add_setting_aside(actions: "_Actions") -> None:
    aside = _add(
        actions,
        "shelve",
        "set alerts aside for a time: they are recorded and ask nobody",
        'shelve 4711 --for 2h --reason "valve is being changed"',
    )
    aside.add_argument("id", type=_positive, nargs="+", metavar="ID", help="of an alert, as in the list")
    aside.add_argument("--for", dest="length", required=True, metavar="TIME", help="90s, 15min, 2h, 1d")
    aside.add_argument("--reason", required=True)
    aside.add_argument("--once", action="store_true", help="at most until the condition is over")
    back = _add(actions, "unshelve", "take alerts from the shelf: what stands asks again", "unshelve 4711")
    back.add_argument("id", type=_positive, nargs="+", metavar="ID", help="of an alert, as in the list")
    for parser in (aside, back):
        parser.add_argument("--threshold", action="store_true", help="the numbers are those of thresholds")
    lying = _add(actions, "shelves", "list what is on the shelf, or was", "shelves --since 7d")
    lying.add_argument("--since", help="also what ended since then")
    lying.add_argument("--format", choices=("table", "json"), default="table")

    work = _add(
        actions,
        "maintenance",
        "put devices into maintenance and take them out of it; list those that are",
        'maintenance begin PRESS-04 --for 8h --reason "bearing"',
    )
    steps = work.add_subparsers(dest="step", metavar="STEP", required=True)
    for name, summary in MAINTENANCE.items():
        step = steps.add_parser(name, help=summary, epilog=_EXIT_CODES)
        if name == "list":
            step.add_argument("--since", help="also what ended since then")
            step.add_argument("--format", choices=("table", "json"), default="table")
            continue
        step.add_argument("device", nargs="+", metavar="ID", help="hardware id")
        if name == "begin":
            step.add_argument("--for", dest="length", required=True, metavar="TIME", help="15min, 8h, 3d")
            step.add_argument("--reason", required=True)


def _positive(text: str) -> int:
    number = int(text)
    if not 1 <= number < 2**63:
        raise argparse.ArgumentTypeError(f"{number} is no number of anything")
    return number


_READING = {
    "list": listing,
    "history": history,
    "journal": journal,
    "shelve": shelve,
    "unshelve": unshelve,
    "shelves": shelves,
    "maintenance": maintenance,
}


def _run(options: argparse.Namespace, settings: Settings) -> int:
    return _READING.get(options.action, act)(options, settings)


_EXAMPLE = "main.py alerts list --severity critical"
COMMAND = Command(_add_arguments, _run, _EXAMPLE)
