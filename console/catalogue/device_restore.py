"""The way back: a former revision of a device, or all that one transaction did, under one's own rights.

    revision ── restorable ──→ device with secrets that open today ── change_devices ──→ a new revision

Secrets stay sealed. One that was sealed for the same place with the key in force is taken as it was; one that
is older is sealed anew where this workstation can open it; and where nobody can, the device keeps the secret
it has now, if that one is for the same address.
"""

from collections.abc import Callable
from dataclasses import replace

from sqlalchemy.engine import Connection

from console.catalogue.device_outcomes import UndoDone
from console.catalogue.sealing import NO_WAY_TO_ENCRYPT, holds_secrets, key_of, secrets_of, with_secrets
from models.errors import AlreadyDone, KeyMissing, KeyRetired, NeedsSetup, Rejected, SealBroken
from models.queries.catalogue import current_person
from models.queries.device_history import batch_steps, change_devices, revisions_of
from models.queries.keys import hold_secrets
from models.records.device import Device, DeviceId, JsonValue
from models.records.device_revision import WITHHELD, BatchId, BatchStep, DeviceChange
from models.records.person import Role
from models.secret_names import Path, is_sealed, text_from_path
from models.secrets import SecretBox, field_context, target_of
from models.workstation import WorkstationKeys


def restorable(former: Device, now: Device, box: SecretBox) -> Device:
    """Return a former configuration with secrets that open today.

    Args:
        former: As it was; secrets as they were stored then.
        now: As it is.
        box: This workstation's keys.

    Raises:
        Rejected: A secret can be neither opened nor replaced by the one the device has now.
    """
    there = secrets_of(now)
    target, target_now = target_of(former.driver, former.connection), target_of(now.driver, now.connection)

    def settled(path: Path, value: JsonValue) -> JsonValue:
        context = field_context(former.device_id, path, target)
        context_now = field_context(now.device_id, path, target_now)
        present = there.get(path)
        if value == present and value != WITHHELD and context == context_now:
            return value
        if is_sealed(value):
            if not box.can_seal and key_of(value) == box.current:
                return value
            try:
                anew = box.reseal(value, context)
            except (KeyMissing, KeyRetired, SealBroken):
                pass
            else:
                return value if key_of(value) == box.current else anew
        if present is not None and present != WITHHELD and context == context_now:
            return present
        raise Rejected(
            f"{text_from_path(path)} of {former.device_id} cannot be opened any more; nothing was restored. "
            "Edit the device instead, and enter it again."
        )

    return with_secrets(former, settled)


def restore_revision(
    conn: Connection, device: DeviceId, number: int, seen: int, keys: WorkstationKeys | None
) -> BatchId | None:
    """Make a device and its limits what they were, as a new revision; a removed device comes back.

    Args:
        conn: In a transaction.
        device: Which.
        number: The revision to return to.
        seen: The newest revision that the person knows of.
        keys: This workstation's, for secrets; None = it has no way to encrypt.

    Returns:
        The batch, to take it back with; None where the device is like this already.

    Raises:
        AlreadyDone: Somebody changed it since.
        Rejected, NotAllowed: As `restorable` and `change_devices`.
    """
    known = {one.number: one for one in revisions_of(conn, device)}
    if number not in known:
        raise Rejected(f"There is no revision {number} of this device among what you may see.")
    former, newest = known[number].configuration, known[max(known)].configuration
    wanted = _settled(former, newest, _opener(conn, keys), is_engineer=_is_engineer(conn))
    return change_devices(conn, [DeviceChange(device, seen, wanted, known[number].limits)])


def undo_batch(
    conn: Connection, batch: BatchId, keys: WorkstationKeys | None, *, is_partial: bool = False
) -> UndoDone:
    """Take back what one transaction did to devices: what it added goes, what it changed or removed returns.

    Limits go and return with their devices: what was added leaves none behind for the next device of its id.
    Signals that came with an import stay; they are the site's.

    Args:
        conn: In a transaction.
        batch: Which.
        keys: This workstation's, for secrets; None = it has no way to encrypt.
        is_partial: Leave devices alone that somebody changed since, instead of refusing all.

    Raises:
        AlreadyDone: A device was changed since; all of them are named.
        Rejected, NotAllowed: As `batch_steps` and `change_devices`.
    """
    steps = batch_steps(conn, batch)
    changed = [_changed_since(step) for step in steps if step.is_changed_since]
    if changed and not is_partial:
        many = "1 device was" if len(changed) == 1 else f"{len(changed)} devices were"
        raise AlreadyDone(f"{many} changed since, so nothing was taken back:\n" + "\n".join(changed))
    box, is_engineer = _opener(conn, keys), _is_engineer(conn)
    changes: list[DeviceChange] = []
    for step in (one for one in steps if not one.is_changed_since):
        was_there = step.before is not None and not step.before.is_removal
        wanted = (
            _settled(step.before.configuration, step.newest.configuration, box, is_engineer=is_engineer)
            if step.before is not None and was_there
            else None
        )
        limits = () if step.before is None else step.before.limits
        changes.append(DeviceChange(step.newest.device, step.newest.number, wanted, limits))
    made = change_devices(conn, changes)
    undone = tuple(step.after.configuration.device_id for step in steps if not step.is_changed_since)
    return UndoDone(undone, tuple(changed), made)


def _changed_since(step: BatchStep) -> str:
    newest = step.newest
    who = newest.author or "somebody else"
    return f"{newest.configuration.device_id} was {newest.action.value} by {who}."


def _opener(conn: Connection, keys: WorkstationKeys | None) -> Callable[[], SecretBox]:
    """Return what opens the keys once, and only if a secret asks for them."""
    opened: list[SecretBox] = []

    def box() -> SecretBox:
        if keys is None:
            raise NeedsSetup(NO_WAY_TO_ENCRYPT)
        if not opened:
            hold_secrets(conn)
            opened.append(keys.open_box(conn))
        return opened[0]

    return box


def _is_engineer(conn: Connection) -> bool:
    return current_person(conn).role is Role.USER


def _settled(former: Device, now: Device, box: Callable[[], SecretBox], *, is_engineer: bool) -> Device:
    wanted = restorable(former, now, box()) if holds_secrets(former) else former
    # Only administrators give devices to people; an engineer's stays the engineer's.
    return replace(wanted, user_id=None) if is_engineer else wanted
