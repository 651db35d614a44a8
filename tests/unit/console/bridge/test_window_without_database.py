"""A whole bridge whose database goes away: what goes on, through whom, and what comes of it afterwards."""

import time
from dataclasses import replace

import pytest
from PySide6.QtCore import QObject

from console.bridge.bridge import Bridge
from console.bridge.commands import AcknowledgeAlerts, ResolveAlerts
from console.bridge.station_orders import KEPT
from console.link.messages import Acknowledge, Acknowledged, AlertChanges, Released, StateChange, States
from models.metrics import METRICS
from models.records.alert import AlertOutcome, AlertStatus
from models.records.device import DeviceId
from models.records.threshold import Severity
from tests.unit.console.bridge.bridge_parts import FakeDatabase, FakeStation, batch
from tests.unit.console.bridge.running_parts import Book, let_in, report
from tests.unit.console.bridge.station_alert_parts import listed, told

AWAY = "The database does not answer."


class Said:
    """What an order or a question came back with."""

    def __init__(self) -> None:
        self.owner = QObject()
        self.done: list = []
        self.failed: list[str] = []

    def command(self, bridge: Bridge, command) -> None:
        bridge.command(command, self.done.append, self.failed.append, self.owner)


@pytest.fixture
def said(qapp) -> Said:
    return Said()


@pytest.fixture
def polling(qtbot, running: Bridge, station: FakeStation, book: Book, database: FakeDatabase) -> Bridge:
    """Device 1 is polled here, 2 elsewhere; an alert of each is open."""
    book.alerts = [listed(1), listed(2)]
    database.say("alerts")
    station.send(States([StateChange(1, "online", "", None)]), AlertChanges([told(1)], is_all=True))
    qtbot.waitUntil(lambda: len(running.alerts) == 2 and running.polled_here == {1})
    return running


@pytest.fixture
def away(qtbot, polling: Bridge, database: FakeDatabase) -> Bridge:
    database.away = AWAY
    qtbot.waitUntil(lambda: not polling.link.is_database_live)
    return polling


def test_a_new_alert_comes_from_the_station(qtbot, away, station):
    assert [alert.device for alert in away.alerts] == [2, 1]
    with qtbot.waitSignal(away.alerts_changed):
        station.send(AlertChanges([told(1, Severity.CRITICAL)]))
    assert (away.alerts[0].device, away.alerts[0].severity) == (1, Severity.CRITICAL)


def test_the_stations_own_outage_is_bridged_too_while_this_window_reaches_the_database(
    qtbot, polling, station
):
    station.send(report(database=AWAY), AlertChanges([told(1, Severity.CRITICAL)]))
    qtbot.waitUntil(lambda: polling.alerts[0].severity is Severity.CRITICAL)


def test_the_real_list_replaces_it_once_the_station_has_delivered(qtbot, away, station, book, database):
    station.send(AlertChanges([told(1, age_s=0.0)]))
    qtbot.waitUntil(lambda: any(alert.id < 0 for alert in away.alerts))
    seen: list[set[int]] = []
    away.alerts_changed.connect(lambda: seen.append({alert.device for alert in away.alerts}))
    book.alerts = [listed(2)]
    database.away = ""
    qtbot.waitUntil(lambda: away.link.is_database_live)
    book.alerts = [listed(1, age_s=0.0), listed(2)]
    station.send(report())
    qtbot.waitUntil(lambda: all(alert.id > 0 for alert in away.alerts))
    assert all(devices == {1, 2} for devices in seen)


def test_an_acknowledgement_goes_to_the_station_and_counts_at_once(qtbot, away, station, said):
    alert = next(alert for alert in away.alerts if alert.device == 1)
    said.command(away, AcknowledgeAlerts((alert.id,), "looked at"))
    qtbot.waitUntil(lambda: isinstance(station.heard[-1], Acknowledge))
    assert station.heard[-1] == Acknowledge(1, [(1, 101)], "looked at")
    assert away.pending_commands == 1
    station.send(Acknowledged(1, [(1, 101, True, "Acknowledged.")]))
    qtbot.waitUntil(lambda: bool(said.done))
    assert said.done == [[AlertOutcome(alert.id, True, KEPT)]]
    noted = next(alert for alert in away.alerts if alert.device == 1)
    assert (noted.status, noted.acknowledged_by) == (AlertStatus.ACKNOWLEDGED, "Eva Lind")
    assert away.pending_commands == 0


