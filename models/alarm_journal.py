"""The journal of a period as arrays, and what can be told of each annunciation. Pure.

Step ①: journal → annunciations and stretches of time. `models.alarm_load` (step ②) makes figures of them.

An alert's journal is a state machine that is replayed here: `raised` and `reoccurred` make its condition
stand, `cleared` ends that, `resolved` ends the episode; `shelved` and `suppressed` set it aside, `unshelved`
and `unsuppressed` bring it back. One raised while set aside carries no annunciation, and counts as set aside
until it is brought back.
"""

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


class EventCode(IntEnum):
    """A kind of `models.records.alert.EventKind` as a small number. OTHER changes no state."""

    OTHER = 0
    RAISED = 1
    REOCCURRED = 2
    CLEARED = 3
    RESOLVED = 4
    ACKNOWLEDGED = 5
    SHELVED = 6
    UNSHELVED = 7
    SUPPRESSED = 8
    UNSUPPRESSED = 9
    REALARMED = 10


_BEFORE, _NONE = -1, -2  # a line put in for what was before the period; no such line follows


@dataclass(frozen=True, slots=True, eq=False)
class Events:
    """The journal's lines in order of time, and of their number within one moment. All of shape (n,).

    Attributes:
        alert: int64, `alerts.id`.
        source: int64, what brought it: the number of the threshold, or any negative number.
        at: float64, Unix seconds, ascending.
        code: int64, an EventCode.
        is_annunciated: bool, it asked for an operator.
        is_persons: bool, a person did it.
    """

    alert: Ints
    source: Ints
    at: Floats
    code: Ints
    is_annunciated: Bools
    is_persons: Bools


@dataclass(frozen=True, slots=True, eq=False)
class Alerts:
    """Every alert that was open at some moment of the period, by ascending number. All of shape (m,).

    Attributes:
        id: int64, ascending.
        source: int64, as in Events.
        severity: int64, rank: 1 critical, 2 warning, 3 info; as it is now.
        triggered, cleared, resolved: float64, Unix seconds; NaN where it has not happened.
        is_hidden: bool, set aside now, or when it ended.
    """

    id: Ints
    source: Ints
    severity: Ints
    triggered: Floats
    cleared: Floats
    resolved: Floats
    is_hidden: Bools


@dataclass(frozen=True, slots=True, eq=False)
class AlarmJournal:
    """What happened in a period.

    Attributes:
        since_unix, until_unix: The period: from and including, to and excluding.
        events: Of the period, and of a while after it: what came of its last alerts.
        shelved_since, shelved_until: Times on the shelf that touch the period, float64, shape (k,).
    """

    since_unix: float
    until_unix: float
    events: Events
    alerts: Alerts
    shelved_since: Floats
    shelved_until: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Annunciations:
    """Each time an operator was asked, in order of time. All of shape (a,).

    Attributes:
        cleared: When the condition ended, NaN where it had not by the end of the journal.
        acknowledged: When somebody acknowledged it, before it annunciated again; NaN where nobody did.
        is_touched: Somebody did something about it before it cleared.
    """

    at: Floats
    source: Ints
    alert: Ints
    severity: Ints
    cleared: Floats
    acknowledged: Floats
    is_touched: Bools


@dataclass(frozen=True, slots=True, eq=False)
class Stretches:
    """Times in which an alert was open and not set aside, cut to the period. All of shape (s,).

    Attributes:
        triggered: When the episode began, which may be before the period.
        is_standing: The condition stood.
    """

    since: Floats
    until: Floats
    alert: Ints
    source: Ints
    triggered: Floats
    is_standing: Bools


def annunciations_of(journal: AlarmJournal) -> Annunciations:
    """Return the annunciations of the period with what came of each."""
    events = journal.events
    order = np.lexsort((np.arange(events.at.size), events.alert))
    alert, at, code = events.alert[order], events.at[order], events.code[order]
    is_asked = events.is_annunciated[order]
    is_over = np.isin(code, (EventCode.CLEARED, EventCode.RESOLVED))
    end = np.searchsorted(alert, alert, side="right")  # one past the last line of the same alert
    next_over = _next(is_over, end)
    next_asked = _next(is_asked, end)
    next_acknowledged = _next(code == EventCode.ACKNOWLEDGED, end)
    next_touch = _next(events.is_persons[order], end)
    padded = np.append(at, np.nan)
    cleared = padded[next_over]
    # An acknowledgement that came after it asked again answers that later question.
    acknowledged = np.where(next_acknowledged < next_asked, padded[next_acknowledged], np.nan)
    is_ours = is_asked & (at >= journal.since_unix) & (at < journal.until_unix)
    chosen = np.flatnonzero(is_ours)
    chosen = chosen[np.lexsort((order[chosen], at[chosen]))]
    return Annunciations(
        at=at[chosen],
        source=events.source[order][chosen],
        alert=alert[chosen],
        severity=_of_alerts(journal.alerts, journal.alerts.severity, alert[chosen]),
        cleared=cleared[chosen],
        acknowledged=acknowledged[chosen],
        is_touched=(next_touch < next_over)[chosen],
    )


