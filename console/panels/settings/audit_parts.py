"""What a JSON column of the audit trail says, field by field in words; secrets are never shown. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, cast

from console.catalogue.device_differences import NONE, device_differences
from console.catalogue.device_words import protocol_label
from console.catalogue.typed_number import text_from_number
from models.device_metadata import device_from_metadata
from models.quantities import THE_SIX, Quantities
from models.records.audit import AuditChange
from models.records.device import Device, JsonValue
from models.secret_names import is_sealed, is_secret_name


@dataclass(frozen=True, slots=True)
class Known:
    """What numbers and keys of the trail are called now.

    Attributes:
        devices: Names by `devices.id`.
    """

    devices: Mapping[int, str] = field(default_factory=dict[int, str])
    quantities: Quantities = THE_SIX


NOTHING_KNOWN = Known()
MOST_PARTS = 200
"""Fields of one column that are shown; an export holds all of them."""
_SECRET, _ANOTHER = "a secret", "another secret"


def parts_of_device(
    column: str, before: object, after: object, quantities: Quantities = THE_SIX
) -> list[AuditChange]:
    """Return what differs between two texts of a device's settings, as the form and an import name it.

    Args:
        column: What the parts are of.
        before: As stored; None where the device was added.
        after: Likewise; None where it was removed.
        quantities: For the names of what is measured.
    """
    old, new = _device_of(before), _device_of(after)
    if old is None and new is None:
        return parts_of_json(column, before, after)
    there = cast("Device", old or new)
    # A device that was not there yet had every setting as it usually is: what is not usual is what was set.
    blank = replace(there, connection={}, tags=(), extra={})
    found = [
        AuditChange(column, _known(one.old, old), _known(one.new, new), one.label)
        for one in device_differences(old or blank, new or blank, quantities)
    ]
    if old is None or new is None:
        period = f"{text_from_number(there.period_s)} s"
        own = (("Protocol", protocol_label(there.driver)), ("Period", period))
        found[:0] = [
            AuditChange(column, text if new is None else "", text if old is None else "", label)
            for label, text in own
        ]
    return found[:MOST_PARTS]


def parts_of_json(column: str, before: object, after: object) -> list[AuditChange]:
    """Return what differs between two JSON values, each field by the names that lead to it."""
    old, new = _fields(before), _fields(after)
    found: list[AuditChange] = []
    for path in dict.fromkeys((*old, *new)):
        was, now = old.get(path), new.get(path)
        if was == now or len(found) == MOST_PARTS:
            continue
        if any(is_secret_name(name) for name in path) or is_sealed(was) or is_sealed(now):
            texts = tuple(_SECRET if value not in (None, "") else "" for value in (was, now))
            was_text, now_text = (_SECRET, _ANOTHER) if texts == (_SECRET, _SECRET) else texts
        else:
            was_text, now_text = _text(was), _text(now)
        if was_text or now_text:
            found.append(AuditChange(column, was_text, now_text, " › ".join(map(_words, path))))
    return found


def _device_of(value: object) -> Device | None:
    if not isinstance(value, dict) or not isinstance(cast("Mapping[str, Any]", value).get("driver"), str):
        return None
    return device_from_metadata(cast("object", value))


def _known(text: str, device: Device | None) -> str:
    return "" if device is None or text == NONE else text


def _fields(value: object, path: tuple[str, ...] = ()) -> dict[tuple[str, ...], JsonValue]:
    """Return single values by the names that lead to them; lists of single values are one."""
    given = cast("JsonValue", value)
    if isinstance(given, dict) and not is_sealed(given):
        inside = list(given.items())
    elif isinstance(given, list) and any(isinstance(one, dict | list) for one in given):
        inside = [(str(number), one) for number, one in enumerate(given, start=1)]
    else:
        return {path: given}
    return {place: one for name, part in inside for place, one in _fields(part, (*path, name)).items()}


def _words(name: str) -> str:
    text = name.removesuffix("_s").replace("_", " ").strip()
    return (text[:1].upper() + text[1:]) or name


def _text(value: JsonValue) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case int() | float():
            return text_from_number(value)
        case list():
            return ", ".join(map(_text, value))
        case _:
            return str(value)
