"""Saving a channel seals its secret; the first secret of a site makes its key, and says so."""

from dataclasses import replace

import pytest

from console.bridge.notification_commands import OpenSecret, SaveChannel, Sealing
from models.credentials import MemoryStore
from models.errors import KeyMissing
from models.queries.notifications import load_channels
from models.workstation import WorkstationKeys
from tests.unit.models.notification_parts import HOOK, MAIL

SIGNED_IN = replace(MAIL, username="console")


@pytest.fixture
def connection(shared_database):
    with shared_database.transaction() as opened:
        yield opened
        opened.get_transaction().rollback()


def computer(name):
    store = MemoryStore()
    return Sealing(lambda: WorkstationKeys(lambda: store, "here"), name)


def test_the_first_secret_makes_the_key_and_tells_where_it_is(connection):
    sealing = computer("office")
    saved = SaveChannel(SIGNED_IN, "Zange-7-Huf", sealing).apply(connection, None)
    assert "key for encrypted fields was made" in saved.note
    assert "main.py key request" in saved.note
    assert OpenSecret(saved.id, sealing)(connection) == "Zange-7-Huf"
    assert SaveChannel(replace(HOOK, name="Other"), "x", sealing).apply(connection, None).note == ""


def test_a_computer_without_the_key_is_told_how_to_get_it(connection):
    saved = SaveChannel(SIGNED_IN, "Zange-7-Huf", computer("office")).apply(connection, None)
    elsewhere = computer("desk 4")
    with pytest.raises(KeyMissing, match="key request"):
        SaveChannel(replace(MAIL, name="Other", username="x"), "y", elsewhere).apply(connection, None)
    with pytest.raises(KeyMissing):
        OpenSecret(saved.id, elsewhere)(connection)


def test_what_needs_no_secret_needs_no_key(connection):
    saved = SaveChannel(HOOK, "", None).apply(connection, None)
    assert (saved.note, OpenSecret(saved.id)(connection)) == ("", "")
    (stored,) = load_channels(connection)
    SaveChannel(replace(stored, name="Renamed"), None, None).apply(connection, None)
    assert load_channels(connection)[0].name == "Renamed"
