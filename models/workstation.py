"""This workstation and the key of encrypted fields: asks for it, opens it, hands it on, replaces it.

    WorkstationKeys(open_store, place)       one a program; any thread; every call blocks
        .open_box(conn) → SecretBox          what this workstation can seal and open now; never raises for a
                                             missing key: the box says why when it is used
        .recall_box(names) → SecretBox       what it could open when the database was last there
        .state(conn) → KeyState              for people
        .request(conn, name)                 ask for the key; returns the fingerprint to read out
        .create(conn, name)                  make the first key (administrator)
        .approve(conn, workstation)          hand the key on (administrator, on a workstation that holds it)
        .rotate(conn)                        a new key for everybody left, and all values sealed anew

The private half and the keys seen so far lie in the credential store, everything else in the database.
"""

from collections.abc import Callable, Collection
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field

from sqlalchemy.engine import Connection

from models.credentials import CredentialStore
from models.errors import KeyMissing, NeedsSetup, SealBroken
from models.key_memory import KeyMemory
from models.key_standing import is_trusted, why_not_held, why_not_trusted
from models.key_wrapping import fingerprint, key_fingerprint, public_key, unwrap, vouch, wrap
from models.queries.keys import (
    approve_workstation,
    create_field_key,
    enrolment,
    load_workstations,
    lock_secrets,
    request_key,
    rotate_field_key,
    sealed_counts,
)
from models.records.key import Enrolment, FieldKey, KeyId, KeyState, Standing, Workstation, WorkstationId
from models.resealing import Resealed, reseal_everything
from models.secrets import NO_KEYS, SecretBox, key_id, new_key


@dataclass(frozen=True, slots=True)
class _Held:
    """What this workstation holds. `trouble` says why the current key is not among `keys`; "" if it is."""

    enrolment: Enrolment
    keys: dict[KeyId, bytes] = field(repr=False)
    trouble: str
    public_key: bytes | None = None

    @property
    def box(self) -> SecretBox:
        current = self.enrolment.current
        retired = {held.key.id: held.key.retired_at for held in self.enrolment.keys if held.key.retired_at}
        return SecretBox(self.keys, current.key.id if current else None, retired, self.trouble)


