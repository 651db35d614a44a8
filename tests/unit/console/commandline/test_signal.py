"""`main.py signal` on a real database, as it is called; and what exports and limits make of a signal."""

import argparse
import csv
import io
import json
import time
from dataclasses import replace

import pytest

from console.commandline import readings, signal, thresholds
from console.commandline.command import CommandError
from console.settings import Settings
from models.database import Database
from models.metrics import METRIC_COUNT
from models.queries.catalogue import import_devices, load_devices
from models.queries.readings import insert_readings
from models.queries.signals import load_signals
from models.records.device import DeviceId, Tag
from models.records.device_entry import DeviceEntry
from models.records.reading import Reading
from models.records.signal import SignalSample
from tests.unit.console.catalogue.threshold_parts import device, threshold


@pytest.fixture
def database(database_url):
    opened = Database(database_url, "tests")
    yield opened
    opened.close()


@pytest.fixture
def run(capsys, tmp_path, database_url):
    (tmp_path / "data").mkdir()

    def call(command, *arguments):
        parser = argparse.ArgumentParser()
        command.add_arguments(parser)
        assert command.run(parser.parse_args(arguments), Settings(tmp_path / "data", database_url)) == 0
        return capsys.readouterr().out.strip()

    return call


def test_a_signal_is_added_listed_changed_used_and_removed(run, database):
    said = run(signal.COMMAND, "add", "flow", "--label", "Flow", "--unit", "m³/h", "--range", "0:500")
    assert said == "flow was added: Flow in m³/h."
    run(signal.COMMAND, "add", "pump", "--state", "0=Stopped", "--state", "1=Running")
    run(signal.COMMAND, "change", "flow", "--decimals", "1", "--shown", "0:50")
    listed = json.loads(run(signal.COMMAND, "list", "--format", "json"))
    assert [(one["key"], one["decimals"], one["range"], one["shown"], one["states"]) for one in listed] == [
        ("flow", 1, [0, 500], [0, 50], {}),
        ("pump", 0, [0, 1], [0, 1], {"0": "Stopped", "1": "Running"}),
    ]
    assert "0=Stopped, 1=Running" in run(signal.COMMAND, "list")

    tags = (Tag("temperature", "holding:0:int16"), Tag("flow", "holding:1:float32"))
    with database.transaction() as connection:
        limit = threshold(0, metric="flow", max_value=40.0, user_id=None)
        import_devices(connection, [DeviceEntry(replace(device(1), id=DeviceId(0), tags=tags), (limit,))])
        [stored] = load_devices(connection)
        flow = next(one for one in load_signals(connection) if one.key == "flow")
        values = (20.0, *(None,) * (METRIC_COUNT - 1))
        insert_readings(
            connection,
            [Reading(stored.id, time.time() - 1, values, signals=(SignalSample(flow.id, 12.5),))],
        )
    [row] = csv.DictReader(io.StringIO(run(readings.COMMAND, "export")))
    assert (row["temperature"], row["flow"]) == ("20.0", "12.5")
    assert "above 40 m³/h" in run(thresholds.COMMAND, "list")
    assert "Flow" in run(thresholds.COMMAND, "list", "--metric", "flow")
    assert "0 alerts really came" in run(thresholds.COMMAND, "back-test", "1", "--max", "10", "--days", "1")

    run(signal.COMMAND, "remove", "pump")
    assert "pump" not in run(signal.COMMAND, "list")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("add", "flow", "--range", "10"), "--range 10: give two numbers, as 0:100."),
        (("add", "flow", "--state", "on=1"), "--state on=1: give a whole number and its name, as 1=Running."),
        (("change", "flow", "--unit", "l"), "There is no signal flow; main.py signal list shows them all."),
    ],
)
def test_what_cannot_be_is_one_sentence(run, arguments, sentence):
    with pytest.raises(CommandError) as caught:
        run(signal.COMMAND, *arguments)
    assert str(caught.value) == sentence
