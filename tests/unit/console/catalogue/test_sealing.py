"""Secrets of devices on their way into the database and to their drivers."""

import copy

import pytest

from console.catalogue.binding import bind
from console.catalogue.document import document_from_entries, entries_from_document
from console.catalogue.errors import CatalogueFault, DocumentFault
from console.catalogue.sealing import holds_plain_secrets, holds_secrets, opened_device, sealed_entries
from models.errors import KeyMissing, SealBroken
from models.secret_names import SEALED, is_sealed
from models.secrets import NO_KEYS, SecretBox, field_context, key_id, new_key, target_of

KEY, OLD = new_key(), new_key()
BOX = SecretBox({key_id(KEY): KEY}, key_id(KEY))
# What a workstation without the key holds: it knows which key there is, and nothing else.
EMPTY = SecretBox({}, key_id(KEY), absence="Ask for the key.")
TARGET = target_of("opcua", {"endpoint": "opc.tcp://127.0.0.1:4841/plant", "security": "None"})
PLACE = field_context("PRESS-01", ("connection", "password"), TARGET)


@pytest.fixture
def entry(press):
    """A press with a password and a door's PIN in clear."""
    press["connection"] |= {"username": "reader", "password": "in clear"}
    press["metadata"] = {"doors": [{"pin": 4711}]}
    return entries_from_document({"devices": [press]})[0]


@pytest.fixture
def sealed(entry):
    (made,) = sealed_entries([entry], {}, BOX)
    return made


def test_every_secret_is_sealed_and_nothing_else(entry, sealed):
    assert is_sealed(sealed.device.connection["password"])
    assert is_sealed(sealed.device.extra["doors"][0]["pin"])
    assert sealed.device.connection["username"] == "reader"
    assert sealed.thresholds == entry.thresholds


def test_opening_gives_back_what_was_entered(entry, sealed):
    opened = opened_device(sealed.device, BOX)
    assert opened.connection == entry.device.connection
    assert opened.extra == {"doors": [{"pin": "4711"}]}


def test_whether_a_device_holds_secrets(entry, sealed, drive):
    (plain,) = entries_from_document({"devices": [drive]})
    assert [holds_secrets(one.device) for one in (plain, entry, sealed)] == [False, True, True]
    assert [holds_plain_secrets(one.device) for one in (plain, entry, sealed)] == [False, True, False]


def test_no_text_of_a_device_or_entry_shows_a_secret(entry, sealed):
    assert "in clear" not in repr(entry) + str(entry.device)
    assert "4711" not in repr(entry)
    assert "in clear" not in repr(sealed)


def test_a_secret_stored_already_keeps_its_sealed_form(entry, sealed):
    (again,) = sealed_entries([entry], {"PRESS-01": sealed.device}, BOX)
    assert again == sealed


def test_a_changed_secret_is_sealed_anew(entry, sealed):
    changed = copy.deepcopy(entry)
    changed.device.connection["password"] = "another"
    (again,) = sealed_entries([changed], {"PRESS-01": sealed.device}, BOX)
    assert BOX.open(again.device.connection["password"], PLACE) == "another"
    assert again.device.extra == sealed.device.extra


def test_a_secret_stored_in_clear_before_is_sealed(entry):
    (again,) = sealed_entries([entry], {"PRESS-01": entry.device}, BOX)
    assert not holds_plain_secrets(again.device)


def test_without_the_key_a_plain_secret_is_refused(entry):
    with pytest.raises(KeyMissing, match=r"Ask for the key\."):
        sealed_entries([entry], {}, EMPTY)


def test_without_the_key_a_sealed_secret_passes_as_it_is(sealed):
    assert sealed_entries([sealed], {}, EMPTY) == [sealed]


def test_a_value_of_the_key_before_is_sealed_anew(entry):
    old = SecretBox({key_id(OLD): OLD}, key_id(OLD))
    (before,) = sealed_entries([entry], {}, old)
    both = SecretBox({key_id(OLD): OLD, key_id(KEY): KEY}, key_id(KEY))
    (after,) = sealed_entries([before], {}, both)
    assert after.device.connection["password"][SEALED]["key"] == key_id(KEY)
    assert opened_device(after.device, BOX).connection["password"] == "in clear"


