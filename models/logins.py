"""Which database login belongs to an e-mail address: computed, so that nobody has to ask before signing in.

The database computes the same in `app.login_of` (migration 0010). No name and no e-mail address stands in a
login, and so none in the server's log.
"""

import hashlib

LOCAL_STATION = "console_local_station"
"""Login of the station beside the embedded server, which the system lets in without a password."""

_PERSON_PREFIX = "u_"
_DIGITS = 32


def normalised_email(email: str) -> str:
    """Return an e-mail address as it is stored and compared: without blanks around it, in lower case."""
    return email.strip().lower()


def person_login(database: str, email: str) -> str:
    """Return the PostgreSQL login of the person with this e-mail address.

    Args:
        database: Name of the database: logins belong to the whole server, which may hold several.
        email: As typed; capitals and blanks around it make no difference.
    """
    # A lone surrogate, which no terminal should send, must lead to a refused sign-in and not to a crash.
    text = f"{database}:{normalised_email(email)}".encode(errors="replace")
    return _PERSON_PREFIX + hashlib.sha256(text).hexdigest()[:_DIGITS]
