"""A second person's command on a connection of their own, on a real server."""

from datetime import UTC, datetime, timedelta

import pytest

from console.bridge.counter_signature import CounterSignature
from console.bridge.handover_commands import TakeOver, WriteHandover
from console.bridge.signature import SignatureTries
from models.errors import NotAllowed, SignInRefused
from models.queries.catalogue import current_person
from models.queries.handovers import load_handover
from models.records.handover import HandoverSection, HandoverState, SectionKey, ShiftSpan
from tests.account_parts import PASSWORD

NOW = datetime.now(UTC)
COMMAND = WriteHandover(
    ShiftSpan("Early", NOW - timedelta(hours=8), NOW),
    NOW,
    (HandoverSection(SectionKey.GENERAL, (), "all well"),),
    is_signed=True,
)


@pytest.fixture
def window(newest_site):
    """Olga is signed in; Piet stands beside her."""

    class Window:
        olga, piet = newest_site.add(name="Olga"), newest_site.add(name="Piet")
        database = newest_site.signed_in(olga)
        tries = SignatureTries()

        def do(self, command, email="", password=PASSWORD):
            signature = CounterSignature(email, password, self.tries) if email else None
            lent = signature.transaction(self.database) if signature else self.database.transaction()
            with lent as connection:
                return command.apply(connection, current_person(connection))

    return Window()


def test_two_persons_sign_at_one_window(window):
    kept = window.do(COMMAND)
    signed = window.do(TakeOver(kept.id, kept.digest), window.piet.email)
    assert signed.state is HandoverState.SIGNED
    assert (signed.outgoing.name, signed.incoming.name) == ("Olga", "Piet")


def test_the_same_person_cannot_sign_twice_under_either_login(window):
    kept = window.do(COMMAND)
    with pytest.raises(NotAllowed, match="two persons sign"):
        window.do(TakeOver(kept.id, kept.digest), window.olga.email)


@pytest.mark.parametrize("password", ["wrong words here", "", "a\0b"])
def test_a_wrong_password_signs_nothing_and_is_counted(window, password):
    kept = window.do(COMMAND)
    with pytest.raises(SignInRefused, match="is wrong"):
        window.do(TakeOver(kept.id, kept.digest), window.piet.email, password)
    with window.database.transaction() as connection:
        assert load_handover(connection, kept.id).state is HandoverState.WAITING


def test_guessing_is_slowed_down(window):
    kept = window.do(COMMAND)
    for _ in range(3):
        with pytest.raises(SignInRefused):
            window.do(TakeOver(kept.id, kept.digest), window.piet.email, "wrong words here")
    assert window.tries.refusal().startswith("Too many wrong passwords")


def test_nothing_of_the_second_person_is_kept(window):
    kept = window.do(COMMAND)
    signature = CounterSignature(window.piet.email, PASSWORD, window.tries)
    with signature.transaction(window.database) as connection:
        TakeOver(kept.id, kept.digest).apply(connection, current_person(connection))
    with window.database.transaction() as connection:
        assert current_person(connection).id == window.olga.id
    assert PASSWORD not in repr(signature)
