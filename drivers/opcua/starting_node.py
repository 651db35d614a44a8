"""The node at which a device's paths begin, as it stands in the settings."""

from drivers.errors import AddressError
from drivers.opcua.address import parse_address


def starting_node_from_text(value: object) -> object:
    """Return the address of a whole node in its canonical text; empty: None. Raises ValueError."""
    if not isinstance(value, str):
        return value
    if not value.strip():
        return None
    try:
        address = parse_address(value)
    except AddressError as error:
        raise ValueError(str(error)) from error
    if address.path:
        raise ValueError(f"{value.strip()!r} is a part of a value; paths begin at a whole node.")
    return str(address)
