"""`main.py signal`: what this site measures beside the six metrics: list, add, change, remove."""

import argparse
import json
import re
from dataclasses import replace

from console.commandline.command import Command, CommandError
from console.commandline.table import table_text
from console.settings import Settings
from console.storage import open_storage
from models.database import Database
from models.queries.signals import add_signals, change_signal, load_signals, remove_signal
from models.records.signal import Signal

_EXAMPLES = """Example: main.py signal add flow --label Flow --unit m³/h --range 0:500 --shown 0:50
         main.py signal add offset --unit mm --decimals 3 --range=-5:5
         main.py signal add pump_state --label Pump --state 0=Stopped --state 1=Running --state 2=Fault
         main.py signal change flow --unit l/min
         main.py signal list

A signal is what a tag or a limit names in place of a metric. What was stored of one that is removed stays."""

_WHOLE = re.compile(r"[+-]?\d+")


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.epilog = _EXAMPLES
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    show = actions.add_parser("list", help="list the site's signals with unit, decimals and ranges")
    show.add_argument("--format", choices=("table", "json"), default="table")
    for name, words in (("add", "add a signal"), ("change", "change a signal; what is not named stays")):
        action = actions.add_parser(name, help=words)
        action.add_argument("key", metavar="KEY", help="the word in tags, limits and files")
        action.add_argument("--label", help="what people see; of a new one the key where nothing is said")
        action.add_argument("--unit", help="shown beside every value")
        action.add_argument("--decimals", type=int, metavar="N", help="digits after the point, 0 to 6")
        action.add_argument("--range", metavar="LOW:HIGH", help="values outside are a sensor's mistake")
        action.add_argument("--shown", metavar="LOW:HIGH", help="the range of bars and empty charts")
        action.add_argument(
            "--state", action="append", metavar="VALUE=NAME", help="name of a whole value; may be repeated"
        )
    gone = actions.add_parser("remove", help="take a signal out of use; its values stay stored")
    gone.add_argument("key", metavar="KEY")


def _run(options: argparse.Namespace, settings: Settings) -> int:
    with open_storage(settings, f"console signal {options.action}") as database:
        print(_ACTIONS[options.action](database, options))
    return 0


def _list(database: Database, options: argparse.Namespace) -> str:
    with database.transaction() as connection:
        signals = load_signals(connection)
    if options.format == "json":
        return json.dumps([_row(signal) for signal in signals], indent=2, ensure_ascii=False)
    if not signals:
        return "No signals: this site measures the six metrics only."
    rows = [
        (
            signal.key,
            signal.label,
            signal.unit or "-",
            str(signal.decimals),
            _span_words(signal.plausible),
            _span_words(signal.span),
            ", ".join(f"{value}={name}" for value, name in signal.states) or "-",
        )
        for signal in signals
    ]
    return table_text(("KEY", "LABEL", "UNIT", "DECIMALS", "RANGE", "SHOWN", "STATES"), rows)


def _add(database: Database, options: argparse.Namespace) -> str:
    wanted = _with_options(_beginning(options), options)
    with database.transaction() as connection:
        [added] = add_signals(connection, [wanted])
    return f"{added.key} was added: {added.label}{f' in {added.unit}' if added.unit else ''}."


def _change(database: Database, options: argparse.Namespace) -> str:
    with database.transaction() as connection:
        known = {signal.key: signal for signal in load_signals(connection)}
        before = known.get(options.key)
        if before is None:
            raise CommandError(f"There is no signal {options.key}; main.py signal list shows them all.")
        wanted = _with_options(before, options)
        if wanted == before:
            return f"{before.key} is as it was."
        change_signal(connection, wanted)
    return f"{wanted.key} was changed."


def _remove(database: Database, options: argparse.Namespace) -> str:
    with database.transaction() as connection:
        remove_signal(connection, options.key)
    return f"{options.key} was removed; what was stored of it stays."


_ACTIONS = {"list": _list, "add": _add, "change": _change, "remove": _remove}


def _beginning(options: argparse.Namespace) -> Signal:
    """Return what a new signal is where nothing is said: any number, or the states that are named."""
    values = [value for value, _ in _states(options)]
    if values:
        span = (float(min(values)), float(max(*values, min(values) + 1)))
        return Signal(options.key, options.key, "", 0, span, span)
    return Signal(options.key, options.key, "", 2, (-1e9, 1e9), (0.0, 100.0))


def _with_options(signal: Signal, options: argparse.Namespace) -> Signal:
    plausible = signal.plausible if options.range is None else _span(options.range, "--range")
    shown = signal.span
    if options.shown is not None:
        shown = _span(options.shown, "--shown")
    elif options.range is not None and options.action == "add":
        shown = plausible
    return replace(
        signal,
        label=signal.label if options.label is None else options.label,
        unit=signal.unit if options.unit is None else options.unit,
        decimals=signal.decimals if options.decimals is None else options.decimals,
        plausible=plausible,
        span=shown,
        states=signal.states if options.state is None else tuple(sorted(_states(options))),
    )


def _span(text: str, option: str) -> tuple[float, float]:
    low, colon, high = text.partition(":")
    try:
        if colon:
            return float(low), float(high)
    except ValueError:
        pass
    raise CommandError(f"{option} {text}: give two numbers, as 0:100.")


def _states(options: argparse.Namespace) -> list[tuple[int, str]]:
    found: list[tuple[int, str]] = []
    for text in options.state or ():
        value, sign, name = text.partition("=")
        if not sign or not _WHOLE.fullmatch(value.strip()) or not name.strip():
            raise CommandError(f"--state {text}: give a whole number and its name, as 1=Running.")
        found.append((int(value), name.strip()))
    return found


def _span_words(span: tuple[float, float]) -> str:
    return f"{span[0]:g} to {span[1]:g}"


def _row(signal: Signal) -> dict[str, object]:
    return {
        "key": signal.key,
        "label": signal.label,
        "unit": signal.unit,
        "decimals": signal.decimals,
        "range": signal.plausible,
        "shown": signal.span,
        "states": {str(value): name for value, name in signal.states},
    }


COMMAND = Command(_add_arguments, _run, "main.py signal add flow --label Flow --unit m³/h --range 0:500")
