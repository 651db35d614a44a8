from dataclasses import replace

from console.panels.device_face.device_facts import (
    connection_rows,
    limits_line,
    neighbour,
    scaling_text,
    tag_rows,
    threshold_rows,
)
from models.quantities import Quantities
from models.records.device import DeviceId, Tag
from models.records.signal import Signal, SignalId
from models.records.threshold import Severity, Threshold, ThresholdId
from tests.unit.console.panels.plant_scene import make_device, make_thresholds

MODBUS, OPCUA = make_device(2), make_device(1)


def test_connection_is_said_in_words_with_units():
    assert connection_rows(MODBUS) == [
        ("Protocol", "Modbus TCP"),
        ("Address", "127.0.0.1:1502"),
        ("Unit id", "2"),
        ("Time-out", "1 s"),
        ("Polled every", "1 s"),
    ]
    assert ("Security", "none") in connection_rows(OPCUA)


def test_serial_port_is_an_address_and_secrets_are_not_shown():
    connection = {
        "serial_port": "/dev/ttyUSB0",
        "client_private_key": {"$sealed": {"key": "1"}},
        "client_certificate": "-" * 500,
    }
    rows = dict(connection_rows(replace(MODBUS, driver="modbus-rtu", connection=connection)))
    assert rows["Protocol"] == "Modbus RTU (serial)"
    assert rows["Address"] == "/dev/ttyUSB0"
    assert "Client private key" not in rows
    assert len(rows["Client certificate"]) < 100


def test_tags_stand_in_the_order_of_the_metrics_with_their_scale():
    assert [row[0] for row in tag_rows(MODBUS)] == ["Temperature", "Humidity", "Power"]
    assert scaling_text(Tag("rpm", "holding:1", 0.1, -4)) == "× 0.1 − 4"
    assert scaling_text(Tag("rpm", "holding:1")) == "as read"


def test_limits_are_listed_by_metric_worst_first():
    rows = threshold_rows(make_thresholds(MODBUS))

    assert [(row[0], row[1]) for row in rows[:3]] == [
        ("Critical", "Temperature"),
        ("Warning", "Temperature"),
        ("Warning", "Humidity"),
    ]
    assert rows[1][3] == ("deadband 1\N{NO-BREAK SPACE}°C", "after 2\N{NO-BREAK SPACE}s")


def test_a_metric_without_limits_says_so():
    assert limits_line([]) == "No limits set"


def test_neighbours_go_round():
    devices = [make_device(1), make_device(2), make_device(3)]

    assert neighbour(devices, DeviceId(3), 1) == 1
    assert neighbour(devices, DeviceId(1), -1) == 3
    assert neighbour(devices, None, 1) == 1
    assert neighbour([], None, 1) is None


def test_tags_and_limits_on_a_signal_read_with_its_label_and_unit():
    flow = Signal("flow", "Flow", "m³/h", 1, (0.0, 500.0), (0.0, 120.0), SignalId(1))
    quantities = Quantities((flow,))
    device = replace(MODBUS, tags=(Tag("flow", "holding:3300:uint16", 0.1), *MODBUS.tags))
    limit = Threshold(ThresholdId(1), device.id, "flow", 20.0, None, Severity.WARNING, deadband=2.0)
    (row,) = threshold_rows([limit], quantities)
    assert tag_rows(device, quantities)[-1][0] == "Flow"
    assert [words.replace("\N{NO-BREAK SPACE}", " ") for words in (*row[:3], *row[3])] == [
        "Warning",
        "Flow",
        "below 20 m³/h",
        "deadband 2 m³/h",
    ]
