"""From the rows of one device to the document that is checked: what the rows say, over what is known. Pure.

What a table has no column for stays as it is stored, or is the profile's; an empty cell in a column means
the profile's value, or the default. Name, type, area and driver have no default: left empty they stay.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import cast

from console.catalogue.device_columns import (
    ADDRESS,
    CONNECTION,
    DEVICE_ID,
    DRIVER,
    GUIDANCE,
    LIMIT_FIELDS,
    METADATA,
    METRIC,
    PERIOD,
    TAG_COLUMNS,
    Unreadable,
    value_from_cell,
)
from console.catalogue.device_parts import TagDocument
from console.catalogue.device_sheet import DeviceSheet, SheetDevice, SheetRow
from console.catalogue.errors import RowFault
from console.catalogue.profiles import Profile
from console.catalogue.threshold_document import document_from_threshold
from models.quantities import Quantities
from models.records.device import Device, JsonValue, Tag
from models.records.threshold import RuleKind, Severity, Threshold

Row = dict[str, JsonValue]


@dataclass(slots=True)
class BuiltDocument:
    """A document of one device, and where each part of it stands in the table.

    Attributes:
        rows: Number of the row and prefix of the column by the head of a path: `tags[2]`, `thresholds[0]`.
        speaks_of_limits: Whether the table has a column of limits: without one they are left alone.
        faults: Cells that could not be read.
    """

    document: Row
    speaks_of_limits: bool
    rows: dict[str, tuple[int, str]] = field(default_factory=dict[str, tuple[int, str]])
    faults: list[RowFault] = field(default_factory=list[RowFault])


def document_from_sheet(
    sheet: DeviceSheet,
    given: SheetDevice,
    stored: Device | None,
    limits: Sequence[Threshold],
    profile: Profile | None,
    quantities: Quantities,
) -> BuiltDocument:
    """Return the document of a device of a table.

    Args:
        sheet: The table.
        given: The device in it.
        stored: As it is now; None where it is new.
        limits: Its stored limits.
        profile: The one it names.
        quantities: For metrics written as they are shown ("Speed").
    """
    return _Builder(sheet, given, stored, limits, profile, quantities).build()


def place_of(built: BuiltDocument, sheet: DeviceSheet, given: SheetDevice, path: str) -> str:
    """Return the cell that a path of the document comes from, or its row."""
    head, _, rest = path.partition(".")
    if head in built.rows:
        row, prefix = built.rows[head]
        rest = rest.removeprefix("guidance.")
        return sheet.place(row, f"{prefix}{rest}") if rest else f"row {row}"
    column = path if head == "connection" and rest else head
    if column == "connection":
        return f"row {given.first_row}"
    if column in given.own:
        return sheet.place(given.own[column][0], column)
    if column in sheet.columns:
        return sheet.place(given.first_row, column)
    return f"row {given.first_row}, {path}" if path else f"row {given.first_row}"


class _Builder:
    def __init__(
        self,
        sheet: DeviceSheet,
        given: SheetDevice,
        stored: Device | None,
        limits: Sequence[Threshold],
        profile: Profile | None,
        quantities: Quantities,
    ) -> None:
        self._sheet, self._given, self._stored = sheet, given, stored
        self._limits, self._profile, self._quantities = limits, profile, quantities
        has_limits = any(name.split(".")[0] in tuple(Severity) for name in sheet.columns)
        self._built = BuiltDocument({}, has_limits)
        self._driver = self._text(DRIVER) or self._known_driver()

    def build(self) -> BuiltDocument:
        stored, profile = self._stored, self._profile
        document = self._built.document
        document[DEVICE_ID] = self._given.device_id
        for name in ("name", "type", "location"):
            text = self._text(name) or (profile.type if profile is not None and name == "type" else "")
            text = text or (getattr(stored, name) if stored is not None else "")
            if text:
                document[name] = text
        if self._driver:
            document[DRIVER] = self._driver
        document["connection"] = cast("JsonValue", self._connection())
        period = self._period()
        if period is not None:
            document[PERIOD] = period
        metadata = self._metadata()
        if metadata:
            document[METADATA] = metadata
        self._add_tags()
        if self._built.speaks_of_limits:
            self._add_limits()
        return self._built

    # -- the device itself -----------------------------------------------------------------------------

    def _text(self, column: str) -> str:
        return self._given.own[column][1] if column in self._given.own else ""

    def _known_driver(self) -> str:
        if self._stored is not None and (
            self._profile is None or self._stored.driver in self._profile.drivers
        ):
            return self._stored.driver
        return "" if self._profile is None else self._profile.driver

    def _connection(self) -> Row:
        columns = {name for name in self._sheet.columns if name.startswith(CONNECTION)}
        known: Row = {}
        if self._stored is not None and self._stored.driver == self._driver:
            known = {
                name: value
                for name, value in self._stored.connection.items()
                if CONNECTION + name not in columns
            }
        if self._profile is not None:
            known = {**self._profile.connection_for(self._driver), **known}
        said = {
            column.removeprefix(CONNECTION): self._value(row, column, text)
            for column, (row, text) in self._given.own.items()
            if column.startswith(CONNECTION)
        }
        return {**known, **said}

    def _period(self) -> JsonValue:
        if PERIOD in self._given.own:
            row, text = self._given.own[PERIOD]
            return self._value(row, PERIOD, text)
        if self._stored is not None and PERIOD not in self._sheet.columns:
            return self._stored.period_s
        return None if self._profile is None else self._profile.period_s

    def _metadata(self) -> JsonValue:
        if METADATA in self._given.own:
            row, text = self._given.own[METADATA]
            return self._value(row, METADATA, text)
        if self._stored is not None and METADATA not in self._sheet.columns:
            return dict(self._stored.extra)
        return None

    def _value(self, row: int, column: str, text: str) -> JsonValue:
        try:
            return value_from_cell(column, text, self._driver, is_comma_decimal=self._sheet.is_comma_decimal)
        except Unreadable as error:
            self._built.faults.append(RowFault(self._sheet.place(row, column), str(error)))
            # A placeholder; the fault above is told, and the document is never used.
            return text

    # -- tags and limits -------------------------------------------------------------------------------

    def _add_tags(self) -> None:
        stored_tags = {} if self._stored is None else {tag.metric: tag for tag in self._stored.tags}
        profile_tags = {} if self._profile is None else {t.metric: t for t in self._profile.records_of_tags()}
        said: dict[str, SheetRow] = {}
        twice: list[SheetRow] = []
        for row in self._given.tags:
            metric = self._metric(row)
            if metric in said:
                twice.append(row)
            else:
                said[metric] = row
        if ADDRESS in self._sheet.columns and said:
            kept = {} if self._profile is None else profile_tags
        else:
            kept = profile_tags or stored_tags
        # In the order they are stored in: rows that were sorted change nothing.
        order = [name for name in (*stored_tags, *kept, *said) if name in kept or name in said]
        tags: list[JsonValue] = []
        for metric in dict.fromkeys(order):
            before = kept.get(metric) or stored_tags.get(metric)
            row = said.get(metric)
            if row is not None:
                self._built.rows[f"tags[{len(tags)}]"] = (row.number, "")
            tags.append(cast("JsonValue", self._tag(metric, row, before)))
        for row in twice:
            # Refused below; its other cells are looked at all the same.
            self._built.rows[f"tags[{len(tags)}]"] = (row.number, "")
            tags.append(cast("JsonValue", self._tag(self._metric(row), row, None)))
            metric = self._metric(row)
            device, before = self._given.device_id, said[metric].number
            words = f"{metric!r} of {device} stands in row {before} already; keep one."
            self._built.faults.append(RowFault(self._sheet.place(row.number, METRIC), words))
        self._built.document["tags"] = tags

    def _metric(self, row: SheetRow) -> str:
        text = row.cells.get(METRIC, "")
        if self._quantities.find(text) is None:
            for quantity in self._quantities.all:
                if text.casefold() in (quantity.key, quantity.label.casefold()):
                    return quantity.key
        return text

    def _tag(self, metric: str, row: SheetRow | None, before: Tag | None) -> Row:
        tag: Row = {}
        if before is not None:
            known = TagDocument(
                metric=metric,
                address=before.address,
                scale=before.scale,
                offset=before.offset,
                writable=before.is_writable,
            )
            tag = cast("Row", known.model_dump(exclude_defaults=True))
        if metric:
            tag[METRIC] = metric
        if row is None:
            return tag
        is_profiles = self._profile is not None and before is not None
        for name in TAG_COLUMNS[1:]:
            if name in row.cells:
                tag[name] = self._value(row.number, name, row.cells[name])
            elif name in self._sheet.columns and not is_profiles:
                tag.pop(name, None)
        return tag

    def _add_limits(self) -> None:
        limits: list[JsonValue] = []
        stored = {(one.metric, one.severity): one for one in self._limits if one.rule is RuleKind.LIMIT}
        with_columns = {name.split(".")[0] for name in self._sheet.columns}
        measured = {
            str(cast("Row", tag).get(METRIC, ""))
            for tag in cast("list[JsonValue]", self._built.document["tags"])
        }
        named: set[str] = set()
        for row in self._given.tags:
            metric = self._metric(row)
            named.add(metric)
            for severity in Severity:
                if severity in with_columns and (
                    limit := self._limit(row, severity, stored.get((metric, severity)))
                ):
                    self._built.rows[f"thresholds[{len(limits)}]"] = (row.number, f"{severity}.")
                    limits.append(cast("JsonValue", {METRIC: metric, "severity": str(severity), **limit}))
        for (metric, severity), threshold in stored.items():
            # Nothing was said of it: no row of its metric, or no column of its severity.
            if metric in measured and (metric not in named or severity not in with_columns):
                limits.append(cast("JsonValue", _document_of(threshold)))
        self._built.document["thresholds"] = limits

    def _limit(self, row: SheetRow, severity: Severity, stored: Threshold | None) -> Row | None:
        cells = {
            name: text for name in LIMIT_FIELDS if (text := row.cells.get(f"{severity}.{name}")) is not None
        }
        if not cells:
            return None
        known = {} if stored is None else _document_of(stored)
        guidance = dict(cast("Mapping[str, JsonValue]", known.pop("guidance", {})))
        limit: Row = {name: value for name, value in known.items() if name in LIMIT_FIELDS}
        for name in LIMIT_FIELDS:
            holder = guidance if name in GUIDANCE else limit
            if name in cells:
                holder[name] = self._value(row.number, f"{severity}.{name}", cells[name])
            elif f"{severity}.{name}" in self._sheet.columns:
                holder.pop(name, None)
        if guidance:
            limit["guidance"] = cast("JsonValue", guidance)
        return limit


def _document_of(threshold: Threshold) -> Row:
    return cast("Row", document_from_threshold(threshold).model_dump(mode="json", exclude_defaults=True))
