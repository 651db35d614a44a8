"""Foreign errors become ours here, once: what psycopg and libpq say, in words of what to do about it."""

from collections.abc import Generator
from contextlib import contextmanager

import psycopg
from psycopg import errors as pg
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from models.address import DatabaseAddress
from models.errors import (
    CutOff,
    DatabaseAway,
    NeedsSetup,
    NotAllowed,
    Refusal,
    Rejected,
    SignInRefused,
    StorageBug,
    StorageError,
)
from models.watched_connection import CutOffNow

_CONSTRAINTS = {
    "device_latest_device_id_fkey": "A reading names a device the database does not know; import it first",
    "signal_latest_device_id_fkey": "A signal's value names a device the database does not know",
    "signal_latest_signal_id_fkey": "A reading names a signal the database does not know",
    "signals_key_in_use": "There is a signal of this key already",
    "ota_versions_sequence_of_product": "Another version of the product has this sequence; sign with another",
    "alert_thresholds_has_a_limit": "A threshold needs a minimum or a maximum",
    "alert_thresholds_are_finite": "A threshold's limits, deadband and delays must be finite numbers",
    "alert_thresholds_has_an_amount": "A threshold of this rule needs an amount",
    "alert_thresholds_of_devices": "The rules offline and clock judge a device, others a metric",
    "alert_thresholds_amount_check": "A threshold's amount must be a finite number, 0 or more",
    "alert_thresholds_realarm_s_check": "A threshold asks again after one second at least, or never",
    "alert_thresholds_respond_within_s_check": "The time to respond is one second at least",
    "alert_thresholds_min_below_max": "A threshold's minimum must lie below its maximum",
}

_RECOVERING = (
    "system is starting up",
    "in recovery mode",
    "not yet accepting connections",
    "not accepting connections",
)


@contextmanager
def translated(address: DatabaseAddress) -> Generator[None]:
    """Turn exceptions of SQLAlchemy and psycopg into StorageError, narrowest first."""
    try:
        yield
    except PoolTimeout as error:
        raise DatabaseAway(
            f"The database {address.spoken} is busy: no connection came free within 10 s."
        ) from error
    except DBAPIError as error:
        original = error.orig
        if isinstance(original, psycopg.Error):
            raise _ours(original, address) from original
        raise StorageBug(f"The database {address.spoken} could not be asked: {original}.") from error
    except SQLAlchemyError as error:
        raise StorageBug(f"The database {address.spoken} could not be asked: {error}.") from error
    except psycopg.Error as error:
        raise _ours(error, address) from error


def _ours(error: psycopg.Error, address: DatabaseAddress) -> StorageError:
    text = error.diag.message_primary or _last_failure(str(error))
    place = address.spoken
    match error:
        case CutOffNow():
            return CutOff(f"The database {place} is {error}.", until=str(error).rpartition(" ")[2])
        case pg.InsufficientPrivilege():
            return NotAllowed(f"The database does not allow this to the person signed in ({text}).")
        case pg.IntegrityError() | pg.RaiseException() | pg.DataError():
            return Rejected(_constraint_text(error, text))
        case pg.QueryCanceled() | pg.LockNotAvailable() | pg.DeadlockDetected() | pg.SerializationFailure():
            return DatabaseAway(f"The database {place} is too busy to finish in time ({text}); try again.")
        case pg.DiskFull() | pg.InsufficientResources() | pg.ReadOnlySqlTransaction():
            return DatabaseAway(f"The database {place} cannot write now ({text}).")
        case pg.UndefinedTable() | pg.InvalidSchemaName() | pg.UndefinedFunction() | pg.UndefinedColumn():
            return NeedsSetup(
                f"The database {place} lacks something of this program ({text}); run: main.py db upgrade."
            )
        case psycopg.OperationalError():
            # All that was said, not only the last: of several servers the first may name the cause.
            return _unprotected(str(error), address) or _not_let_in(str(error), text, address)
        case _:
            return StorageBug(f"The database {place} refused a statement of this program: {text}.")


