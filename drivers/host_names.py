"""What people type as the host of a device: a name that can be looked up, or an address. Pure and light.

Settings of every protocol that goes over a network check their host here, so a form, an import and the
command line refuse the same texts with the same sentence.
"""

import re
from ipaddress import IPv4Address, IPv6Address

EXAMPLE_ADDRESS = "10.0.0.7"
LONGEST_NAME = 253
_LONGEST_PART = 63
_LONGEST_SHOWN = 60
# Letters of every alphabet: names are translated (IDNA) when they are looked up. Underscores are none of the
# internet's, but Windows computers have them.
_PART = re.compile(r"\w(?:[\w-]*\w)?|_")
_NUMBER = re.compile(r"\d+|0[xX][0-9a-fA-F]*", re.ASCII)


def host_from_text(value: object) -> object:
    """Return the host without blanks around it, or say what is wrong with it.

    "43423" is refused although the C library takes it for the address 0.0.169.159: no domain that is all
    digits exists (RFC 1123, 2.1; RFC 3696, 2), so whoever typed it meant something else.

    Raises:
        ValueError: It can be neither a name nor an address; one sentence that names the host and the remedy.
    """
    if not isinstance(value, str):
        return value
    text = value.strip()
    if not text:
        raise ValueError("must not be empty.")
    if fault := _fault_of(text):
        shown = text if len(text) <= _LONGEST_SHOWN else f"{text[: _LONGEST_SHOWN - 1]}…"
        raise ValueError(f"{shown!r} {fault}")
    return text


def _fault_of(text: str) -> str:
    if "://" in text:
        return f"is a whole address of a page; give the host alone, as in {EXAMPLE_ADDRESS}."
    if ":" in text:
        return _fault_of_colons(text)
    if len(text) > LONGEST_NAME:
        return f"has {len(text)} characters; a host name has at most {LONGEST_NAME}."
    parts = text.removesuffix(".").split(".")
    if _NUMBER.fullmatch(parts[-1]):
        return _fault_of_numbers(text)
    for part in parts:
        if not part:
            return "has nothing between two dots, or before the first; a host name has letters there."
        if len(part) > _LONGEST_PART:
            return f"has {len(part)} characters between two dots; a host name has at most {_LONGEST_PART}."
        if not _PART.fullmatch(part):
            return "is no host name: only letters, digits, dots and hyphens, none of these at an end."
    return ""


def _fault_of_numbers(text: str) -> str:
    try:
        IPv4Address(text)
    except ValueError:
        return (
            "is neither a host name nor an address: an address has four numbers of 0 to 255 without zeros in "
            f"front, as in {EXAMPLE_ADDRESS}."
        )
    return ""


def _fault_of_colons(text: str) -> str:
    try:
        IPv6Address(text)
    except ValueError:
        before, _, after = text.rpartition(":")
        if after.isdecimal() and ":" not in before:
            return f"holds a port; give {before} as host and {after} as port."
        if text.startswith("["):
            return "has brackets; give the address without them, as in fe80::7."
        return "is no address: one of version 6 has groups of up to four digits or a to f, as in fe80::7."
    return ""
