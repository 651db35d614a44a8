"""Every figure of two hours that were worked out by hand, and the edges of each definition."""

from datetime import UTC
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from models.alarm_load import alarm_load, eemua_band, eemua_level
from models.alarm_windows import day_starts, floods_of, hours_of_day, most_within
from models.records.alarm_load import FIGURES, EemuaBand, EemuaLevel, FigureKey, Verdict
from tests.unit.models.journal_parts import (
    ACK,
    CL,
    MIDNIGHT,
    NAN,
    RE,
    RES,
    TWO_HOURS_SOURCES,
    R,
    clock,
    facts_of,
    journal_of,
    two_hours,
)

K = FigureKey

# By hand. Annunciations: 1 of source 10, 3 of source 20, 12 in the flood = 16 in 2 h; the one aside is none.
BY_HAND = {
    K.PER_10_MIN: (16 / 12, Verdict.ACCEPTABLE),
    K.PER_HOUR: (8.0, Verdict.ACCEPTABLE),
    K.PER_DAY: (None, Verdict.NONE),  # two hours are no day
    # Hour 0 has 4, hour 1 has 12: none above 30.
    K.BUSY_HOURS: (0.0, Verdict.GOOD),
    # Of twelve periods one, 01:00 to 01:10, has 12.
    K.BUSY_10_MIN: (100 / 12, Verdict.MISSED),
    K.MOST_IN_10_MIN: (12.0, Verdict.MISSED),
    # The eleventh comes at 01:05:00. The eighth, of 01:03:30, leaves the last ten minutes at 01:13:30: four
    # are left. 510 s of 7,200 s.
    K.FLOOD: (510 / 72, Verdict.MISSED),
    # 14 thresholds; the ten most frequent: one with 3, nine with 1 = 12 of 16.
    K.TOP_TEN: (75.0, Verdict.MISSED),
    # Source 20: 00:30:00, :20, :50.
    K.CHATTERING: (1.0, Verdict.MISSED),
    # Source 20: after 5 s and 4 s; the third time somebody had acknowledged.
    K.FLEETING: (1.0, Verdict.MISSED),
    # The one that has stood for 30 h.
    K.STALE: (1.0, Verdict.GOOD),
    K.INFO_SHARE: (12 / 16 * 100, Verdict.MISSED),
    K.WARNING_SHARE: (3 / 16 * 100, Verdict.MISSED),
    K.CRITICAL_SHARE: (1 / 16 * 100, Verdict.MISSED),
    # Seconds that stood: 900; 5 + 4 + 70; flood 12 · 3,600 − 30 · (0 + … + 11) = 41,220; the old one 7,200.
    K.STANDING: ((900 + 79 + 41_220 + 7_200) / 7_200, Verdict.GOOD),
    # 30 min and 45 min (its end lies after the period) of 120 min.
    K.SHELVED: (75 / 120, Verdict.GOOD),
    K.SUPPRESSED: (1.0, Verdict.NONE),
    # 30 s and 10 s: median 20 s, and 10 + 0.95 · 20 = 29 s.
    K.ACKNOWLEDGED_P50: (20.0, Verdict.NONE),
    K.ACKNOWLEDGED_P95: (29.0, Verdict.NONE),
    K.UNACKNOWLEDGED: (14.0, Verdict.NONE),
}


@pytest.fixture(scope="module")
def load():
    return alarm_load(two_hours(), TWO_HOURS_SOURCES, zone=UTC)


@pytest.mark.parametrize("key", FigureKey)
def test_a_figure_is_what_was_worked_out_by_hand(load, key):
    value, verdict = BY_HAND[key]
    assert load.figure(key).value == pytest.approx(value)
    assert load.figure(key).verdict is verdict


def test_every_figure_is_computed_in_the_order_of_the_report(load):
    assert [figure.key for figure in load.figures] == [spec.key for spec in FIGURES] == list(FigureKey)