def _unprotected(said: str, address: DatabaseAddress) -> StorageError | None:
    """Return what to say where the way to the server could not be protected; libpq gives no code for it."""
    place = address.spoken
    # Somebody who took over the authority's name without its key fails at the signature, not at the name.
    if "certificate verify failed" in said or "signature failure" in said:
        # Here, not above: it loads a library that only a broken certificate needs.
        from models.certificate_probe import certificate_fault

        fault = certificate_fault(address.servers, address.authorities)
        return NeedsSetup(
            fault
            or f"The certificate of the database {place} is not trusted here; ask the server's administrator."
        )
    if "does not match host name" in said:
        names = said.partition('server certificate for "')[2].partition('"')[0]
        return NeedsSetup(
            f"The server that answers for the database {place} shows the certificate of {names}, so nothing "
            "was sent; correct the host in the address, or the server's certificate."
        )
    if "server does not support SSL" in said:
        return NeedsSetup(
            f"The server of the database {place} offers no encryption (TLS), and without it nothing is sent "
            "beyond this computer; its administrator must turn it on (ssl = on)."
        )
    if "root certificate file" in said and "does not exist" in said:
        return NeedsSetup(
            f"The file of certificate authorities {address.authorities} does not exist; correct database_ca "
            "in settings.toml."
        )
    if "could not read root certificate file" in said:
        return NeedsSetup(
            f"The file of certificate authorities {address.authorities} holds no certificate; correct "
            "database_ca in settings.toml."
        )
    if "channel binding" in said or "authentication method requirement" in said:
        return NeedsSetup(
            f"The server of the database {place} does not prove that it knows the password (SCRAM), so "
            "nothing was sent; ask its administrator to set scram-sha-256."
        )
    return None


def _not_let_in(said: str, text: str, address: DatabaseAddress) -> StorageError:
    place = address.spoken
    if "password authentication failed" in said or "no password supplied" in said:
        return SignInRefused(
            f"The database {place} does not accept this user name and password; correct them.", Refusal.WRONG
        )
    if "is not permitted to log in" in said:
        # The server says so only after the right password.
        return SignInRefused(
            f"This account of the database {place} is disabled; ask an administrator to enable it.",
            Refusal.DISABLED,
        )
    if "permission denied for database" in said:
        # Also said only after the right password: the login belongs to nobody who may do anything here.
        return SignInRefused(
            f"This account may not use the database {place}; ask an administrator.", Refusal.DISABLED
        )
    if "does not exist" in said and 'database "' in said:
        return NeedsSetup(
            f"There is no database {place}; create it on the server, then run: main.py db init."
        )
    if (
        "no pg_hba.conf entry" in said
        or "Peer authentication failed" in said
        or "pg_hba.conf rejects" in said
    ):
        return NeedsSetup(f"The database {place} does not let this user in from here; ask its administrator.")
    if 'role "' in said and "does not exist" in said:
        return NeedsSetup(f"The database {place} does not know this user name; correct it.")
    if "too many clients" in said or "too many connections" in said or "connection slots" in said:
        return DatabaseAway(
            f"The database {place} has no connection free; close other programs, or ask its administrator to "
            "raise max_connections."
        )
    if any(words in said for words in _RECOVERING):
        return DatabaseAway(
            f"The database {place} is recovering and takes no work yet; it will be tried again."
        )
    if "session is read-only" in said or "hot standby" in said:
        return DatabaseAway(
            f"None of the servers of the database {place} takes changes now; it will be tried again."
        )
    return DatabaseAway(f"The database {place} does not answer ({text}).")


def _last_failure(text: str) -> str:
    """Return libpq's own reason, without where it tried and what it advises: "Connection refused"."""
    told = [line.rpartition("failed: ")[2] for line in text.splitlines() if "failed: " in line]
    reason = told[-1] if told else text.strip().partition("\n")[0]
    return reason.removeprefix("FATAL:").strip().rstrip(".") or "no reason given"


def _constraint_text(error: psycopg.Error, text: str) -> str:
    if known := _CONSTRAINTS.get(error.diag.constraint_name or ""):
        return known + (f" ({error.diag.message_detail.rstrip('.')})." if error.diag.message_detail else ".")
    detail = error.diag.message_detail
    return f"The database declined: {text}" + (f" ({detail.rstrip('.')})." if detail else ".")
