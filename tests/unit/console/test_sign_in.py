"""Signing in at a real server, by SCRAM, as a window does."""

import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import text

import console.sign_in
from console.offline_record import OfflineRecord, sealed_ticket
from console.settings import Settings
from console.sign_in import Session, SignIn, Site
from console.site_clock import local_zone_name
from models.credentials import MemoryStore
from models.errors import DatabaseAway, NeedsSetup, NotAllowed, Refusal, Rejected, SignInRefused
from models.passwords import new_password
from models.queries.alarm_settings import load_alarm_settings
from models.queries.people import change_my_password, reset_password, set_person_active, set_person_role
from models.queries.tickets import check_ticket
from models.records.person import Person, Role
from models.records.ticket import digest_of
from tests.account_parts import PASSWORD, stored
from tests.account_parts import Site as People

NEW_PASSWORD = "a new and longer one"
WEEK_S = 7 * 86_400.0


class Clock:
    def __init__(self) -> None:
        self.ahead_s = 0.0

    def __call__(self) -> float:
        return time.time() + self.ahead_s


class NotingStore(MemoryStore):
    """Lets a test see everything that was kept."""

    def __init__(self) -> None:
        super().__init__()
        self.kept: list[str] = []

    def set(self, name: str, secret: str) -> None:
        self.kept.append(secret)
        super().set(name, secret)


class LockedStore(MemoryStore):
    """A keyring nobody unlocks."""

    def get(self, name: str) -> str | None:
        raise NeedsSetup("The keyring is locked.")

    def set(self, name: str, secret: str) -> None:
        raise NeedsSetup("The keyring is locked.")


@pytest.fixture
def people(newest_site: People) -> People:
    return newest_site


@pytest.fixture
def store() -> NotingStore:
    return NotingStore()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    return Settings(tmp_path, database_url.replace("console_owner@", ""))


@pytest.fixture
def site(people: People, settings: Settings, store: MemoryStore, clock: Clock) -> Iterator[Site]:
    """The tests' database as a window opens it: its address names no login."""
    sign_in = SignIn(settings, store, clock)
    yield sign_in.open()
    sign_in.close()


@pytest.fixture
def ada(people: People) -> Person:
    return people.add(Role.USER, "ada@example.com", "Ada")


@pytest.fixture
def session(site: Site, ada: Person) -> Session:
    return site.sign_in(ada.email, PASSWORD, "tests")


def refusal(site: Site, email: str, password: str, *, is_offline: bool = False) -> SignInRefused:
    attempt = site.sign_in_offline if is_offline else site.sign_in
    with pytest.raises(SignInRefused) as caught:
        attempt(email, password, "tests")
    return caught.value


def test_who_signs_in_works_under_a_login_of_their_own(session, ada):
    assert (session.person, session.is_offline, session.notice) == (ada, False, "")
    with session.database.transaction() as connection:
        login = connection.execute(text("SELECT session_user")).scalar_one()
        is_superuser = connection.execute(text("SELECT app.is_superuser()")).scalar_one()
    assert login.startswith("u_")
    assert not is_superuser


def test_capitals_and_blanks_make_no_difference(site, ada):
    assert site.sign_in("  ADA@Example.com ", PASSWORD, "tests").person == ada


def test_the_ticket_speaks_for_the_person_at_a_station(session, people, ada):
    with people.owner.transaction() as connection:
        holder = check_ticket(connection, digest_of(session.ticket))
    assert holder is not None
    assert (holder.person_id, holder.role) == (ada.id, Role.USER)
    assert session.expires_at == holder.expires_at


def test_no_secret_stands_in_what_is_shown_of_a_session(session):
    shown = f"{session!r} {session.database!r} {session.database.address!r} {session.database.place}"
    assert PASSWORD not in shown
    assert session.ticket not in shown
    assert session.password_hash not in shown


def test_a_wrong_password_and_an_unknown_address_are_told_alike(site, ada):
    wrong = refusal(site, ada.email, "not the password")
    unknown = refusal(site, "nobody@example.com", "not the password")
    assert (wrong.reason, str(wrong)) == (unknown.reason, str(unknown))
    assert wrong.reason is Refusal.WRONG


