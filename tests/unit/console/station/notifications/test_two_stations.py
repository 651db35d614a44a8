"""Two stations on one database, by logins of their own: every message goes out, and goes out once."""

import threading
from collections import Counter
from urllib.parse import quote

import pytest
from sqlalchemy import text

from console.station.clocks.clock import SystemClock
from console.station.health import LoopHealth
from console.station.notifications.dispatcher import Dispatcher
from console.station.notifications.limits import SendLimits
from console.station.notifications.sending import send
from console.station.notifications.store import DatabaseNotificationStore
from models.database import Database
from models.errors import NotAllowed
from models.queries.notification_deliveries import count_queue, load_deliveries
from models.records.notification import Attempt, DeliveryState, Outcome, Security
from tests.unit.console.station.notifications.servers import HOST, Mailbox, mail_server
from tests.unit.models.notification_parts import MAIL, add_channel, add_device, add_rule, happen, pass_seconds

PASSWORD = "a long enough word"


@pytest.fixture
def stations(database, database_url):
    """The queue as two stations see it, Hall A and Hall B."""
    owner = database_url.split("//")[1].split("@")[0]
    opened = []
    for name in ("Hall A", "Hall B"):
        with database.transaction() as connection:
            login = connection.execute(
                text("SELECT :n || current_database()"), {"n": f"st_{name[-1].lower()}_"}
            ).scalar_one()
            connection.execute(
                text(f"CREATE ROLE {login} LOGIN PASSWORD '{PASSWORD}' IN ROLE console_station")
            )
            connection.execute(
                text("INSERT INTO app.stations (name, db_role) VALUES (:name, :login)"),
                {"name": name, "login": login},
            )
        url = database_url.replace(f"//{owner}@", f"//{login}:{quote(PASSWORD)}@")
        opened.append(Database(url, name))
    yield [DatabaseNotificationStore(one, None) for one in opened]
    for one in opened:
        one.close()


@pytest.fixture
def fill(database):
    """Let one alert become a message for each of so many addresses, by the mail server at a port."""

    def do(port: int, count: int):
        with database.transaction() as connection:
            channel = add_channel(connection, MAIL, host=HOST, port=port, security=Security.NONE)
            addresses = tuple(f"person{number}@plant.example" for number in range(count))
            add_rule(connection, channel, addresses=addresses)
            happen(connection, add_device(connection)[0])
            return channel

    return do


def dispatcher(store, station, attempt=send):
    return Dispatcher(store, SystemClock(), SendLimits(), LoopHealth(), station, 2.0, attempt)


def test_of_many_messages_each_is_sent_exactly_once_by_one_of_two_stations(
    database, stations, fill, wait_until
):
    count = 40
    with mail_server(box := Mailbox()) as port:
        fill(port, count)
        racing = [dispatcher(store, name) for store, name in zip(stations, ("Hall A", "Hall B"), strict=True)]
        for one in racing:
            one.start()

        def is_over():
            with database.transaction() as connection:
                deliveries = load_deliveries(connection)
            return len(deliveries) == count and all(d.state is DeliveryState.SENT for d in deliveries)

        wait_until(is_over)
        for one in racing:
            one.stop()
    assert Counter(box.recipients) == Counter(f"person{number}@plant.example" for number in range(count))
    assert len(set(box.ids())) == count
    with database.transaction() as connection:
        assert {delivery.sent_by for delivery in load_deliveries(connection)} == {"Hall A", "Hall B"}


def test_a_message_of_a_station_that_was_killed_before_sending_goes_out_once_by_the_other(
    database, stations, fill
):
    with mail_server(box := Mailbox()) as port:
        channel = fill(port, 1)
        stations[0].make_messages()
        assert stations[0].claim(channel.id, 90.0) is not None  # and here it is killed
        second = dispatcher(stations[1], "Hall B")
        run(second)
        assert box.recipients == []
        with database.transaction() as connection:
            pass_seconds(connection, 91)
        run(second)
        run(second)
    assert box.recipients == ["person0@plant.example"]


def test_a_station_killed_after_sending_and_before_noting_it_leaves_a_copy_that_can_be_told(
    database, stations, fill
):
    """The moment that no protocol closes: the second copy has the same Message-ID."""
    with mail_server(box := Mailbox()) as port:
        channel = fill(port, 1)
        stations[0].make_messages()
        taken = stations[0].claim(channel.id, 90.0)
        first = dispatcher(stations[0], "Hall A")
        first._begin(channel.id, taken)
        first._under_way[channel.id].thread.join()  # it is sent, and here the station is killed
        with database.transaction() as connection:
            pass_seconds(connection, 91)
        run(dispatcher(stations[1], "Hall B"))
    assert len(box.mails) == 2
    assert len(set(box.ids())) == 1


def test_while_two_stations_make_messages_at_once_none_is_made_twice(database, stations, fill):
    fill(1, 5)
    barrier = threading.Barrier(2)
    made = []

    def work(store):
        barrier.wait()
        made.append(sum(store.make_messages() for _ in range(10)))

    threads = [threading.Thread(target=work, args=(store,)) for store in stations]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(made) == 5
    with database.transaction() as connection:
        assert count_queue(connection).waiting == 5


def test_nobody_but_a_station_takes_messages(newest_site):
    store = DatabaseNotificationStore(newest_site.signed_in(newest_site.add()), None)
    with pytest.raises(NotAllowed):
        store.make_messages()
    with pytest.raises(NotAllowed):
        store.due()


def test_a_server_that_is_away_for_a_while_loses_nothing_and_doubles_nothing(database, stations, fill):
    answers = [Attempt(Outcome.RETRY, error="No answer.", is_channel_fault=True)] * 3

    def flaky(message, secret, station, now, errand):
        return answers.pop() if answers else send(message, secret, station, now, errand)

    with mail_server(box := Mailbox()) as port:
        fill(port, 1)
        turns = [dispatcher(store, "", flaky) for store in stations]
        for turn in (*turns, *turns):
            turn._rests.clear()
            run(turn)
            with database.transaction() as connection:
                pass_seconds(connection, 901)
    assert box.recipients == ["person0@plant.example"]


def run(one):
    """A round, and the end of what it began."""
    one.run_due()
    for way in list(one._under_way.values()):
        way.thread.join()
    one.settle()
