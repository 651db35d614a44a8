"""Devices that break the protocol: every question ends as one sentence, none as a mistake of the program."""

import pytest

from console.station.workbench.desk import MISTAKE
from drivers.plant.faults import Fault, FaultKind
from drivers.questions import NothingMore, PreviewSubject, PreviewTag, TestSubject
from drivers.workbench import RegisterSpan, ScanPlan
from tests.unit.console.link.link_parts import EMIL
from tests.unit.console.station.workbench.conftest import UNIT

HOSTILE = (
    FaultKind.SILENT,
    FaultKind.GARBAGE,
    FaultKind.WRONG_FUNCTION,
    FaultKind.WRONG_UNIT,
    FaultKind.WRONG_COUNT,
    FaultKind.WRONG_TRANSACTION,
    FaultKind.SHORT,
    FaultKind.RESET,
)
QUESTIONS = {
    "registers": RegisterSpan("holding", 0, 4),
    "preview": PreviewSubject((PreviewTag("holding:3:uint16"),)),
    "identify": NothingMore(),
    "scan": ScanPlan(table="holding", start=0, end=50, pause_ms=0),
}


@pytest.mark.parametrize("kind", HOSTILE)
async def test_whatever_is_asked_of_a_hostile_device_ends_as_one_sentence(
    ask, place, gateway, kind, desk_health
):
    gateway.faults[UNIT] = Fault("", kind, 0.0)
    asked = [ask(EMIL, tool, place | {"timeout_s": 0.1}, subject) for tool, subject in QUESTIONS.items()]
    faults = [(await each.over()).fault for each in asked]
    assert all(fault.endswith(".") for fault in faults), faults
    assert MISTAKE not in faults
    assert desk_health.failures == 0


@pytest.mark.parametrize("kind", HOSTILE)
async def test_a_connection_test_names_the_step_at_which_it_fails(ask, place, gateway, kind):
    gateway.faults[UNIT] = Fault("", kind, 0.0)
    subject = TestSubject(("holding:3:uint16",))
    asked = await ask(EMIL, "test", place | {"timeout_s": 0.1}, subject).over()
    assert asked.fault == ""
    assert b'"ok":false' in asked.bodies[-1]
    assert all(b'"ok":true' in body for body in asked.bodies[:-1])
