"""Verdicts of the fault suite as figures, each with its target."""

from collections.abc import Sequence

import numpy as np

from console.bench.faults_alert_verdict import AlertVerdict
from console.bench.faults_verdict import DURABLE_WITHIN_S, Verdict
from console.bench.figure import Figure


def told(fault: str, name: str, value: float, unit: str) -> Figure:
    """Return a figure without a target."""
    return Figure(f"faults.{fault}_{name}", round(value, 3), unit, None, None, "for information", met=True)


def at_most(fault: str, name: str, value: float, unit: str, limit: float) -> Figure:
    """Return a figure that must not be above a limit."""
    return Figure(
        f"faults.{fault}_{name}", round(value, 3), unit, None, None, f"≤ {limit:g} {unit}", met=value <= limit
    )


def none(fault: str, name: str, value: float, unit: str) -> Figure:
    """Return a figure that must be 0."""
    return Figure(f"faults.{fault}_{name}", value, unit, None, None, "0", met=value == 0)


def at_least(fault: str, name: str, value: float, unit: str, limit: float) -> Figure:
    """Return a figure that must not be below a limit."""
    return Figure(
        f"faults.{fault}_{name}", round(value, 3), unit, None, None, f"≥ {limit:g} {unit}", met=value >= limit
    )


def of_readings(fault: str, found: Verdict) -> list[Figure]:
    """Return what became of the readings."""
    return [
        at_least(fault, "answered", found.answered, "answers", 1),
        none(fault, "lost", len(found.lost), "readings"),
        none(fault, "doubled", found.doubled, "readings"),
        none(fault, "wrong", found.wrong, "readings"),
        none(fault, "disordered", found.disordered, "readings"),
        none(fault, "overlaps", found.overlaps, "polls"),
        told(fault, "unflushed", found.unflushed, "readings"),
        at_most(fault, "oldest_unflushed", found.oldest_unflushed_ms, "ms", limit=DURABLE_WITHIN_S * 1000.0),
        told(fault, "handed_over", found.handed_over, "readings"),
        told(fault, "skew", found.skew_ms, "ms"),
    ]


def of_alerts(fault: str, found: AlertVerdict) -> list[Figure]:
    """Return what became of the alerts."""
    return [
        told(fault, "excursions", found.excursions, "excursions"),
        none(fault, "alerts_missing", len(found.missing), "episodes"),
        told(fault, "alerts_covered", len(found.covered), "excursions"),
        none(fault, "alerts_doubled", found.doubled, "episodes"),
        none(fault, "alerts_unended", found.unended, "episodes"),
        told(fault, "alerts_unseen", found.unseen, "excursions"),
    ]


def of_times(fault: str, name: str, times_s: Sequence[float], limit_s: float) -> list[Figure]:
    """Return median, 95th percentile and largest of some times, if any; the largest has a limit."""
    if not times_s:
        return []
    return [
        told(fault, f"{name}_p50", float(np.percentile(times_s, 50)), "s"),
        told(fault, f"{name}_p95", float(np.percentile(times_s, 95)), "s"),
        at_most(fault, f"{name}_max", max(times_s), "s", limit_s),
    ]
