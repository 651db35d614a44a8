"""Everything that can be measured at this site: the six metrics, then the site's own signals.

Immutable; whoever loads the catalogue loads one, and hands it on with the catalogue. A *quantity* is a metric
or a signal: both have key, label, unit, decimals, plausible range and span.
"""

from collections.abc import Iterable

from models.metrics import METRICS, Metric
from models.records.device import Device
from models.records.signal import Signal, SignalId

Quantity = Metric | Signal


class Quantities:
    """The quantities of one moment.

    Attributes:
        signals: The site's own, by label.
        all: The six metrics in their order, then `signals`.
    """

    __slots__ = ("_by_id", "_by_key", "_places", "all", "signals")

    def __init__(self, signals: Iterable[Signal] = ()) -> None:
        """Take the signals in any order."""
        self.signals: tuple[Signal, ...] = tuple(
            sorted(signals, key=lambda signal: (signal.label.casefold(), signal.key))
        )
        self.all: tuple[Quantity, ...] = (*METRICS, *self.signals)
        self._by_key: dict[str, Quantity] = {quantity.key: quantity for quantity in self.all}
        self._by_id = {signal.id: signal for signal in self.signals}
        self._places = {quantity.key: place for place, quantity in enumerate(self.all)}

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Quantities) and self.signals == other.signals

    def __hash__(self) -> int:
        return hash(self.signals)

    def find(self, key: str) -> Quantity | None:
        """Return the quantity called `key`, None where there is none (any more)."""
        return self._by_key.get(key)

    def of(self, key: str) -> Quantity:
        """Return the quantity called `key`. Raises KeyError naming those that exist."""
        found = self._by_key.get(key)
        if found is None:
            raise KeyError(f"nothing measured here is called {key!r}; there are {', '.join(self._by_key)}")
        return found

    def place(self, key: str) -> int:
        """Return where a quantity stands in `all`; what is none of them stands behind them all."""
        return self._places.get(key, len(self.all))

    def signal(self, id: SignalId) -> Signal | None:
        """Return the signal of this number, None where there is none (any more)."""
        return self._by_id.get(id)

    def signals_of(self, device: Device) -> tuple[Signal, ...]:
        """Return the signals that a device has tags for, each once, in the order of the tags.

        What a reading of the device carries (`Reading.signals`) has this order.
        """
        keys = dict.fromkeys(tag.metric for tag in device.tags)
        found = (self._by_key.get(key) for key in keys)
        return tuple(quantity for quantity in found if isinstance(quantity, Signal))


THE_SIX = Quantities()
"""A site without signals of its own."""


def states_of(quantity: Quantity) -> tuple[tuple[int, str], ...]:
    """Return the named values of a state; empty for a measurement."""
    return quantity.states if isinstance(quantity, Signal) else ()
