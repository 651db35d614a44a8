"""The screen's questions, asked by every role of a real database."""

import pytest

from console.panels.stations.station_questions import AskHistory, AskLeases
from console.version import VERSION
from models.passwords import scram_verifier
from models.queries.leases import enter_station, order_station, renew
from models.queries.people import create_station
from models.records.device import DeviceId
from models.records.person import Role
from models.records.station import OrderKind
from tests.unit.models.notification_parts import add_device

WORD = "a station's long enough word"


@pytest.fixture
def plant(newest_site):
    """A station that polls one device, which belongs to nobody, and is asked for a drill."""
    with newest_site.owner.transaction() as connection:
        add_device(connection, "PRESS-01")
        made = create_station(connection, "Hall A", scram_verifier(WORD))
    station = newest_site.owner.with_login(made.login, WORD, "station")
    with station.transaction() as connection:
        renew(connection, enter_station(connection, VERSION).incarnation, (), None, "")
    station.close()
    with newest_site.owner.transaction() as connection:
        order_station(connection, made.id, OrderKind.DRILL, 60.0)
    return newest_site


def ask(plant, role: Role, question):
    with plant.signed_in(plant.add(role)).transaction() as connection:
        return question(connection)


@pytest.mark.parametrize("role", [Role.ADMIN, Role.OPERATOR])
def test_administrators_and_operators_see_who_polls_what_and_every_drill(plant, role):
    now = ask(plant, role, AskLeases(with_orders=True))

    assert [span.station_name for span in now.leases.values()] == ["Hall A"]
    assert [order.kind for order in now.orders] == [OrderKind.DRILL]


def test_engineers_see_their_own_devices_only_and_are_not_refused(plant):
    now = ask(plant, Role.USER, AskLeases(with_orders=False))
    (device,) = ask(plant, Role.ADMIN, AskLeases(with_orders=False)).leases

    assert (now.leases, now.orders) == ({}, ())
    assert ask(plant, Role.USER, AskHistory(DeviceId(device))) == []
