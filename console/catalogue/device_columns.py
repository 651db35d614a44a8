"""The columns of a table of devices: what they are called, and how a cell of each becomes a value. Pure.

A heading is known by its name in files (`location`), in words ("Area"), and for a setting of a connection
also by the label that the form shows ("Host"), whatever its case, blanks and signs.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, cast

from console.catalogue.errors import DocumentFault
from console.catalogue.json_text import object_from_json
from console.catalogue.threshold_sheet import bare
from console.catalogue.typed_number import NotANumber, number_from_text
from drivers.registry import DRIVERS
from models.records.device import JsonValue
from models.records.threshold import Severity

DEVICE_ID, DRIVER, PROFILE, METADATA, PERIOD = "device_id", "driver", "profile", "metadata", "period_s"
METRIC, ADDRESS = "metric", "address"
CONNECTION = "connection."
DEVICE_COLUMNS = (DEVICE_ID, "name", "type", "location", DRIVER, PROFILE, PERIOD, METADATA)
TAG_COLUMNS = (METRIC, ADDRESS, "scale", "offset", "writable")
GUIDANCE = ("cause", "consequence", "action", "respond_within_s")
LIMIT_ALWAYS = ("min", "max", "deadband", "on_delay_s", "off_delay_s", "enabled")
LIMIT_FIELDS = (
    *LIMIT_ALWAYS,
    *("disabled_reason", "latching", "requires_comment", "realarm_s"),
    *GUIDANCE,
)
LIMIT_COLUMNS = tuple(f"{severity}.{name}" for severity in Severity for name in LIMIT_FIELDS)

_IN_WORDS = {
    DEVICE_ID: ("Hardware id", "Device id", "Id"),
    "name": ("Device", "Device name"),
    "type": ("Kind", "Device type"),
    "location": ("Area", "Place"),
    DRIVER: ("Protocol",),
    PROFILE: ("Template",),
    PERIOD: ("Period", "Interval"),
    METRIC: ("Signal", "Quantity"),
    ADDRESS: ("Register", "Node"),
    "scale": ("Factor",),
    "writable": ("May be written",),
}
_TRUTHS = {"enabled", "latching", "requires_comment", "writable"}
_NUMBERS = {
    *(PERIOD, "scale", "offset", "min", "max", "deadband", "on_delay_s", "off_delay_s"),
    *("realarm_s", "respond_within_s"),
}
_YES = ("yes", "true", "1", "on", "x", "ja", "wahr")
_NO = ("no", "false", "0", "off", "nein", "falsch")


class Unreadable(ValueError):
    """A cell that cannot become a value. The text is one sentence without its place."""


@dataclass(frozen=True, slots=True)
class Setting:
    """A setting of a connection, as its driver's settings type describes it.

    Attributes:
        kinds: JSON types that it may have: "string", "integer", "number", "boolean", "array", "object".
        default: What counts where nothing is said; None where something must be, or nothing is taken.
    """

    label: str
    unit: str
    kinds: frozenset[str]
    default: JsonValue = None


@cache
def settings_of(driver: str) -> Mapping[str, Setting]:
    """Return the settings of a driver by name; empty where there is no such driver."""
    spec = next((spec for spec in DRIVERS if spec.kind == driver), None)
    if spec is None:
        return {}
    schema: dict[str, Any] = spec.settings_type.model_json_schema()
    definitions: dict[str, Any] = schema.get("$defs", {})
    properties: dict[str, dict[str, Any]] = schema.get("properties", {})
    return {
        name: Setting(
            str(part.get("title", name)),
            str(part.get("unit", "")),
            frozenset(_kinds(part, definitions)),
            cast("JsonValue", part.get("default")),
        )
        for name, part in properties.items()
    }


@cache
def known_headings() -> Mapping[str, str]:
    """Return the column that each heading means, by the heading without case, blanks and signs."""
    known = {bare(name): name for name in (*DEVICE_COLUMNS, *TAG_COLUMNS, *LIMIT_COLUMNS)}
    for column, words in _IN_WORDS.items():
        known |= {bare(word): column for word in words}
    for spec in DRIVERS:
        for name in settings_of(spec.kind):
            known[bare(CONNECTION + name)] = CONNECTION + name
    for spec in DRIVERS:
        for name, setting in settings_of(spec.kind).items():
            known.setdefault(bare(name), CONNECTION + name)
            known.setdefault(bare(setting.label), CONNECTION + name)
    return known


def column_of(heading: str) -> str | None:
    """Return the column that a heading means, None where it means none."""
    if known := known_headings().get(bare(heading)):
        return known
    # A driver's own settings type says whether there is such a setting.
    return heading.strip() if heading.strip().startswith(CONNECTION) else None


def value_from_cell(column: str, cell: str, driver: str, *, is_comma_decimal: bool) -> JsonValue:
    """Return what a cell says. Raises Unreadable."""
    name = column.rpartition(".")[2]
    if column.startswith(CONNECTION):
        setting = settings_of(driver).get(column.removeprefix(CONNECTION))
        return _setting(setting, cell, is_comma_decimal=is_comma_decimal)
    if name in _NUMBERS:
        return _number(cell, is_comma_decimal=is_comma_decimal)
    if name in _TRUTHS:
        return _truth(cell)
    return _json(cell) if column == METADATA else cell


def cell_from_setting(driver: str, name: str, value: JsonValue) -> str | float | bool:
    """Return the cell that `value_from_cell` turns into this value of a setting."""
    if isinstance(value, bool | int | float):
        return value
    if isinstance(value, str):
        setting = settings_of(driver).get(name)
        is_text = setting is not None and "string" in setting.kinds
        is_plain = not value.startswith('"') and (is_text or not _looks_like_json(value))
        # Blanks at the ends, and nothing at all, would be lost in a cell.
        return value if is_plain and value == value.strip() and value else json.dumps(value)
    return json.dumps(value)


def _kinds(part: Mapping[str, Any], definitions: Mapping[str, Any]) -> set[str]:
    found: set[str] = set()
    if "$ref" in part:
        found |= _kinds(definitions.get(str(part["$ref"]).rpartition("/")[2], {}), definitions)
    for name in ("anyOf", "oneOf", "allOf"):
        for one in part.get(name, ()):
            found |= _kinds(one, definitions)
    kind = part.get("type")
    if isinstance(kind, str):
        found.add(kind)
    for value in (*part.get("enum", ()), *([part["const"]] if "const" in part else [])):
        found.add("string" if isinstance(value, str) else "integer")
    return found - {"null"}


def _setting(setting: Setting | None, cell: str, *, is_comma_decimal: bool) -> JsonValue:
    if cell.startswith('{"$sealed"') or setting is None:
        return _guess(cell)
    if "string" in setting.kinds:
        unquoted = _guess(cell) if cell.startswith('"') else cell
        return unquoted if isinstance(unquoted, str) else cell
    if setting.kinds & {"integer", "number"}:
        number = _number(cell, is_comma_decimal=is_comma_decimal)
        return int(number) if number == int(number) and "number" not in setting.kinds else number
    if "boolean" in setting.kinds:
        return _truth(cell)
    return _guess(cell)


def _number(cell: str, *, is_comma_decimal: bool) -> float:
    try:
        return number_from_text(cell, is_comma_decimal=is_comma_decimal)
    except NotANumber as error:
        raise Unreadable(str(error)) from None


def _truth(cell: str) -> bool:
    word = cell.casefold()
    if word in _YES or word in _NO:
        return word in _YES
    raise Unreadable(f"{cell[:40]!r} is neither yes nor no.")


def _guess(cell: str) -> JsonValue:
    # A cell that reads as JSON (a number, true, a list) is taken as such and anything else as text; the
    # driver's settings type then judges it.
    return _json(cell)


def _looks_like_json(cell: str) -> bool:
    return not isinstance(_json(cell), str)


def _json(cell: str) -> JsonValue:
    try:
        value = cast("JsonValue", object_from_json(cell))
    except DocumentFault:
        return cell
    return cell if value is None else value
