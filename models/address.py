"""A database's address: one server, or several of which one leads, and how the way there must be protected.

Read by libpq's own parser, so that every spelling of its manual does (section 34.1.1, "Connection Strings"),
and SQLAlchemy's `postgresql+psycopg://` and repeated `host=name:port` besides.

Beyond this computer the server must prove its name by a certificate (`sslmode=verify-full`), prove that it
knows the password too (`channel_binding=require`) and accept nothing but SCRAM: only what the address itself
says explicitly is weaker, and `cautions` names it.
"""

import os
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import parse_qsl, quote, urlencode

import psycopg
from psycopg.conninfo import conninfo_to_dict

from models.errors import NeedsSetup

SYSTEM_AUTHORITIES = "system"
"""The certificate authorities that this computer trusts, as its system keeps them."""

# A cut line is noticed after about 11 s of silence; a server that does not let in after 3 s, of several each
# after 2 s.
_CONNECT = {
    "connect_timeout": "3",
    "keepalives_idle": "5",
    "keepalives_interval": "2",
    "keepalives_count": "3",
    "tcp_user_timeout": "10000",
    "gssencmode": "disable",
    "options": "-c statement_timeout=30s -c lock_timeout=10s -c idle_in_transaction_session_timeout=60s "
    "-c timezone=UTC",
}
_PROTECTED = {"sslmode": "verify-full", "channel_binding": "require", "require_auth": "scram-sha-256"}
_SCHEMES = ("postgresql", "postgres", "postgresql+psycopg")
_PORT = "5432"
_LOOKS_LIKE = "it looks like postgresql://user@host:5432/database"
# Debian, Red Hat, SUSE, Alpine and macOS: the OpenSSL inside psycopg's wheel was built with other folders.
_BUNDLES = (
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
)


@dataclass(frozen=True, slots=True)
class Server:
    """One server of an address: what its certificate must say, where it is reached, and its port."""

    name: str
    reached_at: str
    port: int


