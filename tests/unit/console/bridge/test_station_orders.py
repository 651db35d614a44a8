"""Acknowledging through the station: what is sent, what is answered, what comes too late."""

import pytest
from PySide6.QtCore import QObject
from shiboken6 import delete

from console.bridge import station_orders
from console.bridge.commands import AcknowledgeAlerts
from console.bridge.station_orders import KEPT, NO_STATION, StationOrders
from console.link.messages import Acknowledge, Acknowledged
from models.records.alert import AlertId, AlertOutcome
from tests.unit.console.bridge.station_alert_parts import listed
from tests.unit.console.frame.frame_parts import alert

OPEN = (listed(1), listed(2))


class Station:
    """Writes down what is sent to it, while it listens."""

    def __init__(self) -> None:
        self.heard: list[Acknowledge] = []
        self.listens = True

    def send(self, message: Acknowledge) -> bool:
        self.heard.append(message)
        return self.listens


@pytest.fixture
def station() -> Station:
    return Station()


@pytest.fixture
def orders(qapp, station) -> StationOrders:
    return StationOrders(station.send)


class Answers:
    """What an order's owner heard."""

    def __init__(self, orders: StationOrders, *ids: int, comment: str = "", alerts=OPEN) -> None:
        self.owner = QObject()
        self.done: list[AlertOutcome] = []
        self.failed: list[str] = []
        command = AcknowledgeAlerts(tuple(map(AlertId, ids)), comment)
        orders.acknowledge(command, alerts, self.done.extend, self.failed.append, self.owner)


def test_alerts_are_named_by_device_and_threshold_with_the_comment(orders, station):
    Answers(orders, 2, 1, comment="pump looked at")
    assert station.heard == [Acknowledge(1, [(2, 102), (1, 101)], "pump looked at")]
    assert orders.pending == 1


def test_the_answer_comes_back_an_alert_at_a_time(orders):
    mine = Answers(orders, 1, 2)
    orders.take(Acknowledged(1, [(2, 102, False, "Ada was first."), (1, 101, True, "Acknowledged.")]))
    assert mine.done == [
        AlertOutcome(AlertId(1), True, KEPT),
        AlertOutcome(AlertId(2), False, "Ada was first."),
    ]
    assert orders.pending == 0


def test_an_alert_that_the_station_passes_over_is_not_taken_for_acknowledged(orders):
    mine = Answers(orders, 1, 2)
    orders.take(Acknowledged(1, [(1, 101, True, KEPT)]))
    assert [outcome.is_changed for outcome in mine.done] == [True, False]


def test_what_is_kept_is_told_also_when_nobody_waits_any_more(qtbot, orders, monkeypatch):
    monkeypatch.setattr(station_orders, "CONFIRMED_WITHIN_MS", 10)
    mine = Answers(orders, 1)
    qtbot.waitUntil(lambda: bool(mine.failed))
    assert mine.failed == [
        "The station did not confirm this within 5 s; whether it counts shows in the list."
    ]
    with qtbot.waitSignal(orders.kept, check_params_cb=lambda keys: keys == [(1, 101)]):
        orders.take(Acknowledged(1, [(1, 101, True, KEPT)]))
    assert mine.done == []


def test_without_a_station_one_sentence_says_so(qtbot, orders, station):
    station.listens = False
    mine = Answers(orders, 1)
    qtbot.waitUntil(lambda: mine.failed == [NO_STATION])
    assert orders.pending == 0


def test_a_station_that_is_lost_ends_the_wait(orders):
    mine = Answers(orders, 1)
    orders.lose_station()
    assert mine.failed == [
        "The station was lost before it confirmed this; whether it counts shows in the list."
    ]


def test_an_alert_that_is_no_longer_open_or_has_no_threshold_is_answered_without_the_station(
    qtbot, orders, station
):
    mine = Answers(orders, 7, 3, alerts=(*OPEN, alert(3)))
    qtbot.waitUntil(lambda: len(mine.done) == 2)
    assert not any(outcome.is_changed for outcome in mine.done)
    assert station.heard == []


def test_nothing_is_told_to_an_owner_that_is_gone(orders):
    mine = Answers(orders, 1)
    delete(mine.owner)
    orders.take(Acknowledged(1, [(1, 101, True, KEPT)]))
    assert mine.done == []
