"""What the desk answers, and that whatever a question does ends as one sentence."""

import logging

import msgspec
import pytest

from console.station.store import Plan
from console.station.workbench import desk as desk_file
from console.station.workbench.desk import MISTAKE, MOST_AT_ONCE, STOPPING, TOO_LARGE, TOO_MANY
from drivers.driver import TestStep
from drivers.errors import DriverBug, LineLost
from drivers.questions import (
    QUESTIONS,
    PreviewSubject,
    PreviewTag,
    PreviewValue,
    SearchSubject,
    SerialPort,
    TestSubject,
)
from drivers.workbench import BrowsePage, Fact, Registers, RegisterSpan, ScanFinding, ScanPlan
from tests.unit.console.link.link_parts import ADMIN, EMIL

PREVIEWS = tuple[PreviewValue, ...]


async def test_preview_reads_each_tag_once_with_its_scale_and_offset(ask, place):
    tags = (PreviewTag("holding:5:uint16", 0.5, 1.0), PreviewTag("holding:2.1:bool", 10.0))
    first, second = await ask(EMIL, "preview", place, PreviewSubject(tags)).result(PREVIEWS)
    assert (first.raw, first.value, first.quality, first.detail) == (5, 3.5, "good", "")
    assert (second.raw, second.value, second.quality) == (True, 10.0, "good")
    assert first.received_unix > 1_700_000_000


async def test_a_tag_that_does_not_parse_or_is_refused_leaves_the_others_their_values(ask, place):
    tags = tuple(map(PreviewTag, ("holding:x", "holding:9999:uint16", "holding:3:uint16")))
    bad, refused, good = await ask(EMIL, "preview", place, PreviewSubject(tags)).result(PREVIEWS)
    assert (bad.value, bad.quality) == (None, "bad")
    assert "'x' is no place in a table" in bad.detail
    assert (refused.value, refused.quality) == (None, "bad")
    assert "illegal data address" in refused.detail
    assert good.value == 3.0


async def test_a_value_that_no_number_holds_is_bad_and_still_tells_what_came(ask, place):
    tag = PreviewTag("holding:5:uint16", 1.7e308)
    (value,) = await ask(EMIL, "preview", place, PreviewSubject((tag,))).result(PREVIEWS)
    assert (value.raw, value.value, value.quality) == (5, None, "bad")


async def test_a_connection_test_tells_its_steps_and_names_addresses_that_do_not_parse(ask, place):
    subject = TestSubject(("holding:1:uint16", "nowhere"))
    asked = await ask(EMIL, "test", place, subject).over()
    steps = [msgspec.json.decode(body, type=TestStep) for body in asked.bodies]
    assert asked.fault == ""
    assert [step.ok for step in steps] == [True] * (len(steps) - 1) + [False]
    assert "holding:1:uint16 = 1" in steps[-2].detail
    assert steps[-1].detail.startswith("'nowhere' is not a Modbus address")


async def test_a_device_that_is_not_there_is_one_sentence(ask, place):
    asked = await ask(EMIL, "preview", place | {"port": 1}, PreviewSubject((PreviewTag("coil:0"),))).over()
    assert asked.fault.startswith("127.0.0.1:1 refused the connection")


async def test_a_setting_that_does_not_fit_is_named(ask, place):
    asked = await ask(EMIL, "preview", place | {"unit": 999}, PreviewSubject(())).over()
    assert asked.fault == "This device: connection unit: 999 must be at most 255."


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"tool": "dance"}, "This station knows no tool called 'dance'"),
        ({"driver": "carrier-pigeon"}, "no driver is called 'carrier-pigeon'"),
        ({"tool": "own_certificate"}, "Modbus TCP offers nothing of the kind."),
        ({"subject": [1]}, "The station could not read the question"),
        ({"settings": [1]}, "The station could not read the question"),
    ],
)
async def test_a_question_that_makes_no_sense_is_answered_with_why(ask, place, changes, why):
    question = {"tool": "preview", "driver": "modbus-tcp", "subject": {"tags": []}, "settings": place}
    asked = await ask(ADMIN, **(question | changes)).over()
    assert why in asked.fault


async def test_more_addresses_than_one_question_may_name_are_refused(ask, place):
    tags = tuple(PreviewTag("coil:0") for _ in range(501))
    asked = await ask(EMIL, "preview", place, PreviewSubject(tags)).over()
    assert asked.fault == "One question may name 500 addresses, not 501."


async def test_serial_ports_need_no_settings_and_no_driver(ask):
    ports = await ask(EMIL, "serial_ports", {}, driver="").result(tuple[SerialPort, ...])
    assert all(port.device for port in ports)


