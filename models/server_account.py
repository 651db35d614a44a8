"""Under whose name the embedded PostgreSQL runs.

PostgreSQL refuses to run as root. There we start it under an account without rights of its own, which owns
nothing but the server's folders; the one capability CAP_DAC_READ_SEARCH lets it pass through folders that
only root may enter (/root is 0700), instead of opening those folders to everybody.
"""

import getpass
import os
import subprocess
import sys
from functools import cached_property
from pathlib import Path

from models.errors import NeedsSetup

_ACCOUNTS = ("postgres", "nobody")


class ServerAccount:
    """The account of the server of one folder: our own, except where we are root."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._prefix: list[str] | None = None

    @property
    def user(self) -> int:
        """Number of the account (POSIX)."""
        return self._ids[0] if self._ids else os.geteuid()

    def take(self, path: Path) -> None:
        """Give `path`, not what it may link to, to the account."""
        if self._ids is not None:
            os.chown(path, *self._ids, follow_symlinks=False)

    def prefix(self, program: Path) -> list[str]:
        """Return what to put before a command so that it runs under the account.

        Raises:
            NeedsSetup: We are root, and the account cannot reach `program` or the folder.
        """
        if self._ids is None:
            return []
        if self._prefix is None:
            self._prefix = self._found_prefix(program, *self._ids)
        return self._prefix

    def _found_prefix(self, program: Path, user: int, group: int) -> list[str]:
        plain = ["setpriv", f"--reuid={user}", f"--regid={group}", "--clear-groups"]
        passing = [*plain, "--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search"]
        for prefix in (passing, plain):
            if self._reaches(prefix, program):
                return prefix
        raise NeedsSetup(
            f"PostgreSQL refuses to run as root, and another account cannot reach {self._folder} here; "
            "start this program as an ordinary person, or choose a folder everybody may enter with --data."
        )

    def _reaches(self, prefix: list[str], program: Path) -> bool:
        probes = ([str(program), "--version"], ["ls", "-d", f"{self._folder}/."])
        try:
            return all(
                subprocess.run([*prefix, *probe], capture_output=True, cwd="/", check=False).returncode == 0
                for probe in probes
            )
        except FileNotFoundError:
            return False

    @cached_property
    def _ids(self) -> tuple[int, int] | None:
        """User and group of the account the server runs under; None where it is our own."""
        if sys.platform == "win32" or os.geteuid() != 0:
            return None
        import pwd

        for name in _ACCOUNTS:
            try:
                entry = pwd.getpwnam(name)
            except KeyError:
                continue
            return entry.pw_uid, entry.pw_gid
        raise NeedsSetup(
            "PostgreSQL refuses to run as root and this computer has no account named postgres or nobody; "
            "start this program as an ordinary person."
        )


def login() -> str:
    """Return the operating system's name of the account we run under; environment variables may lie."""
    if sys.platform == "win32":
        return getpass.getuser()
    import pwd

    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:  # an account without a name, as in some containers
        return str(os.geteuid())
