"""Manifests and signatures in files: the signed bytes, and beside them who signed.

`drive-a-2.1.0.manifest` holds the bytes that are signed, `drive-a-2.1.0.manifest.sig` a JSON object of
signatures by key id. A second person's signature goes into the same file.
"""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import cast

from console.commandline.command import CommandError
from console.whole_file import whole_file
from models.firmware.signing import signatures_from_texts, texts_from_signatures
from models.firmware_release import SignedManifest
from models.records.firmware import MOST_MANIFEST_BYTES, Signature


def read_signed(file: Path) -> SignedManifest:
    """Return signed bytes with their signatures; none where there is no file of signatures.

    Raises:
        CommandError: A file cannot be read, or is not what it must be.
        FirmwareRefused: Signatures are damaged.
    """
    beside = signature_file(file)
    texts: object = {}
    if beside.exists():
        try:
            texts = json.loads(bounded_content(beside, MOST_MANIFEST_BYTES))
        except ValueError as error:
            raise CommandError(f"{beside} is no JSON; sign again.") from error
    if not isinstance(texts, dict):
        raise CommandError(f"{beside} is no list of signatures; sign again.")
    return SignedManifest(
        bounded_content(file, MOST_MANIFEST_BYTES), signatures_from_texts(cast("Mapping[str, str]", texts))
    )


def write_signed(file: Path, data: bytes, signatures: Iterable[Signature]) -> None:
    """Write signed bytes, and their signatures beside them. Raises CommandError where that fails."""
    texts = json.dumps(texts_from_signatures(signatures), indent=2) + "\n"
    try:
        for path, content in ((file, data), (signature_file(file), texts.encode())):
            with whole_file(path) as part:
                part.write_bytes(content)
    except OSError as error:
        raise CommandError(f"{file} cannot be written ({error.strerror}).") from error


def signature_file(file: Path) -> Path:
    """Return where the signatures of a file are."""
    return file.with_name(file.name + ".sig")


def manifest_file(image: Path) -> Path:
    """Return where the manifest of an image is, if nobody says otherwise."""
    return image.with_name(image.name + ".manifest")


def bounded_content(file: Path, most: int) -> bytes:
    """Return what a file holds. Raises CommandError where it cannot be read or has more than `most` bytes."""
    try:
        with file.open("rb") as opened:
            content = opened.read(most + 1)
    except OSError as error:
        raise CommandError(f"{file} cannot be read ({error.strerror}).") from error
    if len(content) > most:
        raise CommandError(f"{file} is larger than {most:,} bytes.")
    return content
