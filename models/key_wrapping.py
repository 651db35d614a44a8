"""How a data key travels: wrapped for one workstation, vouched for by the key before it, compared by voice.

A workstation owns an X25519 pair (RFC 7748) whose private half never leaves its credential store. Who holds
the data key wraps it for the public half: a fresh pair, Diffie-Hellman, HKDF-SHA256 (RFC 5869), AES-256-GCM.
That keeps the key from whoever reads the database. Against whoever *writes* it, so that a workstation would
seal with a key of his own, three things help: a key's id commits to the key, a new key carries a voucher made
with the one before, and people compare fingerprints once.
"""

import hashlib
import hmac

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from models.errors import SealBroken
from models.records.key import KeyId
from models.secrets import KEY_BYTES, key_id

PUBLIC_KEY_BYTES = 32
WRAPPED_BYTES = 32 + KEY_BYTES + 16
"""Public half of the fresh pair, encrypted key, tag. A nonce is not needed: no two wraps share a key."""

_NONCE = bytes(12)
# 24 digits are 80 bits; the rounds cost us 10 ms, and whoever looks for a second key of equal fingerprint as
# much for each guess: 13 bits more.
_ROUNDS = 10_000
_GROUPS = 6
_GROUP_DIGITS = 4


def new_private_key() -> bytes:
    """Return the private half of a fresh pair."""
    return X25519PrivateKey.generate().private_bytes_raw()


def public_key(private_key: bytes) -> bytes:
    """Return the public half of a pair."""
    return X25519PrivateKey.from_private_bytes(private_key).public_key().public_bytes_raw()


def fingerprint(public: bytes) -> str:
    """Return what two people compare by voice: "0412 9931 2207 8845 6120 3377"."""
    return _digits(public, b"console workstation 1")


def key_fingerprint(name: KeyId) -> str:
    """Return a data key's fingerprint, in the same form; its id commits to it already."""
    return _digits(name.encode(), b"console field key 1")


def is_same_fingerprint(told: str, computed: str) -> bool:
    """Whether what somebody typed is that fingerprint, however they grouped the digits."""
    digits = "".join(character for character in told if character.isdigit())
    return hmac.compare_digest(digits, computed.replace(" ", ""))


def wrap(key: bytes, recipient: bytes) -> bytes:
    """Encrypt a data key so that only the workstation with this public key opens it.

    Raises:
        SealBroken: The public key is none.
    """
    fresh = X25519PrivateKey.generate()
    sender = fresh.public_key().public_bytes_raw()
    cipher = _cipher(fresh, recipient, sender + recipient)
    return sender + cipher.encrypt(_NONCE, key, _associated(key_id(key), recipient))


def unwrap(wrapped: bytes, name: KeyId, private_key: bytes) -> bytes:
    """Return the data key of this id that was wrapped for this workstation.

    Raises:
        SealBroken: It was wrapped for another workstation, altered, or is not the key of that id.
    """
    own = X25519PrivateKey.from_private_bytes(private_key)
    recipient = own.public_key().public_bytes_raw()
    try:
        if len(wrapped) != WRAPPED_BYTES:
            raise _not_ours()
        cipher = _cipher(own, wrapped[:PUBLIC_KEY_BYTES], wrapped[:PUBLIC_KEY_BYTES] + recipient)
        key = cipher.decrypt(_NONCE, wrapped[PUBLIC_KEY_BYTES:], _associated(name, recipient))
    except InvalidTag:
        raise _not_ours() from None
    if key_id(key) != name:
        raise _not_ours()
    return key


def vouch(heir: KeyId, key: bytes) -> bytes:
    """Return the voucher that only who holds `key` can make for its heir."""
    return hmac.digest(key, b"console heir 1\0" + heir.encode(), "sha256")


def is_vouched(voucher: bytes, heir: KeyId, key: bytes) -> bool:
    """Whether a voucher was made with `key` for this heir."""
    return hmac.compare_digest(voucher, vouch(heir, key))


def _cipher(own: X25519PrivateKey, other: bytes, salt: bytes) -> AESGCM:
    try:
        shared = own.exchange(X25519PublicKey.from_public_bytes(other))
    except ValueError:
        # Not 32 bytes, or one of the few points whose result an onlooker could foretell.
        raise SealBroken(
            "The workstation's public key is not usable; let it ask for the key again."
        ) from None
    return AESGCM(HKDF(SHA256(), KEY_BYTES, salt, b"console wrap 1").derive(shared))


def _associated(name: KeyId, recipient: bytes) -> bytes:
    return b"console wrap 1\0" + name.encode() + b"\0" + recipient


def _not_ours() -> SealBroken:
    return SealBroken(
        "The key of encrypted fields that the database holds for this workstation was not made for it; "
        "let an administrator revoke this workstation and approve it again."
    )


def _digits(content: bytes, purpose: bytes) -> str:
    stretched = hashlib.pbkdf2_hmac("sha512", content, purpose, _ROUNDS)
    digits = str(int.from_bytes(stretched) % 10 ** (_GROUPS * _GROUP_DIGITS)).zfill(_GROUPS * _GROUP_DIGITS)
    return " ".join(digits[at : at + _GROUP_DIGITS] for at in range(0, len(digits), _GROUP_DIGITS))
