"""A report to look at, and handovers in every state."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from console.panels.reports.periods import Period
from console.panels.reports.report_questions import AlarmReport
from models.alarm_load import alarm_load
from models.records.alarm_load import AlarmLoad, Availability, BadActor, Diagnosis
from models.records.device import DeviceId
from models.records.handover import (
    Handover,
    HandoverDraft,
    HandoverId,
    HandoverSection,
    SectionKey,
    ShiftSpan,
    Signature,
)
from models.records.shelf import AlarmSettings, Shift
from models.records.threshold import Severity, Threshold, ThresholdId
from tests.unit.models.journal_parts import MIDNIGHT, TWO_HOURS_SOURCES, journal_of, two_hours

SHIFTS = AlarmSettings(
    shifts=(Shift("Early", "06:00"), Shift("Late", "14:00"), Shift("Night", "22:00")), time_zone="UTC"
)
BEGIN, END = (datetime.fromtimestamp(MIDNIGHT + hours * 3600, UTC) for hours in (0, 2))
NOW = END
PERIOD = Period(BEGIN, END, "Last 24 hours")
PROPOSAL = Threshold(
    ThresholdId(20), DeviceId(2), "temperature", None, 70.0, Severity.WARNING, off_delay_s=50.0
)


def load() -> AlarmLoad:
    """The two hours that were worked out by hand."""
    return alarm_load(two_hours(), TWO_HOURS_SOURCES, zone=UTC)


def report() -> AlarmReport:
    """A report with three of the worst: one with a proposal, one with a removal, one with neither."""
    counted = load()
    sources = counted.sources
    worst = (
        BadActor(sources[0], Diagnosis.CHATTERING, "It swings.", PROPOSAL, "off-delay 0 s → 50 s"),
        BadActor(
            sources[1], Diagnosis.DUPLICATE, "Twice.", replace(PROPOSAL, enabled=False), "out of service"
        ),
        BadActor(sources[2], Diagnosis.STALE, "It stands."),
    )
    return AlarmReport(PERIOD, counted, worst, "UTC")


def empty_report() -> AlarmReport:
    """Of a time in which nothing was recorded."""
    return AlarmReport(PERIOD, alarm_load(journal_of([], [], hours=0), {}), (), "UTC")


def availability() -> list[Availability]:
    """Two devices, one of which was silent for a quarter of the time."""
    return [
        Availability(DeviceId(1), "Press 4", "Hall A", 7200.0, 1.0, NOW.timestamp()),
        Availability(DeviceId(5), "Drive 5", "Hall B", 7200.0, 0.75, None),
    ]


def span(hours_ago: float, name: str) -> ShiftSpan:
    """A shift of eight hours."""
    begin = NOW - timedelta(hours=hours_ago)
    return ShiftSpan(name, begin, begin + timedelta(hours=8))


def sections(note: str = "") -> tuple[HandoverSection, ...]:
    """What was found, with a note on the open alerts."""
    found = {SectionKey.OPEN: ("Critical: Press 4: hot.",), SectionKey.OUTAGES: ("Drive 5: no readings",)}
    return tuple(
        HandoverSection(key, found.get(key, ()), note if key is SectionKey.OPEN else "") for key in SectionKey
    )


def draft(shift: ShiftSpan) -> HandoverDraft:
    """What the program found."""
    return HandoverDraft(shift, NOW, sections())


def handover(number: int, outgoing: int | None = None, incoming: int | None = None, by: int = 1) -> Handover:
    """A handover of yesterday; persons 1 to 3 are called Eva, Olga and Piet."""
    names = {1: "Eva Lind", 2: "Olga Brandt", 3: "Piet Maas"}

    def signature(person: int | None) -> Signature | None:
        return None if person is None else Signature(person, names[person], NOW, "window")

    return Handover(
        HandoverId(number),
        span(24 + number, "Late"),
        NOW,
        sections("pump ordered"),
        by,
        names[by],
        "ab" * 32,
        signature(outgoing),
        signature(incoming),
    )