class WorkstationKeys:
    """This operating system account's way to the key, for one database."""

    def __init__(self, open_store: Callable[[], CredentialStore], place: str) -> None:
        """Keep what it needs; asks nobody.

        Args:
            open_store: Gives the credential store; called at most once, and only where there is a key at all.
            place: Which database, as `Database.place`.
        """
        self._memory = KeyMemory(open_store, place)

    @property
    def store_place(self) -> str:
        """Where this workstation keeps its keys, for people to read. Raises NeedsSetup."""
        return self._memory.store.place

    @property
    def store_caution(self) -> str:
        """One sentence about what that place does not protect against, "" where the system keeps it."""
        return self._memory.store.caution

    def open_box(self, conn: Connection) -> SecretBox:
        """Return what can be sealed and opened here. Where that is nothing, the box says why when used."""
        if not enrolment(conn, b"").keys:
            return NO_KEYS
        return self._held(conn).box

    def recall_box(self, names: Collection[KeyId]) -> SecretBox:
        """Return a box of keys that were trusted before, for when the database is away. It seals nothing.

        Args:
            names: Those that opened something then; others are left out.
        """
        try:
            keys = {name: key for name, key in self._memory.seen().items() if name in names}
        except NeedsSetup as error:
            return SecretBox({}, None, absence=str(error))
        return SecretBox(keys, None, absence="This computer does not remember its key.")

    def state(self, conn: Connection) -> KeyState:
        """Return what people are shown. Changes nothing but what this workstation remembers."""
        held = self._held(conn)
        current = held.enrolment.current
        return KeyState(
            workstation=held.enrolment.name,
            fingerprint=fingerprint(held.public_key) if held.public_key else "",
            standing=held.enrolment.standing,
            key_fingerprint=key_fingerprint(current.key.id) if current else "",
            holds_key=held.box.can_seal,
            sentence=held.trouble or "This workstation holds the key of encrypted fields.",
            counts=sealed_counts(conn),
        )

    def request(self, conn: Connection, name: str, *, again: bool = False) -> tuple[WorkstationId, str]:
        """Ask for the key; asking twice is asking once. Returns the request's number and the fingerprint.

        Args:
            name: What administrators see in their list.
            again: Make a new pair and forget all keys: after this workstation was revoked.

        Raises:
            Rejected: This workstation was revoked, or too many requests wait.
            NeedsSetup: The credential store cannot be used.
        """
        if again:
            self._memory.forget()
            self._memory.make_pair()
        public = public_key(self._memory.private_key or self._memory.make_pair())
        return request_key(conn, name, public), fingerprint(public)

    def create(self, conn: Connection, name: str, *, start_over: bool = False) -> Resealed:
        """Make the first key, keep it for this workstation, and seal what stands in clear so far.

        Args:
            name: What administrators see in their list.
            start_over: Give up the key there is, which no workstation holds any more, and all it sealed.

        Raises:
            NotAllowed: Not an administrator.
            Rejected: There is a key already.
            NeedsSetup: The credential store cannot be used.
        """
        lock_secrets(conn)
        if start_over:
            self._memory.forget()
        private = self._memory.private_key or self._memory.make_pair()
        public, key = public_key(private), new_key()
        workstation = request_key(conn, name, public)
        wrapped = wrap(key, public)
        create_field_key(conn, key_id(key), workstation, public, wrapped, start_over=start_over)
        return reseal_everything(conn, SecretBox({key_id(key): key}, key_id(key)))

    def approve(self, conn: Connection, workstation: Workstation) -> None:
        """Hand the key on to a workstation whose fingerprint somebody compared.

        Args:
            workstation: As it was when its fingerprint was compared.

        Raises:
            KeyMissing: The key is not on this workstation.
            NotAllowed: Not an administrator.
            Rejected: Its row was changed since, or it was revoked.
        """
        held = self._holding(conn)
        known = {one.key.id for one in held.enrolment.keys}
        wrapped = {
            name: wrap(key, workstation.public_key) for name, key in held.keys.items() if name in known
        }
        approve_workstation(conn, workstation.id, workstation.public_key, wrapped)

    def rotate(self, conn: Connection) -> Resealed:
        """Replace the key: a new one, wrapped for all approved workstations, every value sealed anew.

        One transaction, in which nobody else changes devices; until it commits, everything is as it was.

        Raises:
            KeyMissing: The key is not on this workstation.
            NotAllowed: Not an administrator.
        """
        lock_secrets(conn)
        held = self._holding(conn)
        before, key = _current(held), new_key()
        voucher = vouch(key_id(key), held.keys[before.id])
        heirs = [one for one in load_workstations(conn) if one.standing is Standing.APPROVED]
        wrapped = {one.id: wrap(key, one.public_key) for one in heirs}
        rotate_field_key(conn, key_id(key), before.id, voucher, wrapped)
        return reseal_everything(conn, SecretBox({**held.keys, key_id(key): key}, key_id(key)))

    def _holding(self, conn: Connection) -> _Held:
        held = self._held(conn)
        if not held.box.can_seal:
            raise KeyMissing(held.trouble)
        return held

    def _held(self, conn: Connection) -> _Held:
        """Gather the keys of this workstation, and remember a current one that can be trusted."""
        try:
            private, seen = self._memory.private_key, self._memory.seen()
        except NeedsSetup as error:
            return _Held(enrolment(conn, b""), {}, str(error))
        public = public_key(private) if private else None
        found = enrolment(conn, public or b"")
        if found.standing is Standing.REVOKED:
            self._memory.forget()
            return _Held(found, {}, why_not_held(found), public)
        try:
            keys = {**seen, **_unwrapped(found, private, seen.keys())}
        except SealBroken as error:
            return _Held(found, seen, str(error), public)
        current = found.current
        if current is None or current.key.id not in keys:
            return _Held(found, keys, why_not_held(found), public)
        if not is_trusted(current.key, {one.key.id: one.key for one in found.keys}, keys, seen):
            del keys[current.key.id]
            return _Held(found, keys, why_not_trusted(current.key), public)
        if current.key.id not in seen:
            self._memory.add(current.key.id, keys[current.key.id])
        return _Held(found, keys, "", public)


def _unwrapped(found: Enrolment, private: bytes | None, seen: AbstractSet[KeyId]) -> dict[KeyId, bytes]:
    return {
        held.key.id: unwrap(held.wrapped, held.key.id, private)
        for held in found.keys
        if private is not None and held.wrapped is not None and held.key.id not in seen
    }


def _current(held: _Held) -> FieldKey:
    assert held.enrolment.current is not None  # else nothing is held
    return held.enrolment.current.key
