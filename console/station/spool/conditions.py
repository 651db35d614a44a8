"""What people are told about the spool: figures → sentences."""

from dataclasses import dataclass

from console.station.tally import Counts
from models.records.station import Condition, ConditionKind
from models.records.threshold import Severity

FILLING_AT = 0.8
_HOUR_S, _MINUTE_S = 3600.0, 60.0
_MEBIBYTE = 1024.0**2


@dataclass(frozen=True, slots=True)
class Gauge:
    """How full the spool is.

    Attributes:
        used_bytes: In use on the disk.
        limit_bytes: What it may take; 0 = there is no spool.
        room_s: For how many seconds there is room at the present rate; None where nothing is polled.
    """

    used_bytes: int = 0
    limit_bytes: int = 0
    room_s: float | None = None

    @property
    def is_filling(self) -> bool:
        """Whether people should know, before it is full."""
        return self.limit_bytes > 0 and self.used_bytes >= FILLING_AT * self.limit_bytes


@dataclass(frozen=True, slots=True)
class SpoolState:
    """What the sentences are made of.

    Attributes:
        trouble: Why the disk does not take anything now; empty while it does.
        set_aside: What was damaged and has another name now; empty where nothing was.
        is_dropping: Readings were dropped not long ago.
        quarantined_findings: Beside the readings in `counts`.
    """

    counts: Counts
    gauge: Gauge
    trouble: str
    set_aside: str
    is_dropping: bool
    quarantined_findings: int


def sentences(state: SpoolState) -> dict[tuple[ConditionKind, Severity], str]:
    """Return what is wrong now."""
    counts, gauge = state.counts, state.gauge
    found: dict[tuple[ConditionKind, Severity], str] = {}
    if state.is_dropping:
        lost = counts.dropped - counts.discarded
        found[ConditionKind.READINGS_DROPPED, Severity.CRITICAL] = (
            f"{lost:,} readings were lost: there was no room for them, or the disk lost them. "
            "Bring the database back, and look after the station's disk."
        )
    if state.trouble:
        found[ConditionKind.SPOOL_BROKEN, Severity.CRITICAL] = (
            f"{state.trouble} Until then readings are kept in memory only ({counts.in_memory:,} now)."
        )
    elif state.set_aside:
        found[ConditionKind.SPOOL_BROKEN, Severity.WARNING] = state.set_aside
    if gauge.is_filling:
        left = f"room for {duration_text(gauge.room_s)}" if gauge.room_s is not None else "little room"
        found[ConditionKind.SPOOL_FILLING, Severity.WARNING] = (
            f"The spool holds {gauge.used_bytes / _MEBIBYTE:,.0f} of "
            f"{gauge.limit_bytes / _MEBIBYTE:,.0f} MiB: {left}. "
            "Then the oldest readings are dropped: bring the database back."
        )
    quarantined = counts.quarantined + state.quarantined_findings
    if quarantined:
        found[ConditionKind.QUARANTINE, Severity.WARNING] = (
            f"The database declined {quarantined:,} readings or findings; they are kept. See why with: "
            "main.py spool quarantine."
        )
    return found


def duration_text(seconds: float) -> str:
    """Return a duration for people: "5 h 20 min", "12 min", "40 s"."""
    if seconds >= 48 * _HOUR_S:
        return f"{seconds / (24 * _HOUR_S):,.0f} days"
    if seconds >= _HOUR_S:
        return f"{seconds // _HOUR_S:.0f} h {seconds % _HOUR_S // _MINUTE_S:.0f} min"
    return f"{seconds / _MINUTE_S:.0f} min" if seconds >= _MINUTE_S else f"{seconds:.0f} s"


class Chronicle:
    """Remembers since when each condition holds. Belongs to whoever asks."""

    def __init__(self) -> None:
        self._since: dict[ConditionKind, float] = {}

    def conditions(
        self, found: dict[tuple[ConditionKind, Severity], str], now_unix: float
    ) -> tuple[Condition, ...]:
        """Return what holds now, each with the moment it began."""
        kinds = {kind for kind, _ in found}
        self._since = {kind: since for kind, since in self._since.items() if kind in kinds}
        return tuple(
            Condition(kind, severity, self._since.setdefault(kind, now_unix), sentence)
            for (kind, severity), sentence in found.items()
        )
