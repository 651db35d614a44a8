"""Secrets on the way back to a former revision: kept where they open today, never lost and never shown."""

from dataclasses import replace

import pytest

from console.catalogue.device_restore import restorable
from console.catalogue.document import entries_from_document
from console.catalogue.sealing import opened_device, sealed_entries
from models.errors import Rejected
from models.secrets import SecretBox, key_id, new_key

KEY, OLD = new_key(), new_key()
BOX = SecretBox({key_id(KEY): KEY}, key_id(KEY))
OLD_BOX = SecretBox({key_id(OLD): OLD}, key_id(OLD))
BOTH = SecretBox({key_id(KEY): KEY, key_id(OLD): OLD}, key_id(KEY))
NONE = SecretBox({}, key_id(KEY), absence="Ask for the key.")


@pytest.fixture
def device(press):
    def make(password, box=BOX, **changes):
        press["connection"] |= {"username": "reader", "password": password}
        (entry,) = entries_from_document({"devices": [press]})
        changed = replace(entry, device=replace(entry.device, **changes))
        return sealed_entries([changed], {}, box)[0].device

    return make


def password_of(device, box=BOX):
    return opened_device(device, box).connection["password"]


def test_a_former_password_comes_back_as_it_was_sealed(device):
    former, now = device("old one"), device("new one")

    assert restorable(former, now, BOX) == former
    assert password_of(restorable(former, now, BOX)) == "old one"


def test_who_cannot_open_it_can_still_restore_it(device):
    former, now = device("old one"), device("new one")

    assert restorable(former, now, NONE) == former


def test_a_password_of_a_former_key_is_sealed_anew_where_that_key_is_held(device):
    former, now = device("old one", OLD_BOX), device("new one")

    wanted = restorable(former, now, BOTH)

    assert wanted.connection["password"] != former.connection["password"]
    assert password_of(wanted) == "old one"


def test_where_nobody_can_open_it_the_present_password_of_the_same_address_stays(device):
    former, now = device("old one", OLD_BOX, name="Before"), device("new one")

    wanted = restorable(former, now, BOX)

    assert (wanted.name, password_of(wanted)) == ("Before", "new one")


def test_a_password_is_never_taken_to_another_address(device):
    former = device("old one", OLD_BOX)
    now = device("new one")
    elsewhere = replace(now, connection={**now.connection, "endpoint": "opc.tcp://10.9.9.9:4840"})

    with pytest.raises(Rejected, match=r"connection.password of PRESS-01 cannot be opened any more"):
        restorable(former, elsewhere, BOX)


def test_what_stood_in_clear_then_is_replaced_by_what_is_sealed_now(device):
    now = device("new one")
    former = replace(now, connection={**now.connection, "password": "(secret)"})

    assert password_of(restorable(former, now, BOX)) == "new one"
    with pytest.raises(Rejected):
        restorable(former, former, BOX)
