"""A PostgreSQL of the system's packages, run by a test: the oldest we support, and one that speaks TLS."""

import getpass
import os
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import psycopg
import pytest

from tests.certificates import Authority, Shown

BINARIES = Path("/usr/lib/postgresql/15/bin")

IS_INSTALLED = (BINARIES / "postgres").exists()
WHY_NOT = "PostgreSQL 15 is not installed (apt-get install postgresql-15)"
needs_system_postgres = pytest.mark.skipif(not IS_INSTALLED, reason=WHY_NOT)

TRUSTING = """\
local   all all trust
hostssl all all all scram-sha-256
host    all plain all password
host    all all all scram-sha-256
"""
ASKING = "local all {owner} trust\nlocal all all scram-sha-256\n"
FOLLOWED = TRUSTING + "local replication all trust\n"
"""Who may come in how (pg_hba.conf): anybody here; all but the owner with a password; standbys as well."""

_ROOM_IN_MEMORY = 4 << 30


def quick_folder() -> str | None:
    """Return where databases of tests may lie in memory, None where they must lie on the disk.

    Each test that commits gets a copy of a whole database: in memory that takes a third of the time or less.
    """
    memory = Path("/dev/shm")
    is_roomy = memory.is_dir() and shutil.disk_usage(memory).free > _ROOM_IN_MEMORY
    return str(memory) if is_roomy else None