async def test_a_mistake_ends_one_question_and_harms_nothing_else(ask, odd, desk_health, caplog):
    odd.error = ValueError("never foreseen")
    with caplog.at_level(logging.ERROR):
        broken = await ask(EMIL, "identify", {}, driver="odd").over()
    assert broken.fault == MISTAKE
    assert "never foreseen" in caplog.text
    assert (desk_health.failures, desk_health.passes) == (1, 0)
    caplog.clear()
    odd.error = None
    assert await ask(EMIL, "identify", {}, driver="odd").result(list[Fact]) == [Fact("Vendor", "Acme")]


@pytest.mark.parametrize(("error", "failures"), [(LineLost("Gone."), 0), (DriverBug("Gone."), 1)])
async def test_what_a_driver_says_is_handed_on_and_its_bugs_are_counted(
    ask, odd, desk_health, caplog, error, failures
):
    odd.error = error
    asked = await ask(EMIL, "identify", {}, driver="odd").over()
    caplog.clear()
    assert (asked.fault, desk_health.failures) == ("Gone.", failures)


async def test_who_has_seen_enough_stops_the_search_at_the_device(ask, odd, until):
    asked = ask(EMIL, "search", {}, SearchSubject("pump"), driver="odd")
    await until(lambda: len(asked.bodies) > 3)
    asked.stop()
    asked.stop()
    heard = len(asked.bodies)
    await until(lambda: odd.ended == 1)
    assert len(asked.bodies) == heard
    assert not asked.is_over
    assert msgspec.json.decode(asked.bodies[0], type=BrowsePage).nodes[0].name == "pump"


async def test_what_takes_too_long_is_ended(ask, odd, monkeypatch):
    what = QUESTIONS["identify"]
    limited = type(what)(what.subject, what.answer, 0.01)
    monkeypatch.setattr("console.station.workbench.question.QUESTIONS", {"identify": limited})
    odd.gate.clear()
    asked = await ask(EMIL, "identify", {}, driver="odd").over()
    assert asked.fault.startswith("This did not end within 0.01 s")


async def test_more_questions_than_the_station_has_room_for_are_told_to_wait(ask, odd, until):
    odd.gate.clear()
    waiting = [ask(EMIL, "identify", {}, driver="odd") for _ in range(MOST_AT_ONCE)]
    assert (await ask(EMIL, "identify", {}, driver="odd").over()).fault == TOO_MANY
    odd.gate.set()
    for asked in waiting:
        await asked.over()
    assert {asked.fault for asked in waiting} == {""}


async def test_an_answer_that_no_window_could_take_is_refused(ask, odd):
    odd.facts = (Fact("Vendor", "x" * desk_file.LARGEST_RECORD),)
    assert (await ask(EMIL, "identify", {}, driver="odd").over()).fault == TOO_LARGE


async def test_a_station_that_stops_tells_whoever_waits(ask, odd, desk):
    odd.gate.clear()
    asked = ask(EMIL, "identify", {}, driver="odd")
    await desk.stop()
    assert (asked.is_over, asked.fault, desk.pending) == (True, STOPPING, 0)


async def test_a_question_whose_device_went_to_somebody_else_is_ended(ask, odd, desk, make_device):
    mine = make_device(1, driver="odd", connection={}, user_id=EMIL.person_id)
    desk.set_plan(Plan((mine,), (), ()))
    odd.gate.clear()
    asked = ask(EMIL, "identify", {}, hardware_id="DRIVE-01", driver="odd")
    desk.set_plan(Plan((make_device(1, driver="odd", connection={}, user_id=99),), (), ()))
    assert asked.is_over
    assert asked.fault.startswith("No device of yours is called 'DRIVE-01'")


async def test_a_scan_tells_one_thing_after_the_other(ask, place):
    plan = ScanPlan(table="holding", start=0, end=99, pause_ms=0)
    asked = await ask(EMIL, "scan", place, plan).over()
    findings = [msgspec.json.decode(body, type=ScanFinding) for body in asked.bodies]
    assert asked.fault == ""
    assert [(each.start, each.end) for each in findings if each.kind == "range"] == [(0, 9)]
    assert findings[-1].text == "10 registers in one piece"


async def test_raw_registers_come_with_what_was_refused(ask, place):
    registers = await ask(EMIL, "registers", place, RegisterSpan("holding", 8, 4)).result(Registers)
    assert registers.words == (8, 9, None, None)
    assert len(registers.refusals) == 1