@dataclass(frozen=True, slots=True)
class DatabaseAddress:
    """Where a database is and how to get there. Never shows a password.

    Attributes:
        hosts: Name or socket folder ("" = the default socket) and port of each server, in the order tried.
        database: Its name.
        user: Login, "" where the address names none.
        password: "" where it comes from elsewhere (keyring, password file, peer).
        parameters: Everything else, as libpq takes it.
        explicit: Names of the parameters that the address itself gave.
    """

    hosts: tuple[tuple[str, str], ...]
    database: str
    user: str
    password: str = field(repr=False)
    parameters: Mapping[str, str] = field(repr=False)
    explicit: frozenset[str]

    @property
    def place(self) -> str:
        """Where the database is, for people to read: no user, no password."""
        if len(self.hosts) == 1 and _is_socket(self.hosts[0][0]):
            return f"{self.database} on this computer ({self.hosts[0][0] or 'default socket'})"
        return f"{self.database} at {' or '.join(self.shown_hosts())}"

    @property
    def spoken(self) -> str:
        """The same in a sentence about what went wrong: a folder says nothing to whoever reads it."""
        is_local = len(self.hosts) == 1 and _is_socket(self.hosts[0][0])
        return f"{self.database} on this computer" if is_local else self.place

    @property
    def site(self) -> str:
        """The same text for every spelling of the same place: under it credentials are kept."""
        return ",".join(f"{host.lower()}:{port or _PORT}" for host, port in self.hosts) + f"/{self.database}"

    @property
    def is_on_this_computer(self) -> bool:
        """Whether nothing said to the database ever leaves this computer."""
        # A name from elsewhere at an address of this computer is the end of a tunnel.
        return "service" not in self.parameters and all(
            _is_here(server.name) and _is_here(server.reached_at) for server in self.servers
        )

    @property
    def servers(self) -> tuple[Server, ...]:
        """Each server by name, by where it is reached, and by port."""
        listed = self.parameters.get("hostaddr") or os.environ.get("PGHOSTADDR", "")
        reached = listed.split(",") if listed else [host for host, _ in self.hosts]
        reached += [""] * (len(self.hosts) - len(reached))
        return tuple(
            Server(name, where or name, int(port or _PORT))
            for (name, port), where in zip(self.hosts, reached, strict=False)
        )

    @property
    def cautions(self) -> tuple[str, ...]:
        """What the address makes weaker than it should be, a sentence each."""
        if self.is_on_this_computer:
            return ()
        found: list[str] = []
        mode = self.parameters.get("sslmode", "")
        if mode in ("disable", "allow", "prefer"):
            found.append(
                f"What is said to the database {self.place} is not protected: anybody on the way can read "
                f"and change it. The address says sslmode={mode}; take that out."
            )
        elif mode in ("require", "verify-ca"):
            found.append(
                f"The database {self.place} need not prove its name: another server could take its place. "
                f"The address says sslmode={mode}; take that out."
            )
        for name in ("channel_binding", "require_auth"):
            value = self.parameters.get(name, _PROTECTED[name])
            if name in self.explicit and value != _PROTECTED[name]:
                found.append(
                    f"The database {self.place} need not prove that it knows the password. The address says "
                    f"{name}={value}; take that out."
                )
        return tuple(found)

    @property
    def authorities(self) -> str:
        """File of the certificate authorities a server must be certified by; "" = the system's folders."""
        file = self.parameters.get("sslrootcert", "")
        return "" if file == SYSTEM_AUTHORITIES else file

    def shown_hosts(self) -> tuple[str, ...]:
        """Return "name:port" of each server, without the port where the address gave none."""
        return tuple(f"{host}:{port}" if port else host for host, port in self.hosts)

    def with_login(self, user: str, password: str | None) -> "DatabaseAddress":
        """Return the same place for another login.

        Args:
            user: The login.
            password: Proved by SCRAM and nothing else, also on this computer: a server that would let
                anybody in is not asked. None where the operating system vouches for the login.
        """
        parameters = dict(self.parameters)
        parameters.pop("passfile", None)
        if password is None:
            return replace(self, user=user, password="", parameters=parameters)
        if "require_auth" not in self.explicit:
            parameters["require_auth"] = _PROTECTED["require_auth"]
        return replace(self, user=user, password=password, parameters=parameters)

    def options(self, application_name: str) -> dict[str, str]:
        """Return what libpq needs to connect. Holds the password: hand it on, never print it."""
        given = {
            "host": ",".join(host for host, _ in self.hosts),
            "port": ",".join(port for _, port in self.hosts) if any(port for _, port in self.hosts) else "",
            "dbname": self.database,
            "user": self.user,
            "password": self.password,
        }
        chosen = {"application_name": application_name, **self.parameters}
        return {key: value for key, value in (given | chosen).items() if value}


def parsed_address(url: str, authorities: str = SYSTEM_AUTHORITIES) -> DatabaseAddress:
    """Read a database's URL, and fill in what it leaves open.

    Args:
        url: libpq's or SQLAlchemy's spelling; several hosts by commas.
        authorities: PEM file of the certificate authorities to trust, or SYSTEM_AUTHORITIES.

    Raises:
        NeedsSetup: It is no URL, or not of PostgreSQL. The text does not repeat it: it may hold a password.
    """
    found = _taken_apart(url)
    host = found.pop("host", "") or os.environ.get("PGHOST", "")
    if "@" in host.lstrip("@"):
        # What stands before the last @ of the host is the rest of a password, shown wherever the host is.
        raise NeedsSetup("The database address holds a second @; write an @ in a password as %40.")
    names, ports = host.split(","), found.pop("port", "").split(",")
    if len(ports) not in (1, len(names)):
        raise NeedsSetup(f"The database address names {len(names)} hosts and {len(ports)} ports.")
    for port in ports:
        if port and not (port.isascii() and port.isdigit() and 0 < int(port) < 65_536):
            raise NeedsSetup("The database address holds a port that is no number from 1 to 65535.")
    hosts = tuple(zip(names, ports if len(ports) == len(names) else ports * len(names), strict=True))
    user, password, database = (found.pop(key, "") for key in ("user", "password", "dbname"))
    if not database:
        raise NeedsSetup(f"The database address names no database; {_LOOKS_LIKE}.")
    explicit = frozenset(found)
    address = DatabaseAddress(hosts, database, user, password, found, explicit)
    defaults = dict(_CONNECT)
    if len(hosts) > 1:
        defaults |= {"target_session_attrs": "read-write", "connect_timeout": "2"}
    if not address.is_on_this_computer:
        defaults |= _protection(found, authorities)
    return replace(address, parameters=defaults | found)