class SystemPostgres:
    """One server in a folder of its own: on a Unix socket for its owner, on 127.0.0.1 for passwords."""

    def __init__(self, folder: Path, access: str = TRUSTING, leader: "SystemPostgres | None" = None) -> None:
        is_root = os.geteuid() == 0
        self.folder = folder
        self.owner = "postgres" if is_root else getpass.getuser()
        self._prefix = (
            ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"] if is_root else []
        )
        shutil.chown(folder, self.owner)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = int(probe.getsockname()[1])
        if leader is None:
            words = ("--no-sync", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8")
            self._run("initdb", "-U", self.owner, *words)
        else:
            # -R: it follows whom it was copied from.
            self._run("pg_basebackup", "-d", leader.owner_url, "-R", "--checkpoint=fast", "--no-sync")
        (folder / "data" / "pg_hba.conf").write_text(access.format(owner=self.owner), encoding="ascii")

    def start(self, settings: Mapping[str, str] | None = None) -> None:
        """Start it; `settings` are server parameters."""
        given = {
            "listen_addresses": "127.0.0.1",
            "port": str(self.port),
            "unix_socket_directories": str(self.folder),
            "fsync": "off",
            "dynamic_shared_memory_type": "mmap",  # in its folder, so that nothing is left of who was killed
            **(settings or {}),
        }
        text = "".join(f"{name} = '{value}'\n" for name, value in given.items())
        (self.folder / "data" / "postgresql.auto.conf").write_text(text, encoding="utf-8")
        self._run("pg_ctl", "start", "-w")

    def stop(self) -> None:
        """Stop it at once."""
        self._run("pg_ctl", "stop", "-m", "immediate")

    def restart(self, settings: Mapping[str, str] | None = None) -> None:
        """Stop and start it with other settings."""
        self.stop()
        self.start(settings)

    def restore(self) -> None:
        """Run with its first settings, whatever a test did to it."""
        (self.folder / "data" / "standby.signal").unlink(missing_ok=True)
        if (self.folder / "data" / "postmaster.pid").exists():
            self.stop()
        self.start()

    def show(self, shown: Shown) -> Mapping[str, str]:
        """Put a certificate in place; return the settings that make the server speak TLS with it."""
        for name, content in (("server.crt", shown.certificate), ("server.key", shown.key)):
            file = self.folder / "data" / name
            file.write_bytes(content)
            file.chmod(0o600)
            shutil.chown(file, self.owner)
        return {"ssl": "on"}

    @property
    def owner_url(self) -> str:
        """The owner's way in, on the socket."""
        return self.url_of("postgres")

    def url_of(self, database: str) -> str:
        """The owner's way into one database, on the socket."""
        return f"postgresql://{self.owner}@/{database}?host={self.folder}&port={self.port}"

    def follow(self, leader: "SystemPostgres") -> None:
        """Start it as the standby of `leader`, which from then on waits for it at every commit."""
        way = f"host={leader.folder} port={leader.port} user={leader.owner} application_name=standby"
        self.start({"primary_conninfo": way})
        leader.run("ALTER SYSTEM SET synchronous_standby_names = 'standby'")
        leader.run("SELECT pg_reload_conf()")
        with psycopg.connect(leader.owner_url, autocommit=True) as connection:
            state = b"SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'sync'"
            while connection.execute(state).fetchone() != (1,):
                pass

    def promote(self) -> None:
        """Make a standby the leader; returns when it is."""
        self._run("pg_ctl", "promote", "-w")

    def processes(self) -> list[int]:
        """Return the server's processes, the first of them first."""
        first = int((self.folder / "data" / "postmaster.pid").read_text().split()[0])
        return [first, *map(int, Path(f"/proc/{first}/task/{first}/children").read_text().split())]

    def kill(self) -> None:
        """End every process at once, as a power cut does."""
        for process in self.processes():
            os.kill(process, signal.SIGKILL)
        (self.folder / "data" / "postmaster.pid").unlink()

    def run(self, statement: str) -> list[tuple[object, ...]]:
        """Run one statement as the owner; returns rows, if it has any."""
        with psycopg.connect(self.owner_url, autocommit=True) as connection:
            done = connection.execute(statement.encode())
            return done.fetchall() if done.description else []

    def log(self) -> str:
        """Return what it logged so far."""
        return (self.folder / "log").read_text(encoding="utf-8")

    def _run(self, name: str, *arguments: str) -> None:
        data = str(self.folder / "data")
        with (self.folder / "log").open("a", encoding="utf-8") as log:
            subprocess.run(
                [*self._prefix, str(BINARIES / name), "-D", data, *arguments],
                check=True,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.folder,
                env={**os.environ, "LC_ALL": "C"},
            )


class EncryptedPostgres:
    """A server that speaks TLS under a name which is not this computer's, and who certified it.

    Attributes:
        server: The server itself.
        authority: Whom its certificate comes from.
        trusted: File with the authority's own certificate: `database_ca` of who trusts it.
    """

    host = "db.console.test"

    def __init__(self, server: SystemPostgres) -> None:
        self.server = server
        self.authority = Authority()
        self.trusted = str(self.authority.write(server.folder / "authority.pem"))
        server.start(self._settings(self.authority.certify(self.host)))

    def url(self, login: str = "", query: str = "", database: str = "postgres") -> str:
        """Return an address as somebody on another computer would write it; `login` is "name:password"."""
        at = quote(login, safe=":") + "@" if login else ""
        return f"postgresql://{at}{self.host}:{self.server.port}/{database}?hostaddr=127.0.0.1{query}"

    def restore(self) -> None:
        """Run with its first settings, whatever a test did to it."""
        (self.folder / "data" / "standby.signal").unlink(missing_ok=True)
        if (self.folder / "data" / "postmaster.pid").exists():
            self.stop()
        self.start()

    def show(self, shown: Shown) -> None:
        """Show another certificate from now on."""
        self.server.restart(self._settings(shown))

    def show_own(self) -> None:
        """Show a good certificate again."""
        self.show(self.authority.certify(self.host))

    def _settings(self, shown: Shown) -> Mapping[str, str]:
        # Of 8 connections PostgreSQL keeps 3 for superusers: few enough to fill.
        return {**self.server.show(shown), "max_connections": "8", "log_connections": "on"}


@contextmanager
def system_postgres(access: str = TRUSTING, leader: SystemPostgres | None = None) -> Iterator[SystemPostgres]:
    """Give out a server that is not started yet, a copy of `leader` if named; gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="console-system-", dir=quick_folder()) as folder:
        server = SystemPostgres(Path(folder), access, leader)
        try:
            yield server
        finally:
            if (server.folder / "data" / "postmaster.pid").exists():
                server.stop()
