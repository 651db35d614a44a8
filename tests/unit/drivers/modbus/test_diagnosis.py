"""The connection test, step by step, and what the spec promises to the rest of the program."""

import subprocess
import sys
from asyncio import StreamWriter

import pytest
from pydantic import ValidationError

from drivers.driver import TestStep
from drivers.modbus.address import parse_address
from drivers.modbus.settings import ModbusTcpSettings
from drivers.modbus.spec import MODBUS_TCP
from tests.unit.drivers.modbus.conftest import Serve
from tests.unit.drivers.modbus.line_ends import Asked, ScriptedServer, registers_unit


async def steps_of(texts: list[str], **settings: object) -> list[TestStep]:
    made = ModbusTcpSettings.model_validate({"host": "127.0.0.1", "timeout_s": 0.3, **settings})
    return await MODBUS_TCP.test(made, [parse_address(text) for text in texts])


def names(steps: list[TestStep]) -> list[tuple[str, bool]]:
    return [(step.name, step.ok) for step in steps]


async def test_healthy_device_passes_every_step(serve: Serve) -> None:
    port = await serve([registers_unit(1, [215, 7])])
    steps = await steps_of(["holding:0", "holding:1"], port=port)
    assert names(steps) == [
        ("Name resolved", True),
        ("Port open", True),
        ("Unit answered", True),
        ("First tag decoded", True),
        ("Other tags decoded", True),
    ]
    assert steps[3].detail == "holding:0:uint16 = 215."


async def test_without_tags_a_refusal_is_a_sign_of_life(server: ScriptedServer) -> None:
    async def refuse(asked: Asked, writer: StreamWriter) -> None:
        writer.write(asked.exception(2))

    server.script = refuse
    steps = await steps_of([], port=server.port)
    assert names(steps)[-1] == ("Unit answered", True)
    assert len(steps) == 3


async def test_name_nobody_knows_is_the_last_step() -> None:
    steps = await steps_of(["holding:0"], host="no-such-host.invalid", connect_timeout_s=10)
    assert names(steps) == [("Name resolved", False)]
    assert "no-such-host.invalid" in steps[0].detail


async def test_closed_port_is_the_last_step(server: ScriptedServer) -> None:
    await server.stop()
    steps = await steps_of(["holding:0"], port=server.port)
    assert names(steps) == [("Name resolved", True), ("Port open", False)]
    assert f"127.0.0.1:{server.port} refused the connection" in steps[-1].detail


async def test_wrong_unit_is_the_last_step(server: ScriptedServer) -> None:
    async def know_only_one(asked: Asked, writer: StreamWriter) -> None:
        writer.write(asked.correct() if asked.unit == 1 else b"")

    server.script = know_only_one
    steps = await steps_of(["holding:0"], port=server.port, unit=7)
    assert names(steps)[-1] == ("Unit answered", False)
    assert "unit 7 within 0.3 s" in steps[-1].detail


async def test_tag_that_does_not_exist_is_named(serve: Serve) -> None:
    port = await serve([registers_unit(1, [215, 7])])
    first = await steps_of(["holding:99", "holding:0"], port=port)
    assert names(first)[-1] == ("First tag decoded", False)
    other = await steps_of(["holding:0", "holding:99"], port=port)
    assert names(other)[-1] == ("Other tags decoded", False)
    assert "holding:99:uint16: illegal data address 99 (exception 2)" in other[-1].detail


def test_spec_loads_without_any_protocol_library() -> None:
    heavy = ("pymodbus", "drivers.modbus.wire")
    code = f"import sys, drivers.modbus.spec; print(*(name in sys.modules for name in {heavy}))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False"]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("host", " "),
        ("port", 0),
        ("port", 65536),
        ("unit", -1),
        ("unit", 250),
        ("unit", 256),
        ("timeout_s", 0),
        ("timeout_s", float("nan")),
        ("max_registers_per_read", 126),
        ("max_in_flight", 0),
        ("speed", 9600),
    ],
)
def test_settings_out_of_limits_are_refused_by_name(field: str, value: object) -> None:
    with pytest.raises(ValidationError) as refusal:
        ModbusTcpSettings.model_validate({"host": "plc", field: value})
    assert refusal.value.errors()[0]["loc"] == (field,)


def test_every_setting_explains_itself() -> None:
    for field in ModbusTcpSettings.model_fields.values():
        assert field.title
        assert field.description
