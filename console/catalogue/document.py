"""The import document: devices with their tags and thresholds, as engineers write them.

`entries_from_document` checks everything a document says against drivers and metrics before anything is
stored, and names every fault with its place. `document_from_entries` is its inverse.
"""

import json
from collections.abc import Callable, Sequence
from typing import cast

from pydantic import ValidationError

from console.catalogue.binding import bind, would_open
from console.catalogue.device_parts import (
    DeviceDocument,
    DeviceParts,
    TagDocument,
    limit_faults,
    parts_of,
    readable_parts,
)
from console.catalogue.errors import CatalogueFault, DocumentFault, RowFault
from console.catalogue.json_text import RepeatedKeys, unstorable
from console.catalogue.threshold_document import (
    document_from_threshold,
    threshold_from_document,
    unknown_metric,
    usual_thresholds,
)
from console.catalogue.wording import sentence_from_error
from drivers.errors import AddressError
from drivers.registry import DRIVERS, spec_of
from models.quantities import THE_SIX, Quantities
from models.records.device import Device, DeviceId, JsonValue, Tag
from models.records.device_entry import DeviceEntry
from models.secret_names import is_sealed, replaced

PARENT = "parent"
"""Key of `metadata`: hardware id of the device it is reached through; while that is offline, alerts hide."""
_LONGEST_SHOWN_NAME = 60

PlaceName = Callable[[int, object, str], str]
"""Names a place for the person who wrote it: index of the device, the device's row, path within it."""


def place_in_json(index: int, row: object, path: str) -> str:
    """Name a place as it stands in the JSON document."""
    name = cast(dict[object, object], row).get("device_id") if isinstance(row, dict) else None
    # A name that would garble the list of faults is left out; the index finds the row as well.
    is_shown = isinstance(name, str) and name.isprintable() and len(name) <= _LONGEST_SHOWN_NAME
    device = f'devices[{index}] "{name}"' if is_shown else f"devices[{index}]"
    return f"{device}, {path}" if path else device


def entries_from_document(
    document: object, place: PlaceName = place_in_json, quantities: Quantities = THE_SIX
) -> list[DeviceEntry]:
    """Check a parsed document whole and return what it says.

    Args:
        document: What `json.loads` gave.
        place: How faults name their places.
        quantities: What can be measured at this site.

    Raises:
        DocumentFault: With every fault found; the document must then not be stored, not even in part.
    """
    content = cast(dict[object, object], document) if isinstance(document, dict) else {}
    devices = content.get("devices")
    if not isinstance(devices, list):
        raise DocumentFault([RowFault("document", 'must be an object with a list called "devices".')])
    unknown = sorted(str(key) for key in content if key != "devices")
    faults = [RowFault(key, "is not known here; remove it or correct its name.") for key in unknown]
    if isinstance(document, RepeatedKeys):
        faults += [RowFault(key, "stands there more than once; keep one.") for key in document.repeated]
    rows = cast(list[object], devices)
    entries: list[DeviceEntry] = []
    seen: dict[str, int] = {}
    for index, row in enumerate(rows):
        found, entry = checked_row(row, quantities)
        faults += [RowFault(place(index, row, path), text) for path, text in found]
        if entry is None:
            continue
        first = seen.setdefault(entry.device.device_id, index)
        if first != index:
            where = place(index, row, "device_id")
            faults.append(RowFault(where, f"is used by {place(first, rows[first], '')} too; ids are unique."))
        entries.append(entry)
    faults += _circles(rows, entries, place)
    if faults:
        raise DocumentFault(faults)
    return entries


def document_from_entries(entries: Sequence[DeviceEntry]) -> dict[str, JsonValue]:
    """Return the document `entries_from_document` would turn into these entries; defaults are left out."""
    return {"devices": [_row_from_entry(entry) for entry in entries]}


def row_from_entry(entry: DeviceEntry) -> dict[str, JsonValue]:
    """Return what `checked_row` would turn into this entry; defaults are left out."""
    return _row_from_entry(entry)


def checked_row(
    row: object, quantities: Quantities = THE_SIX
) -> tuple[list[tuple[str, str]], DeviceEntry | None]:
    """Check one device of a document by itself.

    Returns:
        What is wrong, as pairs of path and sentence; and the entry, None where anything is.
    """
    unfit = list(unstorable(row))
    try:
        parsed = DeviceDocument.model_validate(row)
    except ValidationError as error:
        found = [(_path(found["loc"]), sentence_from_error(found)) for found in error.errors()]
        # What is beside an unreadable cell is judged as well, so that one look at the list mends them all.
        found += _faults_in(readable_parts(row), quantities)
        named = {path for path, _ in unfit}
        return [*unfit, *(fault for fault in _first_each(found) if fault[0] not in named)], None
    if unfit:
        return unfit, None
    faults = _faults_in(parts_of(parsed), quantities)
    if faults:
        return faults, None
    entry = _entry_from_parsed(parsed)
    try:
        bind(entry.device, would_open)
    except CatalogueFault as error:
        return [("", str(error))], None
    return [], entry


def _first_each(faults: list[tuple[str, str]]) -> list[tuple[str, str]]:
    first: dict[str, str] = {}
    for path, text in faults:
        first.setdefault(path, text)
    return list(first.items())


