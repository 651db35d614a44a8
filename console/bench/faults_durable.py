"""What a dead station's spool holds: with the database, everything that was durable when it died."""

import shutil
import sqlite3
import tempfile
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

from console.bench.faults_witness import sequence_of
from console.station.spool.block import BlockDamaged, readings_of
from models.records.device import DeviceId

_FOLDER = "spool"


def durable_in_spool(data_dir: Path, devices: Mapping[DeviceId, int]) -> set[tuple[int, int]]:
    """Return device and number of every answer that lies in the spool.

    Looks at a copy: opening the file itself would tidy up what the station left behind.

    Args:
        data_dir: Of a station that does not run.
        devices: How the devices count themselves, by the database's number.
    """
    found: set[tuple[int, int]] = set()
    with tempfile.TemporaryDirectory(prefix="faults-spool-") as folder:
        for file in (data_dir / _FOLDER).glob("spool.sqlite*"):
            shutil.copy(file, folder)
        copy = Path(folder) / "spool.sqlite"
        if not copy.exists():
            return found
        try:
            with closing(sqlite3.connect(copy)) as connection:
                for (payload,) in connection.execute("SELECT payload FROM blocks"):
                    found |= _answers_in(bytes(payload), devices)
        except sqlite3.DatabaseError:
            pass  # Nothing in it is durable, and the verdict says what that cost.
    return found


def _answers_in(payload: bytes, devices: Mapping[DeviceId, int]) -> set[tuple[int, int]]:
    try:
        readings = readings_of(payload)
    except BlockDamaged:
        return set()  # Whoever reads it next sets it aside, and the verdict calls it lost.
    told = ((devices[reading.device], reading.values) for reading in readings)
    return {
        (index, sequence) for index, values in told if (sequence := sequence_of(index, values)) is not None
    }
