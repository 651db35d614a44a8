"""Secrets of one edited device: what was left alone stays as it is stored, what was typed is sealed.

A sealed value is bound to hardware id, field and address. Where one of them changes, a secret that was left
alone is opened and sealed anew, which only a computer that holds the key can do.
"""

from console.catalogue.sealing import (
    holds_plain_secrets,
    holds_secrets,
    opened_device,
    secrets_of,
    with_secrets,
)
from models.records.device import Device, JsonValue
from models.secret_names import Path, is_sealed
from models.secrets import SecretBox, field_context, target_of, text_from_secret


def needs_key(before: Device | None, after: Device) -> bool:
    """Whether storing `after` has to seal something, or to open what is sealed elsewhere."""
    if not holds_secrets(after):
        return False
    return holds_plain_secrets(after) or before is None or _context(before) != _context(after)


def sealed_edit(stored: Device | None, after: Device, box: SecretBox, origin: Device | None = None) -> Device:
    """Return the device with every secret sealed for its place.

    Args:
        stored: As it stands in the database now; None for a new device.
        after: As it shall be: secrets in clear where they were typed, sealed where they were left alone.
        box: This computer's keys.
        origin: For a copy of another device: whose sealed secrets `after` holds.

    Raises:
        KeyMissing, KeyRetired, SealBroken: A secret can be neither sealed nor opened here.
    """
    source = stored or origin
    there = secrets_of(source) if source is not None else {}
    stays = stored is not None and _context(stored) == _context(after)
    is_asked = source is not None and not stays and any(is_sealed(one) for one in secrets_of(after).values())
    opened = secrets_of(opened_device(source, box)) if source is not None and is_asked else {}
    target = target_of(after.driver, after.connection)

    def settled(path: Path, value: JsonValue) -> JsonValue:
        context = field_context(after.device_id, path, target)
        if not is_sealed(value):
            return box.seal(text_from_secret(value), context)
        # What is stored now, not what was read: somebody may have changed the key meanwhile.
        if stays:
            return there.get(path, value)
        text = opened.get(path)
        return value if text is None else box.seal(text_from_secret(text), context)

    return with_secrets(after, settled)


def _context(device: Device) -> tuple[str, object]:
    return device.device_id, target_of(device.driver, device.connection)
