"""What a window asks for again and again: only what changed is read, and it is as if all had been."""

import sys
import types
from dataclasses import replace

import pytest

from console.bridge.open_alerts import OpenAlerts
from models.records.alert import Alert, AlertStatus
from models.records.threshold import Severity
from tests.unit.console.frame.frame_parts import alert


class Database:
    """Open alerts with versions; writes down which rows were read."""

    def __init__(self) -> None:
        self.alerts: dict[int, Alert] = {}
        self.versions: dict[int, tuple[int, int]] = {}
        self.read: list[list[int]] = []

    def put(self, *alerts: Alert) -> None:
        for one in alerts:
            self.alerts[one.id] = one
            self.versions[one.id] = (self.versions.get(one.id, (0, 0))[0] + 1, 0)

    def end(self, id: int) -> None:
        del self.alerts[id], self.versions[id]

    def of_ids(self, _connection, ids) -> list[Alert]:
        self.read.append(list(ids))
        return [self.alerts[id] for id in ids]


@pytest.fixture
def database(monkeypatch) -> Database:
    made = Database()
    modules = {
        "models.queries.open_alerts": {
            "versions_of_open_alerts": lambda _connection: list(made.versions.items()),
            "open_alerts_of": made.of_ids,
        },
        "models.queries.shelves": {"open_shelves": lambda _: [], "open_maintenance": lambda _: []},
    }
    for name, functions in modules.items():
        module = types.ModuleType(name)
        vars(module).update(functions)
        monkeypatch.setitem(sys.modules, name, module)
    return made


@pytest.fixture
def asked() -> OpenAlerts:
    return OpenAlerts()


def ids(asked: OpenAlerts) -> list[int]:
    return [one.id for one in asked.ask(None).alerts]


def test_alerts_come_worst_first_then_newest(asked, database):
    database.put(
        alert(1, age_s=5), alert(2, age_s=9), alert(3, Severity.CRITICAL, age_s=90), alert(4, age_s=5)
    )
    assert ids(asked) == [3, 4, 1, 2]


def test_what_did_not_change_is_not_read_again_and_stays_the_same_object(asked, database):
    database.put(alert(1), alert(2))
    first = asked.ask(None).alerts
    database.read.clear()
    database.put(replace(database.alerts[1], status=AlertStatus.ACKNOWLEDGED))
    second = {one.id: one for one in asked.ask(None).alerts}
    assert database.read == [[1]]
    assert second[2] is next(one for one in first if one.id == 2)
    assert second[1].status is AlertStatus.ACKNOWLEDGED


def test_an_alert_that_is_over_is_gone(asked, database):
    database.put(alert(1), alert(2))
    ids(asked)
    database.end(1)
    assert ids(asked) == [2]


def test_one_that_takes_the_place_of_another_is_read(asked, database):
    database.put(alert(1))
    ids(asked)
    database.end(1)
    database.put(alert(2))
    assert ids(asked) == [2]


def test_an_alert_that_ended_between_two_questions_is_left_out(asked, database):
    database.put(alert(1), alert(2))
    del database.alerts[1]
    database.alerts[1] = replace(alert(2))
    assert ids(asked) == [2]


def test_many_are_read_in_parts(asked, database):
    database.put(*(alert(number) for number in range(1, 251)))
    assert len(ids(asked)) == 250
    assert [len(part) for part in database.read] == [100, 100, 50]


def test_forgetting_reads_everything_anew(asked, database):
    database.put(alert(1))
    ids(asked)
    database.read.clear()
    asked.forget()
    assert ids(asked) == [1]
    assert database.read == [[1]]
