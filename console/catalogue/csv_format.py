"""Devices as a spreadsheet: one line a tag, the device's own columns repeated, limits by severity.

Columns: device_id, name, type, location, driver, period_s, one `connection.<setting>` a setting, metric,
address, scale, offset, and for each severity `<severity>.min`, `.max`, `.deadband`, `.on_delay_s`,
`.off_delay_s`, `.enabled`, and where they are used `.disabled_reason`, `.latching`, `.requires_comment`,
`.realarm_s`, `.cause`, `.consequence`, `.action`, `.respond_within_s`. An empty cell is the default. The
cells of a device itself may be left empty on its second and later lines; where they are given they must agree
with its first line.

Limits only: thresholds of other rules have no columns, and an import leaves those that are stored alone.
"""

import csv
import io
import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import cast

from console.catalogue.document import document_from_entries, entries_from_document
from console.catalogue.errors import DocumentFault, RowFault
from console.catalogue.json_text import object_from_json
from models.records.device import JsonValue
from models.records.device_entry import DeviceEntry
from models.records.threshold import RuleKind, Severity

_DEVICE = ("device_id", "name", "type", "location", "driver", "period_s", "metadata")
_TAG = ("metric", "address", "scale", "offset")
_ALWAYS = ("min", "max", "deadband", "on_delay_s", "off_delay_s", "enabled")
_GUIDANCE = ("cause", "consequence", "action", "respond_within_s")
_LIMIT = (*_ALWAYS, "disabled_reason", "latching", "requires_comment", "realarm_s", *_GUIDANCE)
_TRUTHS = {"enabled", "latching", "requires_comment"}
_NUMBERS = {
    "period_s", "scale", "offset", "min", "max", "deadband", "on_delay_s", "off_delay_s", "realarm_s",
    "respond_within_s",
}  # fmt: skip
_CONNECTION = "connection."


@dataclass
class _Row:
    """A device being gathered from its lines, and where each part of it stood."""

    line: int
    document: dict[str, JsonValue]
    lines: dict[str, tuple[int, str]] = field(default_factory=dict[str, tuple[int, str]])


def entries_from_csv(text: str) -> list[DeviceEntry]:
    """Check a CSV text whole (comma or semicolon) and return what it says.

    Raises:
        DocumentFault: With line and column of every fault.
    """
    header, lines, faults = _parsed(text)
    faults += [RowFault(f"column {name!r}", "is not known here.") for name in header if not _is_known(name)]
    faults += [
        RowFault(f"column {name}", "stands there more than once; keep one.")
        for name in dict.fromkeys(header)
        if header.count(name) > 1
    ]
    faults += [
        RowFault(f"column {name}", "is missing.") for name in ("device_id", "metric") if name not in header
    ]
    if faults:
        raise DocumentFault(faults)
    rows: dict[str, _Row] = {}
    for number, cells in lines:
        faults += _gather(rows, number, cells)
    ordered = list(rows.values())

    def place(index: int, row: object, path: str) -> str:
        return _place(ordered[index], path)

    try:
        entries = entries_from_document({"devices": [row.document for row in ordered]}, place)
    except DocumentFault as error:
        raise DocumentFault([*faults, *error.faults]) from None
    if faults:
        raise DocumentFault(faults)
    return [replace(entry, of_rules=frozenset({RuleKind.LIMIT})) for entry in entries]


