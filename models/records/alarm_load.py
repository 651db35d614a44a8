"""How much the alarm system asks of its operators: the figures, their targets, and what they came to.

Targets are those of ISA-18.2-2016 (clause 16, table 6), IEC 62682 and EEMUA 191 (3rd edition, appendix 12).
Each figure is defined once, in `FIGURES`; `models.alarm_load` computes them all from the journal.
"""

from dataclasses import dataclass
from enum import StrEnum

from models.records.device import DeviceId
from models.records.threshold import Severity, Threshold, ThresholdId

VERDICT_DAYS = 30
"""A verdict needs so many days; a shorter period is an indication (ISA-18.2, 16.5)."""
FLOOD_WINDOW_S, FLOOD_BEGINS_ABOVE, FLOOD_ENDS_BELOW = 600.0, 10, 5
"""EEMUA 191: alerts within the window, from how many on a flood begins, and below how many it ends."""


class Verdict(StrEnum):
    """How a figure stands against its target."""

    GOOD = "good"
    ACCEPTABLE = "acceptable"
    """Beyond what is good, within the most that operators can bear."""
    MISSED = "missed"
    NONE = "none"
    """Not judged: it has no target, or nothing to judge."""


class FigureKey(StrEnum):
    """Every figure, in the order of the report."""

    PER_10_MIN = "per_10_min"
    PER_HOUR = "per_hour"
    PER_DAY = "per_day"
    BUSY_HOURS = "busy_hours"
    BUSY_10_MIN = "busy_10_min"
    MOST_IN_10_MIN = "most_in_10_min"
    FLOOD = "flood"
    TOP_TEN = "top_ten"
    CHATTERING = "chattering"
    FLEETING = "fleeting"
    STALE = "stale"
    INFO_SHARE = "info_share"
    WARNING_SHARE = "warning_share"
    CRITICAL_SHARE = "critical_share"
    STANDING = "standing"
    SHELVED = "shelved"
    SUPPRESSED = "suppressed"
    ACKNOWLEDGED_P50 = "acknowledged_p50"
    ACKNOWLEDGED_P95 = "acknowledged_p95"
    UNACKNOWLEDGED = "unacknowledged"


class FigureUnit(StrEnum):
    """What a figure counts."""

    ALERTS = "alerts"
    PERCENT = "%"
    SECONDS = "s"
    THRESHOLDS = "thresholds"


@dataclass(frozen=True, slots=True)
class FigureSpec:
    """What a figure is.

    Attributes:
        target: As people read it; empty where there is none.
        meaning: One sentence: exactly what is counted.
    """

    key: FigureKey
    label: str
    unit: FigureUnit
    decimals: int
    target: str
    meaning: str


