"""What can be wrong with one edited device, each in a sentence; and how two of them differ, in words."""

from dataclasses import replace

import pytest

from console.catalogue.device_checks import general_faults, tag_faults
from console.catalogue.device_differences import device_differences
from drivers.modbus.address import parse_address
from models.quantities import THE_SIX
from models.records.device import DeviceId, Tag
from models.records.device_edit import merged
from tests.unit.console.catalogue.threshold_parts import device

SEALED = {"$sealed": {"key": "k", "nonce": "n", "data": "d"}}
PRESS = device(1)


@pytest.mark.parametrize(
    ("change", "place", "words"),
    [
        ({"name": " "}, "name", "Name must not be empty."),
        ({"name": "x" * 256}, "name", "Name is longer than 255 characters."),
        ({"location": "Hall\x07"}, "location", "Area holds a control character; type it again."),
        ({"period_s": 0.01}, "period_s", "0.01 s is not possible; choose 0.1 to 3,600 s."),
        ({"extra": {"parent": PRESS.device_id}}, "parent", "A device is not reached through itself"),
        ({"extra": {"parent": "GATE"}}, "parent", "No device has the hardware id 'GATE'"),
    ],
)
def test_what_is_wrong_is_named_at_its_place(change, place, words):
    assert general_faults(replace(PRESS, **change), [PRESS])[place].startswith(words)


def test_a_hardware_id_in_use_is_named_with_whose_it_is():
    other = device(2)
    wanted = replace(PRESS, device_id=other.device_id)
    assert f"is used by {other.name}" in general_faults(wanted, [PRESS, other])["device_id"]
    assert general_faults(PRESS, [PRESS, other]) == {}
    assert "device_id" in general_faults(replace(PRESS, id=DeviceId(0)), [PRESS])


def test_a_circle_of_parents_is_named():
    child = replace(device(2), extra={"parent": PRESS.device_id})
    wanted = replace(PRESS, extra={"parent": child.device_id})
    assert "is itself reached through this device" in general_faults(wanted, [PRESS, child])["parent"]


def test_tags_are_judged_by_quantity_address_and_scale():
    tags = (
        Tag("", "holding:1"),
        Tag("warmth", "holding:2"),
        Tag("rpm", "", 0.0),
        Tag("rpm", "holding:4"),
    )
    faults = tag_faults(tags, parse_address, THE_SIX)
    assert set(faults) == {
        "tags[0].metric",
        "tags[1].metric",
        "tags[2].address",
        "tags[2].scale",
        "tags[3].metric",
    }


def test_differences_are_told_in_words_and_secrets_are_not():
    before = replace(PRESS, connection={"host": "10.0.0.7", "password": SEALED})
    after = replace(
        before,
        name="Press I",
        connection={"host": "10.0.0.8", "password": {"$sealed": {"key": "other"}}},
        tags=(replace(before.tags[0], scale=0.1), *before.tags[1:]),
    )
    words = [str(one) for one in device_differences(before, after)]
    assert words[0] == f"Name {before.name} → Press I"
    assert "10.0.0.7 → 10.0.0.8" in words[1]
    assert words[2].endswith("a secret → another secret")
    assert words[3].startswith("Tag ")
    assert "k" not in words[2].split("→")[1].replace("secret", "")


def test_both_changes_are_kept_mine_where_both_changed_the_same():
    mine = replace(PRESS, name="Mine", connection={**PRESS.connection, "unit": 9})
    theirs = replace(PRESS, name="Theirs", location="Hall Z", connection={**PRESS.connection, "port": 503})
    both = merged(PRESS, mine, theirs)
    assert (both.name, both.location) == ("Mine", "Hall Z")
    assert (both.connection["unit"], both.connection["port"]) == (9, 503)
