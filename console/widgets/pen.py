"""What a chart draws, told in frozen records."""

from dataclasses import dataclass

from console.widgets.number_text import number_text, quantity_text
from models.records.signal import state_name
from models.records.threshold import Severity


@dataclass(frozen=True, slots=True)
class Pen:
    """One curve of a chart.

    Attributes:
        key: Names the curve in every call, unique within a chart: "17/temperature".
        label: What people read: "Drive 2 · Temperature".
        unit: Curves of one unit share an axis.
        decimals: Digits after the point in readouts.
        span: The range the axis shows while there are no values, in `unit`.
        colour: Index into `Theme.pens`; None = the pen's place in the chart.
        gap_s: A longer silence between two live samples is drawn as a gap, not bridged by a line.
        states: Names of whole values; read instead of the digits.
    """

    key: str
    label: str
    unit: str
    decimals: int = 1
    span: tuple[float, float] = (0.0, 1.0)
    colour: int | None = None
    gap_s: float = 30.0
    states: tuple[tuple[int, str], ...] = ()

    def text_of(self, value: float | None) -> str:
        """Return a value with its unit, by its name where it has one, a dash where there is none."""
        return state_name(self.states, value) or quantity_text(value, self.decimals, self.unit)

    def digits_of(self, value: float | None) -> str:
        """Return the same without the unit."""
        return state_name(self.states, value) or number_text(value, self.decimals)

    @property
    def widest_text(self) -> str:
        """The longest text that a usual value has."""
        names = (name for _, name in self.states)
        ends = (quantity_text(end, self.decimals, self.unit) for end in self.span)
        return max((*names, *ends), key=len)


@dataclass(frozen=True, slots=True)
class ChartMark:
    """Something that happened, shown on the time axis: an alert (with severity), a deployment (without)."""

    at_unix: float
    text: str
    severity: Severity | None = None
