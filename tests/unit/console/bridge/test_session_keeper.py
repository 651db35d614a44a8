from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from console.bridge import session_keeper
from console.bridge.session_keeper import Entrant, SessionKeeper
from console.bridge.session_state import Phase
from models.errors import NeedsSetup, Refusal, Rejected, SignInRefused
from models.records.person import Role
from tests.unit.console.bridge.bridge_parts import NOW, FakeDatabase
from tests.unit.console.bridge.session_parts import (
    EVA,
    NOT_HERE,
    PASSWORD,
    WRONG,
    FakeDoor,
    FakeSite,
)

DISABLED = SignInRefused("This account is disabled; ask an administrator to enable it.", Refusal.DISABLED)


class Clock:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> float:
        return self.now


class Heard:
    """What a keeper told, in order."""

    def __init__(self, keeper: SessionKeeper) -> None:
        self.events: list[str] = []
        self.refusals: list[str] = []
        self.told: list[str] = []
        keeper.signed_in.connect(lambda session: self.events.append(f"in {session.person.role}"))
        keeper.signed_out.connect(lambda: self.events.append("out"))
        keeper.renewed.connect(lambda _session: self.events.append("renewed"))
        keeper.changed.connect(lambda: self.events.append(str(keeper.state.phase)))
        keeper.unlock_refused.connect(self.refusals.append)
        keeper.told.connect(self.told.append)


@pytest.fixture
def site(database: FakeDatabase) -> FakeSite:
    return FakeSite(database)


@pytest.fixture
def door(site: FakeSite, monkeypatch) -> FakeDoor:
    monkeypatch.setattr(session_keeper, "_PAUSES_S", (0.02,))
    return FakeDoor(site)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def make(qapp, door: FakeDoor, clock: Clock) -> Iterator[Callable[..., SessionKeeper]]:
    made: list[SessionKeeper] = []

    def build(entrant: Entrant | None = None) -> SessionKeeper:
        made.append(SessionKeeper(lambda: door, "window", entrant, now=clock))
        return made[-1]

    yield build
    for keeper in made:
        keeper.stop()
        keeper.stop()


@pytest.fixture
def keeper(qtbot, make) -> SessionKeeper:
    """Open, with nobody signed in."""
    made = make()
    made.start()
    qtbot.waitUntil(lambda: made.state.phase is Phase.SIGNED_OUT)
    return made


@pytest.fixture
def inside(qtbot, keeper: SessionKeeper) -> SessionKeeper:
    """Eva is signed in."""
    keeper.sign_in(EVA.email, PASSWORD)
    qtbot.waitUntil(lambda: keeper.state.phase is Phase.SIGNED_IN)
    return keeper


def test_a_database_that_cannot_be_opened_is_said_and_tried_again(qtbot, make, door):
    door.refusals = [NeedsSetup("Run main.py db upgrade.")]
    keeper = make()
    sentences: list[str] = []
    keeper.changed.connect(lambda: sentences.append(keeper.state.sentence))
    keeper.start()
    qtbot.waitUntil(lambda: keeper.state.phase is Phase.SIGNED_OUT)
    assert sentences == ["Run main.py db upgrade.", ""]
    assert keeper.state.place == "console on this computer"


def test_stopping_leaves_the_session_and_the_database(inside, door, site):
    inside.stop()
    assert not door.is_open
    assert site.done[-1] == "sign out eva@example.org"


def test_the_right_password_lets_in_and_whoever_holds_data_hears_it_first(qtbot, keeper):
    heard = Heard(keeper)
    keeper.sign_in(EVA.email, PASSWORD)
    qtbot.waitUntil(lambda: keeper.state.session is not None)
    assert heard.events == ["signed out", "in operator", "signed in"]
    assert keeper.state.session.person == EVA


def test_a_wrong_password_is_one_sentence_and_the_page_stays(qtbot, keeper):
    keeper.sign_in(EVA.email, "wrong")
    assert keeper.state.is_busy
    qtbot.waitUntil(lambda: not keeper.state.is_busy)
    assert (keeper.state.phase, keeper.state.sentence) == (Phase.SIGNED_OUT, WRONG)
    assert keeper.state.is_fault
    assert keeper.state.email == EVA.email


def test_no_password_is_kept_or_shown(qtbot, keeper):
    keeper.sign_in(EVA.email, "wrong")
    qtbot.waitUntil(lambda: not keeper.state.is_busy)
    assert "wrong" not in repr(keeper.state).replace(WRONG, "")
    assert PASSWORD not in repr(Entrant(EVA.email, PASSWORD))


def test_whoever_is_named_at_the_start_comes_in_without_being_asked(qtbot, make):
    keeper = make(Entrant(EVA.email, PASSWORD))
    heard = Heard(keeper)
    keeper.start()
    qtbot.waitUntil(lambda: keeper.state.session is not None)
    assert "signed out" not in heard.events


def test_whoever_is_named_at_the_start_and_refused_is_asked(qtbot, make):
    keeper = make(Entrant(EVA.email, "wrong"))
    keeper.start()
    qtbot.waitUntil(lambda: keeper.state.sentence == WRONG)
    assert keeper.state.phase is Phase.SIGNED_OUT


def test_the_first_administrator_is_created_and_let_in(qtbot, make, site):
    site.needs_first_admin = True
    keeper = make(Entrant(EVA.email, PASSWORD))
    keeper.start()
    qtbot.waitUntil(lambda: keeper.state.phase is Phase.FIRST_ADMIN)
    keeper.create_first_admin("Eva Lind", EVA.email, PASSWORD)
    qtbot.waitUntil(lambda: keeper.state.phase is Phase.SIGNED_IN)
    assert site.done == ["create Eva Lind eva@example.org", "sign in eva@example.org"]


