"""What is set aside by name and number: the shelf, and devices in maintenance."""

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from sqlalchemy.engine import Connection

from console.catalogue.typed_number import NotANumber, seconds_from_text
from console.commandline.alert_acts import told
from console.commandline.alert_listing import device_of
from console.commandline.command import CommandError
from console.commandline.moments import moment_from_text, text_from_moment
from console.commandline.table import table_text
from console.settings import Settings
from console.storage import open_storage
from models.queries import shelves as queries
from models.queries.alerts import thresholds_of
from models.records.alert import AlertId
from models.records.shelf import Maintenance, Shelf
from models.records.threshold import ThresholdId

MAINTENANCE = {
    "begin": "put devices into maintenance, or change how long and why",
    "end": "take devices out of maintenance",
    "list": "list devices in maintenance",
}


def shelve(options: argparse.Namespace, settings: Settings) -> int:
    """Set alerts aside. Whoever calls has just signed in, so critical ones are signed."""
    seconds = _seconds(options.length)

    def do(connection: Connection, thresholds: Sequence[ThresholdId]) -> dict[ThresholdId, tuple[bool, str]]:
        queries.sign(connection)
        outcomes = queries.shelve(connection, thresholds, options.reason, seconds, is_one_shot=options.once)
        return {outcome.threshold: (outcome.is_changed, outcome.text) for outcome in outcomes}

    return _to_each(options, settings, do)


def unshelve(options: argparse.Namespace, settings: Settings) -> int:
    """Take alerts from the shelf."""

    def do(connection: Connection, thresholds: Sequence[ThresholdId]) -> dict[ThresholdId, tuple[bool, str]]:
        taken = set(queries.unshelve(connection, thresholds))
        return {
            id: (True, "Taken from the shelf.") if id in taken else (False, "Not on the shelf.")
            for id in thresholds
        }

    return _to_each(options, settings, do)


def shelves(options: argparse.Namespace, settings: Settings) -> int:
    """List what is on the shelf."""
    with open_storage(settings, "console alerts shelves") as database, database.transaction() as connection:
        if options.since is None:
            found = queries.open_shelves(connection)
        else:
            now = datetime.now(UTC)
            found = queries.shelves_in(connection, moment_from_text(options.since, now), now)
    header = ("THRESHOLD", "DEVICE", "BY", "UNTIL", "ENDED", "REASON")
    _show(options.format, found, header, "Nothing is on the shelf.")
    return 0


def maintenance(options: argparse.Namespace, settings: Settings) -> int:
    """Begin, end or list maintenance."""
    name = f"console alerts maintenance {options.step}"
    seconds = _seconds(options.length) if options.step == "begin" else 0.0
    with open_storage(settings, name) as database, database.transaction() as connection:
        if options.step == "list":
            now = datetime.now(UTC)
            found = (
                queries.open_maintenance(connection)
                if options.since is None
                else queries.maintenance_in(connection, moment_from_text(options.since, now), now)
            )
            header = ("DEVICE", "BY", "UNTIL", "ENDED", "REASON")
            _show(options.format, found, header, "No device is in maintenance.")
            return 0
        devices = {device_of(connection, hardware_id): hardware_id for hardware_id in options.device}
        if options.step == "begin":
            changed = queries.begin_maintenance(connection, list(devices), options.reason, seconds)
            words = ("In maintenance.", "Does not exist any more.")
        else:
            changed = queries.end_maintenance(connection, list(devices))
            words = ("Out of maintenance.", "Was not in maintenance.")
    return told(
        [
            (id in changed, f"{name}: {words[0] if id in changed else words[1]}")
            for id, name in devices.items()
        ]
    )


def _to_each(
    options: argparse.Namespace,
    settings: Settings,
    do: Callable[[Connection, Sequence[ThresholdId]], dict[ThresholdId, tuple[bool, str]]],
) -> int:
    """Do something to the thresholds that were named, or that found the alerts named."""
    numbers = list(dict.fromkeys(options.id))
    with (
        open_storage(settings, f"console alerts {options.action}") as database,
        database.transaction() as connection,
    ):
        if options.threshold:
            of_number = {number: ThresholdId(number) for number in numbers}
        else:
            known = thresholds_of(connection, [AlertId(number) for number in numbers])
            of_number = {int(alert): threshold for alert, threshold in known.items()}
        done = do(connection, list(dict.fromkeys(of_number.values())))
    missing = (False, f"There is no such {'threshold' if options.threshold else 'alert of a threshold'}.")
    outcomes = [
        (number, done.get(of_number[number], missing) if number in of_number else missing)
        for number in numbers
    ]
    return told([(is_changed, f"{number}: {text}") for number, (is_changed, text) in outcomes])


def _seconds(typed: str) -> float:
    try:
        return seconds_from_text(typed)
    except NotANumber as fault:
        raise CommandError(f"--for: {fault}") from fault


def _show(
    form: str, found: Sequence[Shelf] | Sequence[Maintenance], header: Sequence[str], nothing: str
) -> None:
    if form == "json":
        json.dump([_row(entry) for entry in found], sys.stdout, indent=2)
        print()
    elif not found:
        print(nothing)
    else:
        print(table_text(header, [_cells(entry) for entry in found]))


def _row(entry: Shelf | Maintenance) -> dict[str, object]:
    begun = entry.shelved_at if isinstance(entry, Shelf) else entry.began_at
    own = (
        {"threshold": entry.threshold, "once": entry.is_one_shot, "signed": entry.is_signed}
        if isinstance(entry, Shelf)
        else {}
    )
    return {
        "device": entry.device_name,
        **own,
        "by": entry.by,
        "reason": entry.reason,
        "since": text_from_moment(begun),
        "until": text_from_moment(entry.until),
        "ended_at": text_from_moment(entry.ended_at) or None,
        "ended_by": entry.ended_by or None,
        "ended_why": entry.ended_why or None,
    }


def _cells(entry: Shelf | Maintenance) -> list[str]:
    ended = "" if entry.ended_at is None else f"{_clock(entry.ended_at)} {entry.ended_why}"
    cells = [entry.device_name, entry.by, _clock(entry.until), ended, entry.reason]
    return [str(entry.threshold), *cells] if isinstance(entry, Shelf) else cells


def _clock(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
