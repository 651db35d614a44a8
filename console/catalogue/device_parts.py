"""What a document says of one device: its type, and what can be read of one that is faulty. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, cast

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from console.catalogue.threshold_document import ThresholdDocument, threshold_faults
from models.quantities import Quantities

# Numbers are strict: `true` or "70" where a number belongs is a slip of the pen, not a 1 or a 70.
_Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=255)]
_Finite = Annotated[float, Field(strict=True, allow_inf_nan=False)]

SHORTEST_PERIOD_S = 0.1
LONGEST_PERIOD_S = 3600.0


class TagDocument(BaseModel):
    """One tag: value = raw × scale + offset, in the unit of the metric (or the site's own signal)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    metric: _Text
    address: _Text
    scale: _Finite = 1.0
    offset: _Finite = 0.0
    writable: Annotated[bool, Field(strict=True)] = False


class DeviceDocument(BaseModel):
    """One device. `connection` is checked by its driver's own settings type."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    device_id: _Text
    name: _Text
    type: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]
    location: _Text
    driver: _Text
    connection: dict[str, Any]
    period_s: Annotated[
        float, Field(strict=True, ge=SHORTEST_PERIOD_S, le=LONGEST_PERIOD_S, allow_inf_nan=False)
    ] = 1.0
    tags: Annotated[list[TagDocument], Field(min_length=1)]
    thresholds: list[ThresholdDocument] = []
    metadata: dict[str, Any] = {}


@dataclass(frozen=True, slots=True)
class TagParts:
    """What can be read of a tag; None = nothing that could be judged."""

    metric: str | None
    address: str | None
    scale: float | None = 1.0


@dataclass(frozen=True, slots=True)
class DeviceParts:
    """What can be read of a device; None or left out = nothing that could be judged.

    Attributes:
        tags: By place in the document.
        limits: By place in the document, each with the names of its fields that cannot be read.
    """

    device_id: str | None = None
    driver: str | None = None
    connection: dict[str, Any] | None = None
    tags: Mapping[int, TagParts] = field(default_factory=dict[int, TagParts])
    limits: Mapping[int, tuple[ThresholdDocument, frozenset[str]]] = field(
        default_factory=dict[int, tuple[ThresholdDocument, frozenset[str]]]
    )
    metadata: Mapping[str, Any] = field(default_factory=dict[str, Any])


def parts_of(document: DeviceDocument) -> DeviceParts:
    """Return all of a device that could be read whole."""
    return DeviceParts(
        document.device_id,
        document.driver,
        document.connection,
        {at: TagParts(tag.metric, tag.address, tag.scale) for at, tag in enumerate(document.tags)},
        {at: (limit, frozenset()) for at, limit in enumerate(document.thresholds)},
        document.metadata,
    )


def readable_parts(row: object) -> DeviceParts:
    """Return what can be judged of a device that cannot be read whole."""
    given = _object(row)
    connection = given.get("connection")
    return DeviceParts(
        _text(given.get("device_id")),
        _text(given.get("driver")),
        cast("dict[str, Any]", connection) if isinstance(connection, dict) else None,
        {at: _tag(_object(tag)) for at, tag in enumerate(_list(given.get("tags")))},
        {
            at: limit
            for at, one in enumerate(_list(given.get("thresholds")))
            if (limit := _limit(_object(one))) is not None
        },
        _object(given.get("metadata")),
    )


def limit_faults(
    parts: DeviceParts, measured: frozenset[str], quantities: Quantities
) -> list[tuple[str, str]]:
    """Return what is wrong with limits, as pairs of path and sentence.

    Where a field cannot be read, what is said of it is left out: that it is missing, for one.
    """
    places = list(parts.limits)
    faults: list[tuple[str, str]] = []
    for path, text in threshold_faults([limit for limit, _ in parts.limits.values()], measured, quantities):
        number, _, rest = path.removeprefix("thresholds[").partition("]")
        place = places[int(number)]
        unread = parts.limits[place][1]
        if not unread or rest.removeprefix(".").split(".")[0] not in ("", *unread):
            faults.append((f"thresholds[{place}]{rest}", text))
    return faults


def _object(value: object) -> dict[str, Any]:
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}


def _list(value: object) -> list[object]:
    return cast("list[object]", value) if isinstance(value, list) else []


def _text(value: object) -> str | None:
    return value.strip() or None if isinstance(value, str) else None


def _tag(given: Mapping[str, Any]) -> TagParts:
    scale: object = given.get("scale")
    # True is a number to Python, and a slip of the pen here.
    number = float(scale) if isinstance(scale, int | float) and not isinstance(scale, bool) else None
    return TagParts(_text(given.get("metric")), _text(given.get("address")), number)


def _limit(given: Mapping[str, Any]) -> tuple[ThresholdDocument, frozenset[str]] | None:
    try:
        return ThresholdDocument.model_validate(given), frozenset()
    except ValidationError as error:
        unread = frozenset(str(found["loc"][0]) for found in error.errors() if found["loc"])
    kept = {name: value for name, value in given.items() if name not in unread}
    try:
        return ThresholdDocument.model_validate(kept), unread
    except ValidationError:
        return None
