"""Who works here: opens the database's site, lets people in under their own login, remembers them for 7 days.

    SignIn.open() → Site ── sign_in(e-mail, password) ──→ Session: own Database, ticket for the station
                        └── sign_in_offline ────────────→ Session while the database is away

No Qt. Everything here blocks (a third of a second for a password's hash, seconds for a server): call it from
a worker thread. One `SignIn` a program; its methods may be called from any thread, one at a time.
"""

import logging
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime

from console.database_host import DatabaseHost
from console.offline_record import NOBODYS_HASH, OfflineRecord, OfflineRecords, digest_of, sealed_ticket
from console.settings import Settings
from console.sign_in_delay import COUNTS, SignInDelay
from console.site_clock import begin_with_local_zone
from models.credentials import CredentialStore
from models.database import Database
from models.errors import DatabaseAway, NotAllowed, Refusal, Rejected, SignInRefused, StorageError
from models.logins import person_login
from models.passwords import new_password, verify_password
from models.queries.audit import note_sign_in
from models.queries.people import create_person, my_record, needs_first_admin
from models.queries.tickets import drop_ticket, issue_ticket
from models.records.account import OwnRecord
from models.records.person import Person, Role
from models.records.ticket import Ticket
from models.schema_guard import SchemaFit, check_schema

_log = logging.getLogger(__name__)

_WRONG = "The e-mail address or the password is wrong."
_WRONG_OFFLINE = (
    "The database is away, and e-mail address and password are of nobody who signed in on this computer "
    "within the last 7 days."
)
_EXPIRED_OFFLINE = (
    "The database is away, and your last sign-in on this computer was more than 7 days ago; sign in once the "
    "database answers."
)
_DISABLED = "This account is disabled; ask an administrator to enable it."
_CHANGED = "Your password was changed; sign in again with the new one."
_SUCCEEDED_WITHIN_S = 60


@dataclass(frozen=True, slots=True)
class Session:
    """One signed-in person. Travels between threads; `database` may be used by any of them.

    Attributes:
        person: As the database says; offline as it said at the last sign-in.
        database: Their own login's way to the database. Offline it is there too, and answers as soon as
            the database does: the server itself then decides anew.
        ticket: What to show the station (64 hex digits); never shown, logged or stored in clear.
        is_offline: Whether only this computer let them in: viewing, and acknowledgements that the server
            authorises again on delivery.
        expires_at: When the ticket ends, and with it the right to work offline.
        notice: Something this person should read once, "" for nothing: the database is newer and only
            shows, or this computer could not keep what offline sign-in needs.
    """

    person: Person
    database: Database
    ticket: str = field(repr=False)
    is_offline: bool
    expires_at: datetime
    password_hash: str = field(repr=False)
    notice: str = ""

    def is_own_password(self, password: str) -> bool:
        """Whether `password` is this person's: to unlock the screen. Asks no database; takes 0.3 s."""
        return verify_password(password, self.password_hash)


@dataclass(frozen=True, slots=True)
class Admission:
    """What the database said at the door."""

    fit: SchemaFit
    record: OwnRecord
    ticket: Ticket


def let_in(database: Database, site: str, email: str, delay: SignInDelay) -> Admission:
    """Sign in on a person's own connection, and count where that fails.

    Args:
        database: Of the login and password to try; left open.
        site: Of the database.
        email: As typed.
        delay: Counts failures on this computer.

    Raises:
        SignInRefused: Wrong, disabled, or locked for a while after repeated failures here.
        StorageError: The database could not be asked.
    """
    key = digest_of(site, email)
    delay.check(key)
    try:
        if not _can_be_sent(database.address.password):
            raise SignInRefused(_WRONG, Refusal.WRONG)
        fit = check_schema(database)
        with database.transaction() as connection:
            record = my_record(connection)
            if not fit.is_read_only:
                note_sign_in(connection, delay.failures(key))
            ticket = issue_ticket(connection, socket.gethostname())
    except SignInRefused as error:
        if error.reason is Refusal.WRONG:
            delay.failed(key)
            raise SignInRefused(_WRONG, Refusal.WRONG) from error
        raise SignInRefused(_DISABLED, Refusal.DISABLED) from error
    except NotAllowed as error:
        # The login is let in, and belongs to nobody who may do anything.
        raise SignInRefused(_DISABLED, Refusal.DISABLED) from error
    delay.succeeded(key)
    return Admission(fit, record, ticket)


