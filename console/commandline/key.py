"""`main.py key`: who holds the key of encrypted fields, and how a workstation gets it or loses it."""

import argparse
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from console.commandline.command import Command, CommandError
from console.commandline.first_key import key_made
from console.commandline.moments import age_from_moment
from console.commandline.table import table_text
from console.settings import Settings
from console.storage import open_storage
from console.workstation_keys import workstation_keys
from models.database import Database
from models.key_wrapping import is_same_fingerprint
from models.queries.keys import load_workstations, revoke_workstation
from models.records.key import Standing, Workstation
from models.resealing import Resealed
from models.workstation import WorkstationKeys


@dataclass(frozen=True, slots=True)
class _Call:
    """What every action works on."""

    options: argparse.Namespace
    settings: Settings
    database: Database
    keys: WorkstationKeys


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    named = argparse.ArgumentParser(add_help=False)
    named.add_argument(
        "--name", help="how administrators see this workstation; the computer's name by default"
    )
    one = argparse.ArgumentParser(add_help=False)
    one.add_argument("number", type=int, help="of the workstation, as in the list")
    actions.add_parser("status", help="tell whether this workstation holds the key, and what is encrypted")
    create = actions.add_parser("create", parents=[named], help="make the first key, on this workstation")
    create.add_argument(
        "--start-over", action="store_true", help="give up a key that no workstation holds any more"
    )
    request = actions.add_parser("request", parents=[named], help="ask for the key; shows a fingerprint")
    request.add_argument(
        "--again", action="store_true", help="ask with a new pair of keys, after a revocation"
    )
    approve = actions.add_parser("approve", parents=[one], help="hand the key on to a workstation that asked")
    approve.add_argument(
        "--fingerprint", metavar="DIGITS", help="as read out at the other workstation; asked for otherwise"
    )
    actions.add_parser("revoke", parents=[one], help="take a workstation's copies of the key away")
    actions.add_parser("rotate", help="make a new key and encrypt every value anew")
    actions.add_parser("list", help="list all workstations that ever asked")


def _run(options: argparse.Namespace, settings: Settings) -> int:
    keys = workstation_keys(settings)
    with open_storage(settings, f"console key {options.action}") as database:
        print(_ACTIONS[options.action](_Call(options, settings, database, keys)))
    return 0


def _status(call: _Call) -> str:
    with call.database.transaction() as connection:
        state = call.keys.state(connection)
    standing = {
        None: "not enrolled",
        Standing.WAITING: "waits for approval",
        Standing.APPROVED: "enrolled",
        Standing.REVOKED: "revoked",
    }[state.standing]
    lines = [
        state.sentence,
        f"  workstation  {state.workstation or call.settings.station_name}, {standing}",
        f"  fingerprint  {state.fingerprint or 'none yet'}",
        f"  key          {state.key_fingerprint or 'none yet'}",
        f"  encrypted    {state.counts.sealed} values",
    ]
    if state.counts.outdated:
        lines.append(
            f"  lost         {state.counts.outdated} values that no present key opens: enter them again"
        )
    if state.counts.plain:
        remedy = "rotate" if state.holds_key else "create"
        lines.append(f"  in clear     {state.counts.plain} values; main.py key {remedy} encrypts them")
    return "\n".join(lines)


def _create(call: _Call) -> str:
    with call.database.transaction() as connection:
        done = call.keys.create(connection, _name(call), start_over=call.options.start_over)
    return key_made(call.keys, call.database) + _told(done)


def _request(call: _Call) -> str:
    with call.database.transaction() as connection:
        number, shown = call.keys.request(connection, _name(call), again=call.options.again)
        state = call.keys.state(connection)
    if state.holds_key:
        return f"{state.sentence} Its fingerprint is {shown}."
    return (
        f"Request {number} waits. Read this fingerprint out to an administrator who runs "
        f"main.py key approve {number}:\n\n    {shown}\n"
    )


def _approve(call: _Call) -> str:
    workstation = _workstation(call)
    if workstation.is_altered:
        raise CommandError(
            f"The request of {workstation.name} was altered in the database after it was made; find out by "
            "whom, revoke it, and let the workstation ask again."
        )
    told = call.options.fingerprint or _asked_fingerprint(workstation)
    if not is_same_fingerprint(told, workstation.fingerprint):
        raise CommandError(
            f"That is not the fingerprint of request {workstation.id}; nothing was handed on. If it was read "
            "out correctly, somebody exchanged the request: find out by whom."
        )
    with call.database.transaction() as connection:
        call.keys.approve(connection, workstation)
    return f"{workstation.name} (number {workstation.id}) holds the key now."


def _asked_fingerprint(workstation: Workstation) -> str:
    if not sys.stdin.isatty():
        raise CommandError(
            "Nobody is here to compare fingerprints: run this at a terminal, or give what was read out with "
            "--fingerprint."
        )
    # Typed, not confirmed: who has to type it has asked for it.
    return input(f"Type the 24 digits that {workstation.name} shows: ")


def _revoke(call: _Call) -> str:
    workstation = _workstation(call)
    with call.database.transaction() as connection:
        revoke_workstation(connection, workstation.id)
    return (
        f"{workstation.name} (number {workstation.id}) gets no key any more. What it has read so far, it "
        "knows: run main.py key rotate, and change the devices' passwords if it is in wrong hands."
    )


def _rotate(call: _Call) -> str:
    with call.database.transaction() as connection:
        done = call.keys.rotate(connection)
    return "The key was replaced." + _told(done)


def _list(call: _Call) -> str:
    with call.database.transaction() as connection:
        known = load_workstations(connection)
    if not known:
        return "No workstation has asked for the key yet: main.py key create makes the first one."
    now = datetime.now(UTC)
    rows = [
        (
            str(one.id),
            one.name,
            "ALTERED" if one.is_altered else str(one.standing),
            age_from_moment(one.requested_at, now),
            one.fingerprint,
        )
        for one in known
    ]
    return table_text(("NUMBER", "NAME", "STATE", "ASKED", "FINGERPRINT"), rows)


def _workstation(call: _Call) -> Workstation:
    with call.database.transaction() as connection:
        known = load_workstations(connection)
    for workstation in known:
        if workstation.id == call.options.number:
            return workstation
    raise CommandError(
        f"No workstation has the number {call.options.number}; main.py key list shows them all."
    )


def _name(call: _Call) -> str:
    return call.options.name or call.settings.station_name


def _told(done: Resealed) -> str:
    told = f" Encrypted with it: {done.sealed}." if done.sealed else ""
    if done.left:
        told += f" Could not be opened, to be entered again: {done.left}."
    return told


_ACTIONS: dict[str, Callable[[_Call], str]] = {
    "status": _status,
    "create": _create,
    "request": _request,
    "approve": _approve,
    "revoke": _revoke,
    "rotate": _rotate,
    "list": _list,
}

COMMAND = Command(_add_arguments, _run, "main.py key request")
