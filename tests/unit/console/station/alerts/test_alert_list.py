"""The station's list of open alerts against the machine on paper, and what the database says of them."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace as changed

from console.station.alerts.alert_list import AlertList
from models.alarm_states import AlarmEvent, AlarmFacts, step
from models.records.alert import Transition, TransitionKind
from models.records.device import DeviceId
from models.records.shelf import HiddenBy
from models.records.station_alert import Hiding, StationAlert, StationAlerts
from models.records.threshold import RuleKind, Severity, Threshold, ThresholdId

E = AlarmEvent
ONE, TWO = DeviceId(1), DeviceId(2)
KEY = (ONE, ThresholdId(1))
NEVER = 1e12
REALARM_S = 50.0


def threshold(**changes: object) -> Threshold:
    plain = Threshold(ThresholdId(1), ONE, "rpm", None, 70.0, Severity.WARNING, realarm_s=REALARM_S)
    return replace(plain, **changes)


def finding(kind: TransitionKind, at_unix: float, device: DeviceId = ONE, **changes: object) -> Transition:
    words = "Speed 71 rpm is above 70 rpm"
    plain = Transition(kind, device, ThresholdId(1), Severity.WARNING, at_unix, 71.0, 70.0, words)
    return replace(plain, **changes)


def begun(at_unix: float = 10.0, device: DeviceId = ONE) -> Transition:
    return finding(TransitionKind.RAISED, at_unix, device)


def ended(at_unix: float = 20.0, device: DeviceId = ONE) -> Transition:
    return finding(TransitionKind.CLEARED, at_unix, device)


def list_with(*transitions: Transition, **changes: object) -> AlertList:
    made = AlertList()
    made.describe([threshold(**changes)])
    made.admit(transitions)
    return made


def alert_of(alerts: AlertList) -> StationAlert:
    alert = alerts.alert(KEY)
    assert alert is not None
    return alert


class Life:
    """One alarm in the list; what people do elsewhere comes from the database, as its facts."""

    def __init__(self, *, is_latching: bool) -> None:
        self.is_latching = is_latching
        self.alerts = AlertList()
        self.alerts.describe([threshold(is_latching=is_latching)])
        self.now_unix = 1000.0
        self.shelf: list[Hiding] = []
        self.maintenance: list[Hiding] = []

    def do(self, event: AlarmEvent) -> None:
        self.now_unix += 100.0
        acts = {
            E.RAISED: lambda: self.alerts.admit([begun(self.now_unix)]),
            E.CLEARED: lambda: self.alerts.admit([ended(self.now_unix)]),
            E.ACKNOWLEDGED: lambda: self.alerts.acknowledge(KEY, self.now_unix, "Ada"),
            E.REALARM_DUE: lambda: self.alerts.pass_time(self.now_unix),
            E.SHELVED: lambda: self.shelve(is_one_shot=False),
            E.SHELVED_ONCE: lambda: self.shelve(is_one_shot=True),
            E.UNSHELVED: self.unshelve,
            E.SUPPRESSED: self.suppress,
            E.UNSUPPRESSED: self.unsuppress,
        }
        acts[event]()

    def hidings(self) -> list[Hiding]:
        return list(self.alerts.remembered().hidings)

    def hear(self, hidings: list[Hiding]) -> None:
        """The database tells of the same alert, and of what is set aside."""
        shelved = any(one.threshold is not None for one in hidings)
        hidden = HiddenBy.SHELF if shelved else HiddenBy.MAINTENANCE if hidings else HiddenBy.NOTHING
        told = [changed(one, hidden_by=hidden) for one in self.alerts.remembered().alerts]
        self.alerts.take(StationAlerts(tuple(told), tuple(hidings)), {ONE})

    def shelve(self, *, is_one_shot: bool) -> None:
        shelf = Hiding(ONE, ThresholdId(1), NEVER, is_one_shot)
        was_shelved = any(one.threshold is not None for one in self.hidings())
        self.hear(self.hidings() if was_shelved else [*self.hidings(), shelf])

    def suppress(self) -> None:
        rest = [one for one in self.hidings() if one.threshold is not None]
        self.hear([*rest, Hiding(ONE, None, NEVER)])

    def unshelve(self) -> None:
        self.run_out([one.threshold is not None for one in self.hidings()])

    def unsuppress(self) -> None:
        self.run_out([one.threshold is None for one in self.hidings()])

    def run_out(self, which: list[bool]) -> None:
        """Let time end what is set aside, without a long time since anything was acknowledged."""
        ends = [self.now_unix - 10.0 if it else NEVER for it in which]
        pairs = zip(self.hidings(), ends, strict=True)
        self.hear([changed(one, until_unix=until) for one, until in pairs])
        self.alerts.describe([replace(threshold(), realarm_s=None)])
        self.alerts.pass_time(self.now_unix)
        self.alerts.describe([threshold(is_latching=self.is_latching)])


EVENTS = [
    *(E.RAISED, E.CLEARED, E.ACKNOWLEDGED, E.REALARM_DUE, E.SHELVED, E.SHELVED_ONCE),
    *(E.UNSHELVED, E.SUPPRESSED, E.UNSUPPRESSED),
]


@settings(max_examples=100, deadline=None, derandomize=True)
@given(events=st.lists(st.sampled_from(EVENTS), max_size=30), is_latching=st.booleans())
def test_the_list_is_the_machine(events: list[AlarmEvent], is_latching: bool) -> None:
    life, facts, asked = Life(is_latching=is_latching), AlarmFacts(is_latching=is_latching), None
    for event in events:
        done = step(facts, event)
        life.do(event)
        facts = done.facts
        assert life.alerts.facts(KEY) == facts, (event, life.alerts.alert(KEY))
        asked = life.now_unix if done.annunciates else asked if facts.is_open and not done.opens else None
        alert = life.alerts.alert(KEY)
        assert (alert.annunciated_unix if alert else None) == asked, event
        hidden = alert is not None and alert.hidden_by is not HiddenBy.NOTHING
        assert hidden == (facts.is_open and facts.is_hidden)


def test_alert_that_begins_tells_what_it_is_about() -> None:
    alerts = list_with(begun(), rule=RuleKind.RATE_OF_CHANGE, is_latching=True, requires_comment=True)
    assert alert_of(alerts) == StationAlert(
        *(ONE, ThresholdId(1), "rpm", RuleKind.RATE_OF_CHANGE, Severity.WARNING),
        *("Speed 71 rpm is above 70 rpm", 10.0, 71.0, 70.0),
        annunciated_unix=10.0,
        is_latching=True,
        requires_comment=True,
    )


def test_alert_that_comes_again_keeps_its_beginning_and_tells_anew() -> None:
    again = finding(TransitionKind.RAISED, 30.0, severity=Severity.CRITICAL, message="99", value=99.0)
    alert = alert_of(list_with(begun(), ended(), again))
    assert (alert.triggered_unix, alert.cleared_unix, alert.annunciated_unix) == (10.0, None, 30.0)
    assert (alert.severity, alert.message, alert.value) == (Severity.CRITICAL, "99", 99.0)


def test_acknowledged_alert_names_who_and_when_until_it_comes_again() -> None:
    alerts = list_with(begun(), is_latching=True)
    alerts.acknowledge(KEY, 15.0, "Ada")
    alerts.admit([ended()])
    assert (alert_of(alerts).acknowledged_by, alert_of(alerts).acknowledged_unix) == ("Ada", 15.0)
    alerts.admit([begun(30.0)])
    assert (alert_of(alerts).acknowledged_by, alert_of(alerts).acknowledged_unix) == ("", None)


def test_changes_are_told_once() -> None:
    alerts = list_with(begun(), begun(device=TWO))
    alerts.take_changed()
    alerts.acknowledge(KEY, 15.0, "Ada")
    alerts.admit([ended(20.0, TWO)])
    alerts.acknowledge((TWO, ThresholdId(1)), 25.0, "Ada")
    assert alerts.take_changed() == ([alert_of(alerts)], [(TWO, ThresholdId(1))])
    assert alerts.take_changed() == ([], [])


def test_the_database_is_believed_of_the_devices_it_was_asked_about() -> None:
    alerts = list_with(begun(), begun(device=TWO))
    told = changed(alert_of(alerts), acknowledged_unix=12.0, acknowledged_by="Otto")
    alerts.take(StationAlerts((told,)), {ONE})
    assert alert_of(alerts).acknowledged_by == "Otto"
    assert alerts.alert((TWO, ThresholdId(1))) is not None
    alerts.take(StationAlerts(), {ONE, TWO})
    assert len(alerts) == 0


def test_the_database_is_not_believed_where_it_has_not_heard_the_latest() -> None:
    alerts = list_with(begun())
    alerts.take(StationAlerts(), {ONE}, {KEY})
    assert alert_of(alerts).triggered_unix == 10.0


def test_news_that_change_nothing_are_no_news() -> None:
    alerts = list_with(begun())
    alerts.take_changed()
    alerts.take(alerts.remembered(), {ONE})
    assert alerts.take_changed() == ([], [])


def test_shelf_that_runs_out_while_the_database_is_away_asks_again() -> None:
    alerts = list_with()
    alerts.take(StationAlerts((), (Hiding(ONE, ThresholdId(1), 100.0),)), {ONE})
    alerts.admit([begun()])
    assert (alert_of(alerts).hidden_by, alert_of(alerts).annunciated_unix) == (HiddenBy.SHELF, None)
    alerts.pass_time(101.0)
    assert alert_of(alerts).hidden_by is HiddenBy.SHELF
    alerts.pass_time(103.0)
    assert (alert_of(alerts).hidden_by, alert_of(alerts).annunciated_unix) == (HiddenBy.NOTHING, 103.0)


def test_released_devices_are_forgotten_with_their_shelves() -> None:
    alerts = list_with(begun(), begun(device=TWO))
    alerts.take(
        StationAlerts(alerts.remembered().alerts, (Hiding(ONE, ThresholdId(1), NEVER), Hiding(ONE, None, 1))),
        {ONE, TWO},
    )
    alerts.release({ONE})
    assert [alert.device for alert in alerts.remembered().alerts] == [TWO]
    assert alerts.remembered().hidings == ()


@pytest.mark.parametrize("by", [HiddenBy.UPDATE, HiddenBy.PARENT])
def test_what_hides_an_alert_elsewhere_goes_on_hiding_it(by: HiddenBy) -> None:
    alerts = list_with(begun(), is_latching=True)
    alerts.take(StationAlerts((changed(alert_of(alerts), hidden_by=by),)), {ONE})
    alerts.admit([ended(), begun(30.0)])
    assert (alert_of(alerts).hidden_by, alert_of(alerts).annunciated_unix) == (by, 10.0)