@pytest.mark.parametrize(
    ("email", "password"),
    [
        ("ada@example.com", ""),
        ("", PASSWORD),
        ("ada@example.com' OR 1=1 --", PASSWORD),
        ("ada@example.com", "'; DROP TABLE app.users; --"),
        ("ada@example.com", "x" * 10_000),
        ("ada@example.com", "nul\0byte"),
        ("nul\0byte", "nul\0byte"),
        ("\ud800@example.com", "\ud800"),
        ("🦀" * 1000, "مرحبا"),
    ],
)
def test_whatever_is_typed_is_only_wrong(site, ada, email, password):
    assert refusal(site, email, password).reason is Refusal.WRONG


def test_an_empty_password_is_not_looked_for_elsewhere(site, ada, monkeypatch):
    monkeypatch.setenv("PGPASSWORD", PASSWORD)
    assert refusal(site, ada.email, "").reason is Refusal.WRONG


def test_a_disabled_person_is_told_so_after_the_right_password_only(site, ada, people):
    with people.owner.transaction() as connection:
        set_person_active(connection, ada.id, is_active=False)
    assert refusal(site, ada.email, PASSWORD).reason is Refusal.DISABLED
    assert refusal(site, ada.email, "not the password").reason is Refusal.WRONG


def test_after_five_failures_even_the_right_password_waits(site, ada):
    for _ in range(5):
        assert refusal(site, ada.email, "not the password").reason is Refusal.WRONG
    locked = refusal(site, ada.email, PASSWORD)
    assert locked.reason is Refusal.LOCKED
    assert "try again in" in str(locked)


def test_an_address_nobody_has_is_locked_the_same_way(site):
    for _ in range(5):
        refusal(site, "nobody@example.com", "not the password")
    assert refusal(site, "nobody@example.com", "not the password").reason is Refusal.LOCKED


def test_failures_of_others_never_touch_an_open_session(site, session, ada):
    for _ in range(6):
        refusal(site, ada.email, "not the password")
    with session.database.transaction() as connection:
        assert connection.execute(text("SELECT app.person_role()")).scalar_one() == "user"
    assert session.is_own_password(PASSWORD)


def test_the_wait_ends_and_the_failures_before_stand_in_the_audit(site, ada, people, clock):
    for _ in range(5):
        refusal(site, ada.email, "not the password")
    clock.ahead_s = 31.0
    site.sign_in(ada.email, PASSWORD, "tests")
    asked = text("SELECT new ->> 'failed_before' FROM app.audit_log WHERE op = 'SIGNED IN'")
    with people.owner.transaction() as connection:
        assert list(connection.execute(asked).scalars()) == ["5"]


def test_unlocking_takes_ones_own_password_and_no_connection(site, session, people, database_server):
    session.database.close()
    assert session.is_own_password(PASSWORD)
    assert not session.is_own_password("not the password")
    assert not session.is_own_password("")


def test_who_signed_in_before_may_sign_in_while_the_database_is_away(site, session, ada):
    offline = site.sign_in_offline("Ada@example.com", PASSWORD)
    assert (offline.person, offline.is_offline) == (ada, True)
    assert (offline.ticket, offline.expires_at) == (session.ticket, session.expires_at)
    assert offline.is_own_password(PASSWORD)


def test_an_offline_session_asks_the_database_as_soon_as_it_answers(site, session):
    offline = site.sign_in_offline(session.person.email, PASSWORD)
    online = site.refresh(offline)
    assert (online.is_offline, online.database) == (False, offline.database)
    assert online.ticket != offline.ticket


def test_offline_a_wrong_password_and_an_unknown_address_are_told_alike(site, session):
    wrong = refusal(site, session.person.email, "not the password", is_offline=True)
    unknown = refusal(site, "nobody@example.com", "not the password", is_offline=True)
    assert (wrong.reason, str(wrong)) == (unknown.reason, str(unknown))
    assert wrong.reason is Refusal.WRONG


def test_offline_an_unknown_address_costs_as_many_hashes_as_a_known_one(site, session, monkeypatch):
    compared: list[str] = []
    real = console.sign_in.verify_password
    monkeypatch.setattr(
        "console.sign_in.verify_password", lambda given, kept: compared.append(kept[:7]) or real(given, kept)
    )
    refusal(site, session.person.email, "not the password", is_offline=True)
    refusal(site, "nobody@example.com", "not the password", is_offline=True)
    assert compared == ["$2b$12$", "$2b$12$"]


