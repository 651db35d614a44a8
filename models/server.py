"""The embedded PostgreSQL: created, started and adopted by the programs that need it, stopped by the last.

Window, station and command line share one server in one data folder. Each counts itself in with a lock that
dies with it; the last to leave stops the server. It listens on a Unix socket in a private folder (on Windows
on 127.0.0.1 with a generated password) and never beyond this machine.
"""

import socket
import sys
import time
from pathlib import Path
from urllib.parse import quote

import psycopg

from models.cluster import DATABASE, OWNER, Cluster
from models.errors import DatabaseAway, NeedsSetup
from models.file_lock import Attendance, FileLock, LockTimeout
from models.logins import LOCAL_STATION

_START_TIMEOUT_S = 60.0  # Recovery after a power cut replays up to max_wal_size.
_POLL_S = 0.01
_PORT = 5432  # Part of the socket's file name only; on Windows a free one is chosen at creation.


class EmbeddedServer:
    """One user's hold on the server of one folder. Use from one thread at a time."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder.absolute()
        self._cluster = Cluster(self._folder)
        self._attendance = Attendance(self._folder / "users")

    def ensure_running(self) -> str:
        """Create, start or adopt the server, count this user in, and return its URL.

        Raises:
            NeedsSetup: No room, no binaries, folder of another version, or no right to start it.
            DatabaseAway: It did not answer within a minute; the text ends with its last words.
        """
        self._make_folder()
        with self._locked():
            self._attendance.enter()
            try:
                self._bring_up()
            except BaseException:
                self._attendance.leave()
                raise
        return self.url()

    def release(self) -> None:
        """Count this user out; stop the server if nobody else is left. Safe twice."""
        if not self._folder.is_dir():
            return
        with self._locked():
            self._attendance.leave()
            if not self._attendance.is_anybody_here() and self._is_process_alive():
                self._cluster.shut_down()

    def stop(self) -> bool:
        """Stop the server whoever uses it; return whether one was running."""
        if not self._cluster.is_created():
            return False
        with self._locked():
            self._attendance.leave()
            if not self._is_process_alive():
                return False
            self._cluster.shut_down()
            return True

    def is_running(self) -> bool:
        """Whether the server of this folder accepts connections now."""
        return self._cluster.is_created() and self._answers()

    def is_created(self) -> bool:
        """Whether the folder holds a database."""
        return self._cluster.is_created()

    def url(self) -> str:
        """Return the URL of the console's database on this server, running or not. Holds no password."""
        return self._url(DATABASE)

    def station_url(self) -> str:
        """Return the URL under which this server's own station comes. Holds no password."""
        return self._url(DATABASE, LOCAL_STATION)

    def station_password(self) -> str | None:
        """Return what the station's login must be given (Windows); None where the system vouches for it."""
        return self._cluster.station_password()

    def _url(self, database: str, login: str = OWNER) -> str:
        if sys.platform == "win32":
            place = quote(str(self._cluster.password_file), safe="")
            return f"postgresql://{login}@127.0.0.1:{self._port()}/{database}?passfile={place}"
        return f"postgresql://{login}@/{database}?host={quote(str(self._cluster.socket_folder), safe='/')}"

    def _make_folder(self) -> None:
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._folder.chmod(0o700)
        except OSError as error:
            raise NeedsSetup(
                f"The folder {self._folder} cannot be made or made private ({error.strerror}); "
                "choose another with --data."
            ) from error

    def _locked(self) -> FileLock:
        try:
            return FileLock(self._folder / "server.lock").acquire(_START_TIMEOUT_S + 10)
        except LockTimeout as error:
            raise DatabaseAway(
                f"Another program has been starting or stopping the database in {self._folder} for over "
                "a minute; end it, then try again."
            ) from error

    def _bring_up(self) -> None:
        mark = self._folder / "port"  # written once there is a database, and never removed
        if not self._cluster.is_created():
            if mark.exists():
                # A new one in its place would take what stations kept for the old one, and know nobody.
                raise NeedsSetup(
                    f"The database that was in {self._cluster.data} is gone: mount its disk, or put the "
                    f"folder back. To begin with an empty database, remove the file {mark}."
                )
            self._cluster.create()
            mark.write_text(str(_free_port()), encoding="ascii")
        elif self._answers():
            if not self._cluster.is_configured():
                self._cluster.configure(self._port())
                with self._connect() as connection:
                    connection.execute("SELECT pg_reload_conf()")
            return
        else:
            self._cluster.check_version()
        self._start()
        self._ensure_database()

    def _start(self) -> None:
        """Launch the server unless it is coming up, or its last processes are just leaving; await it."""
        deadline = time.monotonic() + _START_TIMEOUT_S
        is_launched = False
        while not self._answers():
            is_dead = not self._is_process_alive()
            if is_dead and not is_launched:
                self._forget_dead_server()
                self._launch()
                is_launched = True
            elif (is_dead and sys.platform != "win32") or time.monotonic() > deadline:
                what = "stopped at once" if is_dead else f"gave no answer within {_START_TIMEOUT_S:.0f} s"
                raise DatabaseAway(f"The database in {self._folder} {what}. {self._last_words()}")
            time.sleep(_POLL_S)

    def _launch(self) -> None:
        self._cluster.configure(self._port())
        if sys.platform == "win32":
            self._cluster.launch(None)
            return
        with FileLock(self._folder / "alive.lock") as life:
            self._cluster.launch(life.descriptor)

    def _is_process_alive(self) -> bool:
        """Whether any process of this server lives, ready or not."""
        if sys.platform == "win32":
            return self._answers()
        life = FileLock(self._folder / "alive.lock")
        if life.try_acquire():
            life.release()
            # The lock is free also where somebody started the server by hand.
            return self._answers()
        return True

    def _forget_dead_server(self) -> None:
        # PostgreSQL refuses to start while the process id in postmaster.pid lives, and after a reboot or in
        # a container that id may be anybody's, or a dead process that nobody buries. Nobody holds the life
        # lock and nobody answers: it is stale. Should a backend yet live, PostgreSQL still finds its shared
        # memory in use and refuses.
        (self._cluster.data / "postmaster.pid").unlink(missing_ok=True)
        if sys.platform != "win32":
            (self._cluster.socket_folder / f".s.PGSQL.{_PORT}.lock").unlink(missing_ok=True)

    def _answers(self) -> bool:
        try:
            lines = (self._cluster.data / "postmaster.pid").read_text(encoding="utf-8").splitlines()
        except FileNotFoundError:
            return False
        if len(lines) < 8 or lines[7].strip() != "ready":
            return False
        try:
            with self._connect() as connection:
                row = connection.execute("SHOW data_directory").fetchone()
        except psycopg.OperationalError:
            return False
        return row is not None and Path(str(row[0])) == self._cluster.data

    def _ensure_database(self) -> None:
        with self._connect() as connection:
            known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (DATABASE,)).fetchone()
            if known is None:
                connection.execute(f'CREATE DATABASE "{DATABASE}"')

    def _connect(self) -> "psycopg.Connection[tuple[object, ...]]":
        return psycopg.connect(self._url("postgres"), connect_timeout=5, autocommit=True)

    def _port(self) -> int:
        if sys.platform != "win32":
            return _PORT
        return int((self._folder / "port").read_text(encoding="ascii"))

    def _last_words(self) -> str:
        for path in (self._cluster.start_log, *sorted(self._cluster.log.glob("postgresql-*.log"))):
            if path.is_file():
                lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
                told = [line for line in lines if "FATAL" in line or "PANIC" in line]
                if told:
                    return f"Its last words: {told[-1].split(': ', 1)[-1].strip()}"
        return f"Its log is in {self._cluster.log}."


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
