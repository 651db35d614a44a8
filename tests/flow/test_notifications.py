"""Real station processes and a real alert: a station is killed while it sends, another sends it once."""

import json
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from models.queries.notification_deliveries import load_deliveries
from models.records.notification import DeliveryState, Security
from tests.unit.console.station.notifications.servers import HOST, hostile_server
from tests.unit.models.notification_parts import (
    MAIL,
    add_channel,
    add_device,
    add_rule,
    happen,
    pass_seconds,
)

ROOT = Path(__file__).resolve().parents[2]
DEADLINE_S = 60.0

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals and Unix sockets")


class Postman:
    """A mail server that hangs at its first visitor, and is a good one from the second on."""

    def __init__(self) -> None:
        self.visited = threading.Event()
        self.taken = threading.Event()
        self.mails: list[bytes] = []

    def __call__(self, talker) -> None:
        if not self.visited.is_set():
            self.visited.set()
            talker.hang()
            return
        talker.say("220 here\r\n")
        while command := talker.hear().upper():
            if command.startswith(b"DATA"):
                talker.say("354 go on\r\n")
                self.mails.append(talker.hear(b"\r\n.\r\n"))
                talker.say("250 kept\r\n")
                self.taken.set()
            elif command.startswith(b"QUIT"):
                talker.say("221 bye\r\n")
                return
            else:
                talker.say("250 fine\r\n")


@pytest.fixture
def station(tmp_path, database_url):
    """`station(name)` starts a station process of this name, with a data folder of its own."""
    processes = []

    def start(name):
        command = [sys.executable, str(ROOT / "main.py"), "--data", str(tmp_path / name), "station"]
        environment = {**os.environ, "CONSOLE_DATABASE_URL": database_url, "CONSOLE_STATION": name}
        pipe = subprocess.PIPE
        process = subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, text=True, env=environment)
        processes.append(process)
        assert json.loads(process.stdout.readline())["event"] == "ready"
        return process

    yield start
    for process in processes:
        with process:
            process.kill()


def states(database):
    with database.transaction() as connection:
        return [(one.state, one.attempts) for one in load_deliveries(connection)]


def test_a_message_of_a_killed_station_is_sent_once_by_another(database, station, wait_for):
    postman = Postman()
    with hostile_server(postman) as port:
        with database.transaction() as connection:
            channel = add_channel(connection, MAIL, host=HOST, port=port, security=Security.NONE)
            add_rule(connection, channel, addresses=("anna@plant.example",))
            happen(connection, add_device(connection)[0])
        first = station("first")
        assert postman.visited.wait(DEADLINE_S)
        first.kill()
        first.wait()
        assert states(database) == [(DeliveryState.SENDING, 1)]

        with database.transaction() as connection:
            pass_seconds(connection, 91)
        station("second")
        assert postman.taken.wait(DEADLINE_S)
        wait_for(lambda: states(database) == [(DeliveryState.SENT, 2)])
    assert len(postman.mails) == 1
    assert b"Message-ID: <" in postman.mails[0]


@pytest.fixture
def wait_for():
    """Wait for a condition that other processes bring about."""

    def wait(condition):
        deadline, pause = time.monotonic() + DEADLINE_S, threading.Event()
        while not condition():
            assert time.monotonic() < deadline, "the condition never came true"
            pause.wait(0.05)

    return wait
