"""Whole nodes as they stand in a device's settings: where its paths begin, and whose events it shows."""

from drivers.errors import AddressError
from drivers.opcua.address import parse_address


def starting_node_from_text(value: object) -> object:
    """Return the address of a whole node in its canonical text; empty: None. Raises ValueError."""
    return _whole_node_from_text(value, "paths begin at a whole node")


def notifier_from_text(value: object) -> object:
    """Do the same for the node whose events are shown."""
    return _whole_node_from_text(value, "events come from a whole node")


def _whole_node_from_text(value: object, why: str) -> object:
    if not isinstance(value, str):
        return value
    if not value.strip():
        return None
    try:
        address = parse_address(value)
    except AddressError as error:
        raise ValueError(str(error)) from error
    if address.path:
        raise ValueError(f"{value.strip()!r} is a part of a value; {why}.")
    return str(address)
