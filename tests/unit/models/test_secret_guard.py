"""What the database itself refuses in `devices.metadata`, whoever writes it."""

import json
import os
import re
import traceback

import pytest
from sqlalchemy import text

from models.credentials import MemoryStore
from models.errors import NotAllowed, Rejected
from models.records.person import Role
from models.secrets import field_context
from models.workstation import WorkstationKeys

INSERT = text(
    "INSERT INTO app.devices (device_id, name, type, location, user_id, metadata)"
    " VALUES (:device, 'n', 't', 'l', app.person_id(), CAST(:metadata AS jsonb)) RETURNING id"
)
UPDATE = text("UPDATE app.devices SET metadata = CAST(:metadata AS jsonb) WHERE device_id = :device")
WELL_FORMED = {"key": "0" * 32, "nonce": "A" * 16, "data": "A" * 22 + "=="}


def insert(connection, metadata, device="PRESS-01"):
    return connection.execute(INSERT, {"device": device, "metadata": json.dumps(metadata)}).scalar_one()


def update(connection, metadata, device="PRESS-01"):
    connection.execute(UPDATE, {"device": device, "metadata": json.dumps(metadata)})


@pytest.fixture
def keys(database):
    """The keys of a workstation that made the first one."""
    made = WorkstationKeys(MemoryStore, database.place)
    with database.transaction() as connection:
        made.create(connection, "desk")
    return made


@pytest.fixture
def sealed(database, keys):
    """`sealed("x", "connection", "password")`: sealed for PRESS-01."""

    def seal(value, *path, device="PRESS-01"):
        with database.transaction() as connection:
            return keys.open_box(connection).seal(value, field_context(device, path))

    return seal


@pytest.mark.parametrize(
    ("metadata", "place"),
    [
        ({"password": "x"}, "password"),
        ({"connection": {"password": "x"}}, "connection.password"),
        ({"connection": {"Password": "x"}}, "connection.Password"),
        ({"a": [{"b": {"apiKey": "x"}}]}, "a.0.b.apiKey"),
        ({"pin": 1234}, "pin"),
        ({"tokens": ["", "x"]}, "tokens.1"),
        ({"secret": {"user": "x"}}, "secret.user"),
        ({"password": " "}, "password"),
    ],
)
def test_a_plain_secret_is_refused_by_name(shared_database, metadata, place):
    text = f"{re.escape(place)} of PRESS-01 must not be stored in clear"
    with pytest.raises(Rejected, match=text), shared_database.transaction() as connection:
        insert(connection, metadata)


def test_the_refusal_does_not_repeat_the_secret(shared_database):
    secret = os.urandom(8).hex()
    with pytest.raises(Rejected) as caught, shared_database.transaction() as connection:
        insert(connection, {"password": secret})
    assert secret not in "".join(traceback.format_exception(caught.value))


@pytest.mark.parametrize(
    "metadata",
    [
        {"password": ""},
        {"password": None},
        {"has_password": True},
        {"note": "the password is on paper"},
        {"tokens": []},
        {"secret": {}},
        "just a text",
        ["a", "list"],
        17,
        None,
    ],
)
def test_what_is_no_secret_is_stored(connection, metadata):
    assert insert(connection, metadata) > 0


@pytest.mark.parametrize(
    "claim",
    [
        "x",
        None,
        {},
        {**WELL_FORMED, "more": "x"},
        {**WELL_FORMED, "key": "x"},
        {**WELL_FORMED, "key": None},
        {**WELL_FORMED, "nonce": "AAAA"},
        {**WELL_FORMED, "data": "plain text that is long enough"},
        {**WELL_FORMED, "data": "AAAA"},
        {**WELL_FORMED, "data": {"password": "x"}},
        [WELL_FORMED],
    ],
)
def test_what_only_claims_to_be_sealed_is_refused(shared_database, claim):
    refused = pytest.raises(Rejected, match="password of PRESS-01 is not a value that the console encrypted")
    with refused, shared_database.transaction() as connection:
        insert(connection, {"password": {"$sealed": claim}})


def test_nothing_hides_beside_a_seal(shared_database):
    refused = pytest.raises(Rejected, match="is not a value that the console encrypted")
    with refused, shared_database.transaction() as connection:
        insert(connection, {"password": {"$sealed": WELL_FORMED, "password": "x"}})


def test_a_value_of_an_unknown_key_is_refused(shared_database):
    refused = pytest.raises(
        Rejected, match="password of PRESS-01 is encrypted with a key that is not the present"
    )
    with refused, shared_database.transaction() as connection:
        insert(connection, {"password": {"$sealed": WELL_FORMED}})


def test_a_sealed_value_is_stored(database, sealed):
    with database.transaction() as connection:
        assert insert(connection, {"connection": {"password": sealed("x", "connection", "password")}}) > 0


def test_a_plain_secret_cannot_come_by_an_update(database):
    with database.transaction() as connection:
        insert(connection, {})
    with pytest.raises(Rejected, match="must not be stored in clear"), database.transaction() as connection:
        update(connection, {"password": "x"})


def test_nobody_may_write_one_by_hand(site):
    engineer = site.signed_in(site.add(Role.USER))
    with pytest.raises(Rejected, match="must not be stored in clear"), engineer.transaction() as connection:
        insert(connection, {"connection": {"password": "x"}})


def test_a_hardware_id_does_not_change_under_a_sealed_value(database, sealed):
    with database.transaction() as connection:
        insert(connection, {"password": sealed("x", "password")})
    rename = text("UPDATE app.devices SET device_id = 'PRESS-02'")
    with pytest.raises(Rejected, match="cannot move to PRESS-02"), database.transaction() as connection:
        connection.execute(rename)