_A, _P, _S, _T = FigureUnit.ALERTS, FigureUnit.PERCENT, FigureUnit.SECONDS, FigureUnit.THRESHOLDS
FIGURES: tuple[FigureSpec, ...] = (
    FigureSpec(
        *(FigureKey.PER_10_MIN, "Alerts per 10 min, average", _A, 2, "≈ 1, at most 2"),
        "Annunciations of the time, per operator position, divided by its length in 10 minutes.",
    ),
    FigureSpec(
        *(FigureKey.PER_HOUR, "Alerts per hour, average", _A, 1, "≈ 6, at most 12"),
        "The same, per hour; of a time shorter than that, none.",
    ),
    FigureSpec(
        *(FigureKey.PER_DAY, "Alerts per day, average", _A, 0, "≈ 144, at most 288"),
        "The same, per day; of a time shorter than that, none.",
    ),
    FigureSpec(
        *(FigureKey.BUSY_HOURS, "Hours above 30 alerts", _P, 2, "< 1 %"),
        "Share of the full hours, counted from the beginning of the period, with more than 30 a position.",
    ),
    FigureSpec(
        *(FigureKey.BUSY_10_MIN, "10-min periods above 10", _P, 2, "< 1 %"),
        "Share of the full 10-minute periods, counted from the beginning, with more than 10 a position.",
    ),
    FigureSpec(
        *(FigureKey.MOST_IN_10_MIN, "Most in any 10 minutes", _A, 0, "≤ 10"),
        "The most annunciations a position in any 10 minutes whatever, not only in full periods.",
    ),
    FigureSpec(
        *(FigureKey.FLOOD, "Time in flood", _P, 2, "< 1 %"),
        "A flood begins when more than 10 a position came within the last 10 minutes, and ends when fewer "
        "than 5 did.",
    ),
    FigureSpec(
        *(FigureKey.TOP_TEN, "Share of the ten worst", _P, 1, "≤ 5 %"),
        "Annunciations of the ten thresholds that annunciated most, of all. Not judged where no more than "
        "ten annunciated at all.",
    ),
    FigureSpec(
        *(FigureKey.CHATTERING, "Chattering", _T, 0, "0"),
        "Thresholds that annunciated three times or more within one minute.",
    ),
    FigureSpec(
        *(FigureKey.FLEETING, "Fleeting", _T, 0, "0"),
        "Thresholds with an alert that cleared within 10 s before anybody had done anything about it.",
    ),
    FigureSpec(
        *(FigureKey.STALE, "Stale, on the worst day", _A, 0, "< 5"),
        "Alerts that were open for more than 24 h, not set aside, at some moment of the day (local days).",
    ),
    FigureSpec(
        *(FigureKey.INFO_SHARE, "Severity: info", _P, 1, "≈ 80 %"),
        "Share of the annunciations; good from 80 %.",
    ),
    FigureSpec(
        *(FigureKey.WARNING_SHARE, "Severity: warning", _P, 1, "≈ 15 %"),
        "Share of the annunciations; good up to 15 %.",
    ),
    FigureSpec(
        *(FigureKey.CRITICAL_SHARE, "Severity: critical", _P, 1, "≈ 5 %"),
        "Share of the annunciations; good up to 5 %.",
    ),
    FigureSpec(
        *(FigureKey.STANDING, "Standing, average", _A, 1, "< 10"),
        "Alerts whose condition stands and that are not set aside, a position, averaged over the time.",
    ),
    FigureSpec(
        *(FigureKey.SHELVED, "Shelved, average", _A, 1, "< 30"),
        "Thresholds on the shelf, a position, averaged over the time.",
    ),
    FigureSpec(
        *(FigureKey.SUPPRESSED, "Raised while set aside", _A, 0, ""),
        "Conditions that began while shelved or suppressed by design: counted here, in no other figure.",
    ),
    FigureSpec(
        *(FigureKey.ACKNOWLEDGED_P50, "Acknowledged: half within", _S, 0, ""),
        "From the annunciation to the first acknowledgement before it annunciated again; median.",
    ),
    FigureSpec(
        *(FigureKey.ACKNOWLEDGED_P95, "Acknowledged: 95 % within", _S, 0, ""),
        "The same; 95 of 100 were acknowledged within that time.",
    ),
    FigureSpec(
        *(FigureKey.UNACKNOWLEDGED, "Never acknowledged", _A, 0, ""),
        "Annunciations that nobody acknowledged before they came again, or until an hour after the period.",
    ),
)
SPEC_OF = {spec.key: spec for spec in FIGURES}


@dataclass(frozen=True, slots=True)
class Figure:
    """What one figure came to.

    Attributes:
        value: In the unit of its `FigureSpec`; None where there is nothing to compute it from.
        detail: What else is worth knowing, in a few words; may be empty.
    """

    key: FigureKey
    value: float | None
    verdict: Verdict
    detail: str = ""

    @property
    def spec(self) -> FigureSpec:
        """What the figure is."""
        return SPEC_OF[self.key]


class EemuaLevel(StrEnum):
    """Performance levels of EEMUA 191, best first."""

    PREDICTIVE = "predictive"
    ROBUST = "robust"
    STABLE = "stable"
    REACTIVE = "reactive"
    OVERLOADED = "overloaded"


class EemuaBand(StrEnum):
    """What EEMUA 191 says of an average of so many alerts in 10 minutes."""

    ACCEPTABLE = "very likely to be acceptable"
    MANAGEABLE = "manageable"
    OVER_DEMANDING = "likely to be over-demanding"
    UNACCEPTABLE = "very likely to be unacceptable"