def test_offline_guesses_are_counted_like_others(site, session):
    for _ in range(3):
        refusal(site, session.person.email, "not the password", is_offline=True)
    for _ in range(2):
        refusal(site, session.person.email, "not the password")
    assert refusal(site, session.person.email, PASSWORD, is_offline=True).reason is Refusal.LOCKED


@pytest.mark.parametrize("ahead_s", [WEEK_S + 60.0, -3600.0])
def test_after_seven_days_or_with_a_clock_set_back_the_database_must_be_asked(site, session, clock, ahead_s):
    clock.ahead_s = ahead_s
    told = refusal(site, session.person.email, PASSWORD, is_offline=True)
    assert told.reason is Refusal.EXPIRED
    assert "more than 7 days ago" in str(told)


def test_a_wrong_password_never_hears_that_the_time_is_over(site, session, clock):
    clock.ahead_s = WEEK_S + 60.0
    assert refusal(site, session.person.email, "wrong", is_offline=True).reason is Refusal.WRONG


def test_within_seven_days_the_database_need_not_be_asked(site, session, clock):
    clock.ahead_s = WEEK_S - 60.0
    assert site.sign_in_offline(session.person.email, PASSWORD).is_offline


def test_what_is_remembered_holds_neither_password_nor_address(site, session, store):
    kept = " ".join([*store._kept, *store._kept.values()])
    assert PASSWORD not in kept
    assert session.person.email not in kept
    assert session.password_hash in kept


def test_whom_a_computer_forgets_cannot_sign_in_offline(site, session):
    site.forget(session.person.email)
    assert refusal(site, session.person.email, PASSWORD, is_offline=True).reason is Refusal.WRONG


def test_a_locked_keyring_does_not_keep_anybody_out(people, settings, ada):
    sign_in = SignIn(settings, LockedStore())
    session = sign_in.open().sign_in(ada.email, PASSWORD, "tests")
    sign_in.close()
    assert "cannot sign in here while the database is away: The keyring is locked." in session.notice


def test_a_disabled_person_is_forgotten_and_their_session_ends(site, session, ada, people):
    with people.owner.transaction() as connection:
        set_person_active(connection, ada.id, is_active=False)
    with pytest.raises(SignInRefused) as caught:
        site.refresh(session)
    assert caught.value.reason is Refusal.DISABLED
    assert refusal(site, ada.email, PASSWORD, is_offline=True).reason is Refusal.WRONG


def test_a_password_changed_elsewhere_asks_to_sign_in_again(site, session, ada, people):
    changed = new_password(NEW_PASSWORD, email=ada.email, name=ada.name)
    with people.owner.transaction() as connection:
        reset_password(connection, ada.id, changed)
    with pytest.raises(SignInRefused, match="Your password was changed; sign in again") as caught:
        site.refresh(session)
    assert caught.value.reason is Refusal.EXPIRED
    assert refusal(site, ada.email, PASSWORD, is_offline=True).reason is Refusal.WRONG
    assert site.sign_in(ada.email, NEW_PASSWORD, "tests").person == ada


def test_after_changing_ones_own_password_the_session_goes_on(site, session, ada):
    changed = new_password(NEW_PASSWORD, email=ada.email, name=ada.name)
    with session.database.transaction() as connection:
        change_my_password(connection, changed)
    session.database.close()
    renewed = site.password_changed(session, NEW_PASSWORD)
    assert (renewed.person, renewed.database) == (ada, session.database)
    assert renewed.is_own_password(NEW_PASSWORD)
    assert site.sign_in_offline(ada.email, NEW_PASSWORD).person == ada
    assert refusal(site, ada.email, PASSWORD, is_offline=True).reason is Refusal.WRONG


def test_a_new_role_is_seen_at_the_next_refresh(site, session, ada, people):
    with people.owner.transaction() as connection:
        set_person_role(connection, ada.id, Role.OPERATOR)
    assert site.refresh(session).person.role is Role.OPERATOR


def test_after_signing_out_the_ticket_serves_the_next_sign_in_without_the_database(site, session, people):
    site.sign_out(session)
    with people.owner.transaction() as connection:
        assert check_ticket(connection, digest_of(session.ticket)) is not None
    assert site.sign_in_offline(session.person.email, PASSWORD).ticket == session.ticket


