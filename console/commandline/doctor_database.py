"""What `main.py doctor` finds about the database: whether it answers, how the way to it is protected."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from console.commandline.finding import Finding
from console.settings import Settings
from models.address import DatabaseAddress
from models.database import Database
from models.errors import StorageError

LARGEST_OFFSET_S = 1.0


def database_findings(settings: Settings) -> list[Finding]:
    """Ask the database as whom the command works, else as this computer's station."""
    from models.queries.encryption import encryption
    from models.queries.server_facts import server_facts

    kind = "embedded" if settings.database_url is None else "by URL"
    if settings.database_url is None and not settings.database_dir.exists():
        return [Finding("Database", "ok", "embedded, made at the first start")]
    try:
        with _opened(settings) as database, database.transaction() as connection:
            before = time.time()
            facts = server_facts(connection)
            after = time.time()
            protected_by = encryption(connection)
            address = database.address
    except StorageError as error:
        return [Finding("Database", "FAULT", kind, str(error))]
    findings = [Finding("Database", "ok", f"{kind}, PostgreSQL {facts.version}, schema {facts.revision}")]
    findings += _way_findings(address, protected_by)
    offset_s = facts.now_unix - (before + after) / 2
    if abs(offset_s) > LARGEST_OFFSET_S:
        remedy = "Set up time synchronisation (chrony or systemd-timesyncd) on both computers."
        findings.append(Finding("Clock", "FAULT", f"{offset_s:+.2f} s from the database's", remedy))
    else:
        findings.append(Finding("Clock", "ok", f"{offset_s * 1000:+.0f} ms from the database's"))
    return findings


def credential_findings(settings: Settings) -> list[Finding]:
    """Say where this computer keeps credentials, and what that is worth."""
    from console.database_host import credential_store

    try:
        store = credential_store(settings)
        store.get("doctor")
    except StorageError as error:
        return [Finding("Credentials", "note", "not kept for now", str(error))]
    if store.caution:
        return [Finding("Credentials", "note", store.place, store.caution)]
    return [Finding("Credentials", "ok", store.place)]


@contextmanager
def _opened(settings: Settings) -> Iterator[Database]:
    from console.database_host import DatabaseHost, credential_store
    from console.storage import open_storage

    host = DatabaseHost(settings)
    if settings.person is not None or host.has_owner:
        with open_storage(settings, "console doctor") as database:
            yield database
        return
    login = host.station(lambda: credential_store(settings))
    try:
        login.prepare()
        yield login.database
    finally:
        login.database.close()


def _way_findings(address: DatabaseAddress, protected_by: str | None) -> list[Finding]:
    if address.is_on_this_computer:
        return [Finding("Way to it", "ok", f"on this computer{f', {protected_by}' if protected_by else ''}")]
    found = protected_by or "not encrypted"
    if address.cautions:
        return [Finding("Way to it", "FAULT", found, " ".join(address.cautions))]
    return [Finding("Way to it", "ok", f"{found}, the server proves its name and knows the password")]