def test_what_is_drawn_is_what_was_worked_out_by_hand(load):
    assert load.annunciations == 16
    assert load.counts == (1, 0, 0, 3, 0, 0, 12, 0, 0, 0, 0, 0)
    assert load.by_hour[:3] == (4, 12, 0)
    assert load.severities == (1, 3, 12)
    assert [(f.since_unix, f.until_unix, f.alerts) for f in load.floods] == [
        (clock("01:05:00"), clock("01:13:30"), 12)
    ]
    assert (load.standing_most, load.shelved_most) == (13, 2)


def test_the_level_is_the_worst_of_its_three_criteria(load):
    # Average 1.3 and most 12 would be robust; one period of twelve above 5 (8.3 %) is stable.
    assert (load.level, load.band) == (EemuaLevel.STABLE, EemuaBand.MANAGEABLE)


def test_two_hours_are_an_indication_and_no_verdict(load):
    assert not load.is_verdict


def test_the_most_frequent_source_comes_first_with_what_it_did(load):
    first = load.sources[0]
    assert (first.threshold, first.count, first.chattering, first.fleeting) == (20, 3, 3, 2)
    assert first.share == pytest.approx(3 / 16)
    assert first.standing_s == 5.0  # of 5, 4 and 70 s


def test_two_positions_share_the_load_and_raise_the_limits():
    load = alarm_load(two_hours(), TWO_HOURS_SOURCES, positions=2, zone=UTC)
    assert load.figure(K.PER_HOUR).value == 4.0
    assert load.figure(K.MOST_IN_10_MIN).value == 6.0
    assert load.figure(K.FLOOD).value == 0.0  # twelve are not more than 10 for each of two


def test_nothing_recorded_makes_no_figure():
    load = alarm_load(journal_of([], [], hours=0), {})
    assert (load.is_empty, load.figures, load.level) == (True, (), None)


def test_a_quiet_day_is_good_and_says_where_there_is_nothing_to_judge():
    load = alarm_load(journal_of([], [], hours=24), {}, zone=UTC)
    nothing = {figure.key for figure in load.figures if figure.value is None}
    assert nothing == {
        *(K.TOP_TEN, K.INFO_SHARE, K.WARNING_SHARE, K.CRITICAL_SHARE),
        *(K.ACKNOWLEDGED_P50, K.ACKNOWLEDGED_P95),
    }
    assert not [figure for figure in load.figures if figure.verdict is Verdict.MISSED]
    assert load.level is EemuaLevel.PREDICTIVE


def test_a_day_has_an_average_of_a_day():
    lines = [(clock("00:01:00") + 60 * n, n, 1, R, True, False) for n in range(145)]
    alerts = [(line[1], 1, 2, line[0], NAN, NAN, False) for line in lines]
    load = alarm_load(journal_of(lines, alerts, hours=24), facts_of(1), zone=UTC)
    assert (load.figure(K.PER_DAY).value, load.figure(K.PER_DAY).verdict) == (145.0, Verdict.ACCEPTABLE)


def test_minutes_have_no_share_of_hours_and_no_average():
    load = alarm_load(journal_of([], [], hours=0.1), {}, zone=UTC)
    assert load.figure(K.BUSY_HOURS).value is None
    assert load.figure(K.PER_10_MIN).value is None
    assert load.level is None


def test_an_acknowledgement_after_it_asked_again_answers_the_later_question():
    lines = [
        (clock("00:01:00"), 1, 1, R, True, False),
        (clock("00:02:00"), 1, 1, CL, False, False),
        (clock("00:03:00"), 1, 1, RE, True, False),
        (clock("00:03:40"), 1, 1, ACK, False, True),
    ]
    load = alarm_load(journal_of(lines, [(1, 1, 2, clock("00:01:00"), NAN, NAN, False)]), facts_of(1))
    assert load.figure(K.ACKNOWLEDGED_P50).value == 40.0
    assert load.figure(K.UNACKNOWLEDGED).value == 1.0


