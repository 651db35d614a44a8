import threading
import time
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from PySide6.QtCore import QObject

from console.bridge.commands import AcknowledgeAlerts, ResolveAlerts
from console.bridge.session_state import Phase
from console.link.messages import StateChange, States
from models.errors import Refusal, SignInRefused
from models.metrics import METRICS
from models.records.alert import AlertId
from models.records.device import DeviceId, DeviceOverview, DeviceStatus
from models.records.person import Role
from models.records.reading import Reading
from models.records.rights import Action
from models.records.shelf import AlarmSettings
from models.records.station import StationNow
from tests.unit.console.bridge.bridge_parts import (
    GREETING,
    TICKET,
    WELCOME,
    batch,
    device,
)
from tests.unit.console.bridge.running_parts import let_in, report
from tests.unit.console.bridge.session_parts import EVA, PASSWORD
from tests.unit.console.frame.frame_parts import alert


def overview(number: int, at_unix: float, value: float) -> DeviceOverview:
    return DeviceOverview(
        DeviceId(number),
        f"Drive {number}",
        DeviceStatus.ERROR,
        "Exception 2.",
        None,
        0,
        0,
        datetime.fromtimestamp(at_unix, UTC),
        (value, *[None] * 5),
        0,
    )


def test_values_from_the_station_reach_the_store_and_are_announced(qtbot, running, station):
    with qtbot.waitSignal(running.values_arrived, check_params_cb=lambda ids: ids == {1}):
        station.send(batch([1], time.time(), 42.0))
    latest = running.live.latest(DeviceId(1))
    assert latest is not None
    assert latest.values[0] == 42.0


def test_whoever_is_signed_in_is_at_the_window_and_shows_the_station_their_ticket(running, station):
    assert running.person == EVA
    assert station.heard[0].ticket == TICKET


def test_states_told_before_the_devices_were_known_are_not_lost(qtbot, bridge, station, book):
    devices, book.devices = book.devices, []
    bridge.start()
    let_in(qtbot, bridge, station)
    station.send(States([StateChange(1, "online", "", time.time())]))
    book.devices = devices
    qtbot.waitUntil(lambda: bridge.live.state(DeviceId(1)).status is DeviceStatus.ONLINE)


def test_devices_of_other_stations_come_from_the_database_and_local_ones_keep_their_station(
    qtbot, running, station, book, database
):
    station.send(States([StateChange(1, "online", "", time.time())]))
    qtbot.waitUntil(lambda: running.live.state(DeviceId(1)).status is DeviceStatus.ONLINE)
    book.overview = [overview(1, time.time() - 50, 1.0), overview(2, time.time(), 2.0)]
    database.say("readings")
    qtbot.waitUntil(lambda: running.live.latest(DeviceId(2)) is not None, timeout=3000)
    assert running.live.state(DeviceId(2)).detail == "Exception 2."
    assert running.live.state(DeviceId(1)).status is DeviceStatus.ONLINE


def test_the_last_minutes_fill_the_rings_of_new_devices(qtbot, book, bridge, station):
    book.recent = [Reading(DeviceId(1), time.time() - 30, (1.0, *[None] * 5))]
    bridge.start()
    qtbot.waitUntil(lambda: len(bridge.live.series(DeviceId(1), METRICS[0], 0.0)[0]) == 1)


def test_another_configuration_is_announced_and_the_same_one_is_not(qtbot, running, book, database):
    seen: list[int] = []
    running.catalogue_changed.connect(lambda: seen.append(len(running.catalogue.devices)))
    database.say("catalogue")
    book.devices = [device(1), device(2), device(3)]
    database.say("catalogue")
    qtbot.waitUntil(lambda: seen == [3], timeout=3000)


def test_the_link_tells_what_the_station_buffers_while_its_database_is_away(qtbot, running, station):
    station.send(report(database="The database does not answer.", waiting=4210))
    qtbot.waitUntil(lambda: running.link.database_text == "away: buffering 4,210 readings")
    assert (running.link.is_database_live, running.link.is_window_live) == (False, True)


def test_the_link_is_live_when_both_ways_are(qtbot, running, station):
    station.send(report())
    qtbot.waitUntil(lambda: running.link.station is not None and running.link.is_database_live)
    assert running.link.database_text == "live"
    assert running.link.feed_age_s < 5


def test_a_lost_station_takes_its_report_along_and_says_so(qtbot, running, station):
    station.send(report())
    qtbot.waitUntil(lambda: running.link.station is not None)
    station.close()
    qtbot.waitUntil(lambda: not running.link.is_station_connected)
    assert running.link.station is None
    assert "station" in running.link.station_text


