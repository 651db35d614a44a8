"""Where a run keeps its things, and what it was told: `CONSOLE_` variables > settings file > defaults.

`--data DIR` (or CONSOLE_DATA_DIR) holds everything a run keeps. Secrets are never settings: they live in the
system's keyring.
"""

import hashlib
import os
import socket
import stat
import sys
import tempfile
import tomllib
from dataclasses import dataclass, replace
from pathlib import Path

import platformdirs

APP = "operator-console"

_OF_FIRMWARE = (
    "s3_endpoint",
    "s3_region",
    "s3_authorities",
    "firmware_store",
    "firmware_folder",
    "firmware_hosts",
    "firmware_signatures",
)
_VARIABLES = (
    ("CONSOLE_DATABASE_URL", "database_url"),
    ("CONSOLE_HISTORY_URL", "history_url"),
    ("CONSOLE_THEME", "theme"),
    ("CONSOLE_STATION", "station_name"),
    ("CONSOLE_DATABASE_CA", "database_ca"),
    ("CONSOLE_PERSON", "person"),
    ("CONSOLE_CREDENTIALS", "credentials"),
    ("CONSOLE_WITNESS_PORT", "witness_port"),
    *((f"CONSOLE_{key.upper()}", key) for key in _OF_FIRMWARE),
)
_IN_FILE = (
    "database_url",
    "history_url",
    "theme",
    "station_name",
    "database_ca",
    "credentials",
    "witness_port",
    *_OF_FIRMWARE,
)


class SettingsError(ValueError):
    """A setting that cannot be used. The text names setting, value and remedy."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What every part of the program may need to know about this run.

    Attributes:
        data_dir: Absolute. Holds embedded database, spool, settings, logs.
        database_url: A PostgreSQL URL, or None for the embedded database in `data_dir`.
        history_url: Of a replica that windows ask about the past, with the same logins; None for none.
        theme: "light", "dark" or "system".
        station_name: How this computer's station is called among others.
        database_ca: PEM file of the authorities that may certify the database's server, or "system".
        person: E-mail address of whom a command works as; None = the owner of the embedded database, or the
            login in the URL.
        credentials: "keyring" or "file" where this computer shall not decide itself; "" where it shall.
        witness_port: Where this station answers others that lost the database (TCP); 0 = any port, the same
            after a restart.
        s3_endpoint, s3_region, s3_authorities: The store behind s3:// addresses of images, the region that
            requests are signed for, and who may certify hosts: a PEM file, or "system".
        firmware_store: Where images are uploaded to, "s3://bucket/folder" or "file:///folder"; "" = asked.
        firmware_folder: Images with file:// addresses are read below it only; "" = none are.
        firmware_hosts: Hosts of https:// addresses that may be private ones, separated by commas.
        firmware_signatures: So many signatures at least are asked for here, whatever the site says.
        is_debug: Show tracebacks, log more.
    """

    data_dir: Path
    database_url: str | None = None
    history_url: str | None = None
    theme: str = "system"
    station_name: str = ""
    database_ca: str = "system"
    person: str | None = None
    credentials: str = ""
    witness_port: int = 0
    s3_endpoint: str = ""
    s3_region: str = "us-east-1"
    s3_authorities: str = "system"
    firmware_store: str = ""
    firmware_folder: str = ""
    firmware_hosts: str = ""
    firmware_signatures: int = 1
    is_debug: bool = False

    @property
    def database_dir(self) -> Path:
        """Folder of the embedded PostgreSQL."""
        return self.data_dir / "database"

    @property
    def spool_dir(self) -> Path:
        """Folder of what a station keeps while the database is away."""
        return self.data_dir / "spool"

    @property
    def pki_dir(self) -> Path:
        """Where the station keeps its own certificates."""
        return self.data_dir / "pki"

    @property
    def log_dir(self) -> Path:
        """Folder of the log files."""
        return self.data_dir / "logs"

    @property
    def settings_file(self) -> Path:
        """The TOML file that `load_settings` reads."""
        return self.data_dir / "settings.toml"

    def socket_name(self, role: str) -> str:
        """Return the address of a local socket that belongs to this data folder.

        A path on POSIX, a pipe name on Windows. Derived from the data folder, so that every process on the
        same folder finds it. Not inside that folder: a socket's path must stay below 108 bytes (unix(7)).
        """
        digest = hashlib.sha256(str(self.data_dir).encode()).hexdigest()[:16]
        if sys.platform == "win32":
            return rf"\\.\pipe\{APP}-{digest}-{role}"
        return str(private_runtime_dir() / f"{digest}-{role}.sock")


