"""A window's session on a real server: what administrators do elsewhere reaches it within a second."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from console.bridge.bridge import Bridge
from console.bridge.live_feed import LiveFeed
from console.bridge.questions import load_statements
from console.bridge.session_keeper import Entrant, SessionKeeper
from console.bridge.session_state import Phase
from console.link.messages import PROTOCOL, Hello
from console.settings import Settings
from console.sign_in import SignIn
from models.credentials import MemoryStore
from models.passwords import NewPassword
from models.queries.people import (
    change_my_password,
    rename_person,
    reset_password,
    set_person_active,
    set_person_role,
)
from models.records.person import Person, Role
from models.records.rights import Action
from tests.account_parts import PASSWORD, Site, stored

BETTER = "a better horse battery"
SHOWN_WITHIN_MS = 1_000


@pytest.fixture
def admin(newest_site: Site) -> Person:
    return newest_site.add(Role.ADMIN)


@pytest.fixture
def operator(newest_site: Site, admin: Person) -> Person:
    return newest_site.add(Role.OPERATOR)


@pytest.fixture
def open_window(qapp, database_url: str, tmp_path: Path) -> Iterator[Callable[..., Bridge]]:
    """Opens a bridge as a window has it; no station runs."""
    made: list[Bridge] = []
    settings = Settings(tmp_path, database_url=database_url)
    kept = MemoryStore()

    def build(entrant: Entrant) -> Bridge:
        session = SessionKeeper(
            lambda: SignIn(settings, kept), "tests window", entrant, load=(load_statements,)
        )
        feed = LiveFeed(str(tmp_path / "nobody.sock"), Hello(PROTOCOL, "w", "0", 1), time.monotonic)
        made.append(Bridge(feed, session, None))
        made[-1].start()
        return made[-1]

    yield build
    for bridge in made:
        bridge.stop()


@pytest.fixture
def window(qtbot, open_window, operator: Person) -> Bridge:
    """The operator is signed in, and hears of changes."""
    bridge = open_window(Entrant(operator.email, PASSWORD))
    qtbot.waitUntil(lambda: bridge.link.is_database_live, timeout=20_000)
    return bridge


@pytest.fixture
def order(newest_site: Site, admin: Person) -> Callable[..., object]:
    """Do something as the administrator, from another workstation."""
    database = newest_site.signed_in(admin)

    def do(act: Callable, *arguments: object, **options: object) -> object:
        with database.transaction() as connection:
            return act(connection, *arguments, **options)

    return do


def test_another_role_shows_within_a_second(qtbot, window, order, operator):
    assert not window.may(Action.MANAGE_PEOPLE)
    order(set_person_role, operator.id, Role.ADMIN)
    qtbot.waitUntil(lambda: window.may(Action.MANAGE_PEOPLE), timeout=SHOWN_WITHIN_MS)
    assert window.session.state.phase is Phase.SIGNED_IN


def test_another_name_shows_within_a_second_and_nothing_begins_anew(qtbot, window, order, operator):
    cleared: list[bool] = []
    window.cleared.connect(lambda: cleared.append(True))
    order(rename_person, operator.id, "Mara Berg")
    qtbot.waitUntil(lambda: window.person.name == "Mara Berg", timeout=SHOWN_WITHIN_MS)
    assert cleared == []


def test_whoever_is_disabled_is_put_out_with_its_sentence(qtbot, window, order, operator):
    order(set_person_active, operator.id, is_active=False)
    qtbot.waitUntil(lambda: window.session.state.phase is Phase.ENDED, timeout=5 * SHOWN_WITHIN_MS)
    assert "disabled" in window.session.state.sentence
    assert window.person is None


def test_whoever_got_another_password_signs_in_again_with_it(qtbot, window, order, operator):
    order(reset_password, operator.id, stored(BETTER))
    qtbot.waitUntil(lambda: window.session.state.phase is Phase.ENDED, timeout=5 * SHOWN_WITHIN_MS)
    assert "password was changed" in window.session.state.sentence
    window.session.sign_in(operator.email, PASSWORD)
    qtbot.waitUntil(lambda: "wrong" in window.session.state.sentence, timeout=5_000)
    window.session.sign_in(operator.email, BETTER)
    qtbot.waitUntil(lambda: window.person == operator, timeout=5_000)


def test_whoever_changes_their_own_password_goes_on(qtbot, window, operator):
    done: list[object] = []
    new: NewPassword = stored(BETTER)
    window.ask(lambda connection: change_my_password(connection, new), done.append, done.append, window)
    qtbot.waitUntil(lambda: done == [None], timeout=5_000)
    ticket = window.session.state.session.ticket
    window.session.password_changed(BETTER)
    qtbot.waitUntil(lambda: window.session.state.session.ticket != ticket, timeout=5_000)
    window.session.lock()
    window.session.unlock(BETTER)
    qtbot.waitUntil(lambda: not window.is_locked, timeout=5_000)
    assert window.person == operator


def test_nobody_can_tell_from_the_refusal_whether_an_address_is_known(qtbot, open_window, operator):
    sentences = []
    for email in (operator.email, "nobody@example.com"):
        window = open_window(Entrant(email, "not the password"))
        qtbot.waitUntil(lambda window=window: bool(window.session.state.is_fault), timeout=20_000)
        sentences.append(window.session.state.sentence)
    assert sentences[0] == sentences[1]


def test_whatever_is_typed_is_refused_like_any_wrong_password(qtbot, window, operator):
    window.session.sign_out()
    for email in ("'; DROP TABLE app.users; --", "x" * 254, "😀@example.com", "שלום\u202e@example.com"):
        window.session.sign_in(email, email)
        qtbot.waitUntil(lambda: not window.session.state.is_busy, timeout=5_000)
        assert window.session.state.sentence == "The e-mail address or the password is wrong."
    window.session.sign_in(operator.email, PASSWORD)
    qtbot.waitUntil(lambda: window.person == operator, timeout=5_000)


def test_while_the_database_is_away_one_looks_and_goes_on_by_itself_once_it_is_back(
    qtbot, window, open_window, database_server, database_url, operator
):
    window.session.sign_out()
    name = database_url.split("?")[0].rpartition("/")[2]
    database_server.run(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false')
    database_server.run(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")
    later = open_window(Entrant(operator.email, PASSWORD))
    qtbot.waitUntil(lambda: later.link.is_offline, timeout=20_000)
    assert later.person == operator
    assert not later.may(Action.HAND_OVER)
    database_server.run(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true')
    qtbot.waitUntil(lambda: later.may(Action.HAND_OVER), timeout=10_000)
    assert later.link.is_database_live
