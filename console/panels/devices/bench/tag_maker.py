"""From a decoding that fits to a tag: which quantity it is, in which unit the display shows it. Pure."""

from console.panels.devices.bench.display_units import DisplayUnit
from drivers.display_match import Match
from models.quantities import Quantity
from models.records.device import Tag


def tag_of(match: Match, quantity: Quantity, unit: DisplayUnit) -> Tag:
    """Return the tag: value = raw × scale + offset, in the quantity's unit."""
    return Tag(quantity.key, match.decoding.address, _short(match.scale * unit.factor), _short(unit.offset))


def _short(number: float) -> float:
    """Return the number without the noise of binary fractions: 0.1 × 1000 is 100."""
    return float(f"{number:.12g}")
