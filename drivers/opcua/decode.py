"""DataValue → RawValue: status code to quality, source time to Unix seconds, anything but a number to BAD.

Called once an address and read, so it stays cheap: words for status codes are made once each.
"""

import functools
import math
import re
from collections.abc import Callable
from datetime import UTC, datetime

from asyncua import ua
from asyncua.ua import status_codes
from asyncua.ua.status_codes import StatusCodes

from drivers.opcua.fields import NotThere
from drivers.opcua.value_wire import UNDECODABLE
from drivers.values import Quality, RawValue, bad

_UNKNOWN_NODE = (StatusCodes.BadNodeIdUnknown, StatusCodes.BadNodeIdInvalid)
_CODE_BITS = 0xFFFF_0000  # the lower half holds flags, e.g. "overflow" (OPC 10000-4, 7.39.1)
_CAPITAL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_LONGEST_TEXT = 40

NOT_DECODABLE = "the server sent a value that cannot be decoded"


def raw_value(
    data: ua.DataValue,
    address: str,
    received_unix: float,
    part: Callable[[object], object] | None = None,
) -> RawValue:
    """Judge and convert one value.

    Args:
        data: As the server sent it.
        address: Canonical address, named in the detail where the server knows no such node.
        received_unix: Unix seconds of the last sign of life of what carries the value.
        part: Takes one number out of it; may raise NotThere. None: it is one itself.
    """
    status = data.StatusCode
    code = status.value if status is not None else 0
    source_unix = _unix(data.SourceTimestamp or data.ServerTimestamp)
    severity = code >> 30  # OPC 10000-4, 7.39.1: 00 good, 01 uncertain, 10 bad, 11 to be treated as bad
    if data is UNDECODABLE:
        return bad(NOT_DECODABLE, received_unix)
    if severity >= 2:
        return bad(refusal_words(code, address), received_unix, source_unix)
    value: object = data.Value.Value if data.Value is not None else None
    if part is not None:
        try:
            value = part(value)
        except NotThere as why:
            return bad(str(why), received_unix, source_unix)
    # The type first: isinstance would let an enumeration or a date pass that compares like a number.
    if type(value) is float:
        if not math.isfinite(value):
            return bad("not a number" if math.isnan(value) else "infinite", received_unix, source_unix)
    elif type(value) is not int and type(value) is not bool:
        return bad(_why_no_number(value), received_unix, source_unix)
    if severity:
        return RawValue(value, Quality.UNCERTAIN, received_unix, source_unix, status_words(code))
    return RawValue(value, Quality.GOOD, received_unix, source_unix)


def refusal_words(code: int, address: str) -> str:
    """Return why there is no value of `address`, e.g. "no node ns=1;s=A on the server (BadNodeIdUnknown)"."""
    if code & _CODE_BITS in _UNKNOWN_NODE:
        return f"no node {address} on the server ({status_name(code)})"
    return status_words(code)


@functools.cache
def status_name(code: int) -> str:
    """Return the name of a status code as the standard spells it, e.g. "BadSensorFailure"."""
    name, _ = status_codes.get_name_and_doc(code & _CODE_BITS)
    is_known = (code & _CODE_BITS) in status_codes.code_to_name_doc
    return name if is_known else f"{name} 0x{code:08X}"


@functools.cache
def status_words(code: int) -> str:
    """Return a status code in words with its name, e.g. "sensor failure (BadSensorFailure)"."""
    name = status_name(code)
    stem = name.removeprefix("Bad").removeprefix("Uncertain")
    if not stem or stem.startswith(" "):
        kind = "bad" if code >> 31 else "uncertain"
        return f"marked {kind} by the server ({name})"
    return f"{_CAPITAL.sub(' ', stem).lower()} ({name})"


def _unix(moment: datetime | None) -> float | None:
    # 1601-01-01 is how a null DateTime looks on the wire (OPC 10000-6, 5.2.2.5).
    if moment is None or moment.year < 1970:
        return None
    return moment.replace(tzinfo=UTC).timestamp()


def _why_no_number(value: object) -> str:
    if value is None:
        return "the server sent no value"
    if isinstance(value, str):
        return f"text {value[:_LONGEST_TEXT]!r} instead of a number"
    if isinstance(value, list | tuple):
        count = len(value)  # pyright: ignore[reportUnknownArgumentType]
        first = "; the first is named by |[0] at the end of the address" if count else ""
        return f"an array of {count} elements instead of a number{first}"
    if isinstance(value, ua.ExtensionObject | dict):
        return "a structure instead of a number; a field of it is named by |.Name at the end of the address"
    return f"a value of type {type(value).__name__} instead of a number"
