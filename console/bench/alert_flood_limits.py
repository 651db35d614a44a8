"""What the flood bench's devices measure, and the limits that they cross: five alerts a device."""

from models.metrics import METRICS
from models.records.device import DeviceId
from models.records.threshold import Severity, Threshold, ThresholdId

QUIET = tuple(metric.span[0] + 0.25 * (metric.span[1] - metric.span[0]) for metric in METRICS)
CROSSED = tuple(metric.span[0] + 0.75 * (metric.span[1] - metric.span[0]) for metric in METRICS)
_LIMITS = tuple(metric.span[0] + 0.5 * (metric.span[1] - metric.span[0]) for metric in METRICS)

ALERTS_PER_DEVICE = 5
_CRITICAL_EVERY = 4
_INFO = ("humidity", "vibration")


def thresholds_of(number: int) -> tuple[Threshold, ...]:
    """Return the limits of a device: two info, two warning, and of every fourth device one critical."""
    return tuple(
        Threshold(ThresholdId(0), DeviceId(0), metric.key, None, limit, _severity(metric.key, number))
        for metric, limit in list(zip(METRICS, _LIMITS, strict=True))[:ALERTS_PER_DEVICE]
    )


def _severity(metric: str, number: int) -> Severity:
    if metric in _INFO:
        return Severity.INFO
    is_critical = metric == "pressure" and number % _CRITICAL_EVERY == 0
    return Severity.CRITICAL if is_critical else Severity.WARNING
