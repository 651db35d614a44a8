"""`main.py device scan, registers, identify, browse, write` on a real database and another maker's server."""

import argparse
import json
import re
from collections.abc import Iterator

import pytest
from pyModbusTCP.server import DataBank, DeviceIdentification, ModbusServer

from console.commandline.command import CommandError
from console.commandline.device import COMMAND
from console.settings import Settings
from drivers.errors import LineLost, Refused
from models.database import Database
from models.queries.audit import audit_page
from models.queries.catalogue import import_devices
from models.records.audit import AuditFilter
from models.records.device import Device, DeviceId, Tag
from models.records.device_entry import DeviceEntry

WRITABLE, READ_ONLY = "holding:4:uint16", "holding:5:uint16"


@pytest.fixture
def server() -> Iterator[ModbusServer]:
    bank = DataBank(h_regs_size=40)
    bank.set_holding_registers(0, list(range(100, 140)))
    identity = DeviceIdentification(b"Acme", b"PM-20", b"2.1")
    made = ModbusServer("127.0.0.1", 0, no_block=True, data_bank=bank, device_id=identity)
    made.start()
    yield made
    made.stop()


@pytest.fixture
def database(database_url, server) -> Iterator[Database]:
    device = Device(
        DeviceId(0),
        "METER-1",
        "Meter 1",
        "meter",
        "Hall A",
        "modbus-tcp",
        {"host": "127.0.0.1", "port": server._service.server_address[1], "timeout_s": 1.0},
        1.0,
        (Tag("power_consumption", WRITABLE, is_writable=True), Tag("rpm", READ_ONLY)),
    )
    opened = Database(database_url, "tests")
    with opened.transaction() as connection:
        import_devices(connection, [DeviceEntry(device, ())])
    yield opened
    opened.close()


@pytest.fixture
def run(capsys, tmp_path, database, database_url):
    (tmp_path / "data").mkdir()

    def call(*arguments):
        parser = argparse.ArgumentParser()
        COMMAND.add_arguments(parser)
        options = parser.parse_args([str(argument) for argument in arguments])
        code = COMMAND.run(options, Settings(tmp_path / "data", database_url))
        out, err = capsys.readouterr()
        return code, out.rstrip(), err.rstrip()

    return call


def test_registers_are_shown_with_what_was_refused(run):
    code, out, err = run("registers", "METER-1", "holding", 38, 3)
    lines = out.splitlines()
    assert (code, lines[0].split()) == (0, ["REGISTER", "UNSIGNED", "SIGNED", "HEX"])
    assert [line.split() for line in lines[1:]] == [
        ["38", "138", "138", "008a"],
        ["39", "139", "139", "008b"],
        ["40", "refused"],
    ]
    assert err == (
        "The device refused holding 40: illegal data address (exception 2); it has nothing there; scan for "
        "the registers that it has."
    )


def test_registers_come_as_json_for_programs(run):
    code, out, _ = run("registers", "METER-1", "holding", 0, 2, "--json")
    assert code == 0
    assert json.loads(out)["words"] == [100, 101]


def test_a_scan_lists_the_readable_registers(run):
    code, out, _ = run("scan", "METER-1", "--table", "holding", "--range", "0-200", "--pause", 0)
    assert code == 0
    assert out.splitlines()[1].split(maxsplit=2) == ["0", "39", "40 registers, none of them 0"]
    assert out.splitlines()[-1] == "40 registers in one piece."


def test_a_scan_names_units_by_what_they_tell(run):
    _, out, _ = run("scan", "METER-1", "--units", "1-2", "--pause", 0)
    assert out.splitlines()[1].endswith(", Acme PM-20 2.1")
    assert out.splitlines()[-1] == "2 of 2 units answered."


def test_identify_shows_what_the_device_tells(run):
    _, out, _ = run("identify", "METER-1")
    assert [re.split("  +", line) for line in out.splitlines()[1:]] == [
        ["Vendor", "Acme"],
        ["Product code", "PM-20"],
        ["Revision", "2.1"],
    ]


def test_a_write_is_noted_then_done_and_read_back(run, server, database):
    code, out, _ = run("write", "METER-1", WRITABLE, 1500)
    assert (code, out) == (0, f"{WRITABLE} now holds 1500")
    assert server.data_bank.get_holding_registers(4) == [1500]
    with database.transaction() as connection:
        (line,) = audit_page(connection, AuditFilter(table="device_writes"), 10)
    assert (line.after["address"], line.after["value"]) == (WRITABLE, 1500)


def test_what_is_not_marked_as_writable_is_neither_noted_nor_written(run, server, database):
    with pytest.raises(CommandError, match="Meter 1 has no writable tag at holding:5:uint16"):
        run("write", "METER-1", READ_ONLY, 1)
    assert server.data_bank.get_holding_registers(5) == [105]
    with database.transaction() as connection:
        assert audit_page(connection, AuditFilter(table="device_writes"), 10) == []


def test_a_value_that_does_not_fit_is_refused_in_words(run, server):
    with pytest.raises(Refused, match="70000"):
        run("write", "METER-1", WRITABLE, 70000)
    assert server.data_bank.get_holding_registers(4) == [104]


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["identify", "NOWHERE"], "No device has the id 'NOWHERE'"),
        (["browse", "METER-1"], "Modbus TCP offers nothing of the kind."),
        (["scan", "METER-1", "--units", "1-2", "--table", "coil"], "not both"),
    ],
)
def test_what_cannot_be_asked_is_one_sentence(run, arguments, why):
    with pytest.raises(CommandError, match=why):
        run(*arguments)


@pytest.mark.parametrize("span", ["9-1", "x", "1-", "-1", "٣"])
def test_a_range_that_is_none_is_bad_usage(span, capsys):
    parser = argparse.ArgumentParser()
    COMMAND.add_arguments(parser)
    with pytest.raises(SystemExit):
        parser.parse_args(["scan", "METER-1", f"--units={span}"])
    assert "argument --units" in capsys.readouterr().err


def test_a_device_that_is_gone_is_the_drivers_own_sentence(run, server):
    server.stop()
    with pytest.raises(LineLost, match="refused the connection"):
        run("identify", "METER-1")


def test_an_operator_asks_nothing(run, database):
    with database.transaction() as connection:
        connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
        connection.exec_driver_sql("UPDATE app.users SET role = 'operator'")
    with pytest.raises(CommandError, match="Operators ask nothing of devices"):
        run("registers", "METER-1", "holding", 0)
