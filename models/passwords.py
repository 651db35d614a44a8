"""Passwords: which are accepted, and the two forms in which they leave a workstation, never as typed.

- A SCRAM-SHA-256 verifier (RFC 5802, RFC 7677) for PostgreSQL, which checks sign-ins against it.
- A bcrypt hash, which checks sign-ins while the database is away.
"""

import base64
import hashlib
import hmac
import secrets
import stringprep
import unicodedata
from dataclasses import dataclass, field

import bcrypt
from sqlalchemy.engine import Connection

from models.errors import Rejected, StorageBug
from models.logins import normalised_email

SHORTEST = 10
"""Characters a password has at least."""

LONGEST_BYTES = 72
"""Bytes a password has at most: bcrypt looks at no more."""

_COST = 12  # 2^12 rounds: a quarter of a second on a desktop of 2024
_ITERATIONS = 4096  # PostgreSQL's own default (scram_iterations)
_SALT_BYTES = 16


@dataclass(frozen=True, slots=True)
class NewPassword:
    """A password somebody chose, in the two forms that are stored. Its text shows neither."""

    verifier: str = field(repr=False)
    password_hash: str = field(repr=False)


def new_password(password: str, *, email: str, name: str) -> NewPassword:
    """Check a password that `name` wants, and return what to store of it. Takes a quarter of a second.

    Raises:
        Rejected: One sentence why it is not accepted.
    """
    check_password(password, email=email, name=name)
    return NewPassword(scram_verifier(password), hash_password(password))


def check_password(password: str, *, email: str = "", name: str = "") -> None:
    """Return if a password may be chosen.

    Raises:
        Rejected: Too short, too long, a control character, or the person's own e-mail address or name.
    """
    if len(password) < SHORTEST:
        raise Rejected(f"A password needs at least {SHORTEST} characters; this one has {len(password)}.")
    if any(unicodedata.category(character) in ("Cc", "Cs") for character in password):
        raise Rejected("A password cannot hold control characters such as a line break or a tab.")
    size = len(prepared(password))
    if size > LONGEST_BYTES:
        raise Rejected(
            f"A password can be {LONGEST_BYTES} bytes long; this one has {size}. "
            "Letters beyond a to z take two to four bytes each."
        )
    plain = password.strip().casefold()
    if not plain:
        raise Rejected("A password cannot consist of blanks.")
    taken = {normalised_email(email), normalised_email(email).partition("@")[0], name.strip().casefold()}
    if plain in taken:
        raise Rejected("A password cannot be the person's own e-mail address or name.")


def hash_password(password: str) -> str:
    """Return the bcrypt hash of a password, at cost 12. Takes a quarter of a second.

    Raises:
        Rejected: It is longer than bcrypt reads.
    """
    given = prepared(password)
    if len(given) > LONGEST_BYTES:
        raise Rejected(f"A password can be {LONGEST_BYTES} bytes long; this one has {len(given)}.")
    return bcrypt.hashpw(given, bcrypt.gensalt(_COST)).decode("ascii")


def verify_password(password: str, password_hash: str) -> bool:
    """Return whether a bcrypt hash of any cost was made of this password. False for what is no hash."""
    given = prepared(password)
    if len(given) > LONGEST_BYTES:
        return False
    try:
        return bcrypt.checkpw(given, password_hash.encode())
    except ValueError:  # "!", or a damaged hash
        return False


def scram_verifier(password: str, *, salt: bytes | None = None, iterations: int = _ITERATIONS) -> str:
    """Return PostgreSQL's stored form of a password, computed here: needs no connection.

    Args:
        password: As typed.
        salt: At least 16 random bytes; None makes new ones.
        iterations: Of PBKDF2 (RFC 5802 section 2.2); the server accepts no fewer than 4096.
    """
    grain = secrets.token_bytes(_SALT_BYTES) if salt is None else salt
    salted = hashlib.pbkdf2_hmac("sha256", prepared(password), grain, iterations)
    client_key = hmac.digest(salted, b"Client Key", "sha256")
    stored_key = hashlib.sha256(client_key).digest()
    server_key = hmac.digest(salted, b"Server Key", "sha256")
    return f"SCRAM-SHA-256${iterations}:{_base64(grain)}${_base64(stored_key)}:{_base64(server_key)}"


def scram_verifier_for(connection: Connection, login: str, password: str) -> str:
    """Return PostgreSQL's stored form of a password as libpq makes it, with the iterations the server wants.

    Nothing is sent: libpq computes it, and knows the server's wish since the connection was made.
    """
    driver = connection.connection.driver_connection
    if driver is None:
        raise StorageBug("A password was to be prepared on a connection that is closed.")
    # The name of the algorithm is given, so libpq asks the server nothing (PQencryptPasswordConn).
    made = driver.pgconn.encrypt_password(password.encode(), login.encode(), b"scram-sha-256")
    return bytes(made).decode("ascii")


def prepared(password: str) -> bytes:
    """Return a password as PostgreSQL's SASLprep (RFC 4013) does, in UTF-8.

    The same password typed on two systems, with composed or decomposed accents, comes out the same. What
    SASLprep does not allow stays as typed, which is how PostgreSQL treats it (src/common/saslprep.c).
    """
    if password.isascii():
        return password.encode()
    mapped = "".join(
        " " if stringprep.in_table_c12(character) else character
        for character in password
        if stringprep.in_table_c12(character) or not stringprep.in_table_b1(character)
    )
    if not mapped or any(_is_prohibited(character) for character in mapped) or _is_mixed(mapped):
        return password.encode(errors="replace")
    return unicodedata.normalize("NFKC", mapped).encode()


def _is_prohibited(character: str) -> bool:
    return any(table(character) for table in _PROHIBITED)


_PROHIBITED = (
    stringprep.in_table_a1,  # not assigned in Unicode 3.2, of which the standard speaks
    stringprep.in_table_c12,
    stringprep.in_table_c21_c22,
    stringprep.in_table_c3,
    stringprep.in_table_c4,
    stringprep.in_table_c5,
    stringprep.in_table_c6,
    stringprep.in_table_c7,
    stringprep.in_table_c8,
    stringprep.in_table_c9,
)


def _is_mixed(text: str) -> bool:
    """Whether text breaks the rule on right-to-left letters (RFC 3454 section 6)."""
    if not any(map(stringprep.in_table_d1, text)):
        return False
    return any(map(stringprep.in_table_d2, text)) or not (
        stringprep.in_table_d1(text[0]) and stringprep.in_table_d1(text[-1])
    )


def _base64(octets: bytes) -> str:
    return base64.b64encode(octets).decode("ascii")
