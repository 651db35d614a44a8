"""What is known of every way of delivering firmware, before any device is reached."""

import subprocess
import sys

import pytest

from drivers.firmware.registry import WAYS, way_of
from drivers.firmware.target import FirmwareWay
from drivers.registry import DRIVERS

_CODE = """
import sys
from drivers.firmware.registry import WAYS
assert all(way.profile_type.model_json_schema() for way in WAYS)
print([name for name in ("asyncua", "pymodbus", "serial") if name in sys.modules])
"""


def test_no_protocol_library_is_loaded_to_know_the_ways() -> None:
    said = subprocess.run([sys.executable, "-c", _CODE], capture_output=True, text=True, check=False)
    assert (said.stdout.strip(), said.stderr) == ("[]", "")


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.kind)
def test_a_way_reaches_devices_of_protocols_that_exist(way: FirmwareWay) -> None:
    assert way_of(way.kind) is way
    assert way.drivers <= {spec.kind for spec in DRIVERS}


def test_a_way_that_does_not_exist_is_named_with_those_that_do() -> None:
    with pytest.raises(KeyError, match="'pigeon'; there are opcua-software-update"):
        way_of("pigeon")