def test_an_address_does_not_change_under_a_sealed_password(database, sealed):
    password = sealed("x", "connection", "password")
    settings = {"password": password, "endpoint": "opc.tcp://plc", "timeout_s": 1}
    with database.transaction() as connection:
        insert(connection, {"connection": settings})
        update(connection, {"connection": {**settings, "timeout_s": 2}})
    refused = pytest.raises(Rejected, match="is encrypted for the address it had before; enter it again")
    with refused, database.transaction() as connection:
        update(connection, {"connection": {**settings, "endpoint": "opc.tcp://thief"}})


def test_a_device_without_secrets_may_be_renamed(database):
    with database.transaction() as connection:
        insert(connection, {"note": "x"})
        connection.execute(text("UPDATE app.devices SET device_id = 'PRESS-02'"))


def test_a_retired_value_may_stay_but_not_come(database, keys, sealed):
    old = sealed("x", "password")
    elsewhere = sealed("x", "password", device="PRESS-02")
    with database.transaction() as connection:
        insert(connection, {"password": old})
        # A rotation on a workstation that cannot open this value leaves it as it is.
        connection.execute(text("UPDATE app.field_keys SET retired_at = now()"))
    with database.transaction() as connection:
        update(connection, {"password": old, "note": "changed"})
    with (
        pytest.raises(Rejected, match="a key that is not the present one"),
        database.transaction() as connection,
    ):
        insert(connection, {"password": elsewhere}, "PRESS-02")


def test_deep_json_is_refused_with_a_sentence(database):
    deep = '{"a":' * 3000 + "1" + "}" * 3000
    with pytest.raises(Rejected, match="nested deeper than 64 levels"), database.transaction() as connection:
        connection.execute(INSERT, {"device": "PRESS-01", "metadata": deep})


def test_deep_lists_are_refused_with_a_sentence(database):
    deep = "[" * 3000 + "]" * 3000
    with pytest.raises(Rejected, match="nested deeper than 64 levels"), database.transaction() as connection:
        connection.execute(INSERT, {"device": "PRESS-01", "metadata": deep})


def test_huge_json_is_refused_with_a_sentence(database):
    with pytest.raises(Rejected, match="larger than 1 MB"), database.transaction() as connection:
        insert(connection, {"note": "x" * 1_000_001})


def test_wide_json_within_the_limit_is_checked_in_time(database):
    wide = {f"k{number}": number for number in range(50_000)}
    with pytest.raises(Rejected, match="pin of PRESS-01"), database.transaction() as connection:
        insert(connection, {**wide, "pin": 1})


def test_heartbeats_are_not_held_up_by_what_was_stored_before(database):
    with database.transaction() as connection:
        connection.execute(text("ALTER TABLE app.devices DISABLE TRIGGER guard_secrets"))
        insert(connection, {"password": "stored before"})
        connection.execute(text("ALTER TABLE app.devices ENABLE TRIGGER guard_secrets"))
    with database.transaction() as connection:
        connection.execute(text("UPDATE app.devices SET status = 'online', name = 'New name'"))


def test_the_audit_never_notes_what_was_stored_in_clear_before(database, keys):
    with database.transaction() as connection:
        connection.execute(text("ALTER TABLE app.devices DISABLE TRIGGER guard_secrets"))
        insert(connection, {"password": "stored before", "note": "kept"})
        connection.execute(text("ALTER TABLE app.devices ENABLE TRIGGER guard_secrets"))
    with database.transaction() as connection:
        keys.rotate(connection)
    with database.transaction() as connection:
        noted = connection.execute(
            text("SELECT string_agg(concat(old, new), ' ') FROM app.audit_log")
        ).scalar_one()
    assert "stored before" not in noted
    assert '"(secret)"' in noted
    assert "kept" in noted


FOR_ADMINISTRATORS = (
    "SELECT app.lock_secrets()",
    "SELECT app.create_field_key(repeat('0', 32), 1, ''::bytea, ''::bytea, false)",
    "SELECT app.approve_workstation(1, ''::bytea, '{}', '{}')",
    "SELECT app.revoke_workstation(1)",
    "SELECT app.rotate_field_key('', '', '', '{}', '{}')",
    "SELECT app.keep_wrapped('', 1, '')",
    "SELECT app.compared_workstation(1, '')",
    "SELECT * FROM app.wrapped_keys",
    "INSERT INTO app.workstations (name, public_key, fingerprint) VALUES ('x', '', '')",
    "UPDATE app.workstations SET approved_at = now()",
    "DELETE FROM app.field_keys",
)


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.USER])
def test_only_administrators_touch_keys(site, role):
    person = site.signed_in(site.add(role))
    for statement in FOR_ADMINISTRATORS:
        with pytest.raises(NotAllowed), person.transaction() as connection:
            connection.execute(text(statement))


def test_administrators_too_change_keys_only_through_the_functions(site):
    admin = site.signed_in(site.add(Role.ADMIN))
    for statement in (
        "UPDATE app.workstations SET approved_at = now()",
        "INSERT INTO app.field_keys (id) VALUES (repeat('0', 32))",
        "DELETE FROM app.wrapped_keys",
    ):
        with pytest.raises(NotAllowed), admin.transaction() as connection:
            connection.execute(text(statement))


def test_an_engineer_does_not_see_the_list_of_workstations(site):
    engineer = site.signed_in(site.add(Role.USER))
    with pytest.raises(NotAllowed), engineer.transaction() as connection:
        connection.execute(text("SELECT * FROM app.workstations"))
