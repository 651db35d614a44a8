"""Who may look in at the station, and at what: the seam to whoever checks tickets, and the rule itself."""

from collections.abc import Callable, Mapping
from typing import Protocol

from models.records.device import DeviceId
from models.records.person import Role
from models.records.ticket import TicketHolder, TicketVerdict


class Doorkeeper(Protocol):
    """Knows whom a ticket speaks for, and says so again when that changes. Used on the event loop only."""

    def watch(self, digest: bytes, on_verdict: Callable[[TicketVerdict], None]) -> Callable[[], None]:
        """Check the ticket of this SHA-256, and go on watching it.

        Args:
            digest: `digest_of` a token.
            on_verdict: Called after this function has returned: at once or when the database has answered,
                and again whenever another verdict is due. After a refusal it is not called any more.

        Returns:
            Ends the watching. Safe twice.
        """
        ...


Sight = frozenset[DeviceId] | None
"""The devices somebody may see; None = all there are."""


def sight_of(holder: TicketHolder, owners: Mapping[DeviceId, int]) -> Sight:
    """Return what a person may see. The same rule as the database's policies: engineers see what they own.

    Args:
        holder: The person, as checked.
        owners: `users.id` by device; a device that nobody owns is missing.
    """
    if holder.role in (Role.ADMIN, Role.OPERATOR):
        return None
    return frozenset(device for device, owner in owners.items() if owner == holder.person_id)
