"""Persons and stations: who is signed in, and everything an administrator may do with accounts.

Every change is a function of the database (migration 0010), which checks who asks, whatever program asks.
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select, text
from sqlalchemy.engine import Connection

from models.errors import NotAllowed, Rejected
from models.queries.refusals import told_plainly
from models.records.account import Account, NewStation, OwnRecord, StationAccount
from models.records.device import JsonValue
from models.records.person import Person, Role
from models.tables.people import STATIONS, USERS

if TYPE_CHECKING:
    # Only a change of passwords needs bcrypt, and every start of the program counts its imports.
    from models.passwords import NewPassword


def current_person(conn: Connection) -> Person:
    """Return the person whose login this connection uses.

    Raises:
        NotAllowed: The login belongs to nobody in `users`, or the person was disabled.
    """
    row = conn.execute(
        select(USERS.c.id, USERS.c.name, USERS.c.email, USERS.c.role).where(
            USERS.c.id == select(func.app.person_id()).scalar_subquery()
        )
    ).one_or_none()
    if row is None:
        login = conn.execute(select(func.session_user())).scalar_one()
        raise NotAllowed(f"The database login {login} belongs to no person; ask an administrator to add one.")
    return Person(row.id, row.name, row.email, Role(row.role))


def my_record(conn: Connection) -> OwnRecord:
    """Return the signed-in person's own record, with the hash that signs them in while the database is away.

    Raises:
        NotAllowed: The login belongs to nobody, or the person was disabled.
    """
    with told_plainly():
        row = conn.execute(text("SELECT * FROM app.my_record()")).one_or_none()
    if row is None:
        raise NotAllowed("This login belongs to no person who may sign in; ask an administrator.")
    return OwnRecord(Person(row.id, row.name, row.email, Role(row.role)), row.password_hash)


def needs_first_admin(conn: Connection) -> bool:
    """Return whether nobody can sign in as administrator yet: no active one has a password."""
    with told_plainly():
        return bool(conn.execute(text("SELECT app.needs_first_admin()")).scalar_one())


def has_hash(conn: Connection, person: int, password_hash: str) -> bool:
    """Tell whether exactly this hash is stored of a person. For the login that set the database up."""
    statement = text("SELECT password_hash = :hash FROM app.users WHERE id = :person")
    return bool(conn.execute(statement, {"hash": password_hash, "person": person}).scalar())


def accounts(conn: Connection) -> list[Account]:
    """Return every person, former ones last, otherwise by name. For administrators.

    Raises:
        NotAllowed: Somebody else asks.
    """
    with told_plainly():
        rows = conn.execute(text("SELECT * FROM app.accounts()")).all()
    return [
        Account(
            row.id,
            row.name,
            row.email,
            Role(row.role),
            is_active=row.is_active,
            has_password=row.has_password,
            is_former=row.is_former,
            devices_owned=row.devices_owned,
            last_sign_in_at=row.last_sign_in_at,
            created_at=row.created_at,
            updated_at=row.updated_at,
        )
        for row in rows
    ]


def create_person(conn: Connection, email: str, name: str, role: Role, password: NewPassword) -> int:
    """Add a person with a login of their own; return their id. For administrators and the server's owner.

    Raises:
        Rejected: E-mail address or name cannot be used; the text says why.
        NotAllowed: Somebody else asks.
    """
    return _call(
        conn,
        "SELECT app.create_person(:email, :name, :role, :verifier, :hash)",
        email=_storable(email, "an e-mail address"),
        name=_storable(name, "a name"),
        role=str(role),
        verifier=password.verifier,
        hash=password.password_hash,
    )


def set_person_role(conn: Connection, person: int, role: Role, seen_at: datetime | None = None) -> None:
    """Give a person another role. Open sessions have it from their next statement on.

    Args:
        conn: Of an administrator, as in all functions below.
        person: `users.id`.
        role: The role they shall have.
        seen_at: `Account.updated_at` of what the administrator looked at; None does not compare.

    Raises:
        AlreadyDone: Somebody else changed the person since; look again.
        Rejected: The last administrator cannot be demoted.
        NotAllowed: The caller is no administrator.
    """
    _call(conn, "SELECT app.set_person_role(:person, :role, :seen)", person=person, role=role, seen=seen_at)


def set_person_active(
    conn: Connection, person: int, *, is_active: bool, seen_at: datetime | None = None
) -> int:
    """Let a person sign in, or no longer; return how many sessions ended. Raises as `set_person_role`."""
    return _call(
        conn,
        "SELECT app.set_person_active(:person, :active, :seen)",
        person=person,
        active=is_active,
        seen=seen_at,
    )


def rename_person(conn: Connection, person: int, name: str, seen_at: datetime | None = None) -> None:
    """Change a person's name. Raises as `set_person_role`."""
    _call(
        conn,
        "SELECT app.rename_person(:person, :name, :seen)",
        person=person,
        name=_storable(name, "a name"),
        seen=seen_at,
    )


