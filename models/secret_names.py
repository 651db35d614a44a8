"""Which fields of a device's metadata are secret: the one list, and the walk that finds them.

The database holds the same rule (`app.is_secret_name`, migration 0013) and refuses plain ones; a test holds
the two equal.
"""

import re
from collections.abc import Callable
from typing import TypeGuard

from models.records.device import JsonValue

SEALED = "$sealed"
"""The key that makes a JSON object a sealed value: `{"$sealed": {"key": …, "nonce": …, "data": …}}`."""

Path = tuple[str | int, ...]
"""Where a value stands in `devices.metadata`: keys and list positions from the top."""
ReplaceSecret = Callable[[Path, JsonValue], JsonValue]
"""Gets path and value of one secret, plain or sealed; returns what shall stand there."""

# Short words count only as whole words ("pin", not "spinning"), long ones anywhere ("userpassword").
_WORDS = "pins?|pwds?|psk|tokens?|credentials?"
_ANYWHERE = "pass_?(word|wd|phrase|code|wort)|kennwort|secret"
_KINDS_OF_KEY = "private|api|access|shared|auth|encryption|signing|session|master"
PATTERN = f"(^|_)({_WORDS})[0-9]*(_|$)|{_ANYWHERE}|({_KINDS_OF_KEY})_?keys?"
"""Searched in a name of lower-case ASCII words with _ between. PostgreSQL understands it the same way."""

_SEARCH = re.compile(PATTERN).search
_HUMP = re.compile("([a-z0-9])([A-Z])")
_BETWEEN = re.compile("[^a-z0-9]+")
_LOWER = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz")


def is_secret_name(name: str) -> bool:
    """Whether a field of this name holds a secret: "password", "apiKey", "Wi-Fi passphrase", "sim.pin"."""
    words = _BETWEEN.sub("_", _HUMP.sub(r"\1_\2", name).translate(_LOWER))
    return _SEARCH(words) is not None


def is_sealed(value: JsonValue) -> TypeGuard[dict[str, JsonValue]]:
    """Whether a JSON value is, or claims to be, a sealed one."""
    return isinstance(value, dict) and SEALED in value


def is_plain_secret(value: JsonValue) -> bool:
    """Whether a value under a secret name has to be sealed: any text but the empty one, and any number."""
    return (isinstance(value, str) and value != "") or (
        isinstance(value, int | float) and not isinstance(value, bool)
    )


def replaced(
    value: JsonValue,
    replace: ReplaceSecret,
    path: Path = (),
    *,
    is_secret: bool = False,
) -> JsonValue:
    """Return a copy of `value` in which every secret went through `replace`.

    Secrets are sealed values wherever they stand, and texts and numbers below a secret name, however deep.

    Args:
        value: Metadata, or a part of it.
        replace: Called with each secret.
        path: Where `value` stands.
        is_secret: Whether everything in `value` is secret, whatever the names say.
    """
    if is_sealed(value) or (is_secret and is_plain_secret(value)):
        return replace(path, value)
    if isinstance(value, dict):
        return {
            key: replaced(part, replace, (*path, key), is_secret=is_secret or is_secret_name(key))
            for key, part in value.items()
        }
    if isinstance(value, list):
        return [
            replaced(part, replace, (*path, index), is_secret=is_secret) for index, part in enumerate(value)
        ]
    return value


def text_from_path(path: Path) -> str:
    """Return a path as people read it: `connection.password`, `doors[2].pin`."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}"
    return text.removeprefix(".")
