"""A host is a name or an address, whatever it was typed into."""

import pytest
from pydantic import ValidationError

from console.catalogue.device_plan import StoredDevices
from console.catalogue.device_planning import plan_from_grid
from console.catalogue.document import checked_row
from console.catalogue.sheet_file import Grid
from console.widgets.spec_form_check import faults_of
from drivers.host_names import host_from_text
from drivers.modbus.settings import ModbusTcpSettings
from drivers.modbus.spec import MODBUS_TCP
from drivers.opcua.settings import OpcuaSettings


@pytest.mark.parametrize(
    "host",
    [
        "10.0.0.7",
        "plc",
        "plc-7.hall-a.example.",
        "3com",
        "PLC_7",
        "prüfstand.example",
        "::1",
        "fe80::1%eth0",
    ],
)
def test_names_and_addresses_are_taken(host: str) -> None:
    assert host_from_text(f" {host} ") == host


@pytest.mark.parametrize(
    ("host", "says"),
    [
        ("43423", "'43423' is neither a host name nor an address"),
        ("10.0.0", "four numbers of 0 to 255"),
        ("10.0.0.300", "four numbers of 0 to 255"),
        ("010.0.0.7", "without zeros in front"),
        ("0x7f000001", "neither a host name nor an address"),
        ("10.0.0.7:503", "holds a port; give 10.0.0.7 as host and 503 as port"),
        ("http://10.0.0.7", "give the host alone"),
        ("[fe80::7]", "has brackets"),
        ("fe80::zz", "is no address"),
        ("a..b", "nothing between two dots"),
        ("-plc", "no host name"),
        ("plc\0", "no host name"),
        ("pump 7", "no host name"),
        (".".join(["a" * 63] * 4), "255 characters"),
        ("a" * 64, "64 characters between two dots"),
        ("  ", "must not be empty"),
    ],
)
def test_what_can_be_neither_is_refused_with_its_reason(host: str, says: str) -> None:
    with pytest.raises(ValueError, match=says.replace(".", r"\.")):
        host_from_text(host)


def test_every_way_in_refuses_digits_with_the_same_sentence() -> None:
    with pytest.raises(ValueError, match="neither") as said:
        host_from_text("43423")
    sentence = str(said.value)
    grid = Grid(
        ("device_id", "name", "type", "location", "driver", "host", "metric", "address"),
        ((2, ("P", "P", "pump", "Hall", "modbus-tcp", "43423", "rpm", "holding:1")),),
    )
    (planned,) = plan_from_grid(grid, StoredDevices()).devices
    row = {"device_id": "P", "name": "P", "type": "pump", "location": "Hall", "driver": "modbus-tcp"}
    faults, _ = checked_row(
        {**row, "connection": {"host": "43423"}, "tags": [{"metric": "rpm", "address": "holding:1"}]}
    )
    form = faults_of(MODBUS_TCP.settings_type, (), {"host": "43423"})

    assert [(fault.where, fault.text) for fault in planned.faults] == [("F2", sentence)]
    assert faults == [("connection.host", sentence)]
    assert sentence in str(form)
    with pytest.raises(ValidationError, match="neither a host name"):
        ModbusTcpSettings(host="43423")
    with pytest.raises(ValidationError, match="Host '43423' is neither a host name"):
        OpcuaSettings(endpoint="opc.tcp://43423:4840")
