"""Uploading a version from a window, in steps that each hold as little as they can.

    ask_upload_terms   what time it is, and which versions there are                    a question
    looked_at          the files: what they say, who signed, whether all of it is right     beside
    send               every byte proved once more, sent, and read back                     beside
    AddDraft           the version                                                        a command

What goes beside returns its failure as a sentence; `models/firmware_upload.py` does the work.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from models.records.firmware import Manifest, VersionId

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from models.firmware.signed_files import FirmwareFiles, SignedManifest
    from models.firmware.trusted_keys import TrustedKeys
    from models.firmware_release import Judge
    from models.firmware_upload import UploadTerms
    from models.records.person import Person

STOPPED = "The upload was stopped; no version was added."


@dataclass(frozen=True, slots=True)
class Looked:
    """What files offer, also where something about them is wrong.

    Attributes:
        manifest: What it says; believed only where there is no fault. None where it cannot be read.
        trusted: Whom this computer believes.
        now_unix: The database's clock when it was looked, Unix seconds.
        needed: So many signatures are asked for at a release.
        store: Where it would be sent.
        fault: Why it may not be uploaded, one sentence; empty where it may.
    """

    manifest: Manifest | None
    signed: SignedManifest | None
    notes: str
    trusted: TrustedKeys | None
    now_unix: float
    needed: int
    store: str
    fault: str


@dataclass(frozen=True, slots=True)
class Sent:
    """What became of sending: an address and what it is of, or a fault."""

    url: str = ""
    notes: str = ""
    signed: SignedManifest | None = None
    fault: str = ""


@dataclass(slots=True)
class Passage:
    """How far an upload is, written by the worker and read by the window; and whether it shall stop.

    Attributes:
        leg: What is under way, as a `Leg`.
        done: Bytes of it.
        began_s: When that began, seconds of the monotonic clock.
    """

    stop: threading.Event = field(default_factory=threading.Event)
    leg: str = ""
    done: int = 0
    began_s: float = 0.0

    def tell(self, leg: str, done: int) -> None:
        """Note how far it is, on the worker. Raises Stopped where nobody wants it any more."""
        if self.stop.is_set():
            from models.errors import Stopped

            raise Stopped(STOPPED)
        if leg != self.leg:
            # The window may read in between; what it sees is the old leg or the beginning of the new one.
            self.done, self.began_s = 0, time.monotonic()
        self.leg, self.done = leg, done


def ask_upload_terms(connection: Connection) -> UploadTerms:
    """Return what an upload is held to. Raises StorageError."""
    from models.firmware_upload import upload_terms

    return upload_terms(connection)


def looked_at(files: FirmwareFiles, judge: Callable[[], Judge], terms: UploadTerms) -> Looked:
    """Return what files offer, and the first thing that is wrong about it. For a worker."""
    from models.errors import StorageError
    from models.firmware.manifest import manifest_from_bytes
    from models.firmware.signed_files import read_notes, read_signed
    from models.firmware_upload import offered

    manifest = signed = chosen = None
    notes = fault = ""
    try:
        chosen = judge()
        signed = read_signed(files.manifest_path)
        manifest = manifest_from_bytes(signed.data)
        notes = read_notes(files.notes)
        offered(files, chosen, terms)
        if not chosen.access.store:
            fault = (
                "This computer knows no store to send images to; name it with firmware_store in "
                "settings.toml, as s3://firmware or file:///srv/firmware, and start again."
            )
    except StorageError as error:
        fault = str(error)
    trusted = None if chosen is None else chosen.trusted
    store = "" if chosen is None else chosen.access.store
    needed = terms.rule.needed if chosen is None else chosen.needed(terms.rule)
    return Looked(manifest, signed, notes, trusted, terms.rule.now.timestamp(), needed, store, fault)


def send(files: FirmwareFiles, judge: Callable[[], Judge], terms: UploadTerms, passage: Passage) -> Sent:
    """Prove the files once more, send the image and read it back. For a worker; may take minutes."""
    from models.errors import StorageError
    from models.firmware_upload import offered, send_image

    try:
        chosen = judge()
        offer = offered(files, chosen, terms)
        url = send_image(offer, chosen.access.store, chosen.access, passage.tell)
    except StorageError as error:
        return Sent(fault=str(error))
    if passage.stop.is_set():
        return Sent(fault=STOPPED)
    return Sent(url, offer.notes, offer.signed)


@dataclass(frozen=True, slots=True)
class AddDraft:
    """Add a version whose image is stored."""

    sent: Sent

    def apply(self, connection: Connection, person: Person) -> VersionId:
        """Return the version. Raises StorageError."""
        from models.queries.firmware_versions import add_version

        assert self.sent.signed is not None
        signed = self.sent.signed
        return add_version(connection, self.sent.url, self.sent.notes, signed.data, signed.signatures)
