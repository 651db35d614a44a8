"""The verdict itself: what it must call lost, doubled, wrong, polled twice, and what it must not."""

from collections.abc import Sequence

import pytest

from console.bench.faults_account import Known, Lived, Told, account_of
from console.bench.faults_alert_verdict import Found, alert_verdict
from console.bench.faults_verdict import Row, Span, trespasses, verdict
from console.bench.faults_witness import Answer, Excursion, Witnessed, sequence_of, values_of

PERIOD_S = 0.2
A, B = 101, 102
"""Process ids of two stations; connection 0 is A's, 1 is B's."""


def witnessed(*connections: int, excursions: Sequence[Excursion] = ()) -> Witnessed:
    """One device that answered once a period, from 0 s on, over these connections."""
    answers = [Answer(PERIOD_S * index, connection) for index, connection in enumerate(connections)]
    return Witnessed([answers], [A, B], list(excursions))


def rows(*sequences: int) -> list[Row]:
    return [
        Row(0, PERIOD_S * (sequence - 1), values_of(0, sequence, is_loud=False), 0) for sequence in sequences
    ]


def test_answers_that_all_stand_in_the_table_are_no_loss():
    found = verdict(witnessed(*[0] * 20), rows(*range(1, 21)), {})
    assert (found.answered, found.stored, found.lost, found.doubled) == (20, 20, (), 0)
    assert (found.wrong, found.disordered, found.overlaps, found.skew_ms) == (0, 0, 0, 0.0)


def test_an_answer_that_is_nowhere_is_lost_and_named():
    assert verdict(witnessed(*[0] * 20), rows(*range(1, 8), *range(9, 21)), {}).lost == ((0, 8),)


def test_what_was_taken_just_before_its_station_ended_may_be_missing_and_its_age_is_told():
    found = verdict(witnessed(*[0] * 20), rows(*range(1, 16)), {A: [4.0]})
    assert (found.lost, found.unflushed) == ((), 5)
    assert found.oldest_unflushed_ms == pytest.approx(1000.0)


def test_what_was_taken_well_before_its_station_ended_is_lost():
    assert verdict(witnessed(*[0] * 20), rows(*range(2, 21)), {A: [4.0]}).lost == ((0, 1),)


def test_the_end_of_another_station_excuses_nothing():
    assert verdict(witnessed(*[0] * 20), rows(*range(1, 20)), {B: [4.0]}).lost == ((0, 20),)


def test_an_answer_on_its_way_while_the_device_changes_hands_is_no_loss():
    found = verdict(witnessed(0, 0, 1, 1), rows(1, 3, 4), {})
    assert (found.lost, found.handed_over) == ((), 1)


def test_an_answer_in_two_rows_is_doubled():
    double = [*rows(1, 2), Row(0, 0.1, values_of(0, 2, is_loud=False), 0)]
    assert verdict(witnessed(0, 0), double, {}).doubled == 1


@pytest.mark.parametrize("metric", range(6))
def test_a_row_with_one_value_of_another_answer_is_wrong(metric):
    values = list(values_of(0, 2, is_loud=False))
    values[metric] = values_of(7, 5_003, is_loud=True)[metric]
    assert sequence_of(0, values) is None
    assert verdict(witnessed(0, 0), [*rows(1), Row(0, 0.2, tuple(values), 0)], {}).wrong == 1


def test_a_row_of_an_answer_that_was_never_given_is_wrong():
    assert verdict(witnessed(0, 0), rows(1, 2, 3), {}).wrong == 1


def test_a_row_that_admits_to_be_bad_is_not_wrong():
    bad = Row(0, 0.4, (None,) * 6, 63)
    assert verdict(witnessed(0, 0), [*rows(1, 2), bad], {}).wrong == 0


def test_rows_whose_times_contradict_the_order_of_the_answers_are_found():
    swapped = [Row(0, 9.0, values_of(0, 1, is_loud=False), 0), *rows(2)]
    found = verdict(witnessed(0, 0), swapped, {})
    assert (found.disordered, found.skew_ms) == (1, 9000.0)


def test_a_poll_by_one_station_between_two_of_another_is_an_overlap():
    assert verdict(witnessed(0, 0, 1, 0, 0), rows(1, 2, 3, 4, 5), {}).overlaps == 1


def test_a_device_that_goes_over_for_good_or_returns_after_a_lease_overlaps_with_nobody():
    assert verdict(witnessed(0, 0, 1, 1), rows(1, 2, 3, 4), {}).overlaps == 0
    returned = witnessed(0, *[1] * 26, 0)
    assert verdict(returned, rows(*range(1, 29)), {}).overlaps == 0


@pytest.mark.parametrize(
    ("spans", "count"),
    [
        ([Span(0, "a", 0.0, None)], 0),
        ([Span(0, "a", 0.0, 0.9)], 5),
        ([Span(0, "b", 0.0, None)], 10),
        ([Span(1, "a", 0.0, None)], 10),
        ([Span(0, "a", 0.0, 0.5), Span(0, "a", 0.9, None)], 2),
    ],
    ids=["held", "until it went", "another's", "another device", "not meanwhile"],
)
def test_a_poll_without_the_lease_of_the_device_is_a_trespass(spans, count):
    assert len(trespasses(witnessed(*[0] * 10), spans, {A: "a", B: "b"})) == count


SEEN = (Excursion(0, 0.9, 2.9),)


