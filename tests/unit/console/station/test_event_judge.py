"""What a device reports becomes few episodes in its own words, however it reports."""

from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from console.station.alerts.alert_book import AlertBook
from console.station.evaluator import Evaluator
from console.station.event_judge import SELDOM_S, event_words
from drivers.events import DeviceEvent, EventNews
from models.records.alert import TransitionKind
from models.records.device import Device, DeviceId
from models.records.threshold import DEVICE_METRIC, RuleKind, Severity, Threshold, ThresholdId

AT = datetime(2026, 3, 1, tzinfo=UTC)
NOTHING = EventNews(standing=frozenset())
PRESS = Device(DeviceId(1), "P1", "Press 1", "press", "Hall", "opcua", {"events": True}, 1.0, ())
RULE = Threshold(
    ThresholdId(7), PRESS.id, DEVICE_METRIC, None, None, Severity.INFO, rule=RuleKind.DEVICE_EVENT
)


def event(message: str, severity: int = 500, is_active: bool | None = True, key: str = "") -> DeviceEvent:
    return DeviceEvent(key or message, "", "", message, severity, AT, is_active)


def news(*events: DeviceEvent) -> EventNews:
    return EventNews(events)


class Watched:
    """One device with events, and what its thresholds find."""

    def __init__(self, *thresholds: Threshold, standing: tuple[int, ...] = ()) -> None:
        self.evaluator = Evaluator(PRESS, thresholds or (RULE,), map(ThresholdId, standing))
        self.found: list[tuple[str, float, str]] = []

    def hear(self, at_unix: float, what: EventNews) -> "Watched":
        return self._note(at_unix, self.evaluator.judge_events(what, at_unix))

    def wait(self, *moments: float) -> "Watched":
        for at_unix in moments:
            self._note(at_unix, self.evaluator.pass_time(at_unix))
        return self

    def _note(self, at_unix, transitions) -> "Watched":
        self.found += [(found.kind.value, at_unix, found.message) for found in transitions]
        return self

    @property
    def kinds(self) -> list[tuple[str, float]]:
        return [(kind, at_unix) for kind, at_unix, _ in self.found]


def test_an_episode_stands_while_any_condition_does() -> None:
    watched = Watched().hear(0.0, NOTHING).hear(1.0, news(event("Hot", 700)))
    watched.hear(2.0, news(event("Leak"))).hear(3.0, news(event("Hot", 700, is_active=False)))
    watched.hear(4.0, news(event("Leak", is_active=False))).wait(5.0, 6.0)
    assert watched.kinds == [("raised", 1.0), ("cleared", 4.0)]
    assert watched.found[0][2] == "Hot (severity 700) reported by the device"


def test_the_worst_is_named_and_the_others_are_counted() -> None:
    told = [event("Leak", 300), event("Motor overtemperature", 700), event("Door", 100)]
    (first,) = Watched().hear(0.0, news(*told)).found
    assert first[2] == "Motor overtemperature (severity 700) and 2 more reported by the device"


def test_what_changes_while_it_stands_is_told_seldom() -> None:
    watched = Watched().hear(0.0, news(event("Leak", 300)))
    watched.hear(1.0, news(event("Hot", 700))).hear(2.0, news(event("Recipe loaded", 100, None)))
    watched.wait(*map(float, range(3, 40)))
    assert watched.found[1:] == [
        (
            "reported",
            SELDOM_S,
            "Hot (severity 700) and 1 more reported by the device; meanwhile Recipe loaded (severity 100)",
        )
    ]


def test_a_plain_event_begins_and_ends_an_episode_and_others_wait_and_are_counted() -> None:
    watched = Watched().hear(0.0, news(event("Recipe loaded", 100, None)))
    for second in range(1, 8):
        watched.hear(float(second), news(event(f"Step {second}", 100 + second, None)))
    watched.wait(*map(float, range(8, 40)))
    assert watched.kinds == [("raised", 0.0), ("cleared", 0.0), ("raised", 10.0), ("cleared", 10.0)]
    assert watched.found[2][2] == "Step 7 (severity 107) and 6 more reported by the device"


def test_what_was_open_goes_on_until_the_device_has_said_what_stands() -> None:
    watched = Watched(standing=(7,)).wait(0.0, 1.0, 60.0)
    assert watched.kinds == []
    watched.hear(61.0, NOTHING)
    assert watched.found == [("cleared", 61.0, "The device reports no such condition any more")]
    stands = Watched(standing=(7,)).hear(1.0, EventNews((event("Hot"),), frozenset({"Hot"})))
    assert stands.wait(2.0, 30.0).kinds == [("reported", 1.0)]


