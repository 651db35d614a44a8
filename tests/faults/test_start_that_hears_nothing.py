"""A station starts, the database counts the start, and the network dies before the station hears of it."""

import secrets

import pytest

from console.bench.faults_records import make_devices
from models.database import Database
from models.metrics import METRIC_COUNT
from models.passwords import scram_verifier
from models.queries.leases import enter_station, renew
from models.queries.people import create_station
from models.queries.readings import Stored, record_readings
from models.records.lease import Tenure
from models.records.reading import Reading
from tests.account_parts import Site

LATER_S = 10.0


@pytest.fixture
def station(newest_site: Site) -> Database:
    """A station of its own login, and one device for it to poll."""
    password = secrets.token_urlsafe(16)
    with newest_site.owner.transaction() as connection:
        login = create_station(connection, "A", scram_verifier(password)).login
        make_devices(connection, 1, 502, 0.2)
    return newest_site.owner.with_login(login, password)


def started(station: Database) -> Tenure:
    """Start a program of the station's that hears what it holds."""
    with station.transaction() as connection:
        entered = enter_station(connection, "0")
    assert entered is not None
    with station.transaction() as connection:
        return renew(connection, entered.incarnation, (), None, "")


# A station that was started without the network goes on under the leases that it remembers, and so does one
# whose line died between entering and renewing. Nobody else can have the devices meanwhile.
def test_what_it_polls_until_it_hears_of_its_new_leases_is_kept(station: Database) -> None:
    tenure = started(station)
    with station.transaction() as connection:
        enter_station(connection, "0")
    (lease,) = tenure.leases
    taken = Reading(
        lease.device, tenure.database_unix + LATER_S, (1.0,) * METRIC_COUNT, quality=0, epoch=lease.epoch
    )
    with station.transaction() as connection:
        kept = record_readings(connection, [taken])
    station.close()
    assert kept == Stored(1, 0)


def test_what_it_polls_under_the_leases_it_heard_of_is_kept(station: Database) -> None:
    started(station)
    tenure = started(station)
    (lease,) = tenure.leases
    taken = Reading(
        lease.device, tenure.database_unix + LATER_S, (1.0,) * METRIC_COUNT, quality=0, epoch=lease.epoch
    )
    with station.transaction() as connection:
        kept = record_readings(connection, [taken])
    station.close()
    assert kept == Stored(1, 0)