def private_runtime_dir() -> Path:
    """Return this person's own folder for sockets, 0700, made where missing.

    Raises:
        SettingsError: The folder exists but belongs to somebody else or is open to others: whoever can
            reach it could pose as the station.
    """
    base = os.environ.get("XDG_RUNTIME_DIR")
    folder = Path(base) / APP if base and Path(base).is_dir() else _fallback_runtime_dir()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if sys.platform != "win32":
        facts = folder.lstat()
        if not stat.S_ISDIR(facts.st_mode) or facts.st_uid != os.getuid() or facts.st_mode & 0o077:
            raise SettingsError(
                f"{folder} must be a folder that only you can enter (owner you, mode 0700); "
                "remove it or correct its rights, then start again."
            )
    return folder


def _fallback_runtime_dir() -> Path:
    user = os.getuid() if sys.platform != "win32" else "user"
    return Path(tempfile.gettempdir()) / f"{APP}-{user}"


def default_data_dir() -> Path:
    """Return the data folder of a run that was told none."""
    return Path(platformdirs.user_data_dir(APP, False)).resolve()


def load_settings(
    data_dir: Path | None = None,
    database_url: str | None = None,
    *,
    person: str | None = None,
    is_debug: bool = False,
) -> Settings:
    """Gather settings for one run. Arguments win over variables, variables over the settings file.

    Raises:
        SettingsError: The settings file does not parse or holds an unknown key or value.
    """
    chosen = data_dir or _path_from_env("CONSOLE_DATA_DIR")
    settings = Settings(
        data_dir=chosen.expanduser().resolve() if chosen else default_data_dir(),
        station_name=socket.gethostname(),
        is_debug=is_debug,
    )
    settings = _with_file(settings)
    for name, key in _VARIABLES:
        if value := os.environ.get(name):
            settings = replace(settings, **{key: value})
    if database_url:
        settings = replace(settings, database_url=database_url)
    if person:
        settings = replace(settings, person=person)
    settings = replace(settings, witness_port=_port(str(settings.witness_port)))
    if str(settings.firmware_signatures) not in ("1", "2"):
        raise SettingsError(
            f"firmware_signatures {settings.firmware_signatures} is not possible; choose 1 or 2."
        )
    settings = replace(settings, firmware_signatures=int(settings.firmware_signatures))
    if settings.theme not in ("light", "dark", "system"):
        raise SettingsError(f"Theme {settings.theme!r} is unknown; choose light, dark or system.")
    if settings.credentials not in ("", "keyring", "file"):
        raise SettingsError(f"CONSOLE_CREDENTIALS={settings.credentials} is unknown; choose keyring or file.")
    return settings


def _port(text: str) -> int:
    if not (text.isdecimal() and int(text) < 1 << 16):
        raise SettingsError(f"witness_port {text!r} is no port; choose 1 to 65535, or 0 for any.")
    return int(text)


def _path_from_env(name: str) -> Path | None:
    value = os.environ.get(name)
    return Path(value) if value else None


def _with_file(settings: Settings) -> Settings:
    if not settings.settings_file.is_file():
        return settings
    try:
        content = tomllib.loads(settings.settings_file.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, OSError) as error:
        raise SettingsError(f"{settings.settings_file} cannot be read: {error}.") from error
    for key, value in content.items():
        if key not in _IN_FILE or not isinstance(value, str):
            raise SettingsError(
                f"{settings.settings_file}: {key!r} is no setting of text; there are {', '.join(_IN_FILE)}."
            )
    return replace(settings, **content)
