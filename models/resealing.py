"""Seals every secret anew, of devices and notifications: with the first key, and when it is replaced."""

import json
from dataclasses import dataclass

from sqlalchemy.engine import Connection

from models.errors import KeyMissing, KeyRetired, SealBroken
from models.notification_secrets import reseal_channels
from models.queries.keys import load_metadata, write_metadata
from models.records.device import JsonValue
from models.secret_names import Path, is_sealed, replaced
from models.secrets import SecretBox, Target, field_context, target_of, text_from_secret


@dataclass(frozen=True, slots=True)
class Resealed:
    """Values sealed anew, and values that no key here opens, which were left as they were."""

    sealed: int
    left: int


def reseal_everything(conn: Connection, box: SecretBox) -> Resealed:
    """Seal all secrets with the box's current key. Needs `lock_secrets` in the same transaction."""
    devices = reseal_devices(conn, box)
    sealed, left = reseal_channels(conn, box)
    return Resealed(devices.sealed + sealed, devices.left + left)


def reseal_devices(conn: Connection, box: SecretBox) -> Resealed:
    """Seal all secrets with the box's current key, those in clear included.

    Needs `lock_secrets` in the same transaction.
    """
    changed: list[tuple[int, str]] = []
    sealed = left = 0
    for device, hardware_id, metadata in load_metadata(conn):
        connection = metadata.get("connection")
        target = target_of(metadata.get("driver"), connection if isinstance(connection, dict) else {})

        def replace(
            path: Path, value: JsonValue, hardware_id: str = hardware_id, target: Target = target
        ) -> JsonValue:
            nonlocal sealed, left
            context = field_context(hardware_id, path, target)
            try:
                anew = (
                    box.reseal(value, context)
                    if is_sealed(value)
                    else box.seal(text_from_secret(value), context)
                )
            except (KeyMissing, KeyRetired, SealBroken):
                left += 1
                return value
            sealed += 1
            return anew

        before = sealed
        rewritten = replaced(metadata, replace)
        if sealed > before:
            changed.append((device, json.dumps(rewritten)))
    write_metadata(conn, changed)
    return Resealed(sealed, left)
