"""Who may ask what: the station decides, whatever a window says."""

import logging

import pytest

from console.station.store import Plan
from console.station.workbench.desk import STOPPING
from console.station.workbench.rights import OPERATORS_DO_NOT, STORED_ONLY
from drivers.plant.faults import Fault, FaultKind
from drivers.questions import (
    NOT_KNOWN,
    QUESTIONS,
    PreviewSubject,
    PreviewTag,
    PreviewValue,
    WriteSubject,
)
from models.records.device import Tag
from tests.unit.console.link.link_parts import ADMIN, EMIL, ERNA, OPERATOR
from tests.unit.console.station.workbench.conftest import UNIT

READ = PreviewSubject((PreviewTag("holding:3:uint16"),))
WRITABLE, READ_ONLY = "holding:1:uint16", "holding:2:uint16"
NOT_YOURS = "No device of yours is called 'DRIVE-01'; its owner or an administrator can ask it."


@pytest.fixture
def stored(desk, make_device, place):
    """Emil's drive, at the gateway."""
    tags = (Tag("rpm", WRITABLE, is_writable=True), Tag("vibration", READ_ONLY))
    device = make_device(1, connection=place, user_id=EMIL.person_id, tags=tags)
    desk.set_plan(Plan((device,), (), ()))
    return device


@pytest.mark.parametrize("tool", QUESTIONS)
async def test_an_operator_asks_nothing_at_all(ask, place, unit, tool):
    asked = await ask(OPERATOR, tool, place, {"address": WRITABLE, "value": 1.0, "text": "x"}).over()
    assert asked.fault == OPERATORS_DO_NOT
    assert unit.asked == []


async def test_an_engineer_asks_own_devices_and_an_administrator_all(ask, stored, place):
    for holder in (EMIL, ADMIN):
        (value,) = await ask(holder, "preview", place, READ, "DRIVE-01").result(tuple[PreviewValue, ...])
        assert value.value == 3.0


@pytest.mark.parametrize("hardware_id", ["DRIVE-01", "NOWHERE"])
async def test_an_engineer_learns_nothing_of_somebody_elses_device(ask, stored, place, unit, hardware_id):
    asked = await ask(ERNA, "preview", place, READ, hardware_id).over()
    assert asked.fault == NOT_YOURS.replace("DRIVE-01", hardware_id)
    assert unit.asked == []


async def test_an_engineer_asks_a_device_that_is_not_stored_yet(ask, place):
    (value,) = await ask(ERNA, "preview", place, READ).result(tuple[PreviewValue, ...])
    assert value.value == 3.0


@pytest.mark.parametrize(
    ("holder", "hardware_id", "address", "why"),
    [
        (OPERATOR, "DRIVE-01", WRITABLE, OPERATORS_DO_NOT),
        (ERNA, "DRIVE-01", WRITABLE, NOT_YOURS),
        (EMIL, "", WRITABLE, STORED_ONLY),
        (ADMIN, "", WRITABLE, STORED_ONLY),
        (
            EMIL,
            "DRIVE-01",
            READ_ONLY,
            "Drive 1 has no writable tag at holding:2:uint16; mark the tag as writable and save the device "
            "first.",
        ),
        (
            ADMIN,
            "DRIVE-01",
            "holding:5:uint16",
            "Drive 1 has no writable tag at holding:5:uint16; mark the tag as writable and save the device "
            "first.",
        ),
    ],
)
async def test_nothing_is_written_but_a_writable_tag_of_a_device_of_ones_own(
    ask, stored, place, unit, holder, hardware_id, address, why
):
    asked = await ask(holder, "write", place, WriteSubject(address, 7.0), hardware_id).over()
    assert asked.fault == why
    assert unit.written == {}


@pytest.mark.parametrize("holder", [EMIL, ADMIN])
async def test_a_writable_tag_is_written_where_the_device_is_stored_whatever_settings_are_sent(
    ask, stored, unit, holder, caplog
):
    elsewhere = {"host": "127.0.0.1", "port": 1}
    with caplog.at_level(logging.INFO):
        said = await ask(holder, "write", elsewhere, WriteSubject(WRITABLE, 1500.0), "DRIVE-01").result(str)
    assert (said, unit.written) == ("1500", {1: 1500})
    assert f"{holder.name} wrote 1500 to {WRITABLE} of DRIVE-01" in caplog.text


async def test_a_value_that_the_register_cannot_hold_is_refused_in_words(ask, stored, unit):
    asked = await ask(EMIL, "write", {}, WriteSubject(WRITABLE, 70000.0), "DRIVE-01").over()
    assert "70000" in asked.fault
    assert unit.written == {}


async def test_a_write_that_is_cut_off_is_not_said_to_have_failed(ask, stored, unit, gateway, desk, until):
    gateway.faults[UNIT] = Fault("", FaultKind.SILENT, 0.0)
    asked = ask(EMIL, "write", {}, WriteSubject(WRITABLE, 7.0), "DRIVE-01")
    await until(lambda: bool(gateway._connections))
    await desk.stop()
    assert asked.fault == f"{STOPPING} {NOT_KNOWN}"
