"""How one device differs from another, in words: what was typed, what somebody else changed. Pure."""

from collections.abc import Mapping

from console.catalogue.device_checks import parent_of
from console.catalogue.threshold_fields import Difference
from console.catalogue.typed_number import text_from_number
from drivers.registry import DRIVERS
from models.quantities import THE_SIX, Quantities
from models.records.device import Device, JsonValue, Tag
from models.secret_names import is_sealed, is_secret_name

NOTHING = "nothing"
_SECRET = "a secret"


def protocol_label(kind: str) -> str:
    """Return what people call a protocol; its name in files where this build does not know it."""
    return next((spec.label for spec in DRIVERS if spec.kind == kind), kind or "none")


def device_differences(
    before: Device, after: Device, quantities: Quantities = THE_SIX, people: Mapping[int, str] | None = None
) -> list[Difference]:
    """Return what differs, in the order of the form. Secrets are only said to be others."""
    names = people or {}
    pairs = [
        ("Name", before.name, after.name),
        ("Hardware id", before.device_id, after.device_id),
        ("Type", before.type, after.type),
        ("Area", before.location, after.location),
        ("Owner", _owner(before, names), _owner(after, names)),
        ("Period", f"{before.period_s:g} s", f"{after.period_s:g} s"),
        ("Reached through", parent_of(before), parent_of(after)),
        ("Description", _text(before.extra.get("description")), _text(after.extra.get("description"))),
        ("Protocol", protocol_label(before.driver), protocol_label(after.driver)),
    ]
    found = [Difference(label, old or NOTHING, new or NOTHING) for label, old, new in pairs if old != new]
    return found + _settings(before, after) + _tags(before.tags, after.tags, quantities)


def _settings(before: Device, after: Device) -> list[Difference]:
    titles = _titles(after.driver) | _titles(before.driver)
    found: list[Difference] = []
    for name in dict.fromkeys((*before.connection, *after.connection)):
        old, new = before.connection.get(name), after.connection.get(name)
        if old != new:
            is_secret = is_sealed(old) or is_sealed(new) or is_secret_name(name)
            words = [_SECRET if is_secret and value is not None else _text(value) for value in (old, new)]
            if words[0] == words[1]:
                words[1] = "another secret"
            found.append(Difference(titles.get(name, name), words[0] or NOTHING, words[1] or NOTHING))
    return found


def _tags(before: tuple[Tag, ...], after: tuple[Tag, ...], quantities: Quantities) -> list[Difference]:
    old = {tag.metric: tag for tag in before}
    new = {tag.metric: tag for tag in after}
    found: list[Difference] = []
    for metric in dict.fromkeys((*old, *new)):
        quantity = quantities.find(metric)
        label = f"Tag {quantity.label if quantity else metric or 'without quantity'}"
        if old.get(metric) != new.get(metric):
            found.append(Difference(label, tag_text(old.get(metric)), tag_text(new.get(metric))))
    if not found and [tag.metric for tag in before] != [tag.metric for tag in after]:
        found.append(Difference("Tags", f"{len(before)} in one order", "another order"))
    return found


def tag_text(tag: Tag | None) -> str:
    """Return a tag in one line: "holding:10:int16 × 0.1 + 4, writable"."""
    if tag is None:
        return NOTHING
    parts = [tag.address or "no address"]
    if tag.scale != 1.0:
        parts.append(f"× {text_from_number(tag.scale)}")
    if tag.offset:
        sign = "+" if tag.offset > 0 else "−"
        parts.append(f"{sign} {text_from_number(abs(tag.offset))}")
    return " ".join(parts) + (", writable" if tag.is_writable else "")


def _titles(kind: str) -> dict[str, str]:
    spec = next((spec for spec in DRIVERS if spec.kind == kind), None)
    fields = spec.settings_type.model_fields if spec else {}
    return {name: info.title or name for name, info in fields.items()}


def _owner(device: Device, names: Mapping[int, str]) -> str:
    return "" if device.user_id is None else names.get(device.user_id, f"person {device.user_id}")


def _text(value: JsonValue) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return text_from_number(value)
    if isinstance(value, list):
        return ", ".join(_text(part) for part in value)
    text = str(value)
    return text if len(text) <= 60 else text[:57] + "…"