def csv_from_entries(entries: Sequence[DeviceEntry]) -> str:
    """Return the CSV text that `entries_from_csv` would turn into the same devices, tags and limits."""
    limits_only = [
        replace(entry, thresholds=tuple(one for one in entry.thresholds if one.rule is RuleKind.LIMIT))
        for entry in entries
    ]
    document = cast(list[dict[str, JsonValue]], document_from_entries(limits_only)["devices"])
    connections = sorted({name for row in document for name in cast(dict[str, JsonValue], row["connection"])})
    lines = [cells for row in document for cells in _lines_from_row(row)]
    used = {name for cells in lines for name in cells}
    severities = [
        column
        for severity in Severity
        for name in _LIMIT
        if name in _ALWAYS or f"{severity}.{name}" in used
        for column in [f"{severity}.{name}"]
    ]
    header = [*_DEVICE, *(_CONNECTION + name for name in connections), *_TAG, *severities]
    out = io.StringIO()
    writer = csv.DictWriter(out, header, restval="", lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(lines)
    return out.getvalue()


def _parsed(text: str) -> tuple[list[str], list[tuple[int, dict[str, str]]], list[RowFault]]:
    text = text.removeprefix("\ufeff")
    first = text.split("\n", 1)[0]
    delimiter = ";" if first.count(";") > first.count(",") else ","
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    nothing: list[str] = []
    lines: list[tuple[int, dict[str, str]]] = []
    faults: list[RowFault] = []
    try:
        header = [name.strip() for name in next(reader, nothing)]
        for given in reader:
            cells = [cell.strip() for cell in given]
            # Spreadsheets pad with empty cells; a full one beyond the header means a shifted line.
            if any(cells[len(header) :]):
                text = f"has {len(cells)} cells, the header {len(header)}; quote cells with a {delimiter!r}."
                faults.append(RowFault(f"line {reader.line_num}", text))
            elif any(cells):
                lines.append((reader.line_num, dict(zip(header, cells, strict=False))))
    except csv.Error as error:
        raise DocumentFault([RowFault(f"line {reader.line_num}", f"is no CSV: {error}.")]) from error
    return header, lines, faults


def _is_known(name: str) -> bool:
    severity, _, limit = name.partition(".")
    is_limit = severity in tuple(Severity) and limit in _LIMIT
    return name in _DEVICE or name in _TAG or is_limit or name.startswith(_CONNECTION)


def _gather(rows: dict[str, _Row], number: int, cells: dict[str, str]) -> list[RowFault]:
    identity = cells.get("device_id", "")
    if not identity:
        return [RowFault(f"line {number}, column device_id", "is missing.")]
    own = {name: _value(name, cells[name]) for name in _DEVICE if cells.get(name)}
    connection = {
        name.removeprefix(_CONNECTION): _guess(cell)
        for name, cell in cells.items()
        if name.startswith(_CONNECTION) and cell
    }
    faults: list[RowFault] = []
    row = rows.get(identity)
    if row is None:
        document: dict[str, JsonValue] = {**own, "connection": connection, "tags": [], "thresholds": []}
        row = rows[identity] = _Row(number, document)
    else:
        given = {**own, **{_CONNECTION + name: value for name, value in connection.items()}}
        first = {
            **row.document,
            **{
                _CONNECTION + name: value
                for name, value in cast(dict[str, JsonValue], row.document["connection"]).items()
            },
        }
        faults += [
            RowFault(f"line {number}, column {name}", f"differs from line {row.line} of the same device.")
            for name, value in given.items()
            if value != first.get(name)
        ]
    _add_tag(row, number, cells)
    return faults


def _add_tag(row: _Row, number: int, cells: dict[str, str]) -> None:
    tags = cast(list[JsonValue], row.document["tags"])
    thresholds = cast(list[JsonValue], row.document["thresholds"])
    row.lines[f"tags[{len(tags)}]"] = (number, "")
    tags.append({name: _value(name, cells[name]) for name in _TAG if cells.get(name)})
    for severity in Severity:
        limits = {name: _value(name, cells[key]) for name in _LIMIT if cells.get(key := f"{severity}.{name}")}
        guidance = {name: limits.pop(name) for name in _GUIDANCE if name in limits}
        if limits or guidance:
            row.lines[f"thresholds[{len(thresholds)}]"] = (number, f"{severity}.")
            threshold = {"metric": cells.get("metric", ""), "severity": str(severity), **limits}
            thresholds.append({**threshold, "guidance": guidance} if guidance else threshold)


def _value(name: str, cell: str) -> JsonValue:
    if name in _NUMBERS:
        return _number(cell)
    if name in _TRUTHS:
        return {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}.get(
            cell.lower(), cell
        )
    if name == "metadata":
        return _json(cell)
    return cell


def _number(cell: str) -> JsonValue:
    try:
        return float(cell)
    except ValueError:
        return cell


def _guess(cell: str) -> JsonValue:
    # Connection settings differ from driver to driver, so a cell that reads as JSON (a number, true, a list)
    # is taken as such and anything else as text; the driver's settings type then judges it.
    value = _json(cell)
    return value if isinstance(value, (int, float, bool, list, dict)) else cell


def _json(cell: str) -> JsonValue:
    try:
        return cast(JsonValue, object_from_json(cell))
    except DocumentFault:
        return cell


def _place(row: _Row, path: str) -> str:
    head, _, rest = path.partition(".")
    line, prefix = row.lines.get(head, (row.line, ""))
    rest = rest.removeprefix("guidance.")
    if head in row.lines:
        return f"line {line}, column {prefix}{rest}" if rest else f"line {line}"
    return f"line {line}, column {path}" if path else f"line {line}"


def _lines_from_row(row: dict[str, JsonValue]) -> list[dict[str, JsonValue]]:
    own: dict[str, JsonValue] = {name: row[name] for name in _DEVICE if name in row}
    if "metadata" in own:
        own["metadata"] = json.dumps(own["metadata"])
    for name, value in cast(dict[str, JsonValue], row["connection"]).items():
        is_plain = isinstance(value, str) and not isinstance(_guess(value), (int, float, bool, list, dict))
        own[_CONNECTION + name] = value if is_plain else json.dumps(value)
    lines: list[dict[str, JsonValue]] = []
    for tag in cast(list[dict[str, JsonValue]], row["tags"]):
        cells = {**own, **tag}
        for threshold in cast(list[dict[str, JsonValue]], row.get("thresholds", [])):
            if threshold["metric"] == tag["metric"]:
                said = {**threshold, **cast(dict[str, JsonValue], threshold.get("guidance", {}))}
                for name in _LIMIT:
                    if name in said:
                        cells[f"{threshold['severity']}.{name}"] = said[name]
        lines.append(cells)
    return lines
