"""What this computer says of a version's signatures: trusted, by an unknown key, or bad. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from models.records.firmware import FirmwareKeyId, FirmwareVersion, Signature

if TYPE_CHECKING:
    from models.firmware.trusted_keys import TrustedKeys

_BEFORE_EVERYTHING = datetime.min.replace(tzinfo=UTC)
"""Whether a manifest has expired is shown beside: it says nothing of who signed it."""


class Seal(StrEnum):
    """What a signature is worth here."""

    TRUSTED = "trusted"
    UNKNOWN = "unknown key"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class SealedBy:
    """One signature.

    Attributes:
        name: What this computer calls the key; empty where it does not know it.
    """

    key: FirmwareKeyId
    seal: Seal
    name: str


@dataclass(frozen=True, slots=True)
class VersionRow:
    """A version as the table shows it.

    Attributes:
        now: The database's clock when it was asked for.
    """

    version: FirmwareVersion
    seals: tuple[SealedBy, ...]
    now: datetime

    @property
    def is_expired(self) -> bool:
        """Whether it may not be installed any more."""
        return self.version.expires_at is not None and self.now >= self.version.expires_at


def judged(
    manifest: bytes | None, signatures: Iterable[Signature], trusted: TrustedKeys
) -> tuple[SealedBy, ...]:
    """Return what every signature of a manifest is worth, tried on the very bytes. For a worker."""
    return tuple(
        SealedBy(one.key, _seal(manifest, one, trusted), trusted.names.get(one.key, "")) for one in signatures
    )


def seal_lines(seals: Iterable[SealedBy]) -> list[str]:
    """Return a sentence each, or that nobody has signed it."""
    return [seal_sentence(one) for one in seals] or ["Nobody has signed it."]


def seals_words(row: VersionRow) -> str:
    """Return it for the table: "2 trusted", "1 trusted, 1 unknown key", "not signed"."""
    counts = [(seal, sum(one.seal is seal for one in row.seals)) for seal in Seal]
    return ", ".join(f"{count} {seal}" for seal, count in counts if count) or "not signed"


def needed_words(needed: int) -> str:
    """Return what a release asks for."""
    asked = "one trusted signature" if needed == 1 else f"{needed} trusted signatures of different keys"
    return f"A release needs {asked}."


def seal_sentence(one: SealedBy) -> str:
    """Return what a signature means."""
    match one.seal:
        case Seal.TRUSTED:
            return f"{one.name or one.key}: trusted, the bytes are what this key signed."
        case Seal.UNKNOWN:
            return f"{one.key}: unknown key, this computer does not trust it."
        case Seal.BAD:
            return f"{one.name or one.key}: bad, the bytes are not what this key signed."


def _seal(manifest: bytes | None, signature: Signature, trusted: TrustedKeys) -> Seal:
    from models.errors import FirmwareRefused
    from models.firmware.signing import verify

    if signature.key not in trusted.by_id:
        return Seal.UNKNOWN
    if manifest is None:
        return Seal.BAD
    try:
        verify(manifest, [signature], trusted, _BEFORE_EVERYTHING)
    except FirmwareRefused:
        return Seal.BAD
    return Seal.TRUSTED