def test_a_command_is_carried_out_under_the_windows_person(qtbot, running, book):
    owner, outcomes = QObject(), []
    running.command(AcknowledgeAlerts((AlertId(7),), "seen"), outcomes.extend, outcomes.append, owner)
    qtbot.waitUntil(lambda: bool(outcomes))
    assert outcomes[0].is_changed
    assert book.acknowledged == [((7,), EVA, "seen")]


def test_a_signed_command_goes_over_a_connection_of_its_own_and_says_so(qtbot, running, book, database):
    owner, outcomes = QObject(), []
    order = AcknowledgeAlerts((AlertId(7),), "seen")
    running.command_signed("typed again", order, outcomes.extend, outcomes.append, owner)
    qtbot.waitUntil(lambda: bool(outcomes))
    assert (database.passwords, database.signed, book.signed) == (["u_eva: typed again"], 1, [True])
    assert book.acknowledged == [((7,), EVA, "seen")]


def test_a_signed_command_with_another_password_fails_with_that_sentence(qtbot, running, book, database):
    owner, said = QObject(), []
    database.wrong_password = "oops"
    running.command_signed("oops", AcknowledgeAlerts((AlertId(7),)), said.append, said.append, owner)
    qtbot.waitUntil(lambda: said == ["This is not Eva Lind's password; nothing was changed."])
    assert book.acknowledged == []


def test_after_three_wrong_passwords_the_next_is_not_even_tried(qtbot, running, database):
    owner, said = QObject(), []
    database.wrong_password = "oops"
    for place in range(4):
        running.command_signed("oops", AcknowledgeAlerts((AlertId(7),)), said.append, said.append, owner)
        qtbot.waitUntil(lambda place=place: len(said) == place + 1)
    assert (len(database.passwords), said[-1]) == (3, "Too many wrong passwords; wait 1 s.")


def test_while_controls_are_locked_a_signature_does_not_open_them(qtbot, running, database):
    running.session.lock()
    owner, said = QObject(), []
    running.command_signed("typed", ResolveAlerts((AlertId(7),)), said.append, said.append, owner)
    qtbot.waitUntil(lambda: said == ["Locked by Eva Lind: enter the password to use the controls."])
    assert database.passwords == []


def test_what_is_set_aside_comes_with_the_alerts(qtbot, running, book, database):
    book.shelves, book.maintenance = ["a shelf"], ["a device"]
    database.say("alerts")
    qtbot.waitUntil(lambda: bool(running.shelves))
    assert (running.shelves, running.maintenance) == (("a shelf",), ("a device",))


def test_another_rule_of_the_site_comes_as_another_catalogue(qtbot, running, book, database):
    book.settings = AlarmSettings(max_shelf_s=60.0)
    with qtbot.waitSignal(running.catalogue_changed):
        database.say("catalogue")
    assert running.alarm_settings.max_shelf_s == 60.0


def test_a_question_while_the_database_is_away_fails_with_its_sentence(qtbot, running, database):
    owner, said = QObject(), []
    database.away = "The database does not answer."
    running.ask(lambda _connection: 1, said.append, said.append, owner)
    qtbot.waitUntil(lambda: said == ["The database does not answer."])


# -- the session ---------------------------------------------------------------------------------------


def test_how_stations_are_doing_is_told_with_the_moment_when_the_database_said_so(
    qtbot, running, book, database
):
    hall_a = StationNow(3, "hall-a", True, True, "0.3.0", 1, None, 2, False, None)
    book.stations = [hall_a]
    database.say("stations")
    qtbot.waitUntil(lambda: running.stations == (hall_a,))

    assert running.stations_at_unix == pytest.approx(time.time(), abs=60)


def test_the_station_of_this_computer_is_known_by_the_name_it_introduced_itself_with(running, station):
    assert (running.link.station_name, running.link.station_version) == ("hall-a", "0.1.0")


def test_everything_of_a_person_is_gone_when_they_sign_out(qtbot, running, station, book, database):
    book.alerts = [alert(1)]
    database.say("alerts")
    station.send(batch([1], time.time(), 42.0), report())
    qtbot.waitUntil(lambda: bool(running.alerts) and running.live.latest(DeviceId(1)) is not None)
    qtbot.waitUntil(lambda: running.link.station is not None)
    cleared: list[int] = []
    running.cleared.connect(lambda: cleared.append(len(running.catalogue.devices) + len(running.alerts)))
    running.session.sign_out()
    assert cleared == [0]
    assert running.person is None
    assert running.live.latest(DeviceId(1)) is None
    assert not running.link.is_station_connected
    assert running.link.station is None


def test_an_answer_that_was_on_its_way_reaches_nobody_after_the_sign_out(qtbot, running):
    owner, said = QObject(), []
    begun, may_end = threading.Event(), threading.Event()

    def ask(_connection) -> bool:
        begun.set()
        return may_end.wait(5)

    running.ask(ask, said.append, said.append, owner)
    assert begun.wait(5)
    running.session.sign_out()
    may_end.set()
    running.session.sign_in(EVA.email, PASSWORD)
    qtbot.waitUntil(lambda: len(running.catalogue.devices) == 2)
    assert said == []


