"""An open alert as the station that judges it knows it: what windows show while the database is away."""

import msgspec

from models.records.device import DeviceId
from models.records.shelf import HiddenBy
from models.records.threshold import RuleKind, Severity, ThresholdId


class StationAlert(msgspec.Struct, frozen=True):
    """One episode, by device and threshold: an episode begun without the database has no other name yet.

    Attributes:
        triggered_unix: Unix seconds, by the site's clock; so are the other moments.
        cleared_unix: When the value returned; None while the condition stands.
        acknowledged_unix, acknowledged_by: Who took note, and when; None and empty before.
        annunciated_unix: When it last asked for an operator; None: never, it is hidden.
    """

    device: DeviceId
    threshold: ThresholdId
    metric: str | None
    rule: RuleKind
    severity: Severity
    message: str
    triggered_unix: float
    value: float | None
    limit: float | None
    cleared_unix: float | None = None
    acknowledged_unix: float | None = None
    acknowledged_by: str = ""
    annunciated_unix: float | None = None
    hidden_by: HiddenBy = HiddenBy.NOTHING
    is_latching: bool = False
    requires_comment: bool = False


class Hiding(msgspec.Struct, frozen=True):
    """Something set aside on purpose, whether or not an alert of it is open.

    Attributes:
        threshold: The one on the shelf; None: every alert of the device, which is in maintenance.
        until_unix: When it comes back by itself at the latest, Unix seconds.
        is_one_shot: It comes back as soon as the condition is over.
    """

    device: DeviceId
    threshold: ThresholdId | None
    until_unix: float
    is_one_shot: bool = False


class StationAlerts(msgspec.Struct, frozen=True):
    """What the database knew of some devices' alerts at one moment."""

    alerts: tuple[StationAlert, ...] = ()
    hidings: tuple[Hiding, ...] = ()


class Acknowledgement(msgspec.Struct, frozen=True):
    """What a person did at a window while the database was away, to be applied under their name.

    Attributes:
        ticket: The person's, as proof; the database checks it again on delivery.
        at_unix: When they did it, Unix seconds by the site's clock.
    """

    ticket: str
    device: DeviceId
    threshold: ThresholdId
    at_unix: float
    comment: str = ""

    def __repr__(self) -> str:
        # Written out, because the generated one would carry the ticket into logs and tracebacks.
        return f"Acknowledgement({self.device}, {self.threshold}, {self.at_unix})"
