"""Sealing and opening: what comes back, what does not, and what is never shown."""

import base64
import copy
import json
import os
import pickle
import traceback
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.errors import KeyMissing, KeyRetired, SealBroken, StorageError
from models.secret_names import SEALED
from models.secrets import KEY_BYTES, NO_KEYS, SecretBox, field_context, key_id, new_key, target_of

KEY, OTHER = new_key(), new_key()
BOX = SecretBox({key_id(KEY): KEY}, key_id(KEY))
HERE = field_context("PRESS-01", ("connection", "password"))
# Made here, so that no line of this file, which tracebacks quote, holds it.
SECRET = os.urandom(8).hex()

texts = st.text(max_size=200)
paths = st.lists(st.text(max_size=20) | st.integers(0, 9), max_size=4).map(tuple)
places = st.tuples(st.text(max_size=20), paths)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=8,
)


def retired_box(*held, at=datetime(2026, 11, 23, tzinfo=UTC)):
    return SecretBox({key_id(key): key for key in held}, key_id(OTHER), {key_id(KEY): at}, "Ask for it.")


def altered(sealed, **parts):
    return {SEALED: {**sealed[SEALED], **parts}}


def flipped(text, at):
    content = bytearray(base64.b64decode(text))
    content[at] ^= 1
    return base64.b64encode(content).decode()


@given(texts, places)
def test_what_was_sealed_opens_at_its_place(text, place):
    context = field_context(*place)
    assert BOX.open(BOX.seal(text, context), context) == text


@given(texts, st.lists(places, min_size=2, max_size=2, unique=True))
def test_a_sealed_value_opens_nowhere_else(text, two_places):
    here, elsewhere = (field_context(*place) for place in two_places)
    sealed = BOX.seal(text, here)
    with pytest.raises(SealBroken):
        BOX.open(sealed, elsewhere)


@given(places, places)
def test_contexts_of_different_places_differ(place, elsewhere):
    assert (field_context(*place) == field_context(*elsewhere)) == (place == elsewhere)


def test_a_connection_of_another_target_is_another_place():
    targets = [
        target_of("opcua", {"endpoint": "a"}),
        target_of("opcua", {"endpoint": "b"}),
        target_of("other", {"endpoint": "a"}),
        target_of("opcua", {"endpoint": "a", "security": "Basic256Sha256"}),
        target_of("opcua", {"endpoint": "a", "security": "Basic256Sha256", "security_mode": "Sign"}),
        target_of("opcua", {"endpoint": "a", "server_certificate": "MII1"}),
        target_of("opcua", {"endpoint": "a", "server_certificate": "MII2"}),
        target_of("opcua", {"endpoint": "a", "host_check": False}),
        target_of("opcua", {"endpoint": "a", "other_endpoints": ["b"]}),
        target_of(
            "opcua", {"endpoint": "a", "other_endpoints": ["b"], "other_server_certificates": ["MII1"]}
        ),
        target_of("opcua", {"host": "a", "port": 1}),
        target_of("opcua", {"host": "a", "port": 2}),
        target_of("", {}),
    ]
    path = ("connection", "password")
    assert len({field_context("PRESS-01", path, target) for target in targets}) == len(targets)
    assert len({field_context("PRESS-01", ("note",), target) for target in targets}) == 1


def test_settings_that_are_no_target_make_no_difference():
    assert target_of("opcua", {"endpoint": "a", "timeout_s": 1}) == target_of("opcua", {"endpoint": "a"})
    nothing = {"endpoint": "a", "server_certificate": None, "other_endpoints": []}
    assert target_of("opcua", nothing) == target_of("opcua", {"endpoint": "a"})


def test_the_same_text_never_looks_the_same_twice():
    seals = [BOX.seal(SECRET, HERE)[SEALED] for _ in range(100)]
    assert len({(part["nonce"], part["data"]) for part in seals}) == 100
    assert len({part["nonce"] for part in seals}) == 100


def test_a_sealed_value_survives_json():
    assert BOX.open(json.loads(json.dumps(BOX.seal(SECRET, HERE))), HERE) == SECRET


@given(st.integers(0, len(SECRET) + 15))
def test_a_changed_byte_of_the_data_is_found(at):
    sealed = BOX.seal(SECRET, HERE)
    with pytest.raises(SealBroken, match=r"^connection\.password of PRESS-01 is encrypted, but not"):
        BOX.open(altered(sealed, data=flipped(sealed[SEALED]["data"], at)), HERE)


@given(st.integers(0, len(SECRET) + 15))
def test_truncated_data_are_found(length):
    sealed = BOX.seal(SECRET, HERE)
    cut = base64.b64encode(base64.b64decode(sealed[SEALED]["data"])[:length]).decode()
    with pytest.raises(SealBroken):
        BOX.open(altered(sealed, data=cut), HERE)


