"""The proxy that is a bad network, against a server that answers with what it was told."""

import socket
import socketserver
import threading
import time
from collections.abc import Iterator

import pytest

from console.bench.faults_proxy import Proxy

SHORT_S = 0.2
LONG_S = 10.0


class _Echo(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        while data := self.request.recv(1024):
            self.request.sendall(data)


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True

    def handle_error(self, request, client_address) -> None:
        """A line that was cut is what these tests are about."""


@pytest.fixture
def network() -> Iterator[Proxy]:
    with _Server(("127.0.0.1", 0), _Echo) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        proxy = Proxy(server.server_address)
        proxy.start()
        yield proxy
        proxy.stop()
        server.shutdown()
        thread.join()


@pytest.fixture
def line(network: Proxy) -> Iterator[socket.socket]:
    with socket.create_connection(("127.0.0.1", network.port), LONG_S) as connected:
        assert said(connected, b"first") == b"first"
        yield connected


def said(line: socket.socket, words: bytes, within_s: float = LONG_S) -> bytes:
    line.settimeout(within_s)
    line.sendall(words)
    return line.recv(1024)


def said_until_refused(line: socket.socket) -> None:
    """A reset may come only after what was sent meanwhile was taken."""
    said(line, b"gone")
    said(line, b"gone")


def connect_and_say(network: Proxy) -> None:
    with socket.create_connection(("127.0.0.1", network.port), LONG_S) as another:
        said_until_refused(another)


@pytest.mark.parametrize("ways", [{}, {"up": False}, {"down": False}], ids=["both", "down", "up"])
def test_a_stalled_line_is_silent_and_delivers_once_it_is_healed(network, line, ways):
    network.stall(**ways)
    with pytest.raises(TimeoutError):
        said(line, b"held", SHORT_S)
    network.heal()
    line.settimeout(LONG_S)
    assert line.recv(1024) == b"held"


def test_a_line_that_is_cut_is_reset_and_a_new_one_refused_until_healed(network, line):
    network.cut(is_refusing=True)
    with pytest.raises(ConnectionError):
        said_until_refused(line)
    with pytest.raises(ConnectionError):
        connect_and_say(network)
    network.heal()
    with socket.create_connection(("127.0.0.1", network.port), LONG_S) as another:
        assert said(another, b"back") == b"back"


def test_a_line_that_is_half_closed_ends_without_a_reset(network, line):
    network.half_close()
    line.settimeout(LONG_S)
    assert line.recv(1024) == b""


def test_a_slow_line_takes_its_time(network, line):
    network.slow_down(0.05)
    began_s = time.monotonic()
    assert said(line, b"late") == b"late"
    assert time.monotonic() - began_s >= 2 * 0.05


def test_a_narrow_line_passes_so_many_bytes_a_second(network, line):
    network.slow_down(0.0, 5_000.0)
    began_s = time.monotonic()
    assert said(line, bytes(500))
    assert time.monotonic() - began_s >= 0.2


def test_a_garbled_line_changes_a_byte(network, line):
    network.garble(1.0)
    assert said(line, b"words") not in (b"words", b"")