def _can_be_sent(password: str) -> bool:
    # For an empty one libpq would look elsewhere: in PGPASSWORD, or in the account's password file. It ends a
    # text at a zero byte, and half a surrogate has no UTF-8.
    return bool(password) and "\0" not in password and not any("\ud800" <= c <= "\udfff" for c in password)


class SignIn:
    """Opens the site of one run's settings and closes it again."""

    def __init__(
        self, settings: Settings, credentials: CredentialStore, now: Callable[[], float] = time.time
    ) -> None:
        """Keep what it needs; opens nothing.

        Args:
            settings: Which database.
            credentials: Where the records for offline sign-in are kept.
            now: Unix seconds.

        Raises:
            NeedsSetup: The database's URL is none.
        """
        self._host = DatabaseHost(settings)
        self._delay = SignInDelay(settings.data_dir / COUNTS, now)
        self._credentials = credentials
        self._now = now
        self._opened: list[Database] = []

    def open(self) -> "Site":
        """Start or adopt the embedded server and bring its schema up to this build; a URL is taken as it is.

        A database that does not answer is no failure here: `Site.away` says so, and who signed in on this
        computer within the last 7 days may still do so.

        Raises:
            StorageError: Somebody must set something up first; one sentence.
        """
        away, is_first = "", False
        try:
            self._host.start()
            if self._host.has_owner:
                is_first = self._is_first()
        except DatabaseAway as error:
            away = str(error)
        site = Site(self._host, self._delay, self._credentials, self._now, self._opened)
        site.away, site.needs_first_admin = away, is_first
        return site

    def close(self) -> None:
        """Let go of the embedded server; it stops when nobody else uses it. Closes sessions' databases."""
        while self._opened:
            self._opened.pop().close()
        self._host.release()

    def _is_first(self) -> bool:
        owner = self._host.owner("setting up", pool_size=1)
        try:
            if not self._host.is_embedded:
                check_schema(owner)
            with owner.transaction() as connection:
                return needs_first_admin(connection)
        except NotAllowed:
            return False
        finally:
            owner.close()


