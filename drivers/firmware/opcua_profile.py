"""What a product's profile says of nodes, its name plate first of all. Light: no asyncua."""

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from drivers.errors import AddressError
from drivers.firmware.text_rule import TextRule
from drivers.firmware.version_text import SIMPLE, Pattern
from drivers.opcua.address import parse_address

DEFAULT_BLOCK = 32_768
"""Bytes where the server names no size: a request of it fits into one chunk of 65,535 bytes."""
LARGEST_BLOCK = 4 * 1024 * 1024
_ADDRESS_BEGINS = ("ns=", "nsu=", "i=", "s=", "g=", "b=", "path=")
_LONGEST = 1000


def is_address(text: str) -> bool:
    """Whether a text names a node by itself, and not by browse names from the device's object."""
    return text.startswith(_ADDRESS_BEGINS)


def checked_node(text: str) -> str:
    """Return a node's text that can be used. Raises ValueError."""
    if is_address(text):
        try:
            if parse_address(text).path:
                raise ValueError(f"{text!r} is inside a value; name a whole node.")
        except AddressError as error:
            raise ValueError(str(error)) from None
    elif not all(text.split("/")) or not text.isprintable():
        raise ValueError(
            f"{text!r} is no node: write browse names from the device's object, as in "
            "Identification/SerialNumber, or an address, as in ns=1;s=Press01.Serial."
        )
    return text


NodeText = Annotated[str, Field(max_length=_LONGEST), AfterValidator(checked_node)]
"""A node: browse names from the device's object with slashes between them, or an address."""


class Plate(BaseModel):
    """A text of a device's name plate."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    nodes: tuple[NodeText, ...] = Field(
        min_length=1, max_length=8, description="Where it stands; the first that exists counts."
    )
    rules: tuple[TextRule, ...] = Field(
        default=(), max_length=16, description="How it becomes the manifest's word; the first that matches."
    )


class VersionPlate(BaseModel):
    """Where a version stands, and how it reads."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    nodes: tuple[NodeText, ...] = Field(
        default=("SoftwareRevision", "Identification/SoftwareRevision"),
        min_length=1,
        max_length=8,
        description="Where it stands; the first that exists counts.",
    )
    pattern: Pattern = SIMPLE


class OpcuaIdentity(BaseModel):
    """Who a device is. As it stands, the name plate of OPC 10000-100, 4.5."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    product: Plate = Plate(
        nodes=("ProductCode", "Model", "Identification/ProductCode", "Identification/Model")
    )
    hardware: Plate = Plate(nodes=("HardwareRevision", "Identification/HardwareRevision"))
    serial: Plate = Plate(nodes=("SerialNumber", "Identification/SerialNumber"))
    version: VersionPlate = VersionPlate()
