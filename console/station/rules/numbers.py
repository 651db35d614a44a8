"""How values and limits are written in the sentences of alerts."""

from models.metrics import Metric

_MOST_DECIMALS = 9


def value_text(value: float, limit: float, metric: Metric) -> str:
    """Write a value with as many digits as it takes to differ from the limit: never "70.0 is above 70"."""
    decimals = metric.decimals
    while decimals < _MOST_DECIMALS and float(f"{value:.{decimals}f}") == limit:
        decimals += 1
    return f"{value:.{decimals}f} {metric.unit}"


def limit_text(limit: float, metric: Metric) -> str:
    """Write a limit with its unit."""
    return f"{plain_number(limit)} {metric.unit}"


def plain_number(limit: float) -> str:
    """Write a number as somebody typed it: 70, 0.5, 100000; no exponent, no float noise."""
    text = f"{limit:.6f}".rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text
