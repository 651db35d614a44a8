"""Which names are secret, here and in the database, and how secrets are found."""

import json

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from models.secret_names import is_sealed, is_secret_name, replaced, text_from_path

SECRET = [
    "password",
    "Password",
    "PASSWORD",
    "db_password",
    "password2",
    "userPassword",
    "userpassword",
    "passwd",
    "pass_phrase",
    "passphrase",
    "passcode",
    "pwd",
    "psk",
    "wifi-psk",
    "private_key",
    "privateKey",
    "PrivateKeys",
    "secret",
    "client_secret",
    "clientSecret",
    "token",
    "access_token",
    "tokens",
    "api_key",
    "apiKey",
    "apikey",
    "API-KEY",
    "pin",
    "PIN",
    "sim.pin",
    "pins",
    "pin2",
    "credential",
    "credentials",
    "shared_key",
    "sharedAccessKey",
    "session_key",
    "encryption-key",
    "signing_key",
    "master_key",
    "auth_key",
    "kennwort",
    "passwort",
]
HARMLESS = [
    "host",
    "port",
    "unit",
    "endpoint",
    "security",
    "mode",
    "serial",
    "spinning",
    "shipping",
    "pinion",
    "opinion",
    "keyboard",
    "key",
    "monkey",
    "keys",
    "public_key",
    "passing",
    "compass",
    "bypass",
    "tokenizer",
    "username",
    "user",
    "period_s",
    "address",
    "scale",
    "profile",
    "note",
]


def test_a_name_that_says_secret_is():
    assert [name for name in SECRET if not is_secret_name(name)] == []


def test_a_name_that_does_not_is_not():
    assert [name for name in HARMLESS if is_secret_name(name)] == []


parts = st.sampled_from(
    [*SECRET, *HARMLESS, "_", "-", " ", "2", "İ", "K", "ß", "\n", "A", "pass", "word", "pin"]
)
names = st.lists(parts, min_size=1, max_size=4).map("".join) | st.text(
    st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=20
)


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.lists(names, min_size=1, max_size=40))
def test_the_database_draws_the_same_line(shared_connection, some):
    query = text(
        "SELECT array_agg(app.is_secret_name(name) ORDER BY place)"
        " FROM unnest(CAST(:names AS text[])) WITH ORDINALITY AS n (name, place)"
    )
    (found,) = shared_connection.execute(query, {"names": some}).one()
    assert found == [is_secret_name(name) for name in some]


SEAL = {"$sealed": {"key": "k", "nonce": "n", "data": "d"}}
METADATA = {
    "connection": {"host": "h", "password": "a", "username": "u", "unit": 2},
    "note": "password",
    "doors": [{"pin": 17, "name": "north"}, {"pin": None}, {"pin": ""}, {"pin": True}],
    "tokens": ["b", {"x": "c"}, SEAL],
    "moved": SEAL,
}


def found_in(value):
    found = []
    replaced(value, lambda path, secret: found.append((text_from_path(path), secret)))
    return dict(found)


def test_every_secret_is_found_with_its_path():
    assert found_in(METADATA) == {
        "connection.password": "a",
        "doors[0].pin": 17,
        "tokens[0]": "b",
        "tokens[1].x": "c",
        "tokens[2]": SEAL,
        "moved": SEAL,
    }


def test_everything_else_stays_as_it_is():
    assert replaced(METADATA, lambda path, secret: secret) == METADATA
    changed = replaced(METADATA, lambda path, secret: "*")
    assert changed["doors"] == [{"pin": "*", "name": "north"}, {"pin": None}, {"pin": ""}, {"pin": True}]
    assert METADATA["doors"][0] == {"pin": 17, "name": "north"}


def test_the_database_finds_the_same(shared_connection):
    query = text("SELECT array_to_string(path, '.'), value FROM app.secrets_in(CAST(:metadata AS jsonb))")
    rows = shared_connection.execute(query, {"metadata": json.dumps(METADATA)}).all()
    plain = {path.replace("[", ".").replace("]", ""): secret for path, secret in found_in(METADATA).items()}
    assert dict(rows) == plain


def test_only_an_object_with_the_mark_is_sealed():
    assert is_sealed(SEAL)
    assert not is_sealed({"sealed": {}})
    assert not is_sealed("$sealed")
