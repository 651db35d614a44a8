"""Secrets of channels: sealed before they are stored, bound to their server, and nowhere to be read."""

from dataclasses import replace

import pytest
from sqlalchemy import text

from models.credentials import MemoryStore
from models.errors import AlreadyDone, KeyMissing, Rejected, SealBroken
from models.notification_secrets import opened_secret, sealed_channel, secret_context
from models.queries.audit import audit_page
from models.queries.notifications import load_channels, load_rules, remove_channel, save_channel
from models.records.audit import AuditFilter
from models.secrets import NO_KEYS
from models.workstation import WorkstationKeys
from tests.unit.models.notification_parts import HOOK, MAIL, add_channel, add_rule

PASSWORD = "Zange-7-Huf"
SIGNED_IN = replace(MAIL, username="console")


@pytest.fixture
def keys(connection):
    store = MemoryStore()
    made = WorkstationKeys(lambda: store, "here")
    made.create(connection, "office")
    return made


@pytest.fixture
def box(connection, keys):
    return keys.open_box(connection)


def stored(connection, box, channel=SIGNED_IN, secret=PASSWORD):
    return add_channel(connection, sealed_channel(channel, secret, None, box))


def test_a_secret_is_stored_sealed_and_opens_where_the_key_is(connection, box):
    channel = stored(connection, box)
    assert opened_secret(channel, box) == PASSWORD
    with pytest.raises(KeyMissing):
        opened_secret(channel, NO_KEYS)
    whole = connection.execute(text("SELECT c::text FROM app.notification_channels AS c")).scalar_one()
    assert PASSWORD not in whole + repr(channel)


@pytest.mark.parametrize("secret", ['"Zange-7-Huf"', '{"$sealed": {"key": "x"}}', "{}"])
def test_the_database_refuses_a_secret_in_clear_and_shows_it_to_nobody(connection, secret):
    with pytest.raises(Exception, match="must not be stored in clear") as refusal, connection.begin_nested():
        connection.execute(
            text(
                "INSERT INTO app.notification_channels (name, kind, url, secret)"
                " VALUES ('Hook', 'webhook', 'http://h/', CAST(:secret AS jsonb))"
            ),
            {"secret": secret},
        )
    assert "Zange" not in str(refusal.value)


@pytest.mark.parametrize(
    "change",
    [{"host": "evil.example"}, {"port": 26}, {"security": "tls"}, {"username": "root"}],
)
def test_a_sealed_secret_does_not_follow_to_another_server(connection, box, change):
    channel = stored(connection, box)
    with pytest.raises(Rejected, match="encrypted for the address it had before"), connection.begin_nested():
        save_channel(connection, replace(channel, **change))
    with pytest.raises(SealBroken):
        opened_secret(replace(channel, **change), box)


def test_whoever_holds_the_key_takes_the_secret_along_and_who_does_not_must_type_it(connection, box):
    before = stored(connection, box)
    moved = replace(before, host="mail2.plant.example")
    with pytest.raises(KeyMissing):
        sealed_channel(moved, None, before, NO_KEYS)
    save_channel(connection, sealed_channel(moved, None, before, box))
    (channel,) = load_channels(connection)
    assert (channel.host, opened_secret(channel, box)) == ("mail2.plant.example", PASSWORD)


def test_another_name_needs_no_key(connection, box):
    before = stored(connection, box)
    renamed = sealed_channel(replace(before, name="Night mail"), None, before, NO_KEYS)
    save_channel(connection, renamed)
    assert opened_secret(load_channels(connection)[0], box) == PASSWORD


def test_a_secret_can_be_taken_away(connection, box):
    before = stored(connection, box)
    save_channel(connection, sealed_channel(before, "", before, NO_KEYS))
    assert load_channels(connection)[0].secret is None


def test_a_change_of_key_seals_the_secrets_of_channels_anew(connection, keys, box):
    channel = stored(connection, box)
    hook = stored(connection, box, HOOK, "hook's secret")
    keys.rotate(connection)
    fresh = keys.open_box(connection)
    found = {one.id: one for one in load_channels(connection)}
    assert opened_secret(found[channel.id], fresh) == PASSWORD
    assert opened_secret(found[hook.id], fresh) == "hook's secret"
    assert found[channel.id].secret["$sealed"]["key"] == fresh.current


def test_a_password_does_not_travel_in_clear(connection, box):
    open_way = replace(SIGNED_IN, security="none")
    with pytest.raises(Exception, match="secret_is_protected"), connection.begin_nested():
        stored(connection, box, open_way)
    with pytest.raises(Exception, match="secret_is_protected"), connection.begin_nested():
        stored(connection, box, replace(HOOK, secret_header="Authorization"))
    stored(connection, box, HOOK)


def test_the_trail_says_who_changed_a_channel_and_neither_its_secret_nor_peoples_addresses(database):
    store = MemoryStore()
    keys = WorkstationKeys(lambda: store, "here")
    with database.transaction() as connection:
        keys.create(connection, "office")
        channel = stored(connection, keys.open_box(connection))
        add_rule(connection, channel, addresses=("anna@plant.example",))
    with database.transaction() as connection:
        before = load_channels(connection)[0]
        save_channel(connection, sealed_channel(before, "another", before, keys.open_box(connection)))
    with database.transaction() as connection:
        entries = audit_page(connection, AuditFilter(), 100)
    tables = {entry.table for entry in entries}
    assert {"notification_channels", "notification_rules"} <= tables
    assert "$sealed" not in repr(entries)
    assert "anna@plant.example" not in repr(entries)
    changed = next(
        entry
        for entry in entries
        if (entry.table, entry.operation.name) == ("notification_channels", "CHANGED")
    )
    assert changed.after["secret"] == "(changed)"


def test_names_are_told_apart_whatever_their_case(connection):
    add_channel(connection, HOOK)
    with pytest.raises(Rejected, match="There is a channel of this name already"):
        add_channel(connection, HOOK, name="hook")
    with pytest.raises(Rejected, match="needs a name"):
        add_channel(connection, HOOK, name="  ")


def test_somebody_elses_change_is_not_written_over(connection):
    seen = add_channel(connection, HOOK)
    connection.execute(text("UPDATE app.notification_channels SET updated_at = now() + interval '1 second'"))
    with pytest.raises(AlreadyDone):
        save_channel(connection, replace(seen, url="http://other/", updated_at=MAIL.updated_at))


def test_a_channel_that_rules_use_is_not_removed(connection):
    channel = add_channel(connection, HOOK)
    add_rule(connection, channel, name="On call")
    with pytest.raises(Rejected, match="On call"):
        remove_channel(connection, channel.id)
    assert len(load_rules(connection)) == 1


def test_what_a_secret_is_bound_to_reads_as_a_place(box):
    channel = replace(SIGNED_IN, secret=box.seal(PASSWORD, secret_context(HOOK)))
    with pytest.raises(SealBroken, match="secret of the notification channel smtp is encrypted"):
        opened_secret(channel, box)
