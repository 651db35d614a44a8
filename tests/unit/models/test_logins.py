from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from models.logins import normalised_email, person_login

ASCII = st.text(st.characters(min_codepoint=1, max_codepoint=127), max_size=40)


def test_capitals_and_blanks_make_no_difference():
    assert normalised_email("  Anna.Berg@Example.COM\n") == "anna.berg@example.com"
    assert person_login("plant", " ANNA@x.com ") == person_login("plant", "anna@x.com")


def test_a_login_shows_neither_the_address_nor_the_database():
    login = person_login("plant", "anna@x.com")
    assert login == "u_" + login[2:]
    assert (len(login), set(login[2:]) <= set("0123456789abcdef")) == (34, True)


def test_the_same_address_has_another_login_in_another_database():
    assert person_login("plant", "anna@x.com") != person_login("plant2", "anna@x.com")


def test_an_address_that_no_encoding_knows_is_just_nobodys():
    assert person_login("plant", "\ud800@x.com").startswith("u_")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(email=ASCII)
def test_the_database_computes_the_same_login(shared_connection, email):
    name, login = shared_connection.execute(
        text("SELECT current_database()::text, app.login_of(:email)::text"), {"email": email}
    ).one()
    assert login == person_login(name, email)
