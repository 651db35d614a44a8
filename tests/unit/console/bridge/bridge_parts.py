"""What the bridge's tests share: devices, batches, a station that speaks frames, a database that answers."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
from PySide6.QtCore import QObject
from PySide6.QtNetwork import QLocalServer, QLocalSocket

from console.link.frames import FrameReader, frame_from_message
from console.link.messages import PROTOCOL, Hello, LiveBatch, Message, Welcome
from models.errors import DatabaseAway, Refusal, SignInRefused, StorageError
from models.metrics import METRIC_COUNT
from models.records.device import Device, DeviceId, Tag

NOW = 1_800_000_000.0
GREETING = Hello(PROTOCOL, "hall-a", "0.1.0", 1)
WELCOME = Welcome(1, "Ada", "admin", 2_000_000_000.0)
TICKET = "ab" * 32


def device(number: int, location: str = "Hall A", period_s: float = 1.0) -> Device:
    return Device(
        id=DeviceId(number),
        device_id=f"DRIVE-{number:02d}",
        name=f"Drive {number}",
        type="drive",
        location=location,
        driver="modbus-tcp",
        connection={},
        period_s=period_s,
        tags=(Tag("rpm", "holding:1:int16"), Tag("temperature", "holding:2:int16")),
    )


def batch(devices: Sequence[int], at_unix: float, value: float = 20.0) -> LiveBatch:
    count = len(devices)
    return LiveBatch(
        np.array(devices, dtype="<i8").tobytes(),
        np.full(count, at_unix, dtype="<f8").tobytes(),
        np.full((count, METRIC_COUNT), value, dtype="<f8").tobytes(),
        np.zeros(count, dtype="<i2").tobytes(),
    )


class FakeStation(QObject):
    """A server on a local socket that says what the test tells it to."""

    def __init__(self, address: Path) -> None:
        super().__init__()
        self.address = str(address)
        self.heard: list[Message] = []
        self.sockets: list[QLocalSocket] = []
        self.accepted = 0
        self._server = QLocalServer(self)
        self._server.newConnection.connect(self._accept)

    def open(self) -> None:
        QLocalServer.removeServer(self.address)
        assert self._server.listen(self.address), self._server.errorString()

    def close(self) -> None:
        for socket in self.sockets:
            socket.abort()
        self.sockets.clear()
        self._server.close()

    def send(self, *messages: Message) -> None:
        self.send_bytes(b"".join(frame_from_message(message) for message in messages))

    def send_bytes(self, data: bytes) -> None:
        self.sockets[-1].write(data)
        self.sockets[-1].flush()

    def _accept(self) -> None:
        socket = self._server.nextPendingConnection()
        reader = FrameReader()
        socket.readyRead.connect(lambda: self.heard.extend(reader.feed(bytes(socket.readAll().data()))))
        self.sockets.append(socket)
        self.accepted += 1


@dataclass
class Notice:
    channel: str
    payload: str = ""


class FakeDatabase:
    """Lends itself as the connection; `away` and `refusal` make all fail, `say` announces a channel."""

    def __init__(self) -> None:
        self.away = ""
        self.refusal: StorageError | None = None
        self.address = SimpleNamespace(user="u_eva")
        self.passwords: list[str] = []
        self.wrong_password = ""
        self.signed = 0
        self._said = threading.Condition()
        self._notices: list[Notice] = []

    @contextmanager
    def transaction(self) -> Iterator[Any]:
        self._check()
        yield self

    def with_login(self, user: str, password: str) -> "FakeDatabase":
        """Everybody's way in is this one; `passwords` are those that were tried."""
        self.passwords.append(f"{user}: {password}")
        if password != self.wrong_password:
            return self
        nobody = FakeDatabase()
        nobody.refusal = SignInRefused("The database does not accept this.", Refusal.WRONG)
        return nobody

    def close(self) -> None:
        self.signed += 1

    def exec_driver_sql(self, statement: str) -> None:
        del statement

    def listen(self, channels: Sequence[str], stop: threading.Event) -> Iterator[Notice]:
        while not stop.is_set():
            with self._said:
                self._said.wait(0.02)
                heard, self._notices = self._notices, []
            self._check()
            yield from (notice for notice in heard if notice.channel in channels)

    def _check(self) -> None:
        if self.refusal is not None:
            raise self.refusal
        if self.away:
            raise DatabaseAway(self.away)

    def say(self, channel: str) -> None:
        with self._said:
            self._notices.append(Notice(channel))
            self._said.notify()
