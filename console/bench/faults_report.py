"""Listens to what a station tells the windows of its computer, as a window would."""

import os
import socket
import time

from console.bench.faults_database import FaultDatabase
from console.bench.faults_station import StationProcess
from console.link.frames import FrameReader, frame_from_message
from console.link.messages import PROTOCOL, Hello
from console.version import VERSION
from models.queries.tickets import issue_ticket
from models.records.station import StationReport

_WITHIN_S = 30.0
_PAUSE_S = 0.2
_CHUNK = 65_536


class Watcher:
    """One window's ear. Shows its ticket once while the database is there, so that it is good without it."""

    def __init__(self, station: StationProcess, database: FaultDatabase) -> None:
        """Get a ticket and be let in; waits for the station to have found its database."""
        with database.owner.transaction() as connection:
            self._ticket = issue_ticket(connection, "fault suite").token
        self._address = station.settings.socket_name("station")
        self.report()

    def report(self) -> StationReport:
        """Return the next report. Raises TimeoutError where there is none."""
        deadline_s = time.monotonic() + _WITHIN_S
        while time.monotonic() < deadline_s:
            found = self._next_report(deadline_s)
            if found is not None:
                return found
            time.sleep(_PAUSE_S)
        raise TimeoutError(f"The station told nothing of itself within {_WITHIN_S:.0f} s")

    def _next_report(self, deadline_s: float) -> StationReport | None:
        """Connect and listen; None where the station closed, because it cannot check the ticket yet."""
        frames = FrameReader()
        greeting = Hello(PROTOCOL, "fault suite", VERSION, os.getpid(), self._ticket)
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line:
            try:
                line.connect(self._address)
                line.sendall(frame_from_message(greeting))
                while time.monotonic() < deadline_s:
                    line.settimeout(max(0.1, deadline_s - time.monotonic()))
                    data = line.recv(_CHUNK)
                    if not data:
                        return None
                    for message in frames.feed(data):
                        if isinstance(message, StationReport):
                            return message
            except OSError:
                return None
        return None