def change_email(conn: Connection, person: int, email: str, seen_at: datetime | None = None) -> None:
    """Change the e-mail address a person signs in with; the password stays. Raises as `set_person_role`.

    Nobody can do this to themselves: a session cannot rename the login it stands on.
    """
    _call(
        conn,
        "SELECT app.change_email(:person, :email, :seen)",
        person=person,
        email=_storable(email, "an e-mail address"),
        seen=seen_at,
    )


def reset_password(
    conn: Connection, person: int, password: NewPassword, seen_at: datetime | None = None
) -> int:
    """Give a person a new password; return how many sessions were ended. Raises as `set_person_role`.

    Call `end_sessions` in a transaction of its own afterwards: whoever knows the old password could have come
    in again before this one was committed.
    """
    return _call(
        conn,
        "SELECT app.reset_password(:person, :verifier, :hash, :seen)",
        person=person,
        verifier=password.verifier,
        hash=password.password_hash,
        seen=seen_at,
    )


def end_sessions(conn: Connection, person: int) -> int:
    """End every open session of a person but the caller's own; return how many. For administrators."""
    return _call(conn, "SELECT app.end_sessions(:person)", person=person)


def change_my_password(conn: Connection, password: NewPassword) -> None:
    """Change the signed-in person's own password. Open sessions go on; the next one needs the new password.

    Raises:
        Rejected: This login has no password in this program (the one that set the database up).
        NotAllowed: The person was disabled.
    """
    _call(
        conn,
        "SELECT app.change_my_password(:verifier, :hash)",
        verifier=password.verifier,
        hash=password.password_hash,
    )


def anonymise_person(conn: Connection, person: int, seen_at: datetime | None = None) -> int:
    """Take name, e-mail address, password and login of a person away for good; return the sessions ended.

    Their row stays as "Former person 12": alerts and the audit trail point at it.
    Raises as `set_person_role`.
    """
    return _call(conn, "SELECT app.anonymise_person(:person, :seen)", person=person, seen=seen_at)


def person_export(conn: Connection, person: int) -> dict[str, JsonValue]:
    """Return everything stored about a person, ready for JSON. For administrators, and for oneself.

    Raises:
        NotAllowed: Somebody else asks.
        Rejected: There is no such person.
    """
    return json.loads(_call(conn, "SELECT app.person_export(:person)::text", person=person))


def stations(conn: Connection) -> list[StationAccount]:
    """Return every station by name."""
    c = STATIONS.c
    rows = conn.execute(
        select(c.id, c.name, c.is_enabled, c.version, c.last_seen, c.created_at, c.updated_at).order_by(
            c.name
        )
    )
    return [
        StationAccount(
            row.id, row.name, row.is_enabled, row.version, row.last_seen, row.created_at, row.updated_at
        )
        for row in rows
    ]


def create_station(conn: Connection, name: str, verifier: str) -> NewStation:
    """Enrol a station: a login of its own, let in by the password `verifier` was made of.

    Args:
        conn: Of an administrator, or of whoever owns the server.
        name: How people call it; no two have the same.
        verifier: `scram_verifier` of a password nobody types: `secrets.token_urlsafe(32)`.

    Raises:
        Rejected: The name cannot be used; the text says why.
        NotAllowed: The caller is no administrator.
    """
    with told_plainly():
        row = conn.execute(
            text("SELECT * FROM app.create_station(:name, :verifier)"),
            {"name": _storable(name, "a name"), "verifier": verifier},
        ).one()
    return NewStation(row.id, row.login)


def set_station_enabled(conn: Connection, station: int, *, is_enabled: bool) -> int:
    """Let a station in, or no longer; return how many sessions were ended. Raises as `create_station`."""
    return _call(
        conn, "SELECT app.set_station_enabled(:station, :enabled)", station=station, enabled=is_enabled
    )


def reset_station_password(conn: Connection, station: int, verifier: str) -> int:
    """Give a station's login a new password; return how many sessions ended. Raises as `create_station`."""
    return _call(
        conn, "SELECT app.reset_station_password(:station, :verifier)", station=station, verifier=verifier
    )


def end_sessions_in_the_way(conn: Connection, waited_s: float = 4.0) -> int:
    """End sessions of persons for which a station has been waiting this long; return how many.

    For stations: a transaction somebody left open, by mistake or not, must not keep alerts from being
    recorded. Below the 10 s after which a station's own statement gives up.
    """
    return _call(conn, "SELECT app.end_sessions_in_the_way(make_interval(secs => :waited))", waited=waited_s)


def _call(conn: Connection, statement: str, **values: object) -> Any:
    with told_plainly():
        return conn.execute(text(statement), values).scalar_one()


def _storable(value: str, what: str) -> str:
    """Return text as it is. Raises Rejected where PostgreSQL could not even be told of it."""
    if "\0" in value or any("\ud800" <= character <= "\udfff" for character in value):
        raise Rejected(f"There is a character in it that {what} cannot hold; type it again.")
    return value
