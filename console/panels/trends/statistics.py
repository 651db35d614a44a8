"""The row of figures that stands under the chart for each pen. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from console.bridge.live_store import LiveStore
from console.panels.curves.join import Curve
from console.panels.curves.pen import Pen
from console.panels.metric_face import faces_of


@dataclass(frozen=True, slots=True)
class Figures:
    """Of one pen within the window, in the quantity's unit; None where nothing was measured.

    Attributes:
        last: The last value in the window.
        last_unix: Its moment, Unix seconds.
        mean: Weighted by time, because buckets and samples stand side by side.
    """

    last: float | None = None
    last_unix: float | None = None
    low: float | None = None
    mean: float | None = None
    high: float | None = None


def figures_of(curve: Curve) -> Figures:
    """Return last, least, mean and greatest of a curve already cut to its window."""
    good = np.isfinite(curve.mean)
    if not good.any():
        return Figures()
    last = int(np.flatnonzero(good)[-1])
    return Figures(
        last=float(curve.mean[last]),
        last_unix=float(curve.times[last]),
        low=float(np.min(curve.low[good])),
        mean=_mean_over_time(curve, good),
        high=float(np.max(curve.high[good])),
    )


def present_values(live: LiveStore, pens: Iterable[Pen], now_unix: float) -> dict[Pen, float | None]:
    """Return what each pen's device measures right now; None where that is not known."""
    now: dict[Pen, float | None] = {}
    for pen in pens:
        is_stale = live.is_stale(pen.device, now_unix)
        (face,) = faces_of((pen.quantity,), live.latest(pen.device), is_stale=is_stale)
        now[pen] = face.value if face.is_live else None
    return now


def _mean_over_time(curve: Curve, good: np.ndarray) -> float:
    if curve.times.size == 1:
        return float(curve.mean[0])
    # A row speaks for the time up to the next one; the last for as long as the one before it.
    lengths = np.diff(curve.times)
    lengths = np.append(lengths, lengths[-1])[good]
    total = float(lengths.sum())
    return float(np.dot(curve.mean[good], lengths) / total) if total > 0 else float(curve.mean[good].mean())