def _faults_in(parts: DeviceParts, quantities: Quantities) -> list[tuple[str, str]]:
    measured = frozenset(tag.metric for tag in parts.tags.values() if tag.metric is not None)
    return [
        *_connection_faults(parts),
        *_tag_faults(parts, quantities),
        *limit_faults(parts, measured, quantities),
        *_parent_faults(parts),
    ]


def _path(location: tuple[int | str, ...]) -> str:
    path = ""
    for part in location:
        path += f"[{part}]" if isinstance(part, int) else f".{part}"
    return path.lstrip(".")


def _connection_faults(parts: DeviceParts) -> list[tuple[str, str]]:
    if parts.driver is None:
        return []
    try:
        spec = spec_of(parts.driver)
    except KeyError:
        known = ", ".join(spec.kind for spec in DRIVERS)
        return [("driver", f"{parts.driver!r} is not possible; choose {known}.")]
    if parts.connection is None:
        return []
    try:
        # By way of JSON, because only there strict validation still takes an enumeration's text.
        filled = replaced(parts.connection, lambda _, value: "sealed" if is_sealed(value) else value)
        spec.settings_type.model_validate_json(json.dumps(filled), strict=True)
    except ValidationError as error:
        return [
            (_path(("connection", *found["loc"])), sentence_from_error(found)) for found in error.errors()
        ]
    except ValueError:
        return []  # It holds what no text can, which is told already.
    return []


def _tag_faults(parts: DeviceParts, quantities: Quantities) -> list[tuple[str, str]]:
    faults: list[tuple[str, str]] = []
    seen: set[str] = set()
    spec = next((spec for spec in DRIVERS if spec.kind == parts.driver), None)
    for index, tag in parts.tags.items():
        place = f"tags[{index}]"
        if tag.metric is not None:
            if quantities.find(tag.metric) is None:
                faults.append((f"{place}.metric", unknown_metric(tag.metric, quantities)))
            elif tag.metric in seen:
                faults.append((f"{place}.metric", f"{tag.metric!r} is bound twice; a metric takes one tag."))
            seen.add(tag.metric)
        if tag.scale == 0:
            faults.append((f"{place}.scale", "0 would make every value the same; use another scale."))
        if spec is not None and tag.address is not None:
            try:
                spec.parse_address(tag.address)
            except AddressError as error:
                faults.append((f"{place}.address", str(error)))
    return faults


def _parent_faults(parts: DeviceParts) -> list[tuple[str, str]]:
    parent = parts.metadata.get(PARENT)
    if parent is None:
        return []
    if not isinstance(parent, str) or not parent.strip():
        return [("metadata.parent", f"{parent!r} is no hardware id; name the device it is reached through.")]
    text = "is the device itself; name the device it is reached through, or leave it out."
    return [("metadata.parent", text)] if parent == parts.device_id else []


def _circles(rows: Sequence[object], entries: Sequence[DeviceEntry], place: PlaceName) -> list[RowFault]:
    """Find devices that are reached through each other: offline, each would hide the other's alert."""
    parents = {entry.device.device_id: entry.device.extra.get(PARENT) for entry in entries}
    faults: list[RowFault] = []
    for index, row in enumerate(rows):
        given = cast(dict[object, object], row) if isinstance(row, dict) else {}
        start = given.get("device_id")
        way: list[object] = []
        here: object = start
        while isinstance(here, str) and here in parents and here not in way:
            way.append(here)
            here = parents[here]
        if len(way) > 1 and here == start:
            text = f"leads back to {start} by way of {way[-1]}; one of them must be reached directly."
            faults.append(RowFault(place(index, cast(object, row), "metadata.parent"), text))
    return faults


def _entry_from_parsed(row: DeviceDocument) -> DeviceEntry:
    device = Device(
        id=DeviceId(0),
        device_id=row.device_id,
        name=row.name,
        type=row.type,
        location=row.location,
        driver=row.driver,
        connection=row.connection,
        period_s=row.period_s,
        tags=tuple(
            Tag(tag.metric, tag.address, tag.scale, tag.offset, is_writable=tag.writable) for tag in row.tags
        ),
        extra=row.metadata,
    )
    thresholds = tuple(threshold_from_document(threshold) for threshold in row.thresholds)
    named = {threshold.rule for threshold in thresholds}
    usual = usual_thresholds(device.connection)
    return DeviceEntry(device, thresholds, defaults=tuple(one for one in usual if one.rule not in named))


def _row_from_entry(entry: DeviceEntry) -> dict[str, JsonValue]:
    device = entry.device
    tags = [
        TagDocument(
            metric=tag.metric,
            address=tag.address,
            scale=tag.scale,
            offset=tag.offset,
            writable=tag.is_writable,
        )
        for tag in device.tags
    ]
    thresholds = [document_from_threshold(threshold) for threshold in entry.thresholds]
    row = DeviceDocument(
        device_id=device.device_id,
        name=device.name,
        type=device.type,
        location=device.location,
        driver=device.driver,
        connection=dict(device.connection),
        period_s=device.period_s,
        tags=tags,
        thresholds=thresholds,
        metadata=dict(device.extra),
    )
    dumped: dict[str, JsonValue] = row.model_dump(mode="json", exclude_defaults=True)
    dumped.setdefault("period_s", row.period_s)
    return dumped
