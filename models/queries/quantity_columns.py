"""Where the values of a quantity lie: the six metrics side by side in wide rows, each signal in narrow ones.

Whoever asks for values of a quantity asks here under which names, and then need not know which it is.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy.engine import Connection

from models.metrics import METRIC_INDEX
from models.queries.signals import signal_ids
from models.records.signal import SignalId


@dataclass(frozen=True, slots=True)
class QuantityColumns:
    """Tables and columns of one quantity, as they stand in statements.

    Attributes:
        key: The quantity's.
        readings, minutes, hours: Tables of `app`.
        value: The column of `readings`.
        prefix: Before low, high, mean, last and count in `minutes` and `hours`.
        is_bad: An expression on a row of `readings`: whether the value was of bad quality.
        condition: What to append to a WHERE clause that has chosen the device.
        signal: None for a metric.
    """

    key: str
    readings: str
    minutes: str
    hours: str
    value: str
    prefix: str
    is_bad: str
    condition: str
    signal: SignalId | None

    @property
    def low(self) -> str:
        """The column of the smallest value of a minute or an hour."""
        return f"{self.prefix}low"

    @property
    def high(self) -> str:
        """The column of the largest value."""
        return f"{self.prefix}high"

    @property
    def mean(self) -> str:
        """The column of the arithmetic mean of the good values."""
        return f"{self.prefix}mean"

    @property
    def count(self) -> str:
        """The column of how many good values there were."""
        return f"{self.prefix}count"


def columns_of(conn: Connection, keys: Sequence[str]) -> list[QuantityColumns]:
    """Return where quantities lie, in the order of `keys`. Raises KeyError naming one that does not exist."""
    ids = signal_ids(conn, [key for key in keys if key not in METRIC_INDEX])
    return [_of_signal(key, ids[key]) if key in ids else _of_metric(key) for key in keys]


def side_by_side(columns: Iterable[QuantityColumns]) -> list[list[QuantityColumns]]:
    """Group quantities by what one statement can read: metrics together, each signal by itself."""
    metrics: list[QuantityColumns] = []
    groups: list[list[QuantityColumns]] = []
    for one in columns:
        if one.signal is None:
            metrics.append(one)
        else:
            groups.append([one])
    return [metrics, *groups] if metrics else groups


def _of_metric(key: str) -> QuantityColumns:
    return QuantityColumns(
        key=key,
        readings="sensor_readings",
        minutes="readings_1m",
        hours="readings_1h",
        value=key,
        prefix=f"{key}_",
        is_bad=f"(CAST(quality AS integer) >> {METRIC_INDEX[key]} & 1 = 1)",
        condition="",
        signal=None,
    )


def _of_signal(key: str, id: SignalId) -> QuantityColumns:
    return QuantityColumns(
        key=key,
        readings="signal_readings",
        minutes="signal_1m",
        hours="signal_1h",
        value="value",
        prefix="",
        is_bad="(quality <> 0)",
        condition=f" AND signal_id = {int(id)}",
        signal=id,
    )