class Site:
    """One database that people sign in to.

    Attributes:
        place: Where it is, for people to read.
        is_embedded: Whether it is this computer's own.
        needs_first_admin: Whether no administrator has a password yet: ask for the first.
        away: One sentence why the database does not answer, "" if it did when the site was opened.
        cautions: Sentences about weaker protection somebody chose: encryption to the server, credentials.
    """

    def __init__(
        self,
        host: DatabaseHost,
        delay: SignInDelay,
        credentials: CredentialStore,
        now: Callable[[], float],
        opened: list[Database],
    ) -> None:
        self._host = host
        self._delay = delay
        self._records = OfflineRecords(credentials, host.site)
        self._now = now
        self._opened = opened
        self.place = host.address.place
        self.is_embedded = host.is_embedded
        self.needs_first_admin = False
        self.away = ""
        self.cautions = tuple(filter(None, (*host.address.cautions, credentials.caution)))

    def create_first_admin(self, name: str, email: str, password: str) -> None:
        """Create the first administrator with a password, as the owner of the database.

        Raises:
            Rejected: There is one already, or name, e-mail or password do not do; one sentence.
        """
        chosen = new_password(password, email=email, name=name)
        if not self._host.has_owner:
            raise Rejected(f"Whoever set up the database {self.place} adds its first administrator.")
        owner = self._host.owner("first administrator", pool_size=1)
        try:
            with owner.transaction() as connection:
                if not needs_first_admin(connection):
                    raise Rejected("There is an administrator already; sign in, or ask them to add you.")
                create_person(connection, email, name, Role.ADMIN, chosen)
                begin_with_local_zone(connection)
        finally:
            owner.close()
        self.needs_first_admin = False

    def sign_in(self, email: str, password: str, application_name: str) -> Session:
        """Sign in to the database as this person, and keep what offline sign-in needs for 7 days.

        Raises:
            SignInRefused: Wrong, disabled, or locked for a while after repeated failures on this computer.
            DatabaseAway: Nobody answers; `sign_in_offline` may help.
            StorageError: The server cannot be trusted or used; one sentence.
        """
        if self.away:
            # Ours may have failed to start for a reason that has passed: a full disk, another's lock.
            self._host.start()
        database = self._host.person(email, password, application_name)
        try:
            admission = let_in(database, self._host.site, email, self._delay)
        except BaseException as error:
            database.close()
            if isinstance(error, SignInRefused) and error.reason is Refusal.DISABLED:
                self._forget_quietly(email)
            raise
        self._opened.append(database)
        self.away = ""
        return self._remembered(database, admission.record, admission.ticket, admission.fit.notice)

    def sign_in_offline(self, email: str, password: str, application_name: str = "window") -> Session:
        """Sign in against what this computer remembers of the last 7 days.

        Raises:
            SignInRefused: Wrong (also: never signed in here), expired, or locked for a while.
            NeedsSetup: The credential store does not answer.
        """
        key = digest_of(self._host.site, email)
        self._delay.check(key)
        record = self._records.find(email)
        is_right = verify_password(password, record.password_hash if record else NOBODYS_HASH)
        if record is None or not is_right:
            self._delay.failed(key)
            raise SignInRefused(_WRONG_OFFLINE, Refusal.WRONG)
        if record.is_expired(self._now()):
            raise SignInRefused(_EXPIRED_OFFLINE, Refusal.EXPIRED)
        self._delay.succeeded(key)
        database = self._host.person(email, password, application_name)
        self._opened.append(database)
        ticket = record.opened_ticket(password)
        return Session(record.person(email), database, ticket, True, record.expires_at, record.password_hash)

    def refresh(self, session: Session) -> Session:
        """Ask the database again who this is, with a fresh ticket: after a change of people, and every day.

        An offline session becomes an online one. The session's `database` stays the same.

        Raises:
            SignInRefused: The person was disabled, or their password changed elsewhere: sign in again.
            DatabaseAway: Go on with the session as it is.
        """
        try:
            fit = check_schema(session.database)
            with session.database.transaction() as connection:
                record = my_record(connection)
                if session.is_offline and not fit.is_read_only:
                    note_sign_in(connection, 0)
                ticket = issue_ticket(connection, socket.gethostname())
                # Not at once: the window has yet to show its station the new one.
                drop_ticket(connection, session.ticket, in_s=_SUCCEEDED_WITHIN_S)
        except SignInRefused as error:
            self._forget_quietly(session.person.email)
            if error.reason is Refusal.WRONG:
                raise SignInRefused(_CHANGED, Refusal.EXPIRED) from error
            raise SignInRefused(_DISABLED, Refusal.DISABLED) from error
        except NotAllowed as error:
            self._forget_quietly(session.person.email)
            raise SignInRefused(_DISABLED, Refusal.DISABLED) from error
        return self._remembered(session.database, record, ticket, fit.notice)

    def password_changed(self, session: Session, password: str) -> Session:
        """Go on with the password this person has just given themselves (`people.change_my_password`).

        Renews ticket and what offline sign-in needs. Raises like `refresh`.
        """
        login = person_login(session.database.address.database, session.person.email)
        session.database.use_login(login, password)
        return self.refresh(session)

    def sign_out(self, session: Session) -> None:
        """End the session and its connections. What offline sign-in needs stays, sealed. Never fails.

        That is the ticket, too, where it is the one that this computer remembers; any other is ended.
        """
        try:
            if not session.is_offline and not self._is_remembered(session):
                with session.database.transaction() as connection:
                    drop_ticket(connection, session.ticket)
        except StorageError as error:
            _log.info("The ticket could not be ended and expires by itself: %s", error)
        session.database.close()
        if session.database in self._opened:
            self._opened.remove(session.database)

    def forget(self, email: str) -> None:
        """Remove what this computer remembers of a person: they cannot sign in offline here any more.

        Raises:
            NeedsSetup: The credential store does not answer.
        """
        self._records.forget(email)

    def _remembered(self, database: Database, record: OwnRecord, ticket: Ticket, notice: str) -> Session:
        person = record.person
        session = Session(
            person, database, ticket.token, False, ticket.expires_at, record.password_hash, notice
        )
        kept = OfflineRecord(
            person.id,
            person.name,
            person.role.value,
            record.password_hash,
            sealed_ticket(ticket.token, database.address.password),
            self._now(),
            ticket.expires_at.timestamp(),
        )
        try:
            self._records.keep(person.email, kept)
        except StorageError as error:
            _log.warning("Offline sign-in is not possible for now: %s", error)
            told = f"You cannot sign in here while the database is away: {error}"
            return replace(session, notice=f"{notice} {told}".strip())
        return session

    def _is_remembered(self, session: Session) -> bool:
        record = self._records.find(session.person.email)
        password = session.database.address.password
        return record is not None and record.opened_ticket(password) == session.ticket

    def _forget_quietly(self, email: str) -> None:
        try:
            self._records.forget(email)
        except StorageError as error:
            _log.warning("What this computer remembers of a disabled person could not be removed: %s", error)
