"""The database of the fault suite: a PostgreSQL of its own that is killed, frozen, and brought back."""

import os
import secrets
import signal
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import text

from models.cluster import DATABASE
from models.database import Database
from models.passwords import scram_verifier
from models.queries.people import create_station
from models.schema_guard import upgrade_schema
from models.server import EmbeddedServer

_GONE_WITHIN_S = 20.0


class FaultDatabase:
    """One server in one folder. Use from one thread at a time.

    Attributes:
        owner: The way in of whoever set it up.
    """

    def __init__(self, folder: Path) -> None:
        """Keep the folder; starts nothing."""
        self._server = EmbeddedServer(folder)
        self._postmaster_file = folder.absolute() / "cluster" / "postmaster.pid"
        self._frozen: list[int] = []
        self.owner = Database(self._server.url(), "fault suite", pool_size=2)

    @property
    def socket(self) -> Path:
        """The Unix socket that it listens on."""
        folder = self.owner.address.hosts[0][0]
        return Path(folder) / ".s.PGSQL.5432"

    @property
    def name(self) -> str:
        """Of the database."""
        return DATABASE

    def start(self) -> None:
        """Create it, bring its schema up to this build, and close it to strangers."""
        self._server.ensure_running()
        upgrade_schema(self.owner)
        with self.owner.autocommit() as connection:
            # A killed process loses nothing that it wrote; only a cut of power would.
            connection.exec_driver_sql("ALTER SYSTEM SET fsync = off")
            connection.exec_driver_sql("SELECT pg_reload_conf()")
            connection.execute(text("SELECT app.close_database()"))

    def stop(self) -> None:
        """End it, in whatever state it is. Safe twice."""
        self.thaw()
        self.owner.close()
        self._server.stop()

    def enrol(self, station: str) -> str:
        """Make a station's login; return "login:password" as an address takes it."""
        password = secrets.token_urlsafe(16)
        with self.owner.transaction() as connection:
            login = create_station(connection, station, scram_verifier(password)).login
        return f"{login}:{password}"

    def kill(self) -> None:
        """Kill every process of it at once (SIGKILL), and wait until they are gone."""
        pids = self._pids()
        for pid in pids:
            _signal(pid, signal.SIGKILL)
        _wait_for_end(pids)

    def bring_back(self) -> None:
        """Start it again after `kill`."""
        self._server.ensure_running()

    def freeze(self, *, login: str = "") -> None:
        """Stop every process of it (SIGSTOP), or only those that serve a login's sessions."""
        chosen = self._sessions(login) if login else self._pids()
        for pid in chosen:
            _signal(pid, signal.SIGSTOP)
        self._frozen += chosen

    def thaw(self) -> None:
        """Let what was frozen go on."""
        for pid in self._frozen:
            _signal(pid, signal.SIGCONT)
        self._frozen = []

    def is_waiting_for_locks(self) -> bool:
        """Whether any session waits for another's lock."""
        asked = text("SELECT EXISTS (SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock')")
        with self.owner.transaction() as connection:
            return bool(connection.execute(asked).scalar_one())

    def _sessions(self, login: str) -> list[int]:
        asked = text("SELECT pid FROM pg_stat_activity WHERE usename = :login")
        with self.owner.transaction() as connection:
            return [int(pid) for pid in connection.execute(asked, {"login": login}).scalars()]

    def _pids(self) -> list[int]:
        postmaster = int(self._postmaster_file.read_text(encoding="utf-8").splitlines()[0])
        children = Path(f"/proc/{postmaster}/task/{postmaster}/children").read_text(encoding="ascii")
        return [postmaster, *map(int, children.split())]


def _signal(pid: int, number: signal.Signals) -> None:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        pass


def _wait_for_end(pids: Sequence[int]) -> None:
    deadline_s = time.monotonic() + _GONE_WITHIN_S
    while any(_is_alive(pid) for pid in pids):
        if time.monotonic() > deadline_s:
            raise TimeoutError(f"The database's processes are not gone {_GONE_WITHIN_S:.0f} s after a kill")
        time.sleep(0.01)


def _is_alive(pid: int) -> bool:
    """Whether a process runs; one that is dead and not yet buried does not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


@contextmanager
def fault_database(folder: Path) -> Iterator[FaultDatabase]:
    """Start the one in `folder`, or make one; nothing of it runs afterwards."""
    database = FaultDatabase(folder)
    try:
        database.start()
        yield database
    finally:
        database.stop()
