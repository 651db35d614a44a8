"""`main.py db`: create, upgrade and check the database and its audit trail; print its address; stop it."""

import argparse
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from console.commandline.command import Command, CommandError
from console.commandline.db_audit import add_audit_actions, run_audit, run_verify
from console.settings import Settings
from models.address import shown_url
from models.database import Database
from models.queries.server_facts import server_facts
from models.queries.storage_facts import storage_facts
from models.schema_guard import check_schema, upgrade_schema
from models.server import EmbeddedServer

_ACTIONS = {
    "init": "create the database, or say that it is there",
    "upgrade": "bring an older database to this build's revision",
    "check": "tell version, revision, size and partitions",
    "url": "print the address for psql and other tools, without a password",
    "stop": "stop the embedded database, whoever uses it",
}


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    for name, summary in _ACTIONS.items():
        actions.add_parser(name, help=summary)
    add_audit_actions(actions)


def _run(options: argparse.Namespace, settings: Settings) -> int:
    match options.action:
        case "init":
            with _opened(settings) as database:
                print(upgrade_schema(database))
        case "upgrade":
            _require_created(settings)
            with _opened(settings) as database:
                print(upgrade_schema(database))
        case "check":
            _require_created(settings)
            with _opened(settings) as database:
                print(_findings(database))
        case "verify-audit":
            _require_created(settings)
            return run_verify(settings)
        case "audit":
            _require_created(settings)
            return run_audit(options, settings)
        case "url":
            _print_url(settings)
        case _:
            _stop(settings)
    return 0


@contextmanager
def _opened(settings: Settings) -> Iterator[Database]:
    """Give out the database as it is: unlike `open_storage` it neither checks nor changes the schema."""
    server = None if settings.database_url else EmbeddedServer(settings.database_dir)
    try:
        database = Database(
            settings.database_url or (server.ensure_running() if server else ""),
            "console db",
            authorities=settings.database_ca,
        )
        try:
            yield database
        finally:
            database.close()
    finally:
        if server:
            server.release()


def _require_created(settings: Settings) -> None:
    if not settings.database_url and not EmbeddedServer(settings.database_dir).is_created():
        raise CommandError(f"There is no database in {settings.database_dir} yet; run: main.py db init.")


def _findings(database: Database) -> str:
    fit = check_schema(database)
    with database.transaction() as connection:
        server, storage = server_facts(connection), storage_facts(connection)
    day = "%Y-%m-%d"
    lines = [
        f"The database {database.place} is in order.",
        f"  server      PostgreSQL {server.version}",
        f"  revision    {server.revision}",
        f"  size        {storage.size_bytes / 1e6:,.0f} MB",
        f"  devices     {storage.devices}",
        f"  partitions  {storage.partitions} days, until {storage.last_day:{day}}"
        if storage.last_day
        else "  partitions  none",
        f"  rollups     until {storage.rolled_before:{day} %H:%M} UTC, late minutes: {storage.late_marks}",
    ]
    return "\n".join([*lines, fit.notice] if fit.notice else lines)


def _print_url(settings: Settings) -> None:
    if settings.database_url:
        print(shown_url(settings.database_url))
        return
    _require_created(settings)
    server = EmbeddedServer(settings.database_dir)
    print(server.url())
    if not server.is_running():
        print("It is not running now; it runs as long as the console or a station does.", file=sys.stderr)


def _stop(settings: Settings) -> None:
    if settings.database_url:
        raise CommandError(
            f"The database {shown_url(settings.database_url)} was not started by this program; "
            "stop it where it runs."
        )
    server = EmbeddedServer(settings.database_dir)
    print("The database was stopped." if server.stop() else "The database was not running.")


COMMAND = Command(_add_arguments, _run, "main.py db check")
