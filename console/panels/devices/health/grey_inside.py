"""The links behind the station's driver: what judges a value, where it waits, where it is stored. Pure."""

from console.panels.devices.health.grey_link import Link, Mark, Place
from console.panels.devices.health.grey_sources import GreySources
from console.panels.wording import SEVERITY_WORDS, count_text, moment_from_unix, moment_text
from models.records.station import ConditionKind
from models.threshold_words import RULE_WORDS, sides_words

_STORED_LATE_S = 10.0
_PERIODS = 3.0
_SPOOL_TROUBLES = (ConditionKind.SPOOL_BROKEN, ConditionKind.READINGS_DROPPED)
_NOT_STORED = (
    "Nothing newer of this device is stored; the Stations screen says what its station has to say of the "
    "database."
)
_NONE_STORED = "No reading of this device is stored yet; one comes with its first good poll."


def threshold_link(sources: GreySources) -> Link:
    """Return by which limits the value is judged, and how."""
    now = moment_from_unix(sources.now_unix)
    lines: list[str] = []
    since_s: float | None = None
    for limit in sources.thresholds:
        condition = sides_words(limit, sources.quantities) or RULE_WORDS[limit.rule].lower()
        alert = next((one for one in sources.alerts if one.threshold == limit.id), None)
        judged = "no alert"
        if alert is not None:
            since_s = max(0.0, sources.now_unix - alert.triggered_at.timestamp())
            judged = f"alert open since {moment_text(alert.triggered_at, now)}"
        lines.append(f"{SEVERITY_WORDS[limit.severity]} {condition}: {judged}.")
    if not lines:
        return Link(Place.THRESHOLD, Mark.IDLE, None, ("No limit is set for this value: nothing judges it.",))
    return Link(Place.THRESHOLD, Mark.HOLDS, since_s, tuple(lines))


def buffer_link(sources: GreySources) -> Link:
    """Return what waits at the station to be stored."""
    report = sources.report
    if report is None:
        silent = f"What {sources.station_name} holds is not known."
        return Link(Place.BUFFER, Mark.UNKNOWN, None, (silent,))
    age_s = max(0.0, sources.now_unix - report.sent_unix)
    words = f"{count_text(report.waiting, 'reading')} of all devices waiting to be stored"
    if report.waiting:
        in_memory = max(0, report.waiting - report.spooled)
        words += f": {in_memory:,} in memory, {report.spooled:,} on the disk"
    lines = [f"{words}."]
    away = next((one for one in report.conditions if one.kind is ConditionKind.DATABASE_AWAY), None)
    if away is not None and report.waiting:
        now = moment_from_unix(sources.now_unix)
        lines.append(f"The oldest waits since {moment_text(moment_from_unix(away.since_unix), now)}.")
    trouble = next((one for one in report.conditions if one.kind in _SPOOL_TROUBLES), None)
    if trouble is not None:
        return Link(Place.BUFFER, Mark.BROKEN, age_s, tuple(lines), trouble.sentence)
    return Link(Place.BUFFER, Mark.HOLDS, age_s, tuple(lines))


def database_link(sources: GreySources) -> Link:
    """Return how old the newest stored reading is."""
    stored_at = sources.stored_at
    now = moment_from_unix(sources.now_unix)
    age_s = None if stored_at is None else max(0.0, sources.now_unix - stored_at.timestamp())
    lines = (
        ("No stored reading is known.",)
        if stored_at is None
        else (f"The newest stored reading is of {moment_text(stored_at, now)}.",)
    )
    if sources.database_trouble:
        report = sources.report
        waits = " What is read meanwhile is kept and follows." if report and report.waiting else ""
        return Link(Place.DATABASE, Mark.BROKEN, age_s, lines, f"{sources.database_trouble}{waits}")
    if not sources.is_stored_known:
        return Link(Place.DATABASE, Mark.UNKNOWN, None, ("Asking for the newest stored reading…",))
    if age_s is None:
        return Link(Place.DATABASE, Mark.BROKEN, None, lines, _NONE_STORED, is_late=True)
    if age_s > max(_STORED_LATE_S, _PERIODS * sources.device.period_s):
        return Link(Place.DATABASE, Mark.BROKEN, age_s, lines, _NOT_STORED, is_late=True)
    return Link(Place.DATABASE, Mark.HOLDS, age_s, lines)