@pytest.mark.parametrize(
    ("begun", "standing", "found"),
    [
        ([(1.0, True)], 0, (0, 0, 0)),
        ([], 0, (1, 0, 0)),
        ([(1.0, True), (1.4, True)], 0, (0, 1, 0)),
        ([(1.0, True), (7.0, True)], 0, (0, 1, 0)),
        ([(1.0, False), (1.4, True)], 0, (0, 0, 0)),
        ([(1.0, True)], 1, (0, 0, 1)),
    ],
    ids=["one episode", "missing", "doubled", "of no excursion", "noted late beside another's", "unended"],
)
def test_every_excursion_that_was_seen_is_one_episode(begun, standing, found):
    told = alert_verdict(
        witnessed(*[0] * 20, excursions=SEEN), [Found(0, *each) for each in begun], standing, {}, PERIOD_S
    )
    assert (len(told.missing), told.doubled, told.unended) == found


def test_an_excursion_that_only_a_dying_station_saw_may_be_missing():
    told = alert_verdict(witnessed(*[0] * 6, excursions=SEEN), [], 0, {A: [1.2]}, PERIOD_S)
    assert (told.missing, told.unseen) == ((), 1)


TWICE = (Excursion(0, 0.9, 1.5), Excursion(0, 3.9, 4.9))
"""Two excursions of one device that is asked from 0 s until 1.4 s, and again from 4 s on."""


def asked_again(*connections: int) -> Witnessed:
    """One device that answered once a period from 0 s until 1.4 s, and from 4 s on over these connections."""
    early = [Answer(PERIOD_S * index, 0) for index in range(8)]
    late = [Answer(4.0 + PERIOD_S * index, connection) for index, connection in enumerate(connections)]
    return Witnessed([[*early, *late]], [A, B], list(TWICE))


def judged_twice(seen: Witnessed, *journal: Found) -> tuple[int, int]:
    """How many of two excursions are missing, and how many covered, by what the journal tells."""
    told = alert_verdict(seen, journal, 0, {A: [1.5]}, PERIOD_S)
    return len(told.missing), len(told.covered)


BEGUN = Found(0, 1.0, has_asked=True, alert=7)


def ended(unix: float, alert: int = 7) -> Found:
    return Found(0, unix, has_asked=False, alert=alert, is_end=True)


@pytest.mark.parametrize(
    "journal",
    [[BEGUN, ended(5.0)], [BEGUN], [BEGUN, ended(0.5), ended(5.0)]],
    ids=["ended after", "stands still", "an end noted late"],
)
def test_an_excursion_is_covered_by_the_episode_that_nobody_was_there_to_end(journal: list[Found]) -> None:
    assert judged_twice(asked_again(*[1] * 10), *journal) == (0, 1)


@pytest.mark.parametrize(
    "journal",
    [
        [BEGUN, ended(3.0)],
        [BEGUN, ended(4.6)],
        [BEGUN, ended(1.2), ended(5.0)],
        [Found(0, 1.0, has_asked=False, alert=7), ended(5.0)],
        [BEGUN, ended(1.3), Found(1, 1.0, has_asked=True, alert=8), ended(5.0, alert=8)],
    ],
    ids=["ended before", "ended meanwhile", "ended once", "only noted", "another device's"],
)
def test_an_excursion_is_missing_where_no_episode_stood_all_through_it(journal: list[Found]) -> None:
    assert judged_twice(asked_again(*[1] * 10), *journal) == (1, 0)


def test_no_excursion_is_covered_where_somebody_saw_the_value_return_before() -> None:
    seen = asked_again(*[1] * 10)
    seen.answers[0].insert(8, Answer(3.0, 1))
    assert judged_twice(seen, BEGUN, ended(5.0)) == (1, 0)


def test_whoever_saw_the_value_return_and_died_could_not_end_the_episode() -> None:
    seen = asked_again(*[1] * 10)
    seen.answers[0].insert(8, Answer(1.5, 0))
    assert judged_twice(seen, BEGUN, ended(5.0)) == (0, 1)


def test_no_episode_of_nothing_covers_an_excursion() -> None:
    seen = witnessed(*[1] * 20, excursions=SEEN)
    told = alert_verdict(seen, [Found(0, -2.0, has_asked=True), ended(3.0, alert=0)], 0, {}, PERIOD_S)
    assert (len(told.missing), told.covered) == (1, ())


def test_the_account_of_an_excursion_says_who_asked_what_was_told_and_who_held_it() -> None:
    known = Known(
        journal=[BEGUN, ended(5.0)],
        told=[Told(0, 1.0, is_end=False, came_unix=1.1)],
        rows=[Row(0, 4.0, values_of(0, 9, is_loud=True), 0)],
        spans=[Span(0, "North", 0.0, None)],
        lives=[Lived("North", B, 3.5, None)],
    )
    assert account_of(TWICE[1], "covered", asked_again(1, 1), known) == [
        "device 0: over its limit for 1.00 s from 00:00:03.900 UTC, covered; seconds from then:",
        "  asked     -3.90 ..     -3.10  5 quiet, 0 stored; by process 101",
        "  lent      -3.90 ..       now  to North",
        "  over      -3.00 ..     -2.40",
        "  told      -2.90 ..     -2.80  of a beginning, arrived then",
        "  asked     -2.90 ..     -2.50  3 over the limit, 0 stored; by process 101",
        "  stood     -2.90 ..      1.10",
        "  ran       -0.40 ..       now  North, process 102",
        "  over       0.00 ..      1.00",
        "  asked      0.10 ..      0.30  2 over the limit, 1 stored; by North, process 102",
    ]
