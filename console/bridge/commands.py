"""What a person can tell the plant's book to do: frozen values, carried out on a worker thread.

A panel makes one and hands it to `Bridge.command`. `apply` runs inside one transaction under the person's
own name; the change comes back to every window by NOTIFY, not by the return value.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TypeVar

from models.records.alert import AlertId

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from models.records.alert import AlertOutcome
    from models.records.person import Person


T_co = TypeVar("T_co", covariant=True)


class Command(Protocol[T_co]):
    """One change. Implementers are frozen dataclasses and touch nothing but the connection."""

    def apply(self, connection: Connection, person: Person) -> T_co:
        """Carry it out. Raises StorageError; its text is shown to the person."""
        ...


@dataclass(frozen=True, slots=True)
class AcknowledgeAlerts:
    """Take note of alerts for everybody: they stop flashing on every window.

    Attributes:
        ids: The alerts, in the order shown.
        comment: What the person wrote; empty where nothing was asked.
    """

    ids: tuple[AlertId, ...]
    comment: str = ""

    def apply(self, connection: Connection, person: Person) -> list[AlertOutcome]:
        """Acknowledge each; where somebody else was first, the outcome says who and when."""
        from models.queries.alerts import acknowledge

        return acknowledge(connection, self.ids, person, self.comment)


@dataclass(frozen=True, slots=True)
class ResolveAlerts:
    """Close alerts whose condition is over. Attributes as in AcknowledgeAlerts."""

    ids: tuple[AlertId, ...]
    comment: str = ""

    def apply(self, connection: Connection, person: Person) -> list[AlertOutcome]:
        """Resolve each; one whose condition still stands comes back unchanged, with that sentence."""
        from models.queries.alerts import resolve

        return resolve(connection, self.ids, person, self.comment)
