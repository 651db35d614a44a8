"""Alerts of fake devices, for everything that lists, keeps and acknowledges them."""

from msgspec.structs import replace

from models.records.alert import Transition, TransitionKind
from models.records.device import DeviceId
from models.records.station_alert import StationAlert
from models.records.threshold import RuleKind, Severity, ThresholdId

ONE, TWO = DeviceId(1), DeviceId(2)
FIRST = ThresholdId(1)


def alert(device: int = 1, threshold: int = 1, **changes: object) -> StationAlert:
    """An alert that stands since 10 s after 1970, and has asked for an operator."""
    plain = StationAlert(
        *(DeviceId(device), ThresholdId(threshold), "rpm", RuleKind.LIMIT, Severity.WARNING),
        *("Speed 71 rpm is above 70 rpm", 10.0, 71.0, 70.0),
        annunciated_unix=10.0,
    )
    return replace(plain, **changes)


def raised(device: int = 1, at_unix: float = 10.0) -> Transition:
    words = "Speed 71 rpm is above 70 rpm"
    return Transition(
        TransitionKind.RAISED, DeviceId(device), FIRST, Severity.WARNING, at_unix, 71.0, 70.0, words
    )