@dataclass(frozen=True, slots=True)
class Flood:
    """Too much at once.

    Attributes:
        until_unix: The end of the period where it had not ended by then.
        alerts: Annunciations from 10 minutes before its beginning, which made it begin, to its end.
    """

    since_unix: float
    until_unix: float
    alerts: int


@dataclass(frozen=True, slots=True)
class SourceLoad:
    """What one threshold brought.

    Attributes:
        threshold: None where it is from before thresholds were noted in the journal.
        name: Of the device.
        label: What is judged, in a few words: "Temperature above 70 °C".
        share: Of all annunciations, 0 to 1.
        chattering: Annunciations that were part of three within a minute.
        fleeting: How many cleared within seconds before anybody had done anything.
        standing_s: Median from annunciation to clearing, seconds; None where none cleared.
        longest_open_s: Longest time open within the period, seconds.
        is_stale: Open for more than 24 h, and not set aside.
    """

    threshold: ThresholdId | None
    device: DeviceId
    severity: Severity
    name: str
    label: str
    count: int
    share: float
    chattering: int
    fleeting: int
    standing_s: float | None
    longest_open_s: float
    is_stale: bool


class Diagnosis(StrEnum):
    """What is wrong with a threshold that brings many alerts."""

    DUPLICATE = "duplicate"
    CHATTERING = "chattering"
    FLEETING = "fleeting"
    STALE = "stale"
    FREQUENT = "frequent"


@dataclass(frozen=True, slots=True)
class BadActor:
    """One of the ten worst, with what would help.

    Attributes:
        why: One sentence: what was found, and why the proposal follows from it.
        proposal: The threshold with other settings; None where no setting helps, or it is gone.
        change: What the proposal changes, in a few words: "on-delay 2 s → 9 s"; empty without one.
    """

    source: SourceLoad
    diagnosis: Diagnosis
    why: str
    proposal: Threshold | None = None
    change: str = ""


@dataclass(frozen=True, slots=True)
class AlarmLoad:
    """The alarm load of one period.

    Attributes:
        since_unix, until_unix: What is counted: the period asked for, as far as anything was recorded.
        asked_since_unix: Where the period asked for begins.
        positions: Operator positions, by which the load is divided.
        annunciations: How many times an operator was asked.
        counts: Annunciations of each 10 minutes from `since_unix` on; the last may not be full.
        by_hour: Of each hour of the day, by the site's clock.
        severities: Annunciations of critical, warning, info.
        sources: The most frequent first, all of them.
        standing_most, shelved_most: The most at once.
    """

    since_unix: float
    until_unix: float
    asked_since_unix: float
    positions: int
    annunciations: int
    figures: tuple[Figure, ...]
    level: EemuaLevel | None
    band: EemuaBand | None
    counts: tuple[int, ...] = ()
    floods: tuple[Flood, ...] = ()
    by_hour: tuple[int, ...] = (0,) * 24
    severities: tuple[int, int, int] = (0, 0, 0)
    sources: tuple[SourceLoad, ...] = ()
    standing_most: int = 0
    shelved_most: int = 0

    @property
    def span_s(self) -> float:
        """How long the counted time is, seconds."""
        return max(0.0, self.until_unix - self.since_unix)

    @property
    def is_verdict(self) -> bool:
        """Whether the time is long enough for a verdict."""
        return self.span_s >= VERDICT_DAYS * 86_400 - 60

    @property
    def is_empty(self) -> bool:
        """Whether nothing was recorded in the period."""
        return self.span_s <= 0

    def figure(self, key: FigureKey) -> Figure:
        """Return one figure."""
        return next(figure for figure in self.figures if figure.key is key)


@dataclass(frozen=True, slots=True)
class Availability:
    """How much of what a device should have told arrived.

    Attributes:
        counted_s: How much of the period is counted: since the device was added, as far as readings have
            been condensed.
        share: Readings with at least one good value, of those that its period asks for, 0 to 1; None where
            nothing is counted.
    """

    device: DeviceId
    name: str
    location: str
    counted_s: float
    share: float | None
    last_reading_unix: float | None

    @property
    def missing_s(self) -> float:
        """How much time the missing readings stand for, seconds."""
        return 0.0 if self.share is None else (1.0 - self.share) * self.counted_s
