"""Whether a key that the database offers may be trusted, and why a workstation does not hold it. Pure."""

from collections.abc import Mapping

from models.key_wrapping import is_vouched, key_fingerprint
from models.records.key import Enrolment, FieldKey, KeyId, Standing


def is_trusted(
    current: FieldKey,
    chain: Mapping[KeyId, FieldKey],
    keys: Mapping[KeyId, bytes],
    seen: Mapping[KeyId, bytes],
) -> bool:
    """Whether a line of vouchers leads from a key trusted before to the current one.

    Args:
        current: The key that the database says seals now.
        chain: All keys the database knows, by id.
        keys: Those of them that are held here.
        seen: Those that were trusted before; where there are none, the first key is taken on the word of the
            administrator who approved this workstation.
    """
    if not seen:
        return True
    at = current
    for _ in range(len(chain) + 1):
        if at.id in seen:
            return True
        before = at.vouched_by
        if before is None or at.voucher is None or before not in keys or before not in chain:
            return False
        if not is_vouched(at.voucher, at.id, keys[before]):
            return False
        at = chain[before]
    return False


def why_not_held(found: Enrolment) -> str:
    """Return one sentence why this workstation does not hold the current key, and what to do."""
    if found.current is None:
        return "No key for encrypted fields exists yet; an administrator makes one with: main.py key create."
    match found.standing:
        case Standing.WAITING:
            return (
                "This workstation waits for the key of encrypted fields; an administrator hands it on with: "
                f"main.py key approve {found.id}."
            )
        case Standing.REVOKED:
            return (
                "This workstation was revoked; if it may have the key again, run: "
                "main.py key request --again, and let an administrator approve it."
            )
        case Standing.APPROVED:
            return (
                "This workstation has no copy of the present key of encrypted fields; let an administrator "
                f"approve it once more: main.py key approve {found.id}."
            )
        case None:
            return (
                "This workstation does not hold the key of encrypted fields; run: main.py key request, "
                "and let an administrator approve it."
            )


def why_not_trusted(current: FieldKey) -> str:
    """Return one sentence on a key that nobody vouches for."""
    return (
        "The database offers a key of encrypted fields that no key known here vouches for "
        f"({key_fingerprint(current.id)}): somebody may have put it there. Compare it with what main.py key "
        "status shows an administrator; if it is right, run: main.py key request --again."
    )
