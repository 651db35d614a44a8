"""Uploading firmware: everything about it is proved on this computer before the first byte is sent.

    UploadTerms   what time it is, and which versions there are      asked of the database
    offered       files → manifest, image and notes, all of them proved
    send_image    image → store → read back and proved once more, so that stations get what was signed
    add_version   the draft

A window takes these steps one by one, because nobody holds a transaction open while an image is on its way;
`main.py firmware upload` takes them in one go.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from sqlalchemy.engine import Connection

from models.database import Database
from models.errors import AlreadyDone, FirmwareRefused
from models.firmware.signed_files import FirmwareFiles, SignedManifest, read_image, read_notes, read_signed
from models.firmware.signing import verify
from models.firmware_release import Judge
from models.objects.access import ObjectAccess
from models.objects.store import fetched_image, stored_object
from models.queries.firmware_versions import (
    SigningRule,
    add_version,
    load_version,
    load_versions,
    signing_rule,
)
from models.records.firmware import FirmwareVersion, Manifest, VersionStatus


class Leg(StrEnum):
    """What is under way."""

    SENDING = "sending"
    READING_BACK = "reading back"


Progress = Callable[[Leg, int], None]
"""Told how many bytes of a leg are done, on the thread that works; what it raises ends the upload."""


@dataclass(frozen=True, slots=True)
class UploadTerms:
    """What an upload is held to before anything is sent.

    Attributes:
        versions: All that there are.
    """

    rule: SigningRule
    versions: tuple[FirmwareVersion, ...]


@dataclass(frozen=True, slots=True)
class Offer:
    """A version that may be uploaded: verified, and the very bytes of it."""

    manifest: Manifest
    signed: SignedManifest
    notes: str
    image: bytes = field(repr=False)


def upload_terms(connection: Connection) -> UploadTerms:
    """Return what an upload is held to. Raises NotAllowed where the person may not ask."""
    return UploadTerms(signing_rule(connection), tuple(load_versions(connection)))


def offered(files: FirmwareFiles, judge: Judge, terms: UploadTerms) -> Offer:
    """Return what files offer. Blocks as long as the image takes to be read.

    One signature is enough here; the site's number is asked for at the release.

    Raises:
        StorageError: Something about them is not what it must be; the sentence says what.
    """
    signed = read_signed(files.manifest_path)
    manifest = verify(signed.data, signed.signatures, judge.trusted, terms.rule.now)
    check_is_new(manifest, terms.versions)
    notes = read_notes(files.notes)
    return Offer(manifest, signed, notes, read_image(files.image, manifest))


def check_is_new(manifest: Manifest, versions: Sequence[FirmwareVersion]) -> None:
    """Return where a version can be added and released next to those that there are.

    Raises:
        AlreadyDone: There is this version already.
        FirmwareRefused: Its sequence is not higher than that of a release, or is taken by a draft.
    """
    for one in versions:
        if one.version == manifest.full_version:
            raise AlreadyDone(
                f"There is a version {one.version} already ({one.status}); a new image needs a new version."
            )
    of_product = [one for one in versions if one.product == manifest.product]
    out = [one for one in of_product if one.status is not VersionStatus.DRAFT]
    newest = max(out, key=lambda one: one.sequence, default=None)
    if newest is not None and manifest.sequence <= newest.sequence:
        raise FirmwareRefused(
            f"The sequence of {manifest.full_version} is {manifest.sequence:,}, and {newest.version} was "
            f"released with {newest.sequence:,}; sign it with a higher one."
        )
    taken = next((one for one in of_product if one.sequence == manifest.sequence), None)
    if taken is not None:
        raise FirmwareRefused(
            f"The sequence of {manifest.full_version} is {manifest.sequence:,}, which is that of the draft "
            f"{taken.version}; sign it with another one, or remove that draft."
        )


def send_image(
    offer: Offer, place: str, access: ObjectAccess, tell: Progress = lambda _leg, _done: None
) -> str:
    """Store an image and read it back; return its address. Blocks as long as the image takes, twice.

    Args:
        offer: What is sent.
        place: Bucket or folder to store it in; or an https:// address where it lies already.
        access: What this computer may reach.
        tell: Told how far it is. Where it raises while the image is sent, nothing of it is kept.

    Raises:
        StorageError: One sentence that says what is wrong.
    """
    url = place
    if not place.startswith("https:"):
        name = _name_of(offer.manifest)
        url = stored_object(place, name, offer.image, access, lambda done: tell(Leg.SENDING, done))
    # What the stations will get, not what we believe to have sent.
    fetched_image(url, offer.manifest, access, tell=lambda done: tell(Leg.READING_BACK, done))
    return url


def upload_version(
    database: Database,
    judge: Judge,
    files: FirmwareFiles,
    place: str,
    tell: Progress = lambda _leg, _done: None,
) -> FirmwareVersion:
    """Store an image and add its version as a draft; arguments and errors as those of the steps.

    Args:
        database: Of the person who uploads.
        judge: Of this computer.
        files: Manifest, image and notes.
        place: As in `send_image`.
        tell: As in `send_image`.
    """
    with database.transaction() as connection:
        terms = upload_terms(connection)
    offer = offered(files, judge, terms)
    url = send_image(offer, place, judge.access, tell)
    with database.transaction() as connection:
        add_version(connection, url, offer.notes, offer.signed.data, offer.signed.signatures)
        return load_version(connection, offer.manifest.full_version)


def _name_of(manifest: Manifest) -> str:
    """Return a name that says what it is, and is another for every other image."""
    return f"{manifest.product}/{manifest.version}-{manifest.sha256.hex()[:16]}.bin"
