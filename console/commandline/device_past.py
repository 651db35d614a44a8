"""What devices were before: their history, the way back to a revision, and the undoing of an import."""

import argparse
import json
import sys
from dataclasses import replace
from datetime import UTC, datetime

from sqlalchemy.engine import Connection

from console.catalogue.device_differences import revision_differences
from console.catalogue.device_restore import restore_revision, undo_batch
from console.catalogue.profiles import ProfileFault, profile_of, profile_shelf
from console.commandline.command import CommandError
from console.commandline.moments import text_from_moment
from console.commandline.table import table_text
from console.settings import Settings
from console.storage import open_storage
from console.workstation_keys import workstation_keys
from models.queries.device_history import device_called, recent_batches, revisions_of
from models.queries.signals import load_quantities
from models.queries.thresholds import possible_owners
from models.records.device import DeviceId
from models.records.device_revision import BatchId, DeviceRevision
from models.records.signal import Signal


def add_past_actions(actions: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Declare `history`, `restore`, `undo` and `profiles`."""
    show = actions.add_parser(
        "history", help="list the revisions of a device, or without one the last changes of all devices"
    )
    show.add_argument("device_id", nargs="?", help="hardware id, also of a removed device")
    show.add_argument("--format", choices=("table", "json"), default="table")
    back = actions.add_parser("restore", help="make a device what it was in a revision")
    back.add_argument("device_id", help="hardware id")
    back.add_argument("revision", type=int, help="as in its history")
    back.add_argument("--dry-run", action="store_true", help="say what would change, store nothing")
    undo = actions.add_parser("undo", help="take back everything that one change or import did to devices")
    undo.add_argument("batch", type=int, help="as in the history")
    undo.add_argument(
        "--rest", action="store_true", help="leave devices alone that somebody changed since, undo the rest"
    )
    known = actions.add_parser("profiles", help="list the products that devices can be made from")
    known.add_argument("key", nargs="?", help="show one: its tags, signals and source")


def show_history(options: argparse.Namespace, settings: Settings) -> int:
    """Carry `history` out."""
    with open_storage(settings, "console device history") as database, database.transaction() as connection:
        if options.device_id is None:
            print(_batches_text(connection, options.format))
            return 0
        revisions = revisions_of(connection, _device(connection, options.device_id))
        quantities, people = load_quantities(connection), possible_owners(connection)
    changes = [
        [] if before is None else revision_differences(before, one, quantities, people)
        for one, before in zip(revisions, [*revisions[1:], None], strict=True)
    ]
    if options.format == "json":
        rows = [
            {**_facts(one), "changes": [str(change) for change in found]}
            for one, found in zip(revisions, changes, strict=True)
        ]
        print(json.dumps(rows, indent=2, ensure_ascii=False))
        return 0
    table = [
        (
            str(one.number),
            text_from_moment(one.at),
            one.author or "-",
            str(one.batch),
            f"{one.action.value}{': ' if found else ''}{', '.join(map(str, found))}",
        )
        for one, found in zip(revisions, changes, strict=True)
    ]
    print(table_text(("REVISION", "AT", "BY", "CHANGE", "WHAT"), table))
    return 0


def restore(options: argparse.Namespace, settings: Settings) -> int:
    """Carry `restore` out."""
    keys = workstation_keys(settings)
    with open_storage(settings, "console device restore") as database, database.transaction() as connection:
        device = _device(connection, options.device_id)
        revisions = {one.number: one for one in revisions_of(connection, device)}
        if options.revision not in revisions:
            raise CommandError(
                f"{options.device_id} has no revision {options.revision}; it has {len(revisions)}."
            )
        newest = revisions[max(revisions)]
        former = revisions[options.revision]
        owner = former.configuration.user_id or newest.configuration.user_id
        wanted = replace(former, configuration=replace(former.configuration, user_id=owner))
        changes = revision_differences(newest, wanted, load_quantities(connection))
        told = [*(["comes back"] if newest.is_removal else []), *map(str, changes)]
        print("\n".join(told) or f"{options.device_id} is like this already.")
        if not told or options.dry_run:
            return 0
        batch = restore_revision(connection, device, options.revision, newest.number, keys)
    print(f"{options.device_id} is as in revision {options.revision}.")
    if batch is not None:
        print(f"To take it back: main.py device undo {batch}")
    return 0


def undo(options: argparse.Namespace, settings: Settings) -> int:
    """Carry `undo` out."""
    keys = workstation_keys(settings)
    with open_storage(settings, "console device undo") as database, database.transaction() as connection:
        done = undo_batch(connection, BatchId(options.batch), keys, is_partial=options.rest)
    for sentence in done.refused:
        print(f"left alone: {sentence}")
    print(f"{len(done.undone)} devices are as before, with their limits; signals stay as they are.")
    if done.batch is not None:
        print(f"To take this back in turn: main.py device undo {done.batch}")
    return 0


def show_profiles(options: argparse.Namespace) -> int:
    """Carry `profiles` out."""
    shelf = profile_shelf()
    if options.key is None:
        rows = [
            (one.key, one.name, one.type, one.driver, str(len(one.tags)), one.source.document)
            for one in shelf.profiles
        ]
        print(table_text(("PROFILE", "PRODUCT", "TYPE", "DRIVER", "TAGS", "SOURCE"), rows))
        for sentence in shelf.faults.values():
            print(f"left out: {sentence}", file=sys.stderr)
        return 1 if shelf.faults else 0
    try:
        profile = profile_of(options.key)
    except ProfileFault as fault:
        raise CommandError(str(fault)) from fault
    signals: dict[str, Signal] = {one.key: one.signal() for one in profile.signals}
    print(f"{profile.name} ({profile.maker}), {profile.type}, by {', '.join(profile.drivers)}")
    rows = [
        (
            tag.metric,
            tag.address,
            f"{tag.scale:g}",
            signals[tag.metric].unit if tag.metric in signals else "",
            f"adds the signal {signals[tag.metric].label}" if tag.metric in signals else "",
        )
        for tag in profile.tags
    ]
    print(table_text(("METRIC", "ADDRESS", "SCALE", "UNIT", ""), rows))
    print(f"Source: {profile.source}")
    for note in profile.notes:
        print(f"Note: {note}")
    return 0


def _device(connection: Connection, name: str) -> DeviceId:
    found = device_called(connection, name)
    if found is None:
        raise CommandError(f"No device of yours has or had the id {name!r}.")
    return found


def _batches_text(connection: Connection, form: str) -> str:
    batches = recent_batches(connection)
    if form == "json":
        rows = [
            {
                "change": one.id,
                "at": one.at.astimezone(UTC).isoformat(),
                "by": one.author or None,
                "added": one.added,
                "changed": one.changed,
                "removed": one.removed,
            }
            for one in batches
        ]
        return json.dumps(rows, indent=2, ensure_ascii=False)
    table = [
        (
            str(one.id),
            text_from_moment(one.at),
            one.author or "-",
            f"{one.added or '-'}",
            f"{one.changed or '-'}",
            f"{one.removed or '-'}",
        )
        for one in batches
    ]
    return table_text(("CHANGE", "AT", "BY", "ADDED", "CHANGED", "REMOVED"), table)


def _facts(one: DeviceRevision) -> dict[str, object]:
    at: datetime = one.at
    return {
        "revision": one.number,
        "at": at.isoformat(),
        "by": one.author or None,
        "change": one.batch,
        "action": one.action.value,
    }