@pytest.mark.parametrize(("acknowledged", "fleeting"), [("00:01:03", 0.0), ("00:01:09", 1.0)])
def test_an_alert_is_fleeting_only_where_nobody_did_anything_before_it_cleared(acknowledged, fleeting):
    lines = [
        (clock("00:01:00"), 1, 1, R, True, False),
        (clock("00:01:08"), 1, 1, CL, False, False),
        (clock(acknowledged), 1, 1, ACK, False, True),
    ]
    alerts = [(1, 1, 2, clock("00:01:00"), clock("00:01:08"), NAN, False)]
    assert alarm_load(journal_of(lines, alerts), facts_of(1)).figure(K.FLEETING).value == fleeting


def test_what_comes_after_the_period_tells_what_became_of_its_last_alert():
    lines = [
        (clock("01:59:55"), 1, 1, R, True, False),
        (clock("02:00:03"), 1, 1, CL, False, False),
        (clock("02:00:30"), 1, 1, ACK, False, True),
        (clock("02:00:30"), 1, 1, RES, False, True),
        (clock("02:10:00"), 2, 1, R, True, False),
    ]
    alerts = [
        (1, 1, 2, clock("01:59:55"), clock("02:00:03"), clock("02:00:30"), False),
        (2, 1, 2, clock("02:10:00"), NAN, NAN, False),
    ]
    load = alarm_load(journal_of(lines, alerts), facts_of(1))
    assert load.annunciations == 1
    assert load.figure(K.FLEETING).value == 1.0
    assert load.figure(K.ACKNOWLEDGED_P50).value == 35.0
    assert load.standing_most == 1


def test_an_alert_set_aside_neither_stands_nor_is_stale_until_it_is_brought_back():
    shelved, unshelved = 6, 7
    lines = [
        (clock("00:30:00"), 1, 1, shelved, False, True),
        (clock("01:30:00"), 1, 1, unshelved, True, True),
    ]
    old = [(1, 1, 2, MIDNIGHT - 90_000, NAN, NAN, False)]
    load = alarm_load(journal_of(lines, old), facts_of(1))
    assert load.figure(K.STANDING).value == pytest.approx(0.5)
    assert load.figure(K.STALE).value == 1.0


def test_an_alert_that_was_aside_before_the_period_is_until_somebody_brings_it_back():
    lines = [(clock("01:00:00"), 1, 1, 7, True, True)]
    old = [(1, 1, 2, MIDNIGHT - 90_000, NAN, NAN, False)]
    load = alarm_load(journal_of(lines, old), facts_of(1))
    assert load.figure(K.STANDING).value == pytest.approx(0.5)


def test_an_old_alert_that_had_returned_stands_from_when_it_comes_again():
    lines = [(clock("01:30:00"), 1, 1, RE, True, False)]
    old = [(1, 1, 2, MIDNIGHT - 600, NAN, NAN, False)]
    load = alarm_load(journal_of(lines, old), facts_of(1))
    assert load.figure(K.STANDING).value == pytest.approx(0.25)


def test_an_old_alert_that_returned_and_waits_does_not_stand():
    old = [(1, 1, 2, MIDNIGHT - 900, MIDNIGHT - 600, NAN, False)]
    load = alarm_load(journal_of([], old), facts_of(1))
    assert load.figure(K.STANDING).value == 0.0


def test_an_alert_resolved_in_the_period_is_open_until_then():
    lines = [(clock("00:30:00"), 1, 1, RES, False, True)]
    old = [(1, 1, 2, MIDNIGHT - 100_000, MIDNIGHT - 600, clock("00:30:00"), False)]
    load = alarm_load(journal_of(lines, old), facts_of(1))
    assert load.figure(K.STALE).value == 1.0
    assert load.figure(K.STANDING).value == 0.0


def test_stale_alerts_are_counted_on_each_day_by_the_sites_clock():
    # Three alerts of noon the day before: stale from noon on. Two days, so two counts of three.
    old = [(n, n, 2, MIDNIGHT - 43_200, NAN, NAN, False) for n in range(3)]
    late = [(9, 9, 2, MIDNIGHT + 3600, NAN, NAN, False)]
    raised = [(MIDNIGHT + 3600, 9, 9, R, True, False)]
    load = alarm_load(journal_of(raised, old + late, hours=48), facts_of(9), zone=UTC)
    assert load.figure(K.STALE).value == 4.0  # on the second day the fourth, too


