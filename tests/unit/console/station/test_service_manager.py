import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from console.station.service_manager import ServiceManager


@pytest.fixture
def listener(tmp_path: Path) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind(str(tmp_path / "notify.sock"))
        listening.settimeout(5.0)
        yield listening


def test_a_service_manager_is_told_everything_in_its_own_words(listener: socket.socket) -> None:
    manager = ServiceManager(listener.getsockname())
    manager.ready()
    manager.alive()
    manager.status("98 of 100 devices answer.\nAnd so on.")
    manager.stopping()
    assert [listener.recv(1000).decode() for _ in range(4)] == [
        "READY=1",
        "WATCHDOG=1",
        "STATUS=98 of 100 devices answer. And so on.",
        "STOPPING=1",
    ]


def test_an_abstract_address_begins_with_an_at_sign() -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind("\0console-test-notify")
        listening.settimeout(5.0)
        ServiceManager("@console-test-notify").ready()
        assert listening.recv(1000) == b"READY=1"


def test_children_do_not_inherit_the_address(
    listener: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NOTIFY_SOCKET", listener.getsockname())
    assert ServiceManager.from_environment().is_there
    assert not ServiceManager.from_environment().is_there


def test_one_that_has_gone_or_does_not_read_stops_nobody(listener: socket.socket) -> None:
    manager = ServiceManager(listener.getsockname())
    for _ in range(1000):
        manager.alive()
    listener.close()
    manager.alive()
    ServiceManager().alive()