def test_a_moved_value_is_refused_by_name(sealed):
    moved = copy.deepcopy(sealed)
    moved.device.connection["password"] = sealed.device.extra["doors"][0]["pin"]
    with pytest.raises(SealBroken, match=r"connection\.password of PRESS-01"):
        sealed_entries([moved], {}, BOX)


def readdressed(entry, **changes):
    changed = copy.deepcopy(entry)
    changed.device.connection.update(changes)
    return changed


ELSEWHERE = {"endpoint": "opc.tcp://10.0.0.66:4841/plant"}


def test_a_password_is_not_sent_to_another_server(sealed):
    with pytest.raises(CatalogueFault, match="is encrypted, but not for this place"):
        bind(readdressed(sealed, **ELSEWHERE).device, BOX.open)


def test_settings_that_decide_nothing_about_the_server_may_change(sealed):
    bind(readdressed(sealed, timeout_s=3.0, username="other").device, BOX.open)


def test_who_holds_the_key_may_take_a_password_to_another_server(sealed):
    (moved,) = sealed_entries([readdressed(sealed, **ELSEWHERE)], {"PRESS-01": sealed.device}, BOX)
    assert bind(moved.device, BOX.open).settings.password.get_secret_value() == "in clear"
    assert moved.device.extra == sealed.device.extra


def test_who_does_not_hold_the_key_may_not(sealed):
    with pytest.raises(KeyMissing, match=r"Ask for the key\."):
        sealed_entries([readdressed(sealed, **ELSEWHERE)], {"PRESS-01": sealed.device}, EMPTY)


def test_a_sealed_document_is_accepted_and_written_again(sealed):
    document = document_from_entries([sealed])
    assert entries_from_document(document) == [sealed]


@pytest.mark.parametrize("value", [7, ["x"], {"x": "y"}, {"$unsealed": {}}])
def test_a_secret_that_is_no_text_is_refused_without_repeating_it(press, value):
    press["connection"] |= {"username": "reader", "password": value}
    with pytest.raises(DocumentFault, match=r"connection\.password: what is given is not text") as caught:
        entries_from_document({"devices": [press]})
    assert repr(value) not in str(caught.value)


def test_a_sealed_object_where_no_secret_belongs_is_refused(press, sealed):
    press["connection"]["endpoint"] = sealed.device.connection["password"]
    with pytest.raises(DocumentFault, match=r"connection\.endpoint"):
        entries_from_document({"devices": [press]})


def test_binding_opens_the_settings(sealed):
    settings = bind(sealed.device, BOX.open).settings
    assert settings.password.get_secret_value() == "in clear"
    assert "in clear" not in repr(bind(sealed.device, BOX.open))


def test_binding_twice_gives_equal_settings_however_they_are_sealed(entry, sealed):
    (other,) = sealed_entries([entry], {}, BOX)
    assert other.device != sealed.device
    assert bind(other.device, BOX.open).settings == bind(sealed.device, BOX.open).settings


@pytest.mark.parametrize("open_secret", [NO_KEYS.open, EMPTY.open])
def test_binding_without_the_key_says_so_in_one_sentence(sealed, open_secret):
    with pytest.raises(
        CatalogueFault, match=r"^Press 1: connection\.password of PRESS-01 is encrypted and cannot"
    ):
        bind(sealed.device, open_secret)


def test_binding_without_an_opener_does_not_pretend(sealed):
    with pytest.raises(CatalogueFault):
        bind(sealed.device)


def test_settings_that_do_not_fit_do_not_show_what_was_opened(sealed):
    device = copy.deepcopy(sealed.device)
    device.connection["timeout_s"] = "soon"
    with pytest.raises(CatalogueFault) as caught:
        bind(device, BOX.open)
    assert "timeout_s" in str(caught.value)
    assert caught.value.__cause__ is None
    assert "in clear" not in str(caught.value.__context__)