def test_while_the_database_answers_an_acknowledgement_goes_there(qtbot, polling, station, book, said):
    said.command(polling, AcknowledgeAlerts((polling.alerts[0].id,)))
    qtbot.waitUntil(lambda: bool(said.done))
    assert len(book.acknowledged) == 1
    assert not any(isinstance(message, Acknowledge) for message in station.heard)


def test_any_other_order_fails_at_once_and_names_the_reason(qtbot, away, book, said):
    said.command(away, ResolveAlerts((away.alerts[0].id,)))
    qtbot.waitUntil(lambda: bool(said.failed))
    assert said.failed == [
        "This needs the database, which is away; nothing was changed. Try again once it is back."
    ]
    assert book.acknowledged == []


def test_a_question_does_not_wait_for_a_database_known_to_be_away(qtbot, away, said):
    asked: list = []
    away.ask(asked.append, said.done.append, said.failed.append, said.owner)
    qtbot.waitUntil(lambda: said.failed == [AWAY])
    assert asked == []


def test_without_a_station_either_one_sentence_says_so(qtbot, away, station, said):
    station.close()
    qtbot.waitUntil(lambda: not away.link.is_station_connected)
    said.command(away, AcknowledgeAlerts((away.alerts[0].id,)))
    qtbot.waitUntil(lambda: bool(said.failed))
    assert "no station runs on this computer" in said.failed[0]
    assert len(away.alerts) == 2


def test_rings_and_values_go_on(qtbot, away, station):
    now = time.time()
    station.send(batch([1], now - 2, 20.0))
    station.send(batch([1], now - 1, 21.0))
    qtbot.waitUntil(lambda: len(away.live.series(DeviceId(1), METRICS[0], 0.0)[0]) == 2)
    assert away.live.latest(DeviceId(1)).values[0] == 21.0


def test_a_released_device_keeps_its_values_and_counts_as_polled_elsewhere(qtbot, polling, station):
    station.send(batch([1], time.time(), 21.0))
    qtbot.waitUntil(lambda: polling.live.latest(DeviceId(1)) is not None)
    station.send(Released([1]))
    qtbot.waitUntil(lambda: polling.polled_here == frozenset())
    assert polling.live.latest(DeviceId(1)).values[0] == 21.0


def test_the_link_says_whether_devices_elsewhere_are_out_of_sight(qtbot, away, station):
    assert away.link.has_devices_elsewhere
    station.send(States([StateChange(2, "online", "", None)]))
    qtbot.waitUntil(lambda: not away.link.has_devices_elsewhere)


@pytest.fixture
def remembering(qtbot, bridge: Bridge, station: FakeStation, site, database: FakeDatabase, tmp_path):
    """Eva was here before; today the database is away, and this computer alone lets her in."""
    bridge.start()
    let_in(qtbot, bridge, station)
    qtbot.waitUntil(lambda: any((tmp_path / "catalogues").glob("*.msgpack")))
    bridge.session.sign_out()
    site.is_away, database.away = True, AWAY
    station.heard.clear()
    bridge.session.sign_in("eva@example.org", "correct horse battery")
    let_in(qtbot, bridge, station)
    return bridge


def test_a_window_opened_without_the_database_knows_devices_by_name_and_shows_them_live(
    qtbot, remembering, station
):
    assert remembering.link.is_offline
    assert [device.name for device in remembering.catalogue.devices] == ["Drive 1", "Drive 2"]
    station.send(
        States([StateChange(1, "online", "", None)]),
        batch([1], time.time(), 42.0),
        AlertChanges([told(1, Severity.CRITICAL)], is_all=True),
    )
    qtbot.waitUntil(lambda: remembering.live.latest(DeviceId(1)) is not None)
    qtbot.waitUntil(lambda: [alert.device_name for alert in remembering.alerts] == ["Drive 1"])


def test_an_offline_session_acknowledges_through_the_station(qtbot, remembering, station, said):
    station.send(States([StateChange(1, "online", "", None)]), AlertChanges([told(1)], is_all=True))
    qtbot.waitUntil(lambda: len(remembering.alerts) == 1)
    assert remembering.may_handle(remembering.alerts[0])
    said.command(remembering, AcknowledgeAlerts((remembering.alerts[0].id,)))
    qtbot.waitUntil(lambda: isinstance(station.heard[-1], Acknowledge))


def test_the_remembered_catalogue_is_replaced_once_the_database_answers(
    qtbot, remembering, book, site, database
):
    book.devices = [replace(book.devices[0], name="Pump")]
    site.is_away, database.away = False, ""
    qtbot.waitUntil(lambda: [device.name for device in remembering.catalogue.devices] == ["Pump"])
    qtbot.waitUntil(lambda: not remembering.link.is_offline)
