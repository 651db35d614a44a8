"""What a station asks about its devices' alerts with its own login, and that its list agrees with it."""

import time

import pytest
from msgspec.structs import replace

from console.station.alerts.alert_list import AlertList
from models.queries.catalogue import load_thresholds
from models.queries.station_alerts import station_alerts
from models.records.shelf import HiddenBy
from models.records.station_alert import StationAlert, StationAlerts
from models.records.threshold import RuleKind, Severity


def asked(plant, *alarms) -> StationAlerts:
    with plant.station.transaction() as connection:
        return station_alerts(connection, [alarm.device for alarm in alarms])


def only(plant, alarm) -> StationAlert:
    (alert,) = asked(plant, alarm).alerts
    return alert


def test_open_alert_tells_everything_a_window_shows(plant) -> None:
    alarm = plant.alarm(latching=True, comment=True, severity="critical")
    alarm.tell("raised", 5.0)
    alert = only(plant, alarm)
    assert alert == StationAlert(
        *(alarm.device, alarm.threshold, "rpm", RuleKind.LIMIT, Severity.WARNING),
        *("Speed 71.5 rpm is above 70 rpm", alert.triggered_unix, 71.5, 70.0),
        annunciated_unix=alert.triggered_unix,
        is_latching=True,
        requires_comment=True,
    )


def test_acknowledged_alert_names_who_and_when(plant) -> None:
    alarm = plant.alarm()
    alarm.tell("raised")
    alarm.acknowledge()
    alert = only(plant, alarm)
    assert alert.acknowledged_by == plant.operator.name
    assert alert.acknowledged_unix == pytest.approx(time.time(), abs=60.0)


def test_alerts_of_other_devices_and_those_that_are_over_are_left_out(plant) -> None:
    over, other = plant.alarm(), plant.alarm()
    for alarm in (over, other):
        alarm.tell("raised")
    over.acknowledge()
    over.tell("cleared")
    assert asked(plant, over) == StationAlerts()


def test_shelf_and_maintenance_are_told_without_an_alert(plant) -> None:
    shelved, worked_on = plant.alarm(), plant.alarm()
    shelved.shelve(once=True)
    worked_on.begin_maintenance()
    hidings = asked(plant, shelved, worked_on).hidings
    assert [(one.device, one.threshold, one.is_one_shot) for one in hidings] == [
        (shelved.device, shelved.threshold, True),
        (worked_on.device, None, False),
    ]
    assert all(one.until_unix > time.time() for one in hidings)
    shelved.unshelve()
    worked_on.end_maintenance()
    assert asked(plant, shelved, worked_on).hidings == ()


LIVES = [
    ("raised", "acknowledge", "cleared", "raised", "cleared", "raised"),
    ("raised", "cleared", "raised", "acknowledge"),
    ("shelve", "raised", "cleared", "raised"),
    ("begin_maintenance", "raised", "acknowledge", "cleared", "raised"),
]


class Twin:
    """An alarm in the database, and in a station's list: everything happens to both."""

    def __init__(self, plant, *, is_latching: bool) -> None:
        self.plant, self.own = plant, AlertList()
        self.alarm = plant.alarm(latching=is_latching)
        with plant.station.transaction() as connection:
            self.own.describe(load_thresholds(connection))

    def tell(self, kind: str, at: float) -> None:
        self.alarm.tell(kind, at)
        self.own.admit([self.alarm.finding(kind, at)])

    def acknowledge(self) -> None:
        self.alarm.acknowledge()
        self.own.acknowledge((self.alarm.device, self.alarm.threshold), time.time(), self.plant.operator.name)

    def hide(self, act: str) -> None:
        """What people do elsewhere, the station hears from the database."""
        getattr(self.alarm, act)()
        self.own.take(asked(self.plant, self.alarm), {self.alarm.device})

    def do(self, act: str, at: float) -> None:
        steps = {
            "raised": lambda: self.tell("raised", at),
            "cleared": lambda: self.tell("cleared", at),
            "acknowledge": self.acknowledge,
            "shelve": lambda: self.hide("shelve"),
            "begin_maintenance": lambda: self.hide("begin_maintenance"),
        }
        steps[act]()


@pytest.mark.parametrize("is_latching", [False, True])
@pytest.mark.parametrize("life", LIVES, ids="-".join)
def test_the_list_of_a_station_comes_to_what_the_database_says(plant, life, is_latching: bool) -> None:
    twin = Twin(plant, is_latching=is_latching)
    for number, act in enumerate(life):
        twin.do(act, float(number))
        own, told = twin.own.remembered().alerts, asked(plant, twin.alarm).alerts
        assert [plain(one) for one in own] == [plain(one) for one in told], life[: number + 1]


def plain(alert: StationAlert) -> StationAlert:
    """Without the moments of acts, which two clocks tell."""
    acknowledged = None if alert.acknowledged_unix is None else 0.0
    return replace(alert, acknowledged_unix=acknowledged)


def test_hidden_alert_says_by_what(plant) -> None:
    alarm = plant.alarm()
    alarm.begin_maintenance()
    alarm.tell("raised")
    alert = only(plant, alarm)
    assert (alert.hidden_by, alert.annunciated_unix) == (HiddenBy.MAINTENANCE, None)
