"""Persons as rows: columns, words, sort keys and filter. Pure."""

from collections.abc import Callable, Iterable
from datetime import datetime
from enum import IntEnum
from typing import Any

from console.panels.wording import count_text, moment_text, natural
from console.widgets.number_text import NO_VALUE
from models.records.account import Account
from models.records.person import Role


class Column(IntEnum):
    """Columns of the table of persons, left to right."""

    NAME = 0
    EMAIL = 1
    ROLE = 2
    STATE = 3
    SIGNED_IN = 4
    DEVICES = 5


HEADINGS = {
    Column.NAME: "Name",
    Column.EMAIL: "E-mail",
    Column.ROLE: "Role",
    Column.STATE: "State",
    Column.SIGNED_IN: "Last sign-in",
    Column.DEVICES: "Devices",
}

OWNER = "This computer's owner"
"""What stands for the e-mail address of the login that set the database up."""

_ROLES = list(Role)


def state_text(account: Account) -> str:
    """Return whether a person can sign in, in a word or two."""
    if account.is_former:
        return "Anonymised"
    return "Active" if account.is_active else "Disabled"


def email_text(account: Account) -> str:
    """Return the e-mail address, or how the person signs in without one."""
    if account.is_former:
        return NO_VALUE
    return OWNER if is_owner(account) else account.email


def is_owner(account: Account) -> bool:
    """Tell whether this is the login that set the database up: nobody's to change, and without a password."""
    return not account.has_password and not account.is_former


def cell_text(account: Account, column: Column, now: datetime, pending: str = "") -> str:
    """Return what a cell says.

    Args:
        account: The row.
        column: The column.
        now: Timezone-aware.
        pending: Said instead of the state while a change of this window has not been confirmed.
    """
    match column:
        case Column.NAME:
            return account.name
        case Column.EMAIL:
            return email_text(account)
        case Column.ROLE:
            return account.role.label
        case Column.STATE:
            return pending or state_text(account)
        case Column.SIGNED_IN:
            if account.last_sign_in_at is not None:
                return moment_text(account.last_sign_in_at, now)
            return "never" if account.has_password else NO_VALUE
        case Column.DEVICES:
            return f"{account.devices_owned:,}"


def by_name(account: Account) -> Any:
    """Return the key of the table's own order: those who can sign in first, then by name."""
    return (account.is_former, not account.is_active, natural(account.name), account.id)


def sort_key(column: Column) -> Callable[[Account], Any]:
    """Return the key that sorts persons by a column."""
    return _KEYS[column]


def filtered(accounts: Iterable[Account], typed: str) -> list[Account]:
    """Return those in whose name, e-mail address, role or state every typed word occurs."""
    words = typed.casefold().split()
    return [account for account in accounts if all(word in _haystack(account) for word in words)]


def summary(accounts: Iterable[Account], shown: int) -> str:
    """Return the sentence above the table."""
    people = list(accounts)
    count = count_text(len(people), "person", "people")
    parts = [count if shown == len(people) else f"{shown:,} of {count}"]
    disabled = sum(not person.is_active and not person.is_former for person in people)
    anonymised = sum(person.is_former for person in people)
    if disabled:
        parts.append(f"{disabled:,} disabled")
    if anonymised:
        parts.append(f"{anonymised:,} anonymised")
    return " · ".join(parts)


def _haystack(account: Account) -> str:
    return " ".join((account.name, email_text(account), account.role.label, state_text(account))).casefold()


_KEYS: dict[Column, Callable[[Account], Any]] = {
    Column.NAME: lambda account: natural(account.name),
    Column.EMAIL: lambda account: natural(email_text(account)),
    Column.ROLE: lambda account: _ROLES.index(account.role),
    Column.STATE: lambda account: (account.is_former, not account.is_active),
    Column.SIGNED_IN: lambda account: (
        -account.last_sign_in_at.timestamp() if account.last_sign_in_at else 0.0
    ),
    Column.DEVICES: lambda account: -account.devices_owned,
}
