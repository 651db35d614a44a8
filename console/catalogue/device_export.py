"""Devices out to a file: what `device_planning` reads back without a change; as a table, one row a tag.

Limits only: thresholds of other rules have no columns, and an import leaves those that are stored alone.
"""

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import cast

from console.catalogue.device_columns import (
    CONNECTION,
    DEVICE_COLUMNS,
    GUIDANCE,
    LIMIT_ALWAYS,
    LIMIT_FIELDS,
    METADATA,
    PROFILE,
    TAG_COLUMNS,
    cell_from_setting,
)
from console.catalogue.document import document_from_entries, row_from_entry
from console.catalogue.sheet_export import Cell, write_table
from console.whole_file import whole_file
from models.records.device import JsonValue
from models.records.device_entry import DeviceEntry
from models.records.threshold import RuleKind, Severity

Row = dict[str, JsonValue]


def table_from_entries(entries: Sequence[DeviceEntry]) -> tuple[list[str], list[list[Cell]]]:
    """Return headings and rows. Secrets are written as the entries hold them: sealed or in clear."""
    lines: list[dict[str, Cell]] = []
    connections: dict[str, None] = {}
    for entry in entries:
        limits = tuple(one for one in entry.thresholds if one.rule is RuleKind.LIMIT)
        row = row_from_entry(replace(entry, thresholds=limits))
        connections |= dict.fromkeys(cast("Row", row["connection"]))
        lines += _lines(row)
    used = {name for cells in lines for name in cells}
    limit_columns = [
        f"{severity}.{name}"
        for severity in Severity
        for name in LIMIT_FIELDS
        if name in LIMIT_ALWAYS or f"{severity}.{name}" in used
    ]
    own = [name for name in DEVICE_COLUMNS if name != PROFILE]
    tag = [name for name in TAG_COLUMNS if name != "writable" or name in used]
    header = [*own, *(CONNECTION + name for name in sorted(connections)), *tag, *limit_columns]
    return header, [[cells.get(name) for name in header] for cells in lines]


def write_devices_file(path: Path, entries: Sequence[DeviceEntry]) -> None:
    """Write devices as CSV, XLSX or JSON, by the file's ending; it appears once it is complete.

    Raises:
        SheetFault: The ending is another.
        OSError: It could not be written; nothing is left of it.
    """
    if path.suffix.casefold() != ".json":
        header, rows = table_from_entries(entries)
        write_table(path, header, rows, "Devices")
        return
    text = json.dumps(document_from_entries(entries), indent=2, ensure_ascii=False) + "\n"
    with whole_file(path) as part:
        part.write_text(text, encoding="utf-8", newline="")


def _lines(row: Row) -> list[dict[str, Cell]]:
    own: dict[str, Cell] = {name: cast("Cell", row[name]) for name in DEVICE_COLUMNS if name in row}
    if METADATA in own:
        own[METADATA] = json.dumps(row[METADATA], ensure_ascii=False)
    driver = str(row["driver"])
    for name, value in cast("Row", row["connection"]).items():
        if value is not None:
            own[CONNECTION + name] = cell_from_setting(driver, name, value)
    limits = cast("list[Row]", row.get("thresholds", []))
    lines: list[dict[str, Cell]] = []
    for tag in cast("list[Row]", row["tags"]):
        cells = {**own, **cast("dict[str, Cell]", tag)}
        for limit in limits:
            if limit["metric"] == tag["metric"]:
                said = {**limit, **cast("Row", limit.get("guidance", {}))}
                cells |= {
                    f"{limit['severity']}.{name}": cast("Cell", said[name])
                    for name in LIMIT_FIELDS
                    if name in said and (name not in GUIDANCE or said[name] != "")
                }
        lines.append(cells)
    return lines
