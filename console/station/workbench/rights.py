"""Who may ask what of which device: pure, and the same rule as the database's for configuring devices."""

from console.station.workbench.errors import NotDone
from console.station.workbench.question import Question
from drivers.questions import Asks, WriteSubject
from models.records.device import Device
from models.records.person import Role
from models.records.ticket import TicketHolder

OPERATORS_DO_NOT = (
    "Operators ask nothing of devices; an engineer who owns the device or an administrator can."
)
NOT_YOURS = "No device of yours is called {!r}; its owner or an administrator can ask it."
STORED_ONLY = "Only a device that is stored can be written to; save it first."
NOT_WRITABLE = "{name} has no writable tag at {address}; mark the tag as writable and save the device first."


def check_person(holder: TicketHolder, hardware_id: str, device: Device | None) -> None:
    """Let pass whoever may ask of this device, or of one that is not stored yet.

    Args:
        holder: Whom the window's ticket speaks for.
        hardware_id: What the window calls the device; empty for one that is not stored.
        device: As stored; None where there is none of that id.

    Raises:
        NotDone: They may not. An engineer is not told whether somebody else has such a device.
    """
    if holder.role not in (Role.ADMIN, Role.USER):
        raise NotDone(OPERATORS_DO_NOT)
    if not hardware_id:
        return
    is_theirs = device is not None and (holder.role is Role.ADMIN or device.user_id == holder.person_id)
    if not is_theirs:
        raise NotDone(NOT_YOURS.format(hardware_id[:100]))


def check_writing(question: Question, device: Device | None) -> None:
    """Let pass what writes nothing, or writes a writable tag of a stored device.

    Args:
        question: As sent.
        device: As stored; None where it is not.

    Raises:
        NotDone: The device is not stored, or none of its tags at this address is marked as writable.
    """
    if question.what.asks is not Asks.STORED_DEVICE:
        return
    if device is None:
        raise NotDone(STORED_ONLY)
    subject = question.read_subject()
    address = subject.address if isinstance(subject, WriteSubject) else ""
    if not any(tag.is_writable and tag.address == address for tag in device.tags):
        raise NotDone(NOT_WRITABLE.format(name=device.name, address=address[:200]))
