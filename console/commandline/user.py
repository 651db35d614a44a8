"""`main.py user`: who may sign in and as what. `--as` says who asks; the database says whether they may."""

import argparse
import json
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy.engine import Connection

from console.commandline.command import Command, CommandError
from console.commandline.moments import age_from_moment, text_from_moment
from console.commandline.password_prompt import asked_new_password
from console.commandline.table import table_text
from console.settings import Settings
from console.storage import open_storage
from models.database import Database
from models.logins import normalised_email
from models.passwords import new_password
from models.queries import people
from models.records.account import Account
from models.records.person import Role

_ROLES = {"admin": Role.ADMIN, "operator": Role.OPERATOR, "engineer": Role.USER}


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)

    def action(name: str, summary: str, *, is_about_somebody: bool = True) -> argparse.ArgumentParser:
        made = actions.add_parser(name, help=summary, description=summary[0].upper() + summary[1:] + ".")
        if is_about_somebody:
            made.add_argument("email", metavar="EMAIL")
        return made

    listing = action("list", "everybody who has an account", is_about_somebody=False)
    listing.add_argument("--format", choices=("table", "json"), default="table")
    add = action("add", "add a person; the password is asked for, or taken from CONSOLE_NEW_PASSWORD")
    add.add_argument("--name", required=True)
    add.add_argument("--role", choices=_ROLES, required=True)
    action("role", "give a person another role").add_argument("role", choices=_ROLES)
    action("disable", "let a person sign in no longer, and end their sessions")
    action("enable", "let a disabled person sign in again")
    action("reset", "give a person a new password, and end their sessions")
    action("rename", "change a person's name").add_argument("name", metavar="NAME")
    action("email", "change the e-mail address a person signs in with").add_argument(
        "new", metavar="NEW_EMAIL"
    )
    action("password", "change your own password (with --as)", is_about_somebody=False)
    action("export", "write everything stored about a person to a JSON file").add_argument(
        "file", metavar="FILE", type=Path
    )
    action("anonymise", "take name, e-mail address and login of a person away for good").add_argument(
        "--yes", action="store_true", help="do not ask"
    )


def _run(options: argparse.Namespace, settings: Settings) -> int:
    with open_storage(settings, f"console user {options.action}") as database:
        print(_ACTIONS[options.action](database, options))
    return 0


def _list(database: Database, options: argparse.Namespace) -> str:
    with database.transaction() as connection:
        known = people.accounts(connection)
    if options.format == "json":
        return json.dumps([_row(account) for account in known], indent=2)
    now = datetime.now(UTC)
    rows = [
        (
            account.email,
            account.name,
            account.role.label,
            _state(account),
            str(account.devices_owned),
            age_from_moment(account.last_sign_in_at, now),
        )
        for account in known
    ]
    return table_text(("E-MAIL", "NAME", "ROLE", "STATE", "DEVICES", "LAST SIGN-IN"), rows)


def _state(account: Account) -> str:
    if account.is_former:
        return "former"
    if not account.has_password:
        return "owner"
    return "active" if account.is_active else "disabled"


def _row(account: Account) -> dict[str, Any]:
    return {
        "id": account.id,
        "email": account.email,
        "name": account.name,
        "role": str(account.role),
        "state": _state(account),
        "devices_owned": account.devices_owned,
        "last_sign_in_at": text_from_moment(account.last_sign_in_at) or None,
        "created_at": text_from_moment(account.created_at),
        "updated_at": text_from_moment(account.updated_at),
    }


def _add(database: Database, options: argparse.Namespace) -> str:
    role = _ROLES[options.role]
    password = new_password(asked_new_password(options.email), email=options.email, name=options.name)
    with database.transaction() as connection:
        people.create_person(connection, options.email, options.name, role, password)
    return f"{options.name} was added and signs in as {normalised_email(options.email)}. Role: {role.label}."


def _set_role(database: Database, options: argparse.Namespace) -> str:
    role = _ROLES[options.role]
    with database.transaction() as connection:
        account = _named(connection, options.email)
        people.set_person_role(connection, account.id, role, account.updated_at)
    return f"{account.name} has the role {role.label} now, in open sessions too."


