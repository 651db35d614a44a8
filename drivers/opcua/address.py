"""Text to OPC UA node and back: `ns=1;s=Press01.Temperature`, `nsu=<uri>;s=…`, and i=, g=, b= alike.

The notation is that of OPC 10000-6, 5.3.1.10 and 5.3.1.11. An index (`ns=`) may mean another namespace after
the server restarted; a URI (`nsu=`) is looked up anew in every session and stays true. Light: nothing here
imports the protocol library.
"""

import base64
import binascii
import re
import uuid
from dataclasses import dataclass

from drivers.errors import AddressError

ADDRESS_HELP = (
    "ns=1;s=Press01.Temperature or ns=2;i=45 (also g= and b=), "
    "or nsu=http://example.com/plant;s=Press01.Temperature, which survives a server that renumbers"
)

_EXAMPLE = "write it as in ns=1;s=Press01.Temperature or ns=2;i=45"
_LONGEST = 4096  # characters of a string identifier, OPC 10000-3, 8.2.4
_DIGITS = re.compile(r"[0-9]{1,10}")

Identifier = int | str | uuid.UUID | bytes


@dataclass(frozen=True, slots=True)
class NodeAddress:
    """The node whose Value attribute is read.

    Attributes:
        namespace: Index 0 to 65535, or the namespace's URI.
        identifier: Numeric, string, GUID or opaque identifier.
    """

    namespace: int | str
    identifier: Identifier

    def __str__(self) -> str:
        return f"{self._namespace_text()}{self._identifier_text()}"

    def _namespace_text(self) -> str:
        if isinstance(self.namespace, str):
            # OPC 10000-6, 5.3.1.11 reserves these two characters in a URI.
            return f"nsu={self.namespace.replace('%', '%25').replace(';', '%3B')};"
        return f"ns={self.namespace};" if self.namespace else ""

    def _identifier_text(self) -> str:
        if isinstance(self.identifier, int):
            return f"i={self.identifier}"
        if isinstance(self.identifier, str):
            return f"s={self.identifier}"
        if isinstance(self.identifier, uuid.UUID):
            return f"g={self.identifier}"
        return f"b={base64.b64encode(self.identifier).decode('ascii')}"


def parse_address(text: str) -> NodeAddress:
    """Parse the text of one node.

    Raises:
        AddressError: Says which part is wrong, and shows a correct example.
    """
    rest = text.strip()
    namespace: int | str = 0
    if rest.startswith("nsu="):
        namespace, rest = _uri(text, rest[4:])
    elif rest.startswith("ns="):
        namespace, rest = _index(text, rest[3:])
    kind, separator, value = rest.partition("=")
    if not separator or kind not in _READERS:
        raise AddressError(f"Address {text!r} names no node by s=, i=, g= or b=; {_EXAMPLE}.")
    if not value:
        raise AddressError(f"Address {text!r} has nothing after {kind}=; {_EXAMPLE}.")
    return NodeAddress(namespace, _READERS[kind](text, value))


def _uri(text: str, rest: str) -> tuple[str, str]:
    uri, separator, rest = rest.partition(";")
    uri = uri.replace("%3B", ";").replace("%3b", ";").replace("%25", "%").strip()
    if not uri or not separator:
        raise AddressError(
            f"Address {text!r} needs a namespace URI and a semicolon after nsu=; "
            "write it as in nsu=http://example.com/plant;s=Press01.Temperature."
        )
    return uri, rest


def _index(text: str, rest: str) -> tuple[int, str]:
    digits, separator, rest = rest.partition(";")
    if not separator or not _DIGITS.fullmatch(digits) or int(digits) > 0xFFFF:
        raise AddressError(f"Namespace index {digits!r} in {text!r} must be 0 to 65535; {_EXAMPLE}.")
    return int(digits), rest


def _numeric(text: str, value: str) -> int:
    if not _DIGITS.fullmatch(value) or int(value) > 0xFFFF_FFFF:
        raise AddressError(f"Identifier {value!r} in {text!r} must be a number 0 to 4294967295; {_EXAMPLE}.")
    return int(value)


def _string(text: str, value: str) -> str:
    if len(value) > _LONGEST:
        raise AddressError(
            f"The identifier has {len(value)} characters, the limit is {_LONGEST}; {_EXAMPLE}."
        )
    if not value.isprintable():
        raise AddressError(f"Identifier {value!r} in {text!r} must not hold control characters; {_EXAMPLE}.")
    return value


def _guid(text: str, value: str) -> uuid.UUID:
    try:
        return uuid.UUID(value)
    except ValueError as error:
        raise AddressError(
            f"Identifier {value!r} in {text!r} is no GUID; "
            "write it as in ns=1;g=09087e75-8e5e-499b-954f-f2a9603db28a."
        ) from error


def _opaque(text: str, value: str) -> bytes:
    try:
        return base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError) as error:
        raise AddressError(
            f"Identifier {value!r} in {text!r} is not base64; write it as in ns=1;b=M/RbKBsRVkePCePcx24oRA==."
        ) from error


_READERS = {"i": _numeric, "s": _string, "g": _guid, "b": _opaque}
