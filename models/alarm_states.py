"""The life of an alarm as a state machine (ISA-18.2-2016, figure 2; IEC 62682). Pure.

    A normal → B unacknowledged → C acknowledged → A        D returned before anybody acknowledged
    E, F latching alarms that have returned, as D and C     G shelved · H suppressed by design
    I out of service

`step` is the machine. The database's functions (`app.apply_transition`, `app.acknowledge_alerts`, …) are the
same machine where stations and people meet; a test drives both with the same sequences and compares. What is
stored are facts, and the state is derived from them: `state_of`.

Conditions go on being judged while an alarm is shelved or suppressed; a threshold out of service is not
judged. Leaving G, H or I: B where the condition stands, A where it does not. A latching alarm is not normal
until somebody resets it, so it comes out of G and H as E or F: nothing that only time or a rollout does may
make it go away.
"""

from dataclasses import dataclass, replace
from enum import StrEnum


class AlarmState(StrEnum):
    """The states, by the letters of ISA-18.2's figure."""

    NORMAL = "A"
    UNACKNOWLEDGED = "B"
    ACKNOWLEDGED = "C"
    RETURNED = "D"
    LATCHED_UNACKNOWLEDGED = "E"
    LATCHED_ACKNOWLEDGED = "F"
    SHELVED = "G"
    SUPPRESSED = "H"
    OUT_OF_SERVICE = "I"

    @property
    def asks_operator(self) -> bool:
        """Whether somebody still has to take note."""
        return self in (
            AlarmState.UNACKNOWLEDGED,
            AlarmState.RETURNED,
            AlarmState.LATCHED_UNACKNOWLEDGED,
        )

    @property
    def is_hidden(self) -> bool:
        """Whether the alarm asks nobody, on purpose."""
        return self in (AlarmState.SHELVED, AlarmState.SUPPRESSED, AlarmState.OUT_OF_SERVICE)


class AlarmEvent(StrEnum):
    """What can happen to an alarm."""

    RAISED = "raised"
    """The condition has been true for the on-delay."""
    CLEARED = "cleared"
    """It has been over, by the deadband, for the off-delay."""
    ACKNOWLEDGED = "acknowledged"
    RESET = "reset"
    """Resolved by hand: refused while the condition stands."""
    REALARM_DUE = "realarm_due"
    """Acknowledged long ago, and still standing."""
    SHELVED = "shelved"
    SHELVED_ONCE = "shelved_once"
    """Shelved until the condition is over, or the time."""
    UNSHELVED = "unshelved"
    """Taken from the shelf, or its time ran out."""
    SUPPRESSED = "suppressed"
    """Maintenance or an update began, or the parent went offline."""
    UNSUPPRESSED = "unsuppressed"
    DISABLED = "disabled"
    """Taken out of service."""
    ENABLED = "enabled"
    """Back in service; a condition that stands is found anew, as RAISED."""


@dataclass(frozen=True, slots=True)
class AlarmFacts:
    """What is known of one alarm (one threshold of one device).

    Attributes:
        is_latching: Fixed by the threshold.
        is_open: An episode is open: a row in `alerts` that is not resolved.
        is_standing: The condition stands; only while an episode is open.
        is_acknowledged: Somebody has taken note of this episode.
        is_shelved, is_one_shot: On the shelf; until it returns to normal at most.
        is_suppressed: By design.
        is_in_service: The threshold is enabled.
    """

    is_latching: bool = False
    is_open: bool = False
    is_standing: bool = False
    is_acknowledged: bool = False
    is_shelved: bool = False
    is_one_shot: bool = False
    is_suppressed: bool = False
    is_in_service: bool = True

    @property
    def is_hidden(self) -> bool:
        """Whether an episode asks nobody: shelved or suppressed."""
        return self.is_shelved or self.is_suppressed


@dataclass(frozen=True, slots=True)
class Step:
    """What came of an event.

    Attributes:
        facts: As they are now; the very same object where nothing changed.
        annunciates: Whether an operator is asked (horn, flashing) by this event.
        opens, closes: Whether an episode begins or ends with it.
    """

    facts: AlarmFacts
    annunciates: bool = False
    opens: bool = False
    closes: bool = False


