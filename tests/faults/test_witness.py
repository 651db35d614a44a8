"""The witness itself: it knows who asked, though it was too busy to look before that process was dead."""

import socket
import subprocess
import sys
from collections.abc import Iterator

import pytest

from console.bench.faults_devices import Witness

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")

CONNECTS = """
import socket, sys
ends = [socket.create_connection(("127.0.0.1", int(sys.argv[1]))) for _ in range(2)]
print("connected", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def device() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield listening


@pytest.fixture
def station(device: socket.socket) -> Iterator["subprocess.Popen[bytes]"]:
    """A process that has connected twice, which nobody has accepted yet."""
    command = [sys.executable, "-c", CONNECTS, str(device.getsockname()[1])]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"connected\n"
        yield process
        process.kill()


def accepted(witness: Witness, device: socket.socket) -> None:
    connection, peer = device.accept()
    with connection:
        witness.connected(peer, connection.getsockname())


def test_who_lives_is_found_among_the_processes_that_are_stations(device, station) -> None:
    witness = Witness(1)
    accepted(witness, device)
    witness.add_station(station.pid)
    accepted(witness, device)
    assert witness.stations == [0, station.pid]


def test_who_was_killed_before_it_was_accepted_is_named_all_the_same(device, station) -> None:
    witness = Witness(1)
    witness.add_station(station.pid)
    witness.name(station.pid)
    station.kill()
    station.wait()
    accepted(witness, device)
    assert witness.stations == [station.pid]