def test_after_signing_out_a_ticket_that_nobody_remembers_opens_nothing(site, session, people, ada):
    later = site.sign_in(ada.email, PASSWORD, "another window")
    site.sign_out(session)
    with people.owner.transaction() as connection:
        assert check_ticket(connection, digest_of(session.ticket)) is None
        assert check_ticket(connection, digest_of(later.ticket)) is not None


def test_what_is_remembered_of_a_ticket_is_sealed_with_the_password(session, store):
    (kept,) = store.kept
    assert "ticket" in kept
    assert session.ticket not in kept


def test_a_record_of_another_password_holds_no_ticket():
    record = OfflineRecord(1, "Ada", "user", "", sealed_ticket("abc", PASSWORD), 0.0, 1.0)
    assert (record.opened_ticket(PASSWORD), record.opened_ticket("another")) == ("abc", "")
    assert replace(record, ticket="no hexadecimal").opened_ticket(PASSWORD) == ""
    assert replace(record, ticket="00").opened_ticket(PASSWORD) == ""


def test_a_site_without_an_owner_asks_nobody_to_be_its_first_administrator(site):
    assert not site.needs_first_admin
    with pytest.raises(Rejected, match="Whoever set up the database"):
        site.create_first_admin("Ada", "ada@example.com", PASSWORD)


def test_a_site_with_its_owner_in_the_address_asks_for_the_first_administrator(
    people, settings, database_url
):
    sign_in = SignIn(Settings(settings.data_dir, database_url), MemoryStore())
    try:
        site = sign_in.open()
        assert site.needs_first_admin
        site.create_first_admin("Ada", "ada@example.com", PASSWORD)
        assert site.sign_in("ada@example.com", PASSWORD, "tests").person.role is Role.ADMIN
        with people.owner.transaction() as connection:
            assert load_alarm_settings(connection).time_zone == local_zone_name()
        with pytest.raises(Rejected, match="There is an administrator already"):
            site.create_first_admin("Bob", "bob@example.com", PASSWORD)
        assert not sign_in.open().needs_first_admin
    finally:
        sign_in.close()


@pytest.mark.parametrize(
    ("name", "email", "password"),
    [("Ada", "ada@example.com", "short"), ("Ada", "no address", PASSWORD), ("", "ada@example.com", PASSWORD)],
)
def test_a_first_administrator_who_does_not_do_is_refused(
    people, settings, database_url, name, email, password
):
    sign_in = SignIn(Settings(settings.data_dir, database_url), MemoryStore())
    try:
        site = sign_in.open()
        with pytest.raises(Rejected):
            site.create_first_admin(name, email, password)
        assert site.needs_first_admin
    finally:
        sign_in.close()


def test_closing_ends_the_connections_of_every_session(people, settings, store, ada):
    sign_in = SignIn(settings, store)
    session = sign_in.open().sign_in(ada.email, PASSWORD, "tests of closing")
    sign_in.close()
    asked = text("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'tests of closing'")
    ended = threading.Event()
    with people.owner.autocommit() as connection:
        while connection.execute(asked).scalar_one():
            assert not ended.wait(0.01)
    assert session.database is not None


def test_somebody_let_in_by_the_server_who_is_nobody_here_may_not_work(site, people):
    with people.owner.transaction() as connection:
        login = connection.execute(text("SELECT app.login_of('eve@example.com')")).scalar_one()
        connection.exec_driver_sql(f"CREATE ROLE \"{login}\" LOGIN PASSWORD '{stored().verifier}'")
    try:
        assert refusal(site, "eve@example.com", PASSWORD).reason is Refusal.DISABLED
    finally:
        with people.owner.transaction() as connection:
            connection.exec_driver_sql(f'DROP ROLE "{login}"')


def test_a_database_that_does_not_answer_is_away_and_no_failure_is_counted(tmp_path, store):
    settings = Settings(tmp_path, f"postgresql:///console?host={tmp_path}")
    sign_in = SignIn(settings, store)
    site = sign_in.open()
    for _ in range(6):
        with pytest.raises(DatabaseAway):
            site.sign_in("ada@example.com", PASSWORD, "tests")
    sign_in.close()


def test_what_the_person_may_not_do_is_refused_by_the_database(session):
    with pytest.raises(NotAllowed):
        with session.database.transaction() as connection:
            connection.execute(text("DELETE FROM app.users"))
