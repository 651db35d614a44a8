"""Every rule of the alarm life cycle as a property: over all that can happen next, and over whole lives."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from models.alarm_states import AlarmEvent, AlarmFacts, AlarmState, state_of, step

E = AlarmEvent
LEAVING = (E.UNSHELVED, E.UNSUPPRESSED)
HIDING = (E.SHELVED, E.SHELVED_ONCE, E.SUPPRESSED)


def _reachable():
    """Everything that can be known of an alarm, found by letting everything happen to everything."""
    waiting = [AlarmFacts(is_latching=is_latching) for is_latching in (False, True)]
    found = set(waiting)
    while waiting:
        facts = waiting.pop()
        new = {step(facts, event).facts for event in AlarmEvent} - found
        found |= new
        waiting += new
    return sorted(found, key=str)


REACHABLE = _reachable()
STEPS = [(facts, event, step(facts, event)) for facts in REACHABLE for event in AlarmEvent]


def those(*events, before=lambda _facts: True, after=lambda _facts: True):
    """All steps by any of these events (none given: by any at all), from and to what the conditions say."""
    chosen = [
        (was, event, done)
        for was, event, done in STEPS
        if event in (events or AlarmEvent) and before(was) and after(done.facts)
    ]
    assert chosen, "this would prove nothing"
    return chosen


def effective(*events, **conditions):
    """Those of them that change something."""
    return [(was, event, done) for was, event, done in those(*events, **conditions) if done.facts != was]


def test_all_that_is_reachable_was_looked_at():
    assert {state_of(facts) for facts in REACHABLE} == set(AlarmState)
    assert len(REACHABLE) > 60


def test_facts_never_contradict_one_another():
    for facts in REACHABLE:
        assert facts.is_open or not (facts.is_standing or facts.is_acknowledged)
        assert facts.is_shelved or not facts.is_one_shot
        assert facts.is_in_service or not facts.is_standing


def test_the_same_event_again_changes_nothing():
    for _was, event, done in those():
        again = step(done.facts, event)
        assert (again.facts is done.facts, again.annunciates) == (True, False)


def test_a_condition_that_begins_asks_an_operator_unless_it_is_hidden_on_purpose():
    for was, _event, done in effective(E.RAISED):
        assert done.annunciates != was.is_hidden
        assert (done.facts.is_standing, done.facts.is_acknowledged) == (True, False)


def test_acknowledging_silences_without_ending_what_stands():
    for was, _event, done in effective(E.ACKNOWLEDGED):
        assert (done.annunciates, done.facts.is_standing) == (False, was.is_standing)
        assert done.closes == (not was.is_standing and not was.is_latching)


def test_what_was_acknowledged_and_has_returned_is_resolved():
    for _was, _event, done in those(E.CLEARED, before=lambda f: f.is_acknowledged and f.is_standing):
        assert done.closes != done.facts.is_latching


def test_what_has_returned_unseen_waits_for_an_acknowledgement():
    for _was, _event, done in effective(
        E.CLEARED, before=lambda f: not f.is_acknowledged and not f.is_hidden
    ):
        assert state_of(done.facts).asks_operator


def test_nothing_but_a_cleared_condition_or_the_end_of_judging_ends_what_stands():
    for _was, event, _done in those(before=lambda f: f.is_standing, after=lambda f: not f.is_standing):
        assert event in (E.CLEARED, E.DISABLED)


def test_resolving_by_hand_is_refused_while_the_condition_stands():
    for was, _event, done in those(E.RESET, before=lambda f: f.is_standing):
        assert done.facts is was


def test_resolving_by_hand_ends_what_has_returned_latched_or_not():
    for _was, _event, done in those(E.RESET, before=lambda f: f.is_open and not f.is_standing):
        assert done.closes


def test_a_latched_alarm_stays_until_it_is_reset():
    closing = those(before=lambda f: f.is_latching and f.is_open, after=lambda f: not f.is_open)
    assert {event for _was, event, _done in closing} == {E.RESET}


def test_a_shelved_or_suppressed_alarm_never_annunciates():
    for _was, _event, done in those(after=lambda f: f.is_hidden):
        assert not done.annunciates


def test_only_what_stands_unacknowledged_and_in_view_annunciates():
    asking = [state_of(done.facts) for _was, _event, done in those() if done.annunciates]
    assert set(asking) == {AlarmState.UNACKNOWLEDGED}


def test_hiding_an_alarm_neither_acknowledges_nor_ends_it():
    for was, _event, done in effective(*HIDING):
        hiding = {name: getattr(was, name) for name in ("is_shelved", "is_one_shot", "is_suppressed")}
        assert replace(done.facts, **hiding) == was
        assert not done.annunciates


def test_an_alarm_that_comes_out_of_hiding_asks_anew_where_it_stands():
    for _was, _event, done in effective(*LEAVING, after=lambda f: f.is_standing and not f.is_hidden):
        assert (state_of(done.facts), done.annunciates) == (AlarmState.UNACKNOWLEDGED, True)


def test_an_alarm_that_comes_out_of_hiding_is_over_where_it_does_not_stand_unless_it_is_latched():
    returned = effective(
        *LEAVING, before=lambda f: f.is_open and not f.is_standing, after=lambda f: not f.is_hidden
    )
    for was, _event, done in returned:
        assert (done.closes, done.annunciates) == (not was.is_latching, False)


def test_an_alarm_hidden_for_two_reasons_is_hidden_until_both_are_gone():
    for _was, _event, done in effective(*LEAVING, before=lambda f: f.is_shelved and f.is_suppressed):
        assert (done.facts.is_hidden, done.annunciates, done.closes) == (True, False, False)


def test_conditions_go_on_being_judged_while_hidden():
    for _was, _event, done in those(E.RAISED, before=lambda f: f.is_hidden and f.is_in_service):
        assert done.facts.is_standing
    for _was, _event, done in those(E.CLEARED, before=lambda f: f.is_hidden):
        assert not done.facts.is_standing


def test_a_shelf_for_once_ends_with_the_condition():
    for _was, _event, done in those(E.CLEARED, before=lambda f: f.is_one_shot and f.is_standing):
        assert not done.facts.is_shelved


def test_a_shelf_for_once_ends_with_nothing_else_before_its_time():
    ending = those(before=lambda f: f.is_one_shot and not f.is_standing, after=lambda f: not f.is_shelved)
    assert {event for _was, event, _done in ending} == {E.UNSHELVED}


def test_a_timed_shelf_does_not_end_with_the_condition():
    ending = those(before=lambda f: f.is_shelved and not f.is_one_shot, after=lambda f: not f.is_shelved)
    assert {event for _was, event, _done in ending} == {E.UNSHELVED}


def test_what_was_acknowledged_long_ago_asks_again_only_while_it_stands_in_view():
    for was, _event, done in effective(E.REALARM_DUE):
        assert (state_of(was), state_of(done.facts), done.annunciates) == (
            AlarmState.ACKNOWLEDGED,
            AlarmState.UNACKNOWLEDGED,
            True,
        )


def test_out_of_service_nothing_is_found_and_nothing_stands():
    for _was, _event, done in those(after=lambda f: not f.is_in_service):
        assert (done.facts.is_standing, done.annunciates, done.opens) == (False, False, False)


def test_taking_an_alarm_out_of_service_hides_nothing_that_nobody_has_seen():
    unseen = those(E.DISABLED, before=lambda f: f.is_open and not f.is_acknowledged and not f.is_hidden)
    for _was, _event, done in unseen:
        assert done.facts.is_open


def test_back_in_service_an_alarm_waits_for_the_condition_to_be_found():
    for was, _event, done in effective(E.ENABLED):
        assert (done.facts, done.annunciates) == (replace(was, is_in_service=True), False)


# -- whole lives ---------------------------------------------------------------------------------------

LIVES = st.lists(st.sampled_from(AlarmEvent), max_size=60)
EVERY_LIFE = settings(max_examples=150, deadline=None)


def lived(events, *, is_latching):
    facts, done = AlarmFacts(is_latching=is_latching), []
    for event in events:
        done.append((facts, event, step(facts, event)))
        facts = done[-1][2].facts
    return done


@EVERY_LIFE
@given(LIVES, st.booleans())
def test_there_is_never_more_than_one_open_episode(events, is_latching):
    life = lived(events, is_latching=is_latching)
    turns = [done.opens for _was, _event, done in life if done.opens or done.closes]
    assert turns == [place % 2 == 0 for place in range(len(turns))]


@EVERY_LIFE
@given(LIVES, st.booleans())
def test_an_alarm_begins_to_flash_with_an_annunciation_and_never_without_one(events, is_latching):
    for was, _event, done in lived(events, is_latching=is_latching):
        flashes = state_of(done.facts) is AlarmState.UNACKNOWLEDGED
        flashed = state_of(was) is AlarmState.UNACKNOWLEDGED
        assert done.annunciates == (flashes and not flashed)


@EVERY_LIFE
@given(LIVES, st.booleans())
def test_an_alarm_stops_flashing_by_a_person_an_end_or_a_hiding_and_by_nothing_else(events, is_latching):
    life = lived(events, is_latching=is_latching)
    stopping = {
        event
        for was, event, done in life
        if state_of(was) is AlarmState.UNACKNOWLEDGED is not state_of(done.facts)
    }
    assert stopping <= {E.CLEARED, E.ACKNOWLEDGED, *HIDING, E.DISABLED}


@EVERY_LIFE
@given(LIVES, st.booleans())
def test_a_condition_annunciates_once_and_again_only_after_a_hiding_or_as_a_reminder(events, is_latching):
    life = lived(events, is_latching=is_latching)
    begun = sum(done.facts.is_standing and not was.is_standing for was, _event, done in life)
    hidden = sum(done.facts.is_hidden and not was.is_hidden for was, _event, done in life)
    reminders = sum(done.annunciates for _was, event, done in life if event is E.REALARM_DUE)
    assert sum(done.annunciates for _was, _event, done in life) <= begun + hidden + reminders


@EVERY_LIFE
@given(LIVES, st.booleans())
def test_nothing_that_stands_is_hidden_silently(events, is_latching):
    """Take everything back that sets aside: what stands is before the operator again."""
    *_life, (_was, _event, done) = lived([*events, E.UNSHELVED, E.UNSUPPRESSED], is_latching=is_latching)
    seen = (AlarmState.UNACKNOWLEDGED, AlarmState.ACKNOWLEDGED)
    assert (state_of(done.facts) in seen) == done.facts.is_standing


@EVERY_LIFE
@given(LIVES, st.booleans())
def test_a_quiet_plant_ends_in_a_normal_state(events, is_latching):
    """Once the value has returned, everything is back in service and somebody resets, nothing is left."""
    calm = [E.UNSHELVED, E.UNSUPPRESSED, E.ENABLED, E.CLEARED, E.ACKNOWLEDGED, E.RESET]
    *_life, (_was, _event, done) = lived([*events, *calm], is_latching=is_latching)
    assert state_of(done.facts) is AlarmState.NORMAL
