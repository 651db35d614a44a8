"""How values and limits are written in the sentences of alerts."""

from models.quantities import Quantity, states_of
from models.records.signal import state_name

_MOST_DECIMALS = 9


def shown_value(value: float | None, metric: Quantity) -> str:
    """Write a value with its unit; a state that has a name as "Running (1)"."""
    assert value is not None  # asked only of rules that judge values
    named = _named(value, metric)
    return named or with_unit(f"{value:.{metric.decimals}f}", metric)


def value_text(value: float, limit: float, metric: Quantity) -> str:
    """Write a value with as many digits as it takes to differ from the limit: never "70.0 is above 70"."""
    if named := _named(value, metric):
        return named
    decimals = metric.decimals
    while decimals < _MOST_DECIMALS and float(f"{value:.{decimals}f}") == limit:
        decimals += 1
    return with_unit(f"{value:.{decimals}f}", metric)


def limit_text(limit: float, metric: Quantity) -> str:
    """Write a limit with its unit."""
    return with_unit(plain_number(limit), metric)


def with_unit(number: str, metric: Quantity) -> str:
    """Write a number with its unit, where there is one."""
    return f"{number} {metric.unit}" if metric.unit else number


def plain_number(limit: float) -> str:
    """Write a number as somebody typed it: 70, 0.5, 100000; no exponent, no float noise."""
    text = f"{limit:.6f}".rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


def _named(value: float, metric: Quantity) -> str:
    """Return the name of a state with its number; empty for a measurement, or a value without a name."""
    name = state_name(states_of(metric), value)
    return f"{name} ({value:.0f})" if name else ""