def test_a_swapped_nonce_is_found():
    first, second = BOX.seal(SECRET, HERE), BOX.seal(SECRET, HERE)
    with pytest.raises(SealBroken):
        BOX.open(altered(first, nonce=second[SEALED]["nonce"]), HERE)


def test_a_value_of_another_key_does_not_open_under_a_known_name():
    foreign = SecretBox({key_id(OTHER): OTHER}, key_id(OTHER)).seal(SECRET, HERE)
    with pytest.raises(SealBroken):
        BOX.open(altered(foreign, key=key_id(KEY)), HERE)


@given(json_values)
def test_nonsense_is_refused_with_a_sentence(value):
    for nonsense in (value, {SEALED: value}, altered(BOX.seal(SECRET, HERE), nonce=value)):
        with pytest.raises(StorageError, match=r"^connection.password of PRESS-01 .*\.$"):
            BOX.open(nonsense, HERE)


def test_a_missing_key_says_why_it_is_missing():
    sealed = BOX.seal(SECRET, HERE)
    waiting = SecretBox({}, key_id(KEY), absence="This workstation waits.")
    with pytest.raises(KeyMissing, match=r"cannot be opened here\. This workstation waits\.$"):
        waiting.open(sealed, HERE)
    with pytest.raises(KeyMissing, match=r"^This workstation waits\.$"):
        waiting.seal(SECRET, HERE)


def test_without_any_key_nothing_is_sealed():
    with pytest.raises(KeyMissing, match=r"main\.py key create"):
        NO_KEYS.seal(SECRET, HERE)
    assert not NO_KEYS.can_seal


def test_a_value_of_a_retired_key_is_not_opened_even_where_that_key_is_held():
    sealed = BOX.seal(SECRET, HERE)
    with pytest.raises(KeyRetired, match="a key that was retired on 2026-11-23; enter the value again"):
        retired_box(KEY, OTHER).open(sealed, HERE)


def test_a_value_of_a_retired_key_can_be_sealed_anew():
    box = retired_box(KEY, OTHER)
    anew = box.reseal(BOX.seal(SECRET, HERE), HERE)
    assert anew[SEALED]["key"] == key_id(OTHER)
    assert box.open(anew, HERE) == SECRET


def test_a_value_of_a_lost_retired_key_has_to_be_entered_again():
    with pytest.raises(KeyRetired):
        retired_box(OTHER).reseal(BOX.seal(SECRET, HERE), HERE)


def test_an_altered_value_is_not_sealed_anew():
    sealed = BOX.seal(SECRET, HERE)
    with pytest.raises(SealBroken):
        retired_box(KEY, OTHER).reseal(sealed, field_context("PRESS-02", ("connection", "password")))


def shown_by(box):
    yield from (repr(box), str(box), f"{box}", repr([box]), repr({"box": box}))


def test_no_text_of_a_box_shows_a_key():
    shown = "".join(shown_by(BOX))
    assert "SecretBox of 1 keys" in shown
    for form in (KEY.hex(), repr(KEY)[2:-1], base64.b64encode(KEY).decode()):
        assert form not in shown


def test_no_traceback_shows_key_or_value():
    sealed = BOX.seal(SECRET, HERE)
    failures = []
    for action in (
        lambda: retired_box(KEY, OTHER).open(sealed, HERE),
        lambda: BOX.open(altered(sealed, data="c2hvcnQ="), HERE),
        lambda: NO_KEYS.seal(SECRET, HERE),
        lambda: BOX.seal(SECRET, HERE) and BOX.open(SECRET, HERE),
    ):
        with pytest.raises(StorageError) as caught:
            action()
        failures.append("".join(traceback.format_exception(caught.value)))
    assert all("InvalidTag" not in text for text in failures)
    assert all(SECRET not in text for text in failures)


def test_a_box_does_not_leave_the_process_by_accident():
    for leave in (pickle.dumps, copy.deepcopy):
        with pytest.raises(TypeError):
            leave(BOX)


def test_boxes_of_equal_keys_are_equal():
    assert SecretBox({key_id(KEY): KEY}, key_id(KEY)) == BOX
    assert SecretBox({key_id(KEY): KEY}, None) != BOX
    assert SecretBox({key_id(OTHER): OTHER}, key_id(KEY)) != BOX
    assert hash(SecretBox({key_id(KEY): KEY}, key_id(KEY))) == hash(BOX)


def test_keys_are_of_full_length_and_ids_tell_them_apart():
    keys = {new_key() for _ in range(50)}
    assert {len(key) for key in keys} == {KEY_BYTES}
    assert len({key_id(key) for key in keys}) == 50
