"""Keys of encrypted fields, and the workstations that hold them. No key in clear is ever in a record."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import NewType

KeyId = NewType("KeyId", str)
"""32 hex digits that commit to the key itself: whoever holds the key can tell that it is this one."""

WorkstationId = NewType("WorkstationId", int)


class Standing(StrEnum):
    """How far a workstation's enrolment is."""

    WAITING = "waiting"
    APPROVED = "approved"
    REVOKED = "revoked"


@dataclass(frozen=True, slots=True)
class Workstation:
    """One operating system account on one computer that asked for the key.

    Attributes:
        name: As it called itself; proves nothing.
        public_key: X25519, 32 bytes.
        fingerprint: Computed here from `public_key`: six groups of four digits, to compare by voice.
        is_altered: Whether the fingerprint that was written with the request is another: somebody changed
            the row since.
        requested_by: `users.id`; None where a station asked.
    """

    id: WorkstationId
    name: str
    public_key: bytes
    fingerprint: str
    is_altered: bool
    requested_by: int | None
    requested_at: datetime
    approved_by: int | None
    approved_at: datetime | None
    revoked_at: datetime | None

    @property
    def standing(self) -> Standing:
        """Where its enrolment stands."""
        if self.revoked_at is not None:
            return Standing.REVOKED
        return Standing.APPROVED if self.approved_at is not None else Standing.WAITING


@dataclass(frozen=True, slots=True)
class FieldKey:
    """One key of encrypted fields, known by its id. The one that is not retired seals.

    Attributes:
        vouched_by: The key before it; None for a first key.
        voucher: HMAC of `id` under the key before it: only who held that one can have made this its heir.
    """

    id: KeyId
    created_by: int | None
    created_at: datetime
    retired_at: datetime | None
    vouched_by: KeyId | None = None
    voucher: bytes | None = None


@dataclass(frozen=True, slots=True)
class HeldKey:
    """A key as one workstation gets it: wrapped, so that only that workstation can open it."""

    key: FieldKey
    wrapped: bytes | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class Enrolment:
    """What the database knows of one workstation, asked by its public key.

    Attributes:
        id, name, standing: None and "" where it never asked.
        keys: All keys there are, each with this workstation's copy where it has one.
    """

    id: WorkstationId | None
    name: str
    standing: Standing | None
    keys: tuple[HeldKey, ...]

    @property
    def current(self) -> HeldKey | None:
        """The key that seals now; None before the first was made."""
        return next((held for held in self.keys if held.key.retired_at is None), None)


@dataclass(frozen=True, slots=True)
class SealedCounts:
    """What stands in the devices' metadata.

    Attributes:
        sealed: Values sealed with the current key.
        outdated: Values sealed with another key; they have to be entered again.
        plain: Values that ought to be sealed and are not: stored before there was a key.
    """

    sealed: int
    outdated: int
    plain: int


@dataclass(frozen=True, slots=True)
class KeyState:
    """What people are shown about this workstation and the key of encrypted fields.

    Attributes:
        fingerprint: Of this workstation; "" before it made its pair of keys.
        key_fingerprint: Of the current key, to compare with another workstation's; "" where there is none.
        holds_key: Whether this workstation can open what is sealed now.
        sentence: All of it in one sentence, with what to do.
    """

    workstation: str
    fingerprint: str
    standing: Standing | None
    key_fingerprint: str
    holds_key: bool
    sentence: str
    counts: SealedCounts