def shown_url(url: str) -> str:
    """Return a database address for people to read: a password in it becomes three asterisks.

    Raises:
        NeedsSetup: Like `parsed_address`.
    """
    address = parsed_address(url)
    login = quote(address.user, safe="") + (":***" if address.password else "") + "@" if address.user else ""
    hosts = [(f"[{host}]" if ":" in host else host, port) for host, port in address.hosts]
    sockets = ",".join(host for host, _ in hosts if _is_socket(host))
    place = ",".join((host + (f":{port}" if port else "")) for host, port in hosts if not _is_socket(host))
    told = {"host": sockets} if sockets else {}
    told |= {key: "***" if "password" in key else address.parameters[key] for key in sorted(address.explicit)}
    query = "?" + urlencode(told, safe="/*") if told else ""
    return f"postgresql://{login}{place}/{quote(address.database, safe='')}{query}"


def _taken_apart(url: str) -> dict[str, str]:
    scheme, separator, rest = url.strip().partition("://")
    if not separator or not scheme:
        raise NeedsSetup(f"The database address is no URL; {_LOOKS_LIKE}.")
    if scheme not in _SCHEMES:
        raise NeedsSetup(
            f"The database address begins with {scheme}; this program speaks to postgresql only."
        )
    try:
        found = conninfo_to_dict("postgresql://" + _with_listed_hosts(rest))
    except psycopg.Error as error:
        # libpq's words may repeat a part of the password.
        raise NeedsSetup(f"The database address cannot be read; {_LOOKS_LIKE}.") from error
    return {key: str(value) for key, value in found.items() if value is not None}


def _with_listed_hosts(rest: str) -> str:
    """Turn SQLAlchemy's repeated `host=a:1&host=b:2`, of which libpq takes the last, into its lists."""
    before, _, query = rest.partition("?")
    pairs = parse_qsl(query, keep_blank_values=True)
    hosts = [value for key, value in pairs if key == "host"]
    if len(hosts) < 2:
        return rest
    others = [(key, value) for key, value in pairs if key != "host"]
    listed = [(name, port) for name, _, port in (host.partition(":") for host in hosts)]
    others.append(("host", ",".join(name for name, _ in listed)))
    if any(port for _, port in listed):
        others.append(("port", ",".join(port or _PORT for _, port in listed)))
    return f"{before}?{urlencode(others)}"


def _protection(given: Mapping[str, str], authorities: str) -> dict[str, str]:
    """Return what a way beyond this computer needs, apart from what the address itself says."""
    mode = given.get("sslmode", _PROTECTED["sslmode"])
    chosen = dict(_PROTECTED)
    if mode in ("disable", "allow", "prefer"):
        del chosen["channel_binding"]  # nothing to bind to
    if mode.startswith("verify"):
        chosen["sslrootcert"] = _bundle() if authorities == SYSTEM_AUTHORITIES else authorities
    return chosen


def _bundle() -> str:
    known = (ssl.get_default_verify_paths().cafile, *_BUNDLES)
    return next((file for file in known if file and Path(file).is_file()), SYSTEM_AUTHORITIES)


def _is_socket(host: str) -> bool:
    return host == "" or host.startswith(("/", "@"))


def _is_here(host: str) -> bool:
    if _is_socket(host) or host.lower() == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
