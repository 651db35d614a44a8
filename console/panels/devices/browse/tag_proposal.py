"""From a node to a tag: which quantity it may be, and how its unit becomes the quantity's. Pure."""

from console.panels.devices.bench.display_units import DisplayUnit, units_for
from drivers.workbench import BrowseNode
from models.quantities import Quantities, Quantity
from models.records.device import Tag

_OTHER_NAMES = {
    "temp": "temperature",
    "humid": "humidity",
    "speed": "rpm",
    "vibr": "vibration",
    "press": "pressure",
}
_SAME_UNITS = {"degc": "°c", "rev/min": "rpm", "1/min": "rpm", "percent": "%", "m3/h": "m³/h", "cel": "°c"}


def proposed_quantity(node: BrowseNode, quantities: Quantities) -> Quantity | None:
    """Return what a node most likely measures, by its name, else by its unit; None where nothing tells."""
    name = node.name.casefold()
    for quantity in quantities.all:
        if quantity.label.casefold() in name or quantity.key.replace("_", " ") in name:
            return quantity
    for beginning, key in _OTHER_NAMES.items():
        if beginning in name:
            return quantities.find(key)
    if not node.unit:
        return None
    fitting = [quantity for quantity in quantities.all if unit_of(node, quantity) is not None]
    return fitting[0] if len(fitting) == 1 else None


def unit_of(node: BrowseNode, quantity: Quantity) -> DisplayUnit | None:
    """Return how the unit a server tells becomes the quantity's; None where they do not go together."""
    told = _plain(node.unit)
    for unit in units_for(quantity.unit):
        if _plain(unit.label) == told:
            return unit
    return None


def tag_of(node: BrowseNode, quantity: Quantity) -> Tag:
    """Return the tag; a unit that is known is converted, one that is not is taken as it comes."""
    unit = unit_of(node, quantity) or DisplayUnit("")
    return Tag(quantity.key, node.address, float(f"{unit.factor:.12g}"), float(f"{unit.offset:.12g}"))


def unit_sentence(node: BrowseNode, quantity: Quantity) -> str:
    """Say what becomes of the unit, where there is something to say."""
    if not node.unit:
        return ""
    unit = unit_of(node, quantity)
    if unit is None:
        return (
            f"The server tells {node.unit} and {quantity.label} is in {quantity.unit or 'no unit'}: "
            "check the scale."
        )
    if (unit.factor, unit.offset) == (1.0, 0.0):
        return ""
    return f"{node.unit} is converted to {quantity.unit}."


def _plain(unit: str) -> str:
    text = unit.strip().casefold()
    return _SAME_UNITS.get(text, text)