def test_a_refresh_ends_what_is_not_in_it() -> None:
    watched = Watched().hear(0.0, news(event("Hot"), event("Leak")))
    watched.hear(1.0, EventNews((event("Leak"),), frozenset({"Leak"}))).hear(2.0, NOTHING)
    assert watched.kinds == [("raised", 0.0), ("cleared", 2.0)]


def test_a_threshold_hears_of_its_severities_only() -> None:
    high = replace(RULE, id=ThresholdId(8), severity=Severity.WARNING, amount=600.0)
    watched = Watched(RULE, high).hear(0.0, news(event("Leak", 300), event("Recipe loaded", 100, None)))
    assert [message for _, _, message in watched.found] == ["Leak (severity 300) reported by the device"]
    transitions = watched.evaluator.judge_events(news(event("Hot", 600)), 1.0)
    assert [(one.threshold, one.severity, one.message) for one in transitions] == [
        (8, Severity.WARNING, "Hot (severity 600) reported by the device")
    ]


def test_delays_of_the_threshold_count() -> None:
    patient = replace(RULE, on_delay_s=5.0, off_delay_s=5.0)
    watched = Watched(patient).hear(-1.0, NOTHING).hear(0.0, news(event("Hot"))).wait(1.0, 2.0, 3.0, 4.0, 5.0)
    watched.hear(6.0, news(event("Hot", is_active=False))).wait(7.0, 8.0, 9.0, 10.0, 11.0)
    assert watched.kinds == [("raised", 5.0), ("cleared", 11.0)]


def test_another_plan_goes_on_with_what_is_known() -> None:
    first = Watched().hear(0.0, NOTHING).hear(0.5, news(event("Hot"))).evaluator
    later = Evaluator(PRESS, [RULE], [RULE.id], first)
    assert later.standing == {RULE.id}
    (over,) = later.judge_events(news(event("Hot", is_active=False)), 1.0)
    assert over.kind is TransitionKind.CLEARED


def test_without_the_setting_the_threshold_cannot_be_judged() -> None:
    silent = replace(PRESS, connection={"events": False})
    evaluator = Evaluator(silent, [RULE], ())
    assert evaluator.unjudged == (
        "The info alert (device events) cannot be judged: "
        "alarms and events are switched off in its connection.",
    )
    assert not evaluator.needs_time


def test_an_event_names_its_source_once() -> None:
    told = event("Motor overtemperature", 700)
    assert event_words(replace(told, source="Press 3")) == "Press 3: Motor overtemperature (severity 700)"
    assert event_words(replace(told, source="motor")) == "Motor overtemperature (severity 700)"
    assert event_words(replace(told, message="", name="HighTemp")) == "HighTemp (severity 700)"


def test_no_device_decides_how_its_words_look() -> None:
    told = event_words(event("<b>Hot</b> and T < 5", 700))
    assert told == "\u2039b>Hot\u2039/b> and T < 5 (severity 700)"


EVENTS = st.builds(
    event, st.sampled_from(["a", "b", "c"]), st.integers(1, 1000), st.sampled_from([True, False, None])
)
NEWS = st.builds(
    EventNews,
    st.lists(EVENTS, max_size=4).map(tuple),
    st.sampled_from([None, None, None, frozenset(), frozenset({"a"})]),
)


STEPS = st.tuples(st.sampled_from([0.5, 4.0, 11.0]), st.one_of(st.none(), NEWS))


@settings(max_examples=40)
@given(st.lists(STEPS, min_size=5, max_size=20))
def test_whatever_is_reported_episodes_are_whole_and_end_with_what_stands(steps) -> None:
    evaluator, book, at_unix, standing = Evaluator(PRESS, [RULE], ()), AlertBook(), 0.0, dict[str, bool]()
    plain: list[float] = []
    evaluator.judge_events(NOTHING, at_unix)  # as a driver's first news say what stands
    for step, what in steps:
        at_unix += step
        found = evaluator.pass_time(at_unix) if what is None else evaluator.judge_events(what, at_unix)
        assert book.admit(found) == list(found)
        plain += [at_unix] * (len(found) == 2 and found[0].kind is TransitionKind.RAISED)
        for one in () if what is None else what.events:
            if one.is_active is not None:
                standing[one.key] = one.is_active
        if what is not None and what.standing is not None:
            standing = {key: stands for key, stands in standing.items() if key in what.standing}
        is_open = bool(book.standing())
        assert is_open == any(standing.values())
    assert all(later - earlier >= SELDOM_S - 1e-6 for earlier, later in pairwise(plain))
