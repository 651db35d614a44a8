"""Signed firmware in files: the image, its manifest, who signed that, and its release notes.

`drive-a.bin.manifest` holds the bytes that are signed, `drive-a.bin.manifest.sig` a JSON object of signatures
by key id; both lie beside the image if nobody says otherwise. A second person's signature goes into the same
file.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from models.errors import Rejected
from models.firmware.images import Told, check_image
from models.firmware.signing import signatures_from_texts
from models.records.firmware import MOST_MANIFEST_BYTES, MOST_NOTES_BYTES, Manifest, Signature


@dataclass(frozen=True, slots=True)
class SignedManifest:
    """What `main.py firmware sign` wrote: the bytes and who signed them."""

    data: bytes
    signatures: tuple[Signature, ...]


@dataclass(frozen=True, slots=True)
class FirmwareFiles:
    """Where the parts of a version lie on this computer.

    Attributes:
        manifest: None = beside the image.
        notes: None = there are none.
    """

    image: Path
    manifest: Path | None = None
    notes: Path | None = None

    @property
    def manifest_path(self) -> Path:
        """Where the manifest is."""
        return self.manifest or manifest_file(self.image)


def read_signed(file: Path) -> SignedManifest:
    """Return signed bytes with their signatures; none where there is no file of signatures.

    Raises:
        Rejected: A file cannot be read, or is not what it must be.
        FirmwareRefused: Signatures are damaged.
    """
    data, beside = bounded_content(file, MOST_MANIFEST_BYTES), signature_file(file)
    texts: object = {}
    if beside.exists():
        try:
            texts = json.loads(bounded_content(beside, MOST_MANIFEST_BYTES))
        except ValueError as error:
            raise Rejected(f"{beside} is no JSON; sign again.") from error
    if not isinstance(texts, dict):
        raise Rejected(f"{beside} is no list of signatures; sign again.")
    return SignedManifest(data, signatures_from_texts(cast("Mapping[str, str]", texts)))


def read_image(file: Path, manifest: Manifest, tell: Told = lambda _read: None) -> bytes:
    """Return an image, once it is proved to be the one that was signed. Told how many bytes were read.

    Raises:
        Rejected: It cannot be read.
        FirmwareRefused: It is another one.
    """
    try:
        with file.open("rb") as opened:
            return check_image(opened.read, manifest, tell)
    except OSError as error:
        raise Rejected(f"The image {file} cannot be read ({error.strerror}).") from error


def read_notes(file: Path | None) -> str:
    """Return release notes, empty where there are none. Raises Rejected where they cannot be read."""
    if file is None:
        return ""
    try:
        return bounded_content(file, MOST_NOTES_BYTES).decode("utf-8")
    except UnicodeDecodeError as error:
        raise Rejected(f"The release notes {file} are no text in UTF-8; save them as such.") from error


def signature_file(file: Path) -> Path:
    """Return where the signatures of a file are."""
    return file.with_name(file.name + ".sig")


def manifest_file(image: Path) -> Path:
    """Return where the manifest of an image is, if nobody says otherwise."""
    return image.with_name(image.name + ".manifest")


def bounded_content(file: Path, most: int) -> bytes:
    """Return what a file holds. Raises Rejected where it cannot be read or has more than `most` bytes."""
    try:
        with file.open("rb") as opened:
            content = opened.read(most + 1)
    except OSError as error:
        raise Rejected(f"{file} cannot be read ({error.strerror}).") from error
    if len(content) > most:
        raise Rejected(f"{file} is larger than {most:,} bytes.")
    return content
