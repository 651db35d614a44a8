"""Roles, states and rules about persons in plain words. Pure."""

import re
import unicodedata

from models.records.account import Account
from models.records.person import Role

ROLE_ABILITIES = {
    Role.ADMIN: (
        "sees and changes everything: devices, limits, alerts",
        "adds people, changes their roles, disables and anonymises them",
        "reads the audit trail and verifies it",
    ),
    Role.OPERATOR: (
        "sees the whole plant",
        "acknowledges, shelves and resolves every alert, and puts devices into maintenance",
        "hands over shifts; changes nothing else",
    ),
    Role.USER: (
        "sees the devices they own, with their readings, limits and alerts",
        "adds devices, and changes those they own with their limits",
        "acknowledges, shelves and resolves alerts of those devices",
    ),
}
"""What a role may do, to be read after "An administrator …"."""

ANONYMISE_CONSEQUENCES = (
    (
        "What goes, on every screen and in every export from now on:",
        (
            "name and e-mail address, also in comments on alerts",
            "password and login; sessions open now end at once",
        ),
    ),
    (
        "What stays, under “Former person” and a number:",
        (
            "alerts they acknowledged or resolved, with the time",
            "their entries in the audit trail, which goes on being verifiable",
            "their devices and limits, which go on working",
        ),
    ),
)

LONGEST = 255
"""Letters that a name or an e-mail address may have: the columns of `users`."""

_LONG_WORD = re.compile(r"\S{20}(?=\S)")

_EMAIL = re.compile(r"[a-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[a-z0-9-]{1,63}([.][a-z0-9-]{1,63})*")
"""As the database asks for it (app.account_email): letters of ASCII, because they become a login."""


def name_error(name: str) -> str:
    """Return what is wrong with a person's name; empty where nothing is."""
    if not name.strip():
        return "Type a name."
    if len(name.strip()) > LONGEST:
        return f"The name has {len(name.strip()):,} letters; at most {LONGEST} fit."
    # Only what is no text at all: emoji and right-to-left names are made with invisible letters, too.
    if any(unicodedata.category(letter) in ("Cc", "Cs", "Zl", "Zp") for letter in name.strip()):
        return "The name holds a line break or another character that cannot be shown."
    return ""


def email_error(email: str) -> str:
    """Return what is wrong with an e-mail address; empty where nothing is."""
    typed = email.strip()
    if not typed:
        return "Type an e-mail address; it is what the person signs in with."
    if len(typed) > LONGEST:
        return f"The address has {len(typed):,} letters; at most {LONGEST} fit."
    if not _EMAIL.fullmatch(typed.lower()):
        return "An e-mail address looks like anna.berg@example.com, without accents."
    return ""


def password_error(password: str, email: str = "", name: str = "") -> str:
    """Return why a password cannot be chosen; empty where it can."""
    # Here, not above: hashing needs a library that nobody waits for while the window opens.
    from models.errors import Rejected
    from models.passwords import check_password

    if not password:
        return "Type a password."
    try:
        check_password(password, email=email, name=name)
    except Rejected as refusal:
        return str(refusal)
    return ""


def again_error(password: str, again: str) -> str:
    """Return what is wrong with the second typing of a password; empty where both are the same."""
    return "" if password == again else "Both passwords must be the same; type them again."


def short_name(name: str, most: int = 48) -> str:
    """Return a name as it fits into a sentence."""
    return name if len(name) <= most else name[: most - 1].rstrip() + "…"


def breakable(text: str) -> str:
    """Return a text that wraps inside words, too, where one is longer than a narrow pane is wide."""
    return _LONG_WORD.sub("\\g<0>\u200b", text)


def abilities_text(role: Role) -> str:
    """Return what a role may do, in a sentence."""
    words = a_role(role)
    return f"{words[0].upper()}{words[1:]} {'; '.join(ROLE_ABILITIES[role])}."


def a_role(role: Role) -> str:
    """Return a role with its article: "an operator"."""
    article = "an" if role.label[0] in "AEIO" else "a"
    return f"{article} {role.label.casefold()}"


def stored_now(account: Account) -> str:
    """Return what is stored of a person now, for somebody whose change came too late."""
    state = "active" if account.is_active else "disabled"
    if account.is_former:
        state = "anonymised"
    return (
        f"Stored now: {short_name(account.name)} · {account.email or 'no e-mail'} · "
        f"{account.role.label} · {state}"
    )


def strength_text(letters: int) -> str:
    """Return how good a password of this length is; length is what counts most."""
    # The shortest one accepted is in models/passwords.py, which says so itself when a password is refused.
    if letters < 10:
        return f"{letters} of at least 10 characters."
    if letters < 14:
        return f"{letters} characters: acceptable. Longer is stronger."
    if letters < 20:
        return f"{letters} characters: good."
    return f"{letters} characters: very good."
