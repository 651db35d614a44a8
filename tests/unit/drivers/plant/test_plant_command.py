"""The command as a process, the way people and the demonstration start it."""

import json
import signal
import subprocess
import sys

import pytest

from drivers.plant.document import plant_document
from drivers.plant.plan import PlantPlan

RUN = """
import argparse, sys
from pathlib import Path
from console.commandline.plant import COMMAND
from console.commandline.command import CommandError
from console.settings import Settings

parser = argparse.ArgumentParser()
COMMAND.add_arguments(parser)
try:
    sys.exit(COMMAND.run(parser.parse_args(), Settings(data_dir=Path(sys.orig_argv[0]).parent)))
except CommandError as error:
    sys.exit(str(error))
"""


def plant(*arguments: object) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", RUN, *map(str, arguments)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def outcome(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    out, err = process.communicate(timeout=20)
    return process.returncode, out, err


@pytest.fixture
def started(tmp_path):
    """A running plant with demonstration faults; its ready line, its document and its process."""
    document = tmp_path / "plant-document.json"
    arguments = ("--modbus-port", 0, "--opcua-port", 0, "--state", tmp_path, "--demo-faults", "--attached")
    process = plant(*arguments, "--document", document)
    yield json.loads(process.stdout.readline()), json.loads(document.read_text()), process
    process.kill()
    process.communicate()


def test_plant_says_where_it_is_takes_faults_from_outside_and_ends_with_its_starter(started, tmp_path):
    ready, document, process = started
    plan = PlantPlan(modbus_ports=tuple(ready["modbus_ports"]), opcua_port=ready["opcua_port"])
    assert document == json.loads(json.dumps(plant_document(plan)))

    code, out, _ = outcome(plant("fault", "DRIVE-02", "slow", "on", "--value", "0.3", "--state", tmp_path))
    assert (code, json.loads(out)) == (0, {"device_id": "DRIVE-02", "kind": "slow", "value": 0.3})
    code, out, _ = outcome(plant("faults", "--control-port", ready["control_port"]))
    assert {fault["device_id"] for fault in json.loads(out)} >= {"PUMP-03", "OVEN-02", "DRIVE-02"}

    # The plant is attached, and communicate() closes its standard input.
    assert outcome(process) == (0, "", "")


@pytest.mark.skipif(sys.platform == "win32", reason="terminating is killing there")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_plant_ends_cleanly_when_told_to(tmp_path, number):
    process = plant("--devices", 1, "--modbus-port", 0, "--state", tmp_path, "--attached")
    process.stdout.readline()
    process.send_signal(number)
    process.wait(timeout=20)
    assert outcome(process) == (0, "", "")


def test_plant_ends_by_itself_after_the_time_given(tmp_path):
    code, out, err = outcome(plant("--devices", 1, "--modbus-port", 0, "--for", 0.1, "--state", tmp_path))
    assert (code, err) == (0, "")
    assert json.loads(out)["opcua_port"] is None


def test_fault_without_a_running_plant_names_the_remedy(tmp_path):
    code, _, err = outcome(plant("fault", "DRIVE-02", "slow", "on", "--state", tmp_path / "nobody"))
    assert code == 1
    assert "No plant was started" in err


def test_impossible_size_is_one_sentence(tmp_path):
    code, _, err = outcome(plant("--devices", 0, "--state", tmp_path))
    assert (code, err.strip()) == (1, "The plant can have 1 to 20000 devices, not 0.")
