"""Between engineers' documents and the database: secrets are sealed on the way in, opened only on request.

    document ─→ entries (secrets in clear) ── sealed_entries ──→ entries ─→ database
    database ─→ device ── opened_device ──→ device with its secrets in clear, for an export that asks for them

What a secret is, `models/secret_names.py` decides by name; drivers mark the same fields for the form.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import cast

from sqlalchemy.engine import Connection

from models.errors import StorageError
from models.queries.catalogue import import_devices, load_devices
from models.queries.keys import hold_secrets
from models.records.device import Device, JsonValue
from models.records.device_entry import DeviceEntry, ImportOutcome
from models.secret_names import SEALED, Path, ReplaceSecret, is_sealed, replaced
from models.secrets import SecretBox, field_context, target_of, text_from_secret
from models.workstation import WorkstationKeys

NO_WAY_TO_ENCRYPT = "This window was started without a way to encrypt; do this at another computer."


def import_sealed(conn: Connection, entries: Sequence[DeviceEntry], keys: WorkstationKeys) -> ImportOutcome:
    """Store entries as `import_devices` does, every secret in them sealed.

    Args:
        conn: In a transaction that ends soon: nobody can change the key meanwhile.
        entries: As the document says, secrets in clear or sealed.
        keys: This workstation's; not asked where there is no secret.

    Raises:
        KeyMissing: There is a secret in clear, and this workstation cannot seal.
        KeyRetired, SealBroken: A sealed value of the document does not open at its place.
        Rejected: As `import_devices`.
    """
    if any(holds_secrets(entry.device) for entry in entries):
        hold_secrets(conn)
        stored = {device.device_id: device for device in load_devices(conn)}
        entries = sealed_entries(entries, stored, keys.open_box(conn))
    return import_devices(conn, entries)


def sealed_entries(
    entries: Sequence[DeviceEntry], stored: Mapping[str, Device], box: SecretBox
) -> list[DeviceEntry]:
    """Return the entries with every secret sealed for its place. Raises as `import_sealed` does.

    A secret that is stored already keeps its sealed form, so that importing a file twice changes nothing.
    """
    return [
        replace(entry, device=_sealed(entry.device, stored.get(entry.device.device_id), box))
        for entry in entries
    ]


def opened_device(device: Device, box: SecretBox) -> Device:
    """Return a device with its secrets in clear. Raises KeyMissing, KeyRetired or SealBroken."""

    target = target_of(device.driver, device.connection)

    def opened(path: Path, value: JsonValue) -> JsonValue:
        return box.open(value, field_context(device.device_id, path, target)) if is_sealed(value) else value

    return with_secrets(device, opened)


def holds_secrets(device: Device) -> bool:
    """Whether a device has any secret, sealed or in clear."""
    return bool(secrets_of(device))


def holds_plain_secrets(device: Device) -> bool:
    """Whether a device has a secret in clear."""
    return any(not is_sealed(value) for value in secrets_of(device).values())


def secrets_of(device: Device) -> dict[Path, JsonValue]:
    """Return every secret of a device by its path, sealed or in clear."""
    found: dict[Path, JsonValue] = {}

    def note(path: Path, value: JsonValue) -> JsonValue:
        found[path] = value
        return value

    with_secrets(device, note)
    return found


def with_secrets(device: Device, change: ReplaceSecret) -> Device:
    """Return a device in which every secret went through `change`."""
    connection = replaced(dict(device.connection), change, ("connection",))
    extra = replaced(dict(device.extra), change)
    return replace(
        device,
        connection=cast(dict[str, JsonValue], connection),
        extra=cast(dict[str, JsonValue], extra),
    )


def key_of(sealed: Mapping[str, JsonValue]) -> JsonValue:
    """Return by which key something was sealed; None where it only claims to be sealed."""
    inner = sealed[SEALED]
    return inner.get("key") if isinstance(inner, dict) else None


def _sealed(device: Device, stored: Device | None, box: SecretBox) -> Device:
    before = secrets_of(stored) if stored else {}
    target = target_of(device.driver, device.connection)
    target_before = target_of(stored.driver, stored.connection) if stored else ()

    def sealed(path: Path, value: JsonValue) -> JsonValue:
        context = field_context(device.device_id, path, target)
        context_before = field_context(device.device_id, path, target_before)
        kept = before.get(path)
        if not is_sealed(value):
            text = text_from_secret(value)
            return kept if _opens_to(box, kept, context, text) else box.seal(text, context)
        if value == kept and context == context_before:
            return kept
        if value == kept:
            # The device has another address now: whoever holds the key may take its password there.
            return box.seal(box.open(value, context_before), context)
        if not box.can_seal and key_of(value) == box.current:
            # Nobody here can look into it; the station that polls the device will.
            return value
        anew = box.reseal(value, context)
        return value if key_of(value) == box.current else anew

    return with_secrets(device, sealed)


def _opens_to(box: SecretBox, sealed: JsonValue, context: str, text: str) -> bool:
    if not is_sealed(sealed):
        return False
    try:
        return box.open(sealed, context) == text
    except StorageError:
        return False