def test_a_first_administrator_who_will_not_do_is_asked_again(qtbot, make, site):
    site.needs_first_admin, site.failure = True, Rejected("A password needs at least 10 characters.")
    keeper = make()
    keeper.start()
    qtbot.waitUntil(lambda: keeper.state.phase is Phase.FIRST_ADMIN)
    keeper.create_first_admin("Eva", EVA.email, "short")
    qtbot.waitUntil(lambda: not keeper.state.is_busy)
    assert keeper.state.phase is Phase.FIRST_ADMIN
    assert keeper.state.sentence == "A password needs at least 10 characters."


def test_while_the_database_is_away_the_same_form_signs_in_to_look(qtbot, keeper, site):
    site.is_away = True
    keeper.sign_in(EVA.email, PASSWORD)
    qtbot.waitUntil(lambda: keeper.state.session is not None)
    assert keeper.state.session.is_offline


def test_whoever_is_not_known_here_learns_why_while_the_database_is_away(qtbot, keeper, site):
    site.is_away, site.knows_offline = True, False
    keeper.sign_in(EVA.email, PASSWORD)
    qtbot.waitUntil(lambda: keeper.state.sentence == NOT_HERE)


def test_what_a_person_should_read_once_is_told(qtbot, keeper, site):
    site.notice = "The database is newer than this program: you can only look."
    heard = Heard(keeper)
    keeper.sign_in(EVA.email, PASSWORD)
    qtbot.waitUntil(lambda: heard.told == [site.notice])


def test_signing_out_tells_everybody_and_ends_the_login(qtbot, inside, site):
    heard, session = Heard(inside), inside.state.session
    inside.sign_out()
    assert heard.events == ["out", "signed out"]
    assert (inside.state.session, inside.state.sentence, inside.state.email) == (None, "", "")
    inside.dismiss(session)
    qtbot.waitUntil(lambda: site.done[-1] == "sign out eva@example.org")


def test_an_ended_session_says_why(inside):
    inside.end("Your password was changed.")
    assert (inside.state.phase, inside.state.sentence) == (Phase.ENDED, "Your password was changed.")
    assert inside.state.email == EVA.email


def test_another_role_begins_the_session_anew(inside):
    heard = Heard(inside)
    inside.take_person(replace(EVA, role=Role.ADMIN))
    assert heard.events == ["out", "in admin", "signed in"]
    assert "role" in heard.told[0]


def test_the_login_of_a_session_that_goes_on_in_another_role_is_not_ended(qtbot, inside, site):
    session = inside.state.session
    inside.take_person(replace(EVA, role=Role.ADMIN))
    inside.dismiss(session)
    inside.refresh()
    qtbot.waitUntil(lambda: site.refreshed == 1)
    assert not any(done.startswith("sign out") for done in site.done)


def test_another_name_leaves_the_session_as_it_is(inside):
    heard = Heard(inside)
    inside.take_person(replace(EVA, name="Eva Berg"))
    assert heard.events == ["signed in"]
    assert inside.state.session.person.name == "Eva Berg"


def test_a_refused_login_ends_the_session_with_its_sentence(qtbot, inside, site):
    site.failure = DISABLED
    inside.refresh()
    qtbot.waitUntil(lambda: inside.state.phase is Phase.ENDED)
    assert inside.state.sentence == str(DISABLED)


def test_an_old_password_that_is_refused_while_the_new_one_is_on_its_way_ends_nothing(qtbot, inside, site):
    site.gate.clear()
    site.failure = DISABLED
    inside.refresh()
    inside.password_changed("a better horse battery")
    site.gate.set()
    qtbot.waitUntil(lambda: inside.state.session.ticket == "cd" * 32)
    assert inside.state.phase is Phase.SIGNED_IN


def test_a_session_is_renewed_once_a_day_and_only_then(qtbot, inside, clock, site):
    inside.look_at_expiry()
    clock.now += 86_400 + 60
    inside.look_at_expiry()
    qtbot.waitUntil(lambda: inside.state.session.ticket != "ab" * 32)
    assert site.refreshed == 1


def test_a_session_that_could_not_be_renewed_for_a_week_is_over(inside, clock):
    clock.now += 7 * 86_400 + 1
    inside.look_at_expiry()
    assert inside.state.phase is Phase.ENDED
    assert "run out" in inside.state.sentence


def test_the_lock_opens_to_the_right_password_only(qtbot, inside):
    heard = Heard(inside)
    inside.lock()
    inside.unlock("wrong")
    qtbot.waitUntil(lambda: heard.refusals == ["This is not Eva Lind's password."])
    assert inside.state.is_locked
    inside.unlock(PASSWORD)
    qtbot.waitUntil(lambda: not inside.state.is_locked)


def test_after_three_wrong_passwords_the_lock_makes_one_wait_and_then_opens(qtbot, inside, clock):
    heard = Heard(inside)
    inside.lock()
    for count in (1, 2, 3):
        inside.unlock("wrong")
        qtbot.waitUntil(lambda count=count: len(heard.refusals) == count)
    inside.unlock(PASSWORD)
    assert heard.refusals[-1] == "Too many wrong passwords; wait 1 s."
    clock.now += 2
    inside.unlock(PASSWORD)
    qtbot.waitUntil(lambda: not inside.state.is_locked)


def test_a_mistake_of_ours_is_said_and_lets_somebody_try_again(qtbot, monkeypatch, keeper, site, caplog):
    monkeypatch.setattr(site, "sign_in", lambda *_: 1 / 0)
    keeper.sign_in(EVA.email, PASSWORD)
    qtbot.waitUntil(lambda: "mistake in this program" in keeper.state.sentence)
    assert "ZeroDivisionError" in caplog.text
    assert not keeper.state.is_busy
