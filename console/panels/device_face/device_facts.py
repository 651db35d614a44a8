"""How a device is reached, and what it is judged by, as rows of words. Pure."""

from collections.abc import Mapping, Sequence

from console.catalogue.device_words import protocol_label
from console.catalogue.threshold_fields import FIELD_BY_KEY, condition_text, unit_of
from console.panels.wording import SEVERITY_WORDS, natural, threshold_text
from console.widgets.number_text import number_text
from console.widgets.stale_hatching import age_text
from models.quantities import THE_SIX, Quantities
from models.records.device import Device, DeviceId, JsonValue, Tag
from models.records.threshold import RuleKind, Threshold
from models.secret_names import is_sealed, is_secret_name
from models.threshold_words import metric_label

_PLACE = ("host", "port", "endpoint", "serial_port")
_LONGEST = 60
"""Characters of a setting that are shown; certificates are longer, and nobody reads them here."""


def connection_rows(device: Device) -> list[tuple[str, str]]:
    """Return name and value of everything that says how a device is reached, but for secrets."""
    rows = [("Protocol", protocol_label(device.driver)), ("Address", address_of(device))]
    rest = {
        key: value
        for key, value in device.connection.items()
        if key not in _PLACE and not is_secret_name(key) and not is_sealed(value)
    }
    rows += [(_words(key), _value(key, value)) for key, value in rest.items()]
    rows.append(("Polled every", f"{device.period_s:g} s"))
    return rows


def address_of(device: Device) -> str:
    """Return where the device is: "10.0.0.7:502", the endpoint, or the serial port."""
    facts: Mapping[str, JsonValue] = device.connection
    for place in ("endpoint", "serial_port"):
        if place in facts:
            return str(facts[place])
    port = f":{facts['port']}" if "port" in facts else ""
    return f"{facts['host']}{port}" if "host" in facts else "not set"


def tag_rows(device: Device, quantities: Quantities = THE_SIX) -> list[tuple[str, str, str]]:
    """Return quantity, address and scaling of every tag, in METRICS' order, signals behind them."""
    tags = sorted(device.tags, key=lambda tag: quantities.place(tag.metric))
    return [(metric_label(tag.metric, quantities), tag.address, scaling_text(tag)) for tag in tags]


def scaling_text(tag: Tag) -> str:
    """Return what is done to the raw value: "× 0.1", "× 0.1 + 4", or "as read"."""
    parts = [f"× {tag.scale:g}"] if tag.scale != 1.0 else []
    if tag.offset:
        sign = "+" if tag.offset > 0 else "−"
        parts.append(f"{sign} {abs(tag.offset):g}")
    return " ".join(parts) or "as read"


def threshold_rows(
    thresholds: Sequence[Threshold], quantities: Quantities = THE_SIX
) -> list[tuple[str, str, str, tuple[str, ...]]]:
    """Return severity, metric, condition and delays of every limit, by metric, worst first."""
    return [
        (
            SEVERITY_WORDS[limit.severity],
            metric_label(limit.metric, quantities),
            condition_of(limit, quantities),
            delays_of(limit, quantities),
        )
        for limit in ordered_limits(thresholds, quantities)
    ]


def ordered_limits(thresholds: Sequence[Threshold], quantities: Quantities = THE_SIX) -> list[Threshold]:
    """Return limits by metric, worst first; those of the device as a whole behind them."""
    return sorted(
        thresholds,
        key=lambda limit: (quantities.place(limit.metric), limit.severity.rank, limit.id),
    )


def condition_of(limit: Threshold, quantities: Quantities = THE_SIX) -> str:
    """Return when a threshold of any rule alerts."""
    if limit.rule is RuleKind.LIMIT:
        return threshold_text(limit, quantities)
    return condition_text(limit, quantities)


def delays_of(limit: Threshold, quantities: Quantities = THE_SIX) -> tuple[str, ...]:
    """Return deadband and delays in words, as many as are set."""
    parts: list[str] = []
    if limit.deadband:
        unit = unit_of(FIELD_BY_KEY["deadband"], limit, quantities)
        parts.append(f"deadband {limit.deadband:g}\N{NO-BREAK SPACE}{unit}".rstrip("\N{NO-BREAK SPACE}"))
    if limit.on_delay_s:
        parts.append(f"after {limit.on_delay_s:g}\N{NO-BREAK SPACE}s")
    if limit.off_delay_s:
        parts.append(f"clears after {limit.off_delay_s:g}\N{NO-BREAK SPACE}s")
    return tuple(parts)


def limits_line(thresholds: Sequence[Threshold], quantities: Quantities = THE_SIX) -> str:
    """Return the limits of one metric in a line, worst first."""
    if not thresholds:
        return "No limits set"
    return " · ".join(
        f"{SEVERITY_WORDS[limit.severity]} {condition_of(limit, quantities)}"
        for limit in sorted(thresholds, key=lambda limit: (limit.severity.rank, limit.id))
    )


def neighbour(devices: Sequence[Device], current: DeviceId | None, step: int) -> DeviceId | None:
    """Return the device `step` places on, round the end; the first where there is no current one."""
    if not devices:
        return None
    ids = [device.id for device in devices]
    if current is None or current not in ids:
        return ids[0]
    return ids[(ids.index(current) + step) % len(ids)]


def in_order(devices: Sequence[Device]) -> list[Device]:
    """Return devices by area, then name, as people count."""
    return sorted(devices, key=lambda device: (natural(device.location), natural(device.name), device.id))


def seen_text(age_s: float | None) -> str:
    """Return when the newest reading was taken."""
    return "no reading yet" if age_s is None else f"last reading {age_text(age_s)} ago"


def _words(key: str) -> str:
    name, _, unit = key.rpartition("_s")
    text = (name if not unit and name else key).replace("_", " ")
    return {"unit": "Unit id", "timeout": "Time-out"}.get(text, text.capitalize())


def _value(key: str, value: JsonValue) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        text = number_text(float(value), 0 if float(value).is_integer() else 2)
        return f"{text} s" if key.endswith("_s") else text
    text = "none" if value is None or value == "None" else str(value)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
