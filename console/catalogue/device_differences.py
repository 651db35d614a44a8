"""What is another about a device, field by field and in words; secrets are never shown. Pure."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import cast

from console.catalogue.device_columns import settings_of
from console.catalogue.device_words import protocol_label
from console.catalogue.threshold_fields import Difference, condition_text
from console.catalogue.threshold_fields import differences as limit_differences
from console.catalogue.typed_number import text_from_number
from models.quantities import THE_SIX, Quantities
from models.records.device import Device, JsonValue, Tag
from models.records.device_entry import ALL_RULES
from models.records.device_revision import DeviceRevision
from models.records.threshold import RuleKind, Threshold
from models.secret_names import is_sealed, is_secret_name
from models.threshold_words import RULE_WORDS

NONE = "none"
_HIDDEN = "••••"
_SECRET, _ANOTHER = "a secret", "another secret"
_EXTRA_LABELS = {"parent": "Reached through", "description": "Description"}
_LONGEST = 80


def device_differences(
    before: Device,
    after: Device,
    quantities: Quantities = THE_SIX,
    people: Mapping[int, str] | None = None,
) -> list[Difference]:
    """Return what differs, in the order of the form; empty where both are configured alike.

    Args:
        before: As it was.
        after: As it is or shall be.
        quantities: For the names of what is measured.
        people: Names of owners by `users.id`.
    """
    names = people or {}
    found = [
        Difference(label, old or NONE, new or NONE)
        for label, old, new in (
            ("Hardware id", before.device_id, after.device_id),
            ("Name", before.name, after.name),
            ("Type", before.type, after.type),
            ("Area", before.location, after.location),
            ("Owner", _owner(before, names), _owner(after, names)),
            ("Period", f"{text_from_number(before.period_s)} s", f"{text_from_number(after.period_s)} s"),
            ("Protocol", protocol_label(before.driver), protocol_label(after.driver)),
        )
        if old != new
    ]
    found += _connection_differences(before, after)
    found += _tag_differences(before.tags, after.tags, quantities)
    found += _value_differences("", before.extra, after.extra)
    return found


def revision_differences(
    before: DeviceRevision,
    after: DeviceRevision,
    quantities: Quantities = THE_SIX,
    people: Mapping[int, str] | None = None,
) -> list[Difference]:
    """Return what differs between two revisions of a device, thresholds of every rule included."""
    return [
        *device_differences(before.configuration, after.configuration, quantities, people),
        *limits_differences(before.limits, after.limits, quantities, ALL_RULES),
    ]


def limits_differences(
    before: Iterable[Threshold],
    after: Iterable[Threshold],
    quantities: Quantities = THE_SIX,
    rules: Collection[RuleKind] = (RuleKind.LIMIT,),
) -> list[Difference]:
    """Return which limits came, went or are others; thresholds of other rules where they are asked for."""
    old = {(one.rule, one.metric, one.severity): one for one in before if one.rule in rules}
    new = {(one.rule, one.metric, one.severity): one for one in after if one.rule in rules}
    found: list[Difference] = []
    for key in dict.fromkeys((*old, *new)):
        was, now = old.get(key), new.get(key)
        rule, metric, severity = key
        of_metric = "" if rule.is_of_device else f" {_quantity(metric, quantities)}"
        label = f"{RULE_WORDS[rule]}{of_metric} {severity}"
        if was is not None and now is not None:
            found += [
                Difference(f"{label}, {one.label}", one.old, one.new)
                for one in limit_differences(was, now, quantities)
            ]
        else:
            found.append(
                Difference(
                    label,
                    NONE if was is None else condition_text(was, quantities),
                    NONE if now is None else condition_text(now, quantities),
                )
            )
    return found


def _owner(device: Device, names: Mapping[int, str]) -> str:
    return "" if device.user_id is None else names.get(device.user_id, f"person {device.user_id}")


def _connection_differences(before: Device, after: Device) -> list[Difference]:
    known = {**settings_of(before.driver), **settings_of(after.driver)}
    found: list[Difference] = []
    # In the order of the form; what no form knows comes last.
    for name in dict.fromkeys((*known, *before.connection, *after.connection)):
        setting = known.get(name)
        label, unit, default = (
            (name, "", None) if setting is None else (setting.label, setting.unit, setting.default)
        )
        # What is not said has its default: to say it is no change.
        old, new = before.connection.get(name, default), after.connection.get(name, default)
        if before.driver != after.driver:
            old, new = before.connection.get(name), after.connection.get(name)
        if old != new:
            found += _one(label, name, old, new, unit)
    return found


def _tag_differences(before: Sequence[Tag], after: Sequence[Tag], quantities: Quantities) -> list[Difference]:
    old, new = {tag.metric: tag for tag in before}, {tag.metric: tag for tag in after}
    found: list[Difference] = []
    for metric in dict.fromkeys((*old, *new)):
        label = f"Tag {_quantity(metric, quantities)}"
        was, now = old.get(metric), new.get(metric)
        if was is None or now is None:
            found.append(Difference(label, _tag_text(was), _tag_text(now)))
            continue
        for what, one, other in (
            ("address", was.address, now.address),
            ("scale", text_from_number(was.scale), text_from_number(now.scale)),
            ("offset", text_from_number(was.offset), text_from_number(now.offset)),
            ("writable", _yes(was.is_writable), _yes(now.is_writable)),
        ):
            if one != other:
                found.append(Difference(f"{label}, {what}", one, other))
    if not found and [tag.metric for tag in before] != [tag.metric for tag in after]:
        found.append(Difference("Order of tags", ", ".join(old), ", ".join(new)))
    return found


def _tag_text(tag: Tag | None) -> str:
    if tag is None:
        return NONE
    scale = f" × {text_from_number(tag.scale)}" if tag.scale != 1 else ""
    offset = f" + {text_from_number(tag.offset)}" if tag.offset else ""
    return f"{tag.address}{scale}{offset}{', writable' if tag.is_writable else ''}"


def _value_differences(
    place: str, before: Mapping[str, JsonValue], after: Mapping[str, JsonValue]
) -> list[Difference]:
    found: list[Difference] = []
    for name in dict.fromkeys((*before, *after)):
        old, new = before.get(name), after.get(name)
        if old == new:
            continue
        both = [one for one in (old, new) if isinstance(one, dict) and not is_sealed(one)]
        if len(both) == 2 and not is_secret_name(name):
            parts = cast("list[dict[str, JsonValue]]", both)
            found += _value_differences(f"{place}{name} › ", parts[0], parts[1])
        else:
            label = name if place else _EXTRA_LABELS.get(name, name)
            found += _one(f"{place}{label}", name, old, new, "")
    return found


def _one(label: str, name: str, old: JsonValue, new: JsonValue, unit: str) -> list[Difference]:
    if is_secret_name(name) or is_sealed(old) or is_sealed(new):
        was, now = (_SECRET if _is_there(value) else NONE for value in (old, new))
        return [Difference(label, was, _ANOTHER if was == now == _SECRET else now)]
    was, now = _text(old, unit), _text(new, unit)
    return [Difference(label, was, now)] if was != now else []


def _is_there(value: JsonValue) -> bool:
    return value not in (None, "")


def _text(value: JsonValue, unit: str) -> str:
    if value is None or value == "":
        return NONE
    if isinstance(value, bool):
        return _yes(value)
    if isinstance(value, int | float):
        return f"{text_from_number(value)} {unit}".strip()
    text = _hidden_text(value)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def _hidden_text(value: JsonValue) -> str:
    """Return a value as text, whatever in it is secret left out."""
    if isinstance(value, dict):
        if is_sealed(value):
            return _HIDDEN
        parts = (
            f"{key}: {_HIDDEN if is_secret_name(key) and _is_there(part) else _hidden_text(part)}"
            for key, part in value.items()
        )
        return ", ".join(parts)
    if isinstance(value, list):
        return ", ".join(_hidden_text(part) for part in value)
    return str(value)


def _quantity(key: str, quantities: Quantities) -> str:
    known = quantities.find(key)
    return key if known is None else known.label


def _yes(value: bool) -> str:  # noqa: FBT001 - a value to be shown, not a switch
    return "yes" if value else "no"
