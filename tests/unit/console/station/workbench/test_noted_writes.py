"""No write reaches a device that the database has not noted first."""

import threading

import pytest

from console.link.device_requests import OTHER_ROLE
from console.station.store import Plan
from console.station.workbench import noting
from console.station.workbench.desk import NOTHING_WRITTEN, STOPPING
from console.station.workbench.noting import AWAY, STOPPED
from drivers.plant.faults import Fault, FaultKind
from drivers.questions import NOT_KNOWN, WriteSubject
from models.errors import NotAllowed, StorageBug
from models.records.device import DeviceId, Tag
from models.records.person import Role
from models.records.ticket import digest_of
from tests.unit.console.link.link_parts import EMIL
from tests.unit.console.station.workbench.conftest import UNIT

ADDRESS = "holding:1:uint16"
WRITE = WriteSubject(ADDRESS, 7.0)


@pytest.fixture(autouse=True)
def stored(desk, make_device, place):
    """Emil's drive, at the gateway."""
    tags = (Tag("rpm", ADDRESS, is_writable=True),)
    desk.set_plan(Plan((make_device(1, connection=place, user_id=EMIL.person_id, tags=tags),), (), ()))


async def test_a_write_is_noted_once_by_the_ticket_of_whoever_asked(ask, unit, store):
    await ask(EMIL, "write", {}, WRITE, "DRIVE-01").result(str)
    assert store.noted == [(digest_of("Emil"), DeviceId(1), ADDRESS, 7.0)]
    assert unit.written == {1: 7}


async def test_nothing_is_noted_of_what_the_station_itself_refuses(ask, store):
    await ask(EMIL, "write", {}, WriteSubject("coil:9", 1.0), "DRIVE-01").over()
    assert store.noted == []


async def test_nothing_is_written_while_the_database_is_away(ask, unit, store):
    store.is_away = True
    asked = await ask(EMIL, "write", {}, WRITE, "DRIVE-01").over()
    assert (asked.fault, unit.written) == (AWAY, {})


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (NotAllowed("The device belongs to somebody else."), "The device belongs to somebody else."),
        (StorageBug("No such function."), noting.FAILED.format("No such function.")),
    ],
)
async def test_nothing_is_written_that_the_database_will_not_note(
    ask, unit, store, monkeypatch, error, sentence
):
    def refuse() -> None:
        raise error

    monkeypatch.setattr(store, "_require", refuse)
    asked = await ask(EMIL, "write", {}, WRITE, "DRIVE-01").over()
    assert (asked.fault, unit.written) == (sentence, {})


@pytest.fixture
def frozen(store):
    """The database keeps whoever asks, until the end of the test."""
    store.frozen = threading.Event()
    yield store.frozen
    store.frozen.set()


async def test_a_frozen_database_keeps_a_write_for_a_limited_time(ask, desk, unit, store, frozen):
    desk._notes._limit_s = 0.05
    asked = await ask(EMIL, "write", {}, WRITE, "DRIVE-01").over()
    assert (asked.fault, unit.written) == (AWAY, {})


async def test_who_stops_the_station_meanwhile_is_told_that_nothing_was_written(
    ask, desk, unit, store, frozen, until
):
    asked = ask(EMIL, "write", {}, WRITE, "DRIVE-01")
    await until(lambda: store.attempts > 0)
    await desk.stop()
    assert (asked.fault, unit.written) == (f"{STOPPING} {NOTHING_WRITTEN}", {})
    late = await ask(EMIL, "write", {}, WRITE, "DRIVE-01").over()
    assert late.fault == STOPPED


async def test_who_gets_another_role_meanwhile_is_told_which_and_what_is_not_known(
    ask, unit, gateway, store, until
):
    gateway.faults[UNIT] = Fault("", FaultKind.SILENT, 0.0)
    asked = ask(EMIL, "write", {}, WRITE, "DRIVE-01")
    await until(lambda: bool(gateway._connections))
    asked.stop(OTHER_ROLE[Role.OPERATOR])
    said = "You were made an operator meanwhile, and operators ask nothing of devices."
    assert asked.fault == f"{said} {NOT_KNOWN}"