def state_of(facts: AlarmFacts) -> AlarmState:
    """Return the state. Out of service outranks the shelf, and that outranks suppression by design."""
    if not facts.is_in_service and not facts.is_open:
        return AlarmState.OUT_OF_SERVICE
    if facts.is_shelved:
        return AlarmState.SHELVED
    if facts.is_suppressed:
        return AlarmState.SUPPRESSED
    if not facts.is_open:
        return AlarmState.NORMAL
    if facts.is_standing:
        return AlarmState.ACKNOWLEDGED if facts.is_acknowledged else AlarmState.UNACKNOWLEDGED
    if not facts.is_latching:
        return AlarmState.RETURNED
    return AlarmState.LATCHED_ACKNOWLEDGED if facts.is_acknowledged else AlarmState.LATCHED_UNACKNOWLEDGED


def step(facts: AlarmFacts, event: AlarmEvent) -> Step:
    """Return what an event makes of an alarm. Total: what does not apply changes nothing."""
    match event:
        case AlarmEvent.RAISED:
            return _raised(facts)
        case AlarmEvent.CLEARED:
            return _cleared(facts)
        case AlarmEvent.ACKNOWLEDGED:
            return _acknowledged(facts)
        case AlarmEvent.RESET:
            may_reset = facts.is_open and (not facts.is_standing or not facts.is_in_service)
            return _closed(facts) if may_reset else Step(facts)
        case AlarmEvent.REALARM_DUE:
            stands = facts.is_open and facts.is_standing and facts.is_acknowledged
            if not stands or facts.is_hidden:
                return Step(facts)
            return Step(replace(facts, is_acknowledged=False), annunciates=True)
        case AlarmEvent.SHELVED | AlarmEvent.SHELVED_ONCE:
            if facts.is_shelved:
                return Step(facts)
            return Step(replace(facts, is_shelved=True, is_one_shot=event is AlarmEvent.SHELVED_ONCE))
        case AlarmEvent.UNSHELVED:
            return _shown(facts, replace(facts, is_shelved=False, is_one_shot=False))
        case AlarmEvent.SUPPRESSED:
            return Step(facts) if facts.is_suppressed else Step(replace(facts, is_suppressed=True))
        case AlarmEvent.UNSUPPRESSED:
            return _shown(facts, replace(facts, is_suppressed=False))
        case AlarmEvent.DISABLED:
            return _disabled(facts)
        case AlarmEvent.ENABLED:
            return Step(facts) if facts.is_in_service else Step(replace(facts, is_in_service=True))


def _raised(facts: AlarmFacts) -> Step:
    if not facts.is_in_service or (facts.is_open and facts.is_standing):
        return Step(facts)
    raised = replace(facts, is_open=True, is_standing=True, is_acknowledged=False)
    return Step(raised, annunciates=not facts.is_hidden, opens=not facts.is_open)


def _cleared(facts: AlarmFacts) -> Step:
    if not (facts.is_open and facts.is_standing):
        return Step(facts)
    is_over = not facts.is_latching and (facts.is_hidden or facts.is_acknowledged)
    cleared = replace(facts, is_standing=False)
    if facts.is_one_shot:
        cleared = replace(cleared, is_shelved=False, is_one_shot=False)
    return _closed(cleared) if is_over else Step(cleared)


def _acknowledged(facts: AlarmFacts) -> Step:
    if not facts.is_open or facts.is_acknowledged:
        return Step(facts)
    if not facts.is_standing and not facts.is_latching:
        return _closed(facts)
    return Step(replace(facts, is_acknowledged=True))


def _disabled(facts: AlarmFacts) -> Step:
    """Nobody judges any more, so the condition counts as over; what it left open ends as after any return."""
    if not facts.is_in_service:
        return Step(facts)
    disabled = replace(facts, is_in_service=False)
    cleared = _cleared(disabled)
    return cleared if cleared.facts != disabled else Step(disabled)


def _shown(before: AlarmFacts, after: AlarmFacts) -> Step:
    """Leave the shelf or suppression: ask again where the condition stands, forget the episode where not.

    A latched one is neither: it is shown as it was, silent, and waits for its reset.
    """
    if before == after:
        return Step(before)
    if after.is_hidden or not after.is_open:
        return Step(after)
    if not after.is_standing:
        return Step(after) if after.is_latching else _closed(after)
    return Step(replace(after, is_acknowledged=False), annunciates=True)


def _closed(facts: AlarmFacts) -> Step:
    return Step(replace(facts, is_open=False, is_standing=False, is_acknowledged=False), closes=True)
