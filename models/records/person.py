"""A person who may sign in."""

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """The seed's three: everything; reads all and handles alerts; an engineer with devices of their own."""

    ADMIN = "admin"
    OPERATOR = "operator"
    USER = "user"

    @property
    def label(self) -> str:
        """The word that screens and tables show."""
        return _LABELS[self]


_LABELS = {Role.ADMIN: "Administrator", Role.OPERATOR: "Operator", Role.USER: "Engineer"}


@dataclass(frozen=True, slots=True)
class Person:
    """One row of `users`, without its secrets."""

    id: int
    name: str
    email: str
    role: Role