def test_chattering_needs_three_within_a_minute_of_one_source():
    lines = [
        *((clock("00:10:00") + at, n, 1, R, True, False) for n, at in enumerate((0, 30, 60))),
        *((clock("00:20:00") + at, 10 + n, 2, R, True, False) for n, at in enumerate((0, 30, 61))),
    ]
    alerts = [(line[1], line[2], 2, line[0], NAN, NAN, False) for line in lines]
    load = alarm_load(journal_of(lines, alerts), facts_of(1, 2))
    assert load.figure(K.CHATTERING).value == 1.0
    assert load.sources[0].chattering + load.sources[1].chattering == 3


def test_a_window_of_ten_minutes_leaves_its_end_out():
    moments = MIDNIGHT + np.array([0.0, 300.0, 600.0])
    assert most_within(moments, 600.0) == 2


def test_a_flood_that_has_not_ended_lasts_until_the_end_of_the_period():
    moments = MIDNIGHT + np.arange(11) * 10.0
    floods = floods_of(moments, MIDNIGHT + 300.0, 1)
    assert [(f.since_unix - MIDNIGHT, f.until_unix - MIDNIGHT, f.alerts) for f in floods] == [(100, 300, 11)]


def test_two_floods_are_two():
    once = np.arange(11) * 10.0
    floods = floods_of(MIDNIGHT + np.concatenate((once, once + 3600)), MIDNIGHT + 7200, 1)
    assert [f.since_unix - MIDNIGHT for f in floods] == [100, 3700]


def test_hours_of_the_day_follow_the_sites_clock_across_summer_time():
    zone = ZoneInfo("Europe/Berlin")
    # 2026-03-29: at 01:00 UTC the clock goes from 02:00 to 03:00.
    before, after = 1_774_745_940.0, 1_774_746_060.0
    hours = hours_of_day(np.array([before, after]), zone)
    assert (hours[1], hours[2], hours[3]) == (1, 0, 1)


def test_the_day_of_the_change_to_summer_time_has_23_hours():
    starts = day_starts(1_774_720_000.0, 1_774_900_000.0, ZoneInfo("Europe/Berlin"))
    assert np.diff(starts).tolist() == [86_400, 82_800, 86_400][: len(starts) - 1]


@pytest.mark.parametrize(
    ("average", "most", "demanding", "level"),
    [
        (0.9, 9, 0.9, EemuaLevel.PREDICTIVE),
        (1.0, 9, 0.0, EemuaLevel.ROBUST),
        (0.5, 10, 0.0, EemuaLevel.ROBUST),
        (0.5, 5, 5.0, EemuaLevel.ROBUST),
        (0.5, 101, 0.0, EemuaLevel.STABLE),
        (0.5, 5, 25.0, EemuaLevel.STABLE),
        (11.0, 5, 0.0, EemuaLevel.REACTIVE),
        (0.5, 1000, 0.0, EemuaLevel.REACTIVE),
        (0.5, 5, 50.0, EemuaLevel.REACTIVE),
        (101.0, 5, 0.0, EemuaLevel.OVERLOADED),
        (0.5, 1001, 0.0, EemuaLevel.OVERLOADED),
        (0.5, 5, 50.1, EemuaLevel.OVERLOADED),
    ],
)
def test_levels_of_eemua_191(average, most, demanding, level):
    assert eemua_level(average, most, demanding) is level


@pytest.mark.parametrize(
    ("average", "band"),
    [
        (1.0, EemuaBand.ACCEPTABLE),
        (2.0, EemuaBand.MANAGEABLE),
        (5.0, EemuaBand.OVER_DEMANDING),
        (10.1, EemuaBand.UNACCEPTABLE),
    ],
)
def test_bands_of_eemua_191(average, band):
    assert eemua_band(average) is band