def _set_active(database: Database, options: argparse.Namespace) -> str:
    is_active = options.action == "enable"
    with database.transaction() as connection:
        account = _named(connection, options.email)
        ended = people.set_person_active(
            connection, account.id, is_active=is_active, seen_at=account.updated_at
        )
    if is_active:
        return f"{account.name} can sign in again."
    return f"{account.name} cannot sign in any more; sessions ended: {ended}."


def _reset(database: Database, options: argparse.Namespace) -> str:
    with database.transaction() as connection:
        account = _named(connection, options.email)
    password = new_password(asked_new_password(account.email), email=account.email, name=account.name)
    with database.transaction() as connection:
        ended = people.reset_password(connection, account.id, password, account.updated_at)
    with database.transaction() as connection:
        ended += people.end_sessions(connection, account.id)
    return f"{account.name} has a new password; sessions ended: {ended}."


def _rename(database: Database, options: argparse.Namespace) -> str:
    with database.transaction() as connection:
        account = _named(connection, options.email)
        people.rename_person(connection, account.id, options.name, account.updated_at)
    return f"{account.name} is called {options.name.strip()} now."


def _change_email(database: Database, options: argparse.Namespace) -> str:
    with database.transaction() as connection:
        account = _named(connection, options.email)
        people.change_email(connection, account.id, options.new, account.updated_at)
    return f"{account.name} signs in as {normalised_email(options.new)} now, with the same password."


def _change_own_password(database: Database, options: argparse.Namespace) -> str:
    del options
    with database.transaction() as connection:
        person = people.current_person(connection)
    password = new_password(asked_new_password(person.email), email=person.email, name=person.name)
    with database.transaction() as connection:
        people.change_my_password(connection, password)
    return "Your password was changed; sessions that are open go on."


def _export(database: Database, options: argparse.Namespace) -> str:
    with database.transaction() as connection:
        own = people.current_person(connection)
        is_own = own.email == normalised_email(options.email)
        person = own if is_own else _named(connection, options.email).person
        text = json.dumps(people.person_export(connection, person.id), indent=2, ensure_ascii=False) + "\n"
    try:
        # Somebody's personal data: for whoever asked for it, and for nobody else on this computer.
        options.file.touch(mode=0o600)
        options.file.chmod(0o600)
        options.file.write_text(text, encoding="utf-8", newline="")
    except OSError as error:
        raise CommandError(f"{options.file} cannot be written: {error.strerror}.") from error
    return f"Everything stored about {person.name} was written to {options.file}."


def _anonymise(database: Database, options: argparse.Namespace) -> str:
    with database.transaction() as connection:
        account = _named(connection, options.email)
    if not options.yes:
        _confirm(account)
    with database.transaction() as connection:
        ended = people.anonymise_person(connection, account.id, account.updated_at)
    return f"They are Former person {account.id} now and cannot sign in any more; sessions ended: {ended}."


def _confirm(account: Account) -> None:
    if not sys.stdin.isatty():
        raise CommandError("Anonymising cannot be undone: run this at a terminal, or say --yes.")
    print(
        f"{account.name} <{account.email}>: name, e-mail address and password go for good, "
        "from comments too.\n"
        f"What they did stays recorded under the name Former person {account.id}. Their devices "
        f"({account.devices_owned}) stay theirs until you give them to somebody else. This cannot be undone."
    )
    if normalised_email(input("Type the e-mail address to go on: ")) != account.email:
        raise CommandError("That is another e-mail address; nothing was changed.")


def _named(connection: Connection, email: str) -> Account:
    wanted = normalised_email(email)
    for account in people.accounts(connection):
        if account.email == wanted:
            return account
    raise CommandError(f"Nobody has the e-mail address {email}; main.py user list shows everybody.")


_ACTIONS: dict[str, Callable[[Database, argparse.Namespace], str]] = {
    "list": _list,
    "add": _add,
    "role": _set_role,
    "disable": _set_active,
    "enable": _set_active,
    "reset": _reset,
    "rename": _rename,
    "email": _change_email,
    "password": _change_own_password,
    "export": _export,
    "anonymise": _anonymise,
}

COMMAND = Command(
    _add_arguments, _run, 'main.py user add anna@example.com --name "Anna Berg" --role operator'
)
