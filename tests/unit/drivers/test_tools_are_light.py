"""A window asks every protocol what it offers; what reaches devices is none of its business."""

import subprocess
import sys

_CODE = """
import sys
from drivers.registry import DRIVERS
offered = [spec.tools().offered() for spec in DRIVERS if spec.tools is not None]
assert all(offered)
print([name for name in ("asyncua", "pymodbus", "serial", "drivers.modbus.hub") if name in sys.modules])
"""


def test_no_protocol_library_is_loaded_to_know_what_is_offered():
    said = subprocess.run([sys.executable, "-c", _CODE], capture_output=True, text=True, check=False)
    assert (said.stdout.strip(), said.stderr) == ("[]", "")
