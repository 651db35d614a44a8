"""A journal of two hours, small enough to be worked out by hand."""

from datetime import UTC, datetime

import numpy as np

from models.alarm_journal import AlarmJournal, Alerts, EventCode, Events
from models.alarm_sources import SourceFacts
from models.records.device import DeviceId
from models.records.threshold import Severity, ThresholdId

MIDNIGHT = datetime(2026, 3, 2, tzinfo=UTC).timestamp()
NAN = float("nan")
R, RE, CL, RES, ACK = (
    EventCode.RAISED,
    EventCode.REOCCURRED,
    EventCode.CLEARED,
    EventCode.RESOLVED,
    EventCode.ACKNOWLEDGED,
)
SEVERITIES = {1: Severity.CRITICAL, 2: Severity.WARNING, 3: Severity.INFO}


def clock(text: str) -> float:
    """Return Unix seconds of "hh:mm:ss" of the day."""
    hours, minutes, seconds = map(int, text.split(":"))
    return MIDNIGHT + hours * 3600 + minutes * 60 + seconds


def journal_of(lines, alerts, hours=2.0, shelves=()) -> AlarmJournal:
    """Build a journal from midnight on.

    Args:
        lines: (moment, alert, source, code, asked an operator, by a person).
        alerts: (number, source, severity rank, triggered, cleared, resolved, hidden).
        shelves: (since, until).
    """
    lines = sorted(lines, key=lambda line: line[0])
    columns = list(zip(*lines, strict=True)) if lines else [()] * 6
    facts = list(zip(*sorted(alerts), strict=True)) if alerts else [()] * 7
    whole, exact, yes = np.int64, np.float64, np.bool_
    return AlarmJournal(
        MIDNIGHT,
        MIDNIGHT + hours * 3600,
        Events(
            np.array(columns[1], whole),
            np.array(columns[2], whole),
            np.array(columns[0], exact),
            np.array(columns[3], whole),
            np.array(columns[4], yes),
            np.array(columns[5], yes),
        ),
        Alerts(
            *(np.array(facts[i], whole) for i in range(3)),
            *(np.array(facts[i], exact) for i in range(3, 6)),
            np.array(facts[6], yes),
        ),
        np.array([since for since, _ in shelves], exact),
        np.array([until for _, until in shelves], exact),
    )


def facts_of(*sources: int) -> dict[int, SourceFacts]:
    """Somebody behind each source."""
    return {
        source: SourceFacts(ThresholdId(source), DeviceId(1), Severity.WARNING, f"Device {source}", "hot")
        for source in sources
    }


def two_hours() -> AlarmJournal:
    """One proper alert, one that chatters, a flood of twelve, one set aside, one that stands for days."""
    proper = [
        (clock("00:05:00"), 1, 10, R, True, False),
        (clock("00:05:30"), 1, 10, ACK, False, True),
        (clock("00:20:00"), 1, 10, CL, False, False),
        (clock("00:20:00"), 1, 10, RES, False, False),
    ]
    chattering = [
        (clock("00:30:00"), 2, 20, R, True, False),
        (clock("00:30:05"), 2, 20, CL, False, False),
        (clock("00:30:20"), 2, 20, RE, True, False),
        (clock("00:30:24"), 2, 20, CL, False, False),
        (clock("00:30:50"), 2, 20, RE, True, False),
        (clock("00:31:00"), 2, 20, ACK, False, True),
        (clock("00:32:00"), 2, 20, CL, False, False),
        (clock("00:32:00"), 2, 20, RES, False, False),
    ]
    flood = [(clock("01:00:00") + 30 * k, 100 + k, 100 + k, R, True, False) for k in range(12)]
    aside = [(clock("01:30:00"), 50, 30, R, False, False)]
    alerts = [
        (1, 10, 1, clock("00:05:00"), clock("00:20:00"), clock("00:20:00"), False),
        (2, 20, 2, clock("00:30:00"), clock("00:32:00"), clock("00:32:00"), False),
        (50, 30, 2, clock("01:30:00"), NAN, NAN, True),
        (60, 40, 2, MIDNIGHT - 30 * 3600, NAN, NAN, False),
        *((100 + k, 100 + k, 3, clock("01:00:00") + 30 * k, NAN, NAN, False) for k in range(12)),
    ]
    shelf = [(clock("01:00:00"), clock("01:30:00")), (clock("01:15:00"), MIDNIGHT + 9 * 3600)]
    return journal_of([*proper, *chattering, *flood, *aside], alerts, shelves=shelf)


TWO_HOURS_SOURCES = facts_of(10, 20, 30, 40, *range(100, 112))