def stretches_of(journal: AlarmJournal) -> Stretches:
    """Return when which alerts were open and not set aside."""
    events, alerts = journal.events, journal.alerts
    is_known = np.isin(events.alert, alerts.id) & (events.at < journal.until_unix)
    # Of an alert from before the period the first line says what it was before; a line is put in for that.
    older = np.flatnonzero(alerts.triggered < journal.since_unix)
    began = np.full(older.size, journal.since_unix)
    alert = np.concatenate((alerts.id[older], events.alert[is_known]))
    at = np.concatenate((began, events.at[is_known]))
    code = np.concatenate((np.full(older.size, _BEFORE, dtype=np.int64), events.code[is_known]))
    is_asked = np.concatenate((np.zeros(older.size, dtype=np.bool_), events.is_annunciated[is_known]))
    order = np.lexsort((np.arange(at.size), alert))
    alert, at, code, is_asked = alert[order], at[order], code[order], is_asked[order]
    end = np.searchsorted(alert, alert, side="right")
    place = np.searchsorted(alerts.id, alert)
    standing = _filled(*_standing_changes(journal, code, place, end), alert)
    hidden = _filled(*_hidden_changes(journal, code, is_asked, place, end), alert)
    says_open = np.isin(code, (_BEFORE, EventCode.RAISED, EventCode.RESOLVED))
    is_open = _filled(code != EventCode.RESOLVED, says_open, alert)
    until = np.where(np.arange(at.size) + 1 < end, np.append(at[1:], np.nan), journal.until_unix)
    # Two lines of one moment make nothing.
    is_seen = is_open & ~hidden & (until > at)
    return Stretches(
        since=at[is_seen],
        until=until[is_seen],
        alert=alert[is_seen],
        source=alerts.source[place[is_seen]],
        triggered=alerts.triggered[place[is_seen]],
        is_standing=standing[is_seen],
    )


def _standing_changes(journal: AlarmJournal, code: Ints, place: Ints, end: Ints) -> tuple[Bools, Bools]:
    """Return whether the condition stands after each line, and which lines say so."""
    rises = _rises(code)
    falls = np.isin(code, (EventCode.CLEARED, EventCode.RESOLVED))
    first = np.append(code, _NONE)[_next(rises | (code == EventCode.CLEARED), end)]
    cleared = journal.alerts.cleared[place]
    stood = np.where(
        first == EventCode.CLEARED,
        True,
        np.where(_rises(first), False, np.isnan(cleared) | (cleared >= journal.since_unix)),
    )
    return np.where(code == _BEFORE, stood, rises), (code == _BEFORE) | rises | falls


def _rises(code: Ints) -> Bools:
    return np.isin(code, (EventCode.RAISED, EventCode.REOCCURRED))


def _hidden_changes(
    journal: AlarmJournal, code: Ints, is_asked: Bools, place: Ints, end: Ints
) -> tuple[Bools, Bools]:
    """Return whether the alert is set aside after each line, and which lines say so."""
    hides = np.isin(code, (EventCode.SHELVED, EventCode.SUPPRESSED))
    shows = np.isin(code, (EventCode.UNSHELVED, EventCode.UNSUPPRESSED))
    rises = _rises(code)
    first = np.append(code, _NONE)[_next(hides | shows, end)]
    was = np.where(
        np.isin(first, (EventCode.UNSHELVED, EventCode.UNSUPPRESSED)),
        True,
        np.where(first == _NONE, journal.alerts.is_hidden[place], False),
    )
    value = np.where(code == _BEFORE, was, hides | (rises & ~is_asked))
    return value, (code == _BEFORE) | hides | shows | rises


def _next(wanted: Bools, end: Ints) -> Ints:
    """Return the place of the next wanted line after each, of the same alert; the size where none is."""
    size = wanted.size
    places = np.where(wanted, np.arange(size), size)
    following = np.append(np.minimum.accumulate(places[::-1])[::-1], size)[1:]
    return np.where(following < end, following, size)


def _filled(value: Bools, is_said: Bools, alert: Ints) -> Bools:
    """Carry what a line says on to the lines after it of the same alert; False before the first."""
    places = np.where(is_said, np.arange(value.size), -1)
    last = np.maximum.accumulate(places) if value.size else places
    first = np.searchsorted(alert, alert, side="left")
    return np.where(last >= first, value[last], False)


def _of_alerts(alerts: Alerts, column: Ints, wanted: Ints) -> Ints:
    """Return a column of the alerts for numbers of alerts; 3 (info) where one is not among them."""
    if not alerts.id.size:
        return np.full(wanted.size, 3, dtype=np.int64)
    place = np.minimum(np.searchsorted(alerts.id, wanted), alerts.id.size - 1)
    return np.where(alerts.id[place] == wanted, column[place], 3)
