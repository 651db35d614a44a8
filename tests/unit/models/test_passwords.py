import base64

import bcrypt
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models.errors import Rejected
from models.passwords import (
    NewPassword,
    check_password,
    hash_password,
    new_password,
    prepared,
    scram_verifier,
    scram_verifier_for,
    verify_password,
)

TRICKY = st.text(
    st.characters(min_codepoint=1, exclude_categories=["Cs"])
    | st.sampled_from("a\u00a0\u00ad\u200b\u3000\u0301\u0644\u0627\u2167\ufb01\u1e9b\u0660\ue000\U0001f511"),
    min_size=1,
    max_size=12,
)


@pytest.mark.parametrize(
    ("password", "reason"),
    [
        ("short", "at least 10 characters; this one has 5"),
        ("x" * 73, "72 bytes long; this one has 73"),
        ("ä" * 37, "72 bytes long; this one has 74"),
        ("line\nbreak in it", "control characters"),
        ("zero\0byte in it", "control characters"),
        ("half a pair \ud83d", "control characters"),
        (" " * 12, "blanks"),
        ("Anna.Berg@Example.com", "own e-mail address or name"),
        (" anna.berg ", "own e-mail address or name"),
        ("ANNA VAN DEN BERG", "own e-mail address or name"),
    ],
)
def test_a_password_that_does_not_do_is_refused_with_the_reason(password, reason):
    with pytest.raises(Rejected, match=reason):
        check_password(password, email="anna.berg@example.com", name="Anna van den Berg")


@pytest.mark.parametrize(
    "password", ["x" * 10, "y" * 72, "ä" * 36, "пароль на русском", "🔑🔑🔑🔑🔑🔑🔑🔑🔑🔑"]
)
def test_a_password_that_does_is_accepted(password):
    check_password(password, email="anna.berg@example.com", name="Anna Berg")


def test_the_hash_is_bcrypt_of_cost_twelve_and_knows_its_password():
    made = hash_password("correct horse")
    assert made.startswith("$2b$12$")
    assert verify_password("correct horse", made)
    assert not verify_password("correct horsf", made)


def test_a_hash_of_any_cost_is_verified():
    made = bcrypt.hashpw(b"correct horse", bcrypt.gensalt(4)).decode()
    assert verify_password("correct horse", made)


@pytest.mark.parametrize("damaged", ["!", "", "$2b$12$short", "correct horse"])
def test_what_is_no_hash_lets_nobody_in(damaged):
    assert not verify_password("correct horse", damaged)


def test_a_password_beyond_what_bcrypt_reads_is_never_right():
    made = bcrypt.hashpw(b"x" * 72, bcrypt.gensalt(4)).decode()
    assert not verify_password("x" * 73, made)
    with pytest.raises(Rejected, match="72 bytes"):
        hash_password("x" * 73)


def test_an_accent_typed_as_one_sign_or_as_two_is_the_same_password():
    made = bcrypt.hashpw(prepared("caf\u00e9 au lait"), bcrypt.gensalt(4)).decode()
    assert verify_password("cafe\u0301 au lait", made)


def test_neither_form_of_a_password_shows_in_its_text():
    made = new_password("correct horse", email="", name="")
    assert repr(made) == str(made) == "NewPassword()"
    assert NewPassword("a", "b") != NewPassword("a", "c")


def test_the_verifier_is_that_of_the_standard():
    # The example of RFC 7677 section 3: user "user", password "pencil".
    salt = base64.b64decode("W22ZaJ0SNY7soEsUEjb6gQ==")
    assert scram_verifier("pencil", salt=salt) == (
        "SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$"
        "WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU="
    )


def test_every_verifier_has_a_salt_of_its_own():
    assert scram_verifier("pencil") != scram_verifier("pencil")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
@given(password=TRICKY)
def test_the_verifier_is_the_one_that_libpq_makes(shared_connection, password):
    theirs = scram_verifier_for(shared_connection, "u_1", password)
    _, parameters, _ = theirs.split("$")
    iterations, salt = parameters.split(":")
    assert scram_verifier(password, salt=base64.b64decode(salt), iterations=int(iterations)) == theirs
