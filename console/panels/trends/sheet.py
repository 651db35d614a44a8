"""What a chart shows, as rows of a file: one line a pen and moment. Pure but for the file written."""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from console.panels.curves.join import Curve
from models.quantities import Quantity
from models.records.device import Device

HEADINGS = ("recorded_at", "device_id", "device", "metric", "unit", "value", "lowest", "highest")


@dataclass(frozen=True, slots=True)
class Sheet:
    """One pen with its samples, cut to what is shown."""

    device: Device
    metric: Quantity
    curve: Curve


def rows_of(sheet: Sheet) -> Iterator[tuple[str, ...]]:
    """Yield the lines of one pen: moments as ISO 8601 UTC, gaps left out.

    `value` is the sample, or the mean of a bucket of history; `lowest` and `highest` are the bucket's.
    """
    device, metric, curve = sheet.device, sheet.metric, sheet.curve
    columns = (curve.times.tolist(), curve.mean.tolist(), curve.low.tolist(), curve.high.tolist())
    for moment, mean, low, high in zip(*columns, strict=True):
        if mean == mean:
            at = datetime.fromtimestamp(moment, UTC).isoformat(timespec="milliseconds")
            yield (
                at,
                device.device_id,
                device.name,
                metric.key,
                metric.unit,
                *(f"{number:.10g}" for number in (mean, low, high)),
            )


def write_csv(path: Path, sheets: Sequence[Sheet]) -> int:
    """Write the pens below each other; returns the lines written besides the heading. Raises OSError."""
    count = 0
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEADINGS)
        for sheet in sheets:
            for row in rows_of(sheet):
                writer.writerow(row)
                count += 1
    return count