def test_a_login_is_ended_only_when_no_question_of_its_person_is_on_its_way(qtbot, running, site):
    owner, begun, may_end = QObject(), threading.Event(), threading.Event()

    def ask(_connection) -> bool:
        begun.set()
        return may_end.wait(5)

    running.ask(ask, lambda _answer: None, lambda _sentence: None, owner)
    assert begun.wait(5)
    running.session.sign_out()
    running._farewells.look()
    assert site.done == [f"sign in {EVA.email}"]
    may_end.set()
    qtbot.waitUntil(lambda: site.done[-1] == f"sign out {EVA.email}")


def test_the_next_person_gets_values_of_their_own_only(qtbot, running, station, book):
    station.send(batch([1], time.time(), 42.0))
    qtbot.waitUntil(lambda: running.live.latest(DeviceId(1)) is not None)
    running.session.sign_out()
    book.devices = [device(2)]
    heard = len(station.heard)
    running.session.sign_in(EVA.email, PASSWORD)
    qtbot.waitUntil(lambda: len(station.heard) > heard)
    station.send(GREETING, WELCOME)
    qtbot.waitUntil(lambda: [each.id for each in running.catalogue.devices] == [2])
    assert running.live.latest(DeviceId(1)) is None


def test_a_question_while_nobody_is_signed_in_is_refused(qtbot, running):
    running.session.sign_out()
    owner, said = QObject(), []
    running.ask(lambda _connection: 1, said.append, said.append, owner)
    qtbot.waitUntil(lambda: said == ["Nobody is signed in; sign in first."])


def test_a_change_of_role_shows_within_a_second_and_everything_is_asked_anew(qtbot, running, book, database):
    cleared: list[bool] = []
    running.cleared.connect(lambda: cleared.append(True))
    book.person = replace(EVA, role=Role.USER)
    book.devices = [device(1)]
    database.say("people")
    qtbot.waitUntil(lambda: running.person.role is Role.USER, timeout=1000)
    qtbot.waitUntil(lambda: len(running.catalogue.devices) == 1, timeout=1000)
    assert cleared == [True]


def test_news_about_people_are_told_and_do_not_ask_for_a_new_ticket(qtbot, running, database, site):
    with qtbot.waitSignal(running.people_changed):
        database.say("people")
    qtbot.waitUntil(lambda: running.link.is_database_live)
    assert site.refreshed == 0


def test_a_login_that_the_database_refuses_ends_the_session_with_the_sites_sentence(
    qtbot, running, database, site
):
    site.failure = SignInRefused("Your password was changed; sign in again.", Refusal.EXPIRED)
    database.refusal = SignInRefused("The login is not let in.", Refusal.WRONG)
    qtbot.waitUntil(lambda: running.session.state.phase is Phase.ENDED)
    assert running.session.state.sentence == "Your password was changed; sign in again."
    assert running.catalogue.devices == ()


def test_a_renewed_ticket_is_shown_to_the_station(qtbot, running, station):
    running.session.refresh()
    qtbot.waitUntil(lambda: station.heard[-1].ticket == f"{1:064x}")


def test_an_offline_session_does_little_and_goes_online_with_the_database(
    qtbot, bridge, station, site, database
):
    site.is_away = True
    database.away = "The database does not answer."
    bridge.start()
    qtbot.waitUntil(lambda: bridge.person is not None)
    assert bridge.link.is_offline
    assert bridge.may(Action.SEE_PLANT)
    assert not bridge.may(Action.HAND_OVER)
    database.away = ""
    qtbot.waitUntil(lambda: bridge.may(Action.HAND_OVER))
    assert not bridge.link.is_offline


def test_locked_controls_refuse_and_say_so_but_never_an_operators_acknowledgement(qtbot, running, book):
    running.session.lock()
    owner, outcomes, refused = QObject(), [], []
    running.control_refused.connect(refused.append)
    running.command(ResolveAlerts((AlertId(7),)), outcomes.append, outcomes.append, owner)
    sentence = "Locked by Eva Lind: enter the password to use the controls."
    qtbot.waitUntil(lambda: outcomes == [sentence])
    assert refused == [sentence]
    running.command(AcknowledgeAlerts((AlertId(7),)), outcomes.append, outcomes.append, owner)
    qtbot.waitUntil(lambda: len(book.acknowledged) == 1)


def test_orders_are_counted_until_they_are_answered(qtbot, running):
    owner, outcomes = QObject(), []
    running.command(AcknowledgeAlerts((AlertId(7),)), outcomes.append, outcomes.append, owner)
    assert running.pending_commands == 1
    qtbot.waitUntil(lambda: bool(outcomes))
    assert running.pending_commands == 0
