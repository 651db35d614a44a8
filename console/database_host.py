"""The database that a run's settings name: any server by URL, else the embedded one of the data folder."""

import getpass
import os
import sys
from collections.abc import Callable

from console.settings import Settings
from models.address import DatabaseAddress, parsed_address
from models.credentials import CredentialStore, open_credentials
from models.database import HURRIED_S, Database
from models.errors import NeedsSetup
from models.logins import person_login
from models.queries.stations_setup import ensure_local_station
from models.schema_guard import check_schema, upgrade_schema
from models.server import EmbeddedServer

_STATION_CONNECTIONS = 8
"""Each of the station's threads asks at its own time, and a renewal of leases waits for none of them."""


class DatabaseHost:
    """Starts what is ours and knows how everybody gets in. Blocks; use from one thread at a time."""

    def __init__(self, settings: Settings) -> None:
        """Keep what it needs; starts nothing.

        Raises:
            NeedsSetup: The URL in the settings is none.
        """
        self._settings = settings
        self._server = None if settings.database_url else EmbeddedServer(settings.database_dir)
        self._url = (
            parsed_address(settings.database_url, settings.database_ca) if settings.database_url else None
        )
        self._replica = (
            parsed_address(settings.history_url, settings.database_ca) if settings.history_url else None
        )

    @property
    def is_embedded(self) -> bool:
        """Whether the server is this computer's own."""
        return self._server is not None

    @property
    def address(self) -> DatabaseAddress:
        """Of the embedded server's owner, or as the URL says."""
        if self._server is not None:
            return parsed_address(self._server.url())
        assert self._url is not None
        return self._url

    @property
    def has_owner(self) -> bool:
        """Whether the settings alone let somebody in: the embedded server's owner, or a login in the URL."""
        return self.is_embedded or bool(self.address.user)

    @property
    def site(self) -> str:
        """Under what name credentials for this place are kept."""
        return f"embedded {self._settings.data_dir}" if self.is_embedded else self.address.site

    def start(self) -> None:
        """Start or adopt the embedded server, its schema of this build; nothing to do for a URL.

        Repeat it should the server have died. Raises StorageError.
        """
        if self._server is None:
            return
        self._server.ensure_running()
        owner = Database(self._server.url(), "setting up", pool_size=1)
        try:
            upgrade_schema(owner)
            with owner.transaction() as connection:
                ensure_local_station(connection, self._settings.station_name, self._server.station_password())
        finally:
            owner.close()

    def release(self) -> None:
        """Let go of the embedded server: it stops when nobody else uses it. Safe twice."""
        if self._server is not None:
            self._server.release()

    def owner(self, application_name: str, pool_size: int = 2) -> Database:
        """Return the way in of the embedded server's owner, or of the login in the URL."""
        return Database(self.address, application_name, pool_size)

    def person(self, email: str, password: str, application_name: str, pool_size: int = 2) -> Database:
        """Return a person's way in; connects to nothing yet."""
        address = self.address
        login = address.with_login(person_login(address.database, email), password)
        return Database(login, application_name, pool_size, replica=self._replica)

    def station(self, credentials: Callable[[], CredentialStore]) -> "StationLogin":
        """Return the station's way in, to be completed by `StationLogin.prepare`."""
        return StationLogin(self, self._server, credentials)


class StationLogin:
    """How this computer's station gets in: by the operating system's word, or with a password kept here."""

    def __init__(
        self, host: DatabaseHost, server: EmbeddedServer | None, credentials: Callable[[], CredentialStore]
    ) -> None:
        """Keep what it needs; asks nobody.

        Args:
            host: The database.
            server: Of its own, if it is this computer's.
            credentials: Opens the credential store; called only where a password is needed.
        """
        self._host = host
        self._credentials = credentials
        address = parsed_address(server.station_url()) if server else host.address
        self.database = Database(address, "station", pool_size=_STATION_CONNECTIONS, limit_s=HURRIED_S)

    def prepare(self) -> None:
        """Make the database ready, however often it has to be. Raises StorageError.

        The embedded server is started again should it die while the station runs; a server by URL is
        somebody else's, and only waited for.
        """
        self._host.start()
        if not self._host.is_embedded and not self._host.has_owner:
            self._take_password()
        check_schema(self.database, must_write=True)

    def _take_password(self) -> None:
        kept = self._credentials().get(station_entry(self._host.site))
        if kept is None:
            raise NeedsSetup(
                f"This computer's station has no login for the database {self.database.place} yet; run as an "
                "administrator: main.py station enroll --as EMAIL."
            )
        login, _, password = kept.partition(":")
        if login != self.database.address.user or password != self.database.address.password:
            self.database.use_login(login, password)


def station_entry(site: str) -> str:
    """Return the name under which a station's login and password ("login:password") are kept."""
    return f"station {site}"


def credential_store(settings: Settings) -> CredentialStore:
    """Open this computer's credential store as the settings say. May take 5 s.

    Raises:
        NeedsSetup: The keyring was asked for and does not work.
    """
    return open_credentials(settings.data_dir, settings.credentials)


def asked_person(settings: Settings, host: DatabaseHost) -> str | None:
    """Return whom a command works as; None where the settings alone let somebody in.

    Raises:
        NeedsSetup: Somebody must say who they are, and nobody can be asked.
    """
    is_socket = host.address.hosts[0][0][:1] in ("", "/", "@")
    # On a socket the operating system vouches for whoever asks.
    if settings.person is not None or host.has_owner or is_socket:
        return settings.person
    if not sys.stdin.isatty():
        raise NeedsSetup(
            f"Say who asks the database {host.address.place}: with --as EMAIL, or in CONSOLE_PERSON."
        )
    return input("E-mail address: ")


def asked_password(email: str) -> str:
    """Return the password of who a command works as: CONSOLE_PASSWORD, else typed at the terminal.

    Raises:
        NeedsSetup: There is neither.
    """
    if given := os.environ.get("CONSOLE_PASSWORD"):
        return given
    if not sys.stdin.isatty():
        raise NeedsSetup(
            f"The password of {email} is missing: put it into CONSOLE_PASSWORD, or run this at a terminal."
        )
    return getpass.getpass(f"Password of {email}: ")
