"""`main.py stations`, as an administrator at a terminal uses it, on a database with two working stations."""

import json
import threading

import pytest

from console.cli import main
from console.version import VERSION
from models.passwords import scram_verifier
from models.queries.leases import end_order, enter_station, renew, take_order
from models.queries.people import create_station
from models.records.person import Role
from models.records.station import Condition, ConditionKind
from models.records.threshold import Severity
from tests.account_parts import PASSWORD
from tests.unit.console.panels.stations.station_parts import report
from tests.unit.models.notification_parts import add_device

WORD = "a station's long enough word"


class Worker:
    """A station's login that renews when told to."""

    def __init__(self, site, name: str) -> None:
        with site.owner.transaction() as connection:
            made = create_station(connection, name, scram_verifier(WORD))
        self.database = site.owner.with_login(made.login, WORD, "station")
        with self.database.transaction() as connection:
            self.incarnation = enter_station(connection, VERSION).incarnation

    def renew(self, told=None, released=()):
        with self.database.transaction() as connection:
            return renew(connection, self.incarnation, released, told, "")

    def give_surplus(self) -> None:
        """Release what another station should have."""
        surplus = [lease.device for lease in self.renew().leases if lease.is_surplus]
        self.renew(released=surplus)


@pytest.fixture
def plant(newest_site):
    """Two stations with two devices each, as the balance has it."""
    with newest_site.owner.transaction() as connection:
        for number in range(1, 5):
            add_device(connection, f"PRESS-0{number}")
    hall_a, hall_b = Worker(newest_site, "Hall A"), Worker(newest_site, "Hall B")
    hall_a.renew(report(2))
    hall_b.renew(report(2))
    yield hall_a, hall_b
    hall_a.database.close()
    hall_b.database.close()


@pytest.fixture
def run(database_url, newest_site, tmp_path, monkeypatch, capsys):
    """`run("list")` as an administrator (or `role`): exit code, stdout, stderr."""
    monkeypatch.setenv("CONSOLE_PASSWORD", PASSWORD)
    monkeypatch.setenv("CONSOLE_CREDENTIALS", "file")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    persons = {}

    def call(*arguments, role=Role.ADMIN):
        person = persons.setdefault(role, newest_site.add(role))
        common = ["--data", str(tmp_path / "data"), "--database", database_url, "--as", person.email]
        code = main([*common, "stations", *map(str, arguments)])
        said = capsys.readouterr()
        return code, said.out, said.err

    return call


def polled_by(run, station: str) -> list[str]:
    document = json.loads(run("devices", "--station", station, "--format", "json")[1])
    return [row["device"] for row in document]


def test_without_stations_the_list_says_when_one_needs_a_login(run):
    assert "main.py station enroll" in run("list")[1]


def test_stations_are_listed_with_state_devices_disk_and_what_is_wrong(run, plant):
    full = Condition(ConditionKind.SPOOL_FILLING, Severity.WARNING, 1.8e9, "The disk fills.")
    plant[1].renew(report(2, conditions=(full,)))
    code, out, _ = run("list")

    assert code == 0
    assert out.splitlines()[1].startswith(
        "Hall A  collecting  2 of 2   +12 ms  0        1.0 of 2048 MiB  73.0 h"
    )
    assert out.splitlines()[-1] == "Hall B: warning: The disk fills."
    assert [row["state"] for row in json.loads(run("list", "--format", "json")[1])] == ["collecting"] * 2


def test_devices_are_handed_over_by_their_ids_and_go_back_to_the_balance(run, plant):
    hall_a, hall_b = plant
    before = polled_by(run, "Hall A")
    code, out, _ = run("assign", *before, "--to", "hall b")
    assert (code, out.split(";")[0]) == (0, "2 of 2 devices are now to be polled by Hall B")
    hall_a.give_surplus()
    hall_b.renew()
    assert polled_by(run, "Hall B") == ["PRESS-01", "PRESS-02", "PRESS-03", "PRESS-04"]

    assert run("assign", *before, "--automatic")[0] == 0
    hall_b.give_surplus()
    hall_a.renew()
    assert len(polled_by(run, "Hall A")) == 2


def test_a_station_is_drained_before_maintenance_and_taken_back(run, plant):
    hall_a, hall_b = plant
    assert run("drain", "Hall A")[1] == "Hall A gives its 2 devices away, and takes none until --undo.\n"
    hall_a.give_surplus()
    hall_b.renew()
    assert polled_by(run, "Hall A") == []
    assert "gave everything away" in run("list")[1]
    assert run("drain", "Hall A", "--undo")[1] == "Hall A takes its share of the devices again.\n"


def test_a_drill_waits_for_the_report_of_the_station(run, plant):
    hall_a = plant[0]

    def obey() -> None:
        while not hall_a.renew().has_order:
            pass
        with hall_a.database.transaction() as connection:
            order = take_order(connection)
            end_order(connection, order.id, f"Kept everything for {order.amount_s:g} s; none was lost.")

    station = threading.Thread(target=obey, name="obedient-station")
    station.start()
    code, out, _ = run("drill", "Hall A", "--for", "5s")
    station.join()

    assert (code, out) == (0, "Kept everything for 5 s; none was lost.\n")
    assert "none was lost" in run("drills")[1]


def test_who_polled_a_device_is_told_newest_first(run, plant):
    hall_a, hall_b = plant
    device = polled_by(run, "Hall A")[0]
    run("assign", device, "--to", "Hall B")
    hall_a.give_surplus()
    hall_b.renew()

    spans = json.loads(run("history", device, "--format", "json")[1])
    assert [(span["station"], span["until"] is None) for span in spans] == [
        ("Hall B", True),
        ("Hall A", False),
    ]


def test_only_administrators_order_anything(run, plant):
    code, _, err = run("drain", "Hall A", role=Role.OPERATOR)

    assert (code, "does not allow this" in err) == (1, True)


def test_a_name_that_no_station_has_is_told_with_those_there_are(run, plant):
    code, _, err = run("drain", "Hall C")

    assert (code, "there are: Hall A, Hall B" in err) == (1, True)
