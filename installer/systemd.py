"""The station as a service of systemd: its unit file, and how that is put in place. Standard library only."""

import os
import pwd
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

NAME = "operator-console-station.service"
_FOLDER = Path("/etc/systemd/system")

_UNIT = """\
# Written by: main.py station service install. Its database stands in {data}/settings.toml.
[Unit]
Description=Operator console: the station that polls, judges and records
After=network.target user-runtime-dir@{uid}.service
# Windows find the station's socket in the runtime folder of their user, which shall outlast the last log-out.
Wants=user-runtime-dir@{uid}.service
# However often it fails, it is tried again.
StartLimitIntervalSec=0

[Service]
Type=notify
# The station is forked by a keeper that has its program loaded; it speaks for both.
NotifyAccess=all
ExecStart={python} {main} --data {data} station --wait --keep
User={user}
Environment=XDG_RUNTIME_DIR=/run/user/{uid}
# It says twice a second that nothing in it hangs.
WatchdogSec=15
Restart=always
RestartSec=0.2
TimeoutStartSec=90
TimeoutStopSec=20
# The embedded database serves windows as well: whoever uses it last stops it.
KillMode=process
LimitNOFILE=65536
UMask=0077
NoNewPrivileges=yes
ProtectSystem=strict
ProtectHome=read-only
ReadWritePaths={data} -/run/user/{uid} -/tmp -/dev/shm
ProtectKernelTunables=yes
ProtectKernelModules=yes
ProtectControlGroups=yes
RestrictSUIDSGID=yes
RestrictRealtime=yes
LockPersonality=yes
SystemCallArchitectures=native
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK

[Install]
WantedBy=multi-user.target
"""


class NoService(Exception):
    """The service cannot be put in place; the text says why, and what to do."""


@dataclass(frozen=True, slots=True)
class Account:
    """Whom the station runs as."""

    name: str
    uid: int


def account_of(name: str | None) -> Account:
    """Return this account; None: whoever calls, through sudo or not.

    Raises:
        NoService: There is no such account.
    """
    chosen = name or os.environ.get("SUDO_USER") or pwd.getpwuid(os.getuid()).pw_name
    try:
        return Account(chosen, pwd.getpwnam(chosen).pw_uid)
    except KeyError as error:
        raise NoService(f"This computer has no user {chosen!r}; name another with --user.") from error


def unit_text(python: Path, main: Path, data: Path, account: Account) -> str:
    """Return the unit file of a station of this installation, on this data folder."""
    return _UNIT.format(
        python=_word(python), main=_word(main), data=_word(data), user=account.name, uid=account.uid
    )


def install(text: str, folder: Path = _FOLDER) -> Path:
    """Write the unit, enable it and start it; returns where it was written.

    Raises:
        NoService: Not root, no systemd, or systemd refused.
    """
    _check_rights()
    path = folder / NAME
    path.write_text(text, encoding="utf-8")
    _systemctl("daemon-reload")
    _systemctl("enable", "--now", NAME)
    return path


def remove(folder: Path = _FOLDER) -> bool:
    """Stop the service and remove its unit; returns whether there was one. Raises NoService as `install`."""
    _check_rights()
    path = folder / NAME
    if not path.exists():
        return False
    _systemctl("disable", "--now", NAME)
    path.unlink()
    _systemctl("daemon-reload")
    return True


def _check_rights() -> None:
    if sys.platform != "linux" or shutil.which("systemctl") is None:
        raise NoService(
            "This computer has no systemd; let its own service manager run: main.py station --wait."
        )
    if os.geteuid() != 0:
        raise NoService("Only root may do this; run it with sudo.")


def _systemctl(*words: str) -> None:
    done = subprocess.run(["systemctl", *words], capture_output=True, text=True, check=False)
    if done.returncode:
        raise NoService(f"systemctl {' '.join(words)} failed: {done.stderr.strip() or 'it gave no reason'}")


def _word(path: Path) -> str:
    """Return a path as one word of a unit file (systemd.syntax(7)); % begins a specifier there."""
    text = str(path).replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%")
    return f'"{text}"' if any(letter in text for letter in " \t'\"\\") else text
