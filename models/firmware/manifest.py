"""What a manifest says, to the bytes that are signed and back.

Every field must be there and none besides: an older program that met a new condition would install what it
must not. The sequence, and so the order of releases, is the signer's word; versions are what people call
them.
"""

import re
from collections.abc import Mapping
from typing import cast

from models.errors import FirmwareRefused
from models.firmware.canonical import (
    LARGEST_NUMBER,
    canonical_bytes,
    check_fields,
    moment_of,
    number_of,
    object_from_canonical,
    text_from_moment,
    text_of,
)
from models.firmware.versions import full_version, parsed_version
from models.records.device import JsonValue
from models.records.firmware import MOST_IMAGE_BYTES, MOST_MANIFEST_BYTES, Manifest

MOST_REVISIONS = 32
_LONGEST_TEXT = 50
_WHAT = "The manifest"
_SHA256 = re.compile("[0-9a-f]{64}")
_WAY = re.compile("[a-z][a-z0-9-]*")
_FIELDS = frozenset(
    (
        "product",
        "hardware",
        "version",
        "sequence",
        "minimum_from",
        "size",
        "sha256",
        "expires_at",
        "way",
        "profile",
    )
)


def manifest_bytes(manifest: Manifest) -> bytes:
    """Return the bytes that are signed, stored and verified. Raises FirmwareRefused where it is not sound."""
    data = canonical_bytes(
        {
            "product": manifest.product,
            "hardware": [*sorted(manifest.hardware)],
            "version": manifest.version,
            "sequence": manifest.sequence,
            "minimum_from": manifest.minimum_from,
            "size": manifest.size,
            "sha256": manifest.sha256.hex(),
            "expires_at": text_from_moment(manifest.expires_at),
            "way": manifest.way,
            "profile": dict(manifest.profile),
        },
        _WHAT,
    )
    manifest_from_bytes(data)
    return data


def manifest_from_bytes(data: bytes) -> Manifest:
    """Return what a manifest says. It proves nothing: whoever decides by it calls `signing.verify`.

    Raises:
        FirmwareRefused: It is not exactly what `manifest_bytes` writes.
    """
    content = object_from_canonical(data, MOST_MANIFEST_BYTES, _WHAT)
    check_fields(content, _FIELDS, _WHAT)
    manifest = Manifest(
        product=text_of(content, "product", _LONGEST_TEXT, _WHAT),
        hardware=_revisions(content["hardware"]),
        version=text_of(content, "version", _LONGEST_TEXT, _WHAT),
        sequence=number_of(content, "sequence", LARGEST_NUMBER, _WHAT),
        minimum_from=text_of(content, "minimum_from", _LONGEST_TEXT, _WHAT),
        size=number_of(content, "size", MOST_IMAGE_BYTES, _WHAT),
        sha256=_sha256(content["sha256"]),
        expires_at=moment_of(content, "expires_at", _WHAT),
        way=text_of(content, "way", _LONGEST_TEXT, _WHAT),
        profile=_profile(content["profile"]),
    )
    full_version(manifest.version, manifest.product)
    if manifest.minimum_from:
        parsed_version(manifest.minimum_from, "The earliest version to update from,")
    if not _WAY.fullmatch(manifest.way):
        raise FirmwareRefused(
            f"{_WHAT}: way must be the name of a way of delivery, not {manifest.way!r}; main.py firmware "
            "sign --help lists them."
        )
    return manifest


def _revisions(value: JsonValue) -> tuple[str, ...]:
    found = cast("list[object]", value) if isinstance(value, list) else []
    texts = [text for text in found if isinstance(text, str) and text.isprintable() and text.strip()]
    if (
        not 1 <= len(found) <= MOST_REVISIONS
        or len(texts) != len(found)
        or texts != sorted(set(texts))
        or max(map(len, texts)) > _LONGEST_TEXT
    ):
        raise FirmwareRefused(
            f"{_WHAT}: hardware must name 1 to {MOST_REVISIONS} different revisions in alphabetical order, "
            f"each of at most {_LONGEST_TEXT} characters."
        )
    return tuple(texts)


def _sha256(value: JsonValue) -> bytes:
    if not isinstance(value, str) or not _SHA256.fullmatch(value):
        raise FirmwareRefused(f"{_WHAT}: sha256 must be 64 hexadecimal digits in lower case.")
    return bytes.fromhex(value)


def _profile(value: JsonValue) -> Mapping[str, JsonValue]:
    if not isinstance(value, dict):
        raise FirmwareRefused(f"{_WHAT}: profile must be a JSON object.")
    return value
