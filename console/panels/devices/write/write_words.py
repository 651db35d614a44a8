"""What a write will do, in words, and the raw number it takes. Pure."""

import math

from console.panels.wording import value_text
from models.quantities import Quantities
from models.records.device import Device, Tag


def tag_label(tag: Tag, quantities: Quantities) -> str:
    """Return how a tag is called: "Temperature (holding:10:int16)"."""
    quantity = quantities.find(tag.metric)
    return f"{quantity.label if quantity else tag.metric} ({tag.address})"


def unit_of(tag: Tag, quantities: Quantities) -> str:
    """Return the unit of what a tag measures as it follows a number, " °C"; empty where there is none."""
    quantity = quantities.find(tag.metric)
    return f"\N{NO-BREAK SPACE}{quantity.unit}" if quantity is not None and quantity.unit else ""


def raw_from_value(tag: Tag, value: float) -> float:
    """Return the device's own number for a value in the quantity's unit; whole where it is one but for noise.

    Raises:
        ValueError: The tag has no scale to reckon with, or the number has no end.
    """
    if not tag.scale:
        raise ValueError("This tag's scale is 0; give it another before writing.")
    raw = (value - tag.offset) / tag.scale
    if not math.isfinite(raw):
        raise ValueError("That number is too large to be written.")
    whole = round(raw)
    return float(whole) if abs(raw - whole) < 1e-9 * max(1.0, abs(raw)) else raw


def plausibility(tag: Tag, value: float, quantities: Quantities) -> str:
    """Return what is wrong with a value that no sensor of its quantity would say; empty where nothing is."""
    quantity = quantities.find(tag.metric)
    if quantity is None:
        return ""
    low, high = quantity.plausible
    if low <= value <= high:
        return ""
    return f"{quantity.label} is {low:,.10g} to {high:,.10g} {quantity.unit}".rstrip() + "."


def consequence(device: Device, tag: Tag, value: float, raw: float, quantities: Quantities) -> str:
    """Return what will happen, before it does."""
    quantity = quantities.find(tag.metric)
    shown = value_text(quantity, value) if quantity else f"{value:g}"
    return (
        f"{device.name} will be told to hold {shown} in {tag.address} (raw {raw:.10g}). "
        "The machine acts on it at once; the audit trail keeps that it was you."
    )


def written_text(tag: Tag, answered: str, quantities: Quantities) -> str:
    """Return what came of a write, in the unit it was asked in; `answered` is a raw number mostly."""
    try:
        value = float(answered) * tag.scale + tag.offset
    except ValueError:
        return f"Written. Read back, in the device's own number: {answered}."
    quantity = quantities.find(tag.metric)
    shown = value_text(quantity, value) if quantity else f"{value:g}"
    return f"Written: the device holds {shown} (raw {answered})."
