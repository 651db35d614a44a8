"""`main.py station enroll | list | disable | enable`: which programs may record, and with which login."""

import argparse
import secrets
import sys
from collections.abc import Callable

from console.commandline.command import CommandError
from console.commandline.station_service import run_service
from console.commandline.table import table_text
from console.database_host import DatabaseHost, credential_store, station_entry
from console.settings import Settings
from console.storage import open_storage
from models.credentials import CredentialStore
from models.database import Database
from models.passwords import scram_verifier
from models.queries.people import create_station, reset_station_password, set_station_enabled, stations
from models.queries.stations_setup import station_login
from models.records.account import StationAccount


def _enroll(options: argparse.Namespace, settings: Settings) -> int:
    host = DatabaseHost(settings)
    if host.is_embedded:
        print("The station of this computer's own database needs no login: start it with main.py station.")
        return 0
    name = options.name or settings.station_name
    store = credential_store(settings)
    if store.caution:
        # Before anything is kept there: somebody may rather install a keyring.
        print(store.caution, file=sys.stderr)
    with open_storage(settings, "console station enroll") as database:
        _enrolled(database, store, station_entry(host.site), name, is_replacing=options.replace)
    print(f"Station {name} is enrolled; its login is kept in {store.place}. Start it with: main.py station.")
    return 0


def _enrolled(
    database: Database, store: CredentialStore, entry: str, name: str, *, is_replacing: bool
) -> None:
    """Make or take over a login, and keep it here: both or neither."""
    password = secrets.token_urlsafe(32)
    before = store.get(entry)
    try:
        with database.transaction() as connection:
            known = _named(stations(connection), name) if is_replacing else None
            if known is None:
                login = create_station(connection, name, scram_verifier(password)).login
            else:
                reset_station_password(connection, known.id, scram_verifier(password))
                login = station_login(connection, known.id)
            store.set(entry, f"{login}:{password}")
    except BaseException:
        if before is not None:
            store.set(entry, before)
        raise


def _list(options: argparse.Namespace, settings: Settings) -> int:
    del options
    with open_storage(settings, "console station list") as database, database.transaction() as connection:
        known = stations(connection)
    rows = [
        (
            station.name,
            "" if station.is_enabled else "disabled",
            station.version or "-",
            f"{station.last_seen_at:%Y-%m-%d %H:%M:%S}" if station.last_seen_at else "never",
        )
        for station in known
    ]
    print(table_text(("NAME", "STATE", "VERSION", "LAST SEEN (UTC)"), rows))
    return 0


def _set_enabled(options: argparse.Namespace, settings: Settings) -> int:
    is_enabled = options.action == "enable"
    with open_storage(settings, f"console station {options.action}") as database:
        with database.transaction() as connection:
            station = _named(stations(connection), options.station)
            if station is None:
                raise CommandError(
                    f"There is no station named {options.station}; main.py station list shows them all."
                )
            ended = set_station_enabled(connection, station.id, is_enabled=is_enabled)
    told = "may record again" if is_enabled else f"records no longer; sessions ended: {ended}"
    print(f"Station {station.name} {told}.")
    return 0


def _named(known: list[StationAccount], name: str) -> StationAccount | None:
    return next((station for station in known if station.name.casefold() == name.casefold()), None)


ACTIONS: dict[str, Callable[[argparse.Namespace, Settings], int]] = {
    "enroll": _enroll,
    "list": _list,
    "disable": _set_enabled,
    "enable": _set_enabled,
    "service": run_service,
}
