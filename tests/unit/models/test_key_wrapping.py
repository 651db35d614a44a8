"""Wrapping a key for one workstation, vouching for its heir, and comparing by voice."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models import key_wrapping
from models.errors import SealBroken
from models.key_wrapping import (
    WRAPPED_BYTES,
    fingerprint,
    is_same_fingerprint,
    is_vouched,
    key_fingerprint,
    new_private_key,
    public_key,
    unwrap,
    vouch,
    wrap,
)
from models.secrets import key_id, new_key

KEY, OTHER = new_key(), new_key()
MINE, YOURS = new_private_key(), new_private_key()
WRAPPED = wrap(KEY, public_key(MINE))


def test_a_wrapped_key_opens_for_its_workstation():
    assert unwrap(WRAPPED, key_id(KEY), MINE) == KEY
    assert len(WRAPPED) == WRAPPED_BYTES


def test_two_copies_never_look_alike():
    assert wrap(KEY, public_key(MINE)) != WRAPPED


def test_a_wrapped_key_does_not_hold_the_key():
    assert KEY not in WRAPPED
    assert public_key(MINE) not in WRAPPED


def test_another_workstation_cannot_open_it():
    with pytest.raises(SealBroken, match="was not made for it"):
        unwrap(WRAPPED, key_id(KEY), YOURS)


def test_another_key_under_its_name_is_found():
    with pytest.raises(SealBroken):
        unwrap(wrap(OTHER, public_key(MINE)), key_id(KEY), MINE)


def test_another_key_wrapped_in_its_name_is_found(monkeypatch):
    """What who can write the database can make: the id of a trusted key over a key of his own."""
    with monkeypatch.context() as forged:
        forged.setattr(key_wrapping, "key_id", lambda _: key_id(KEY))
        copy = wrap(OTHER, public_key(MINE))
    with pytest.raises(SealBroken):
        unwrap(copy, key_id(KEY), MINE)


@given(st.integers(0, WRAPPED_BYTES - 1))
def test_a_changed_byte_is_found(at):
    changed = bytearray(WRAPPED)
    changed[at] ^= 1
    with pytest.raises(SealBroken):
        unwrap(bytes(changed), key_id(KEY), MINE)


@given(st.binary(max_size=120).filter(lambda content: len(content) != WRAPPED_BYTES))
def test_anything_of_another_length_is_refused(content):
    with pytest.raises(SealBroken):
        unwrap(content, key_id(KEY), MINE)


@pytest.mark.parametrize("bad", [b"", bytes(31), bytes(32), bytes(33), b"\1" + bytes(31)])
def test_a_public_key_that_is_none_is_refused(bad):
    with pytest.raises(SealBroken, match="let it ask for the key again"):
        wrap(KEY, bad)


def test_a_copy_from_a_point_of_foretellable_result_is_refused():
    with pytest.raises(SealBroken):
        unwrap(bytes(32) + WRAPPED[32:], key_id(KEY), MINE)


def test_only_the_key_before_vouches():
    heir = key_id(OTHER)
    assert is_vouched(vouch(heir, KEY), heir, KEY)
    assert not is_vouched(vouch(heir, KEY), key_id(new_key()), KEY)
    assert not is_vouched(vouch(heir, OTHER), heir, KEY)


def test_fingerprints_are_six_groups_of_four_digits():
    shown = fingerprint(public_key(MINE))
    assert [len(group) for group in shown.split(" ")] == [4] * 6
    assert shown.replace(" ", "").isdigit()
    assert shown == fingerprint(public_key(MINE))


def test_fingerprints_differ_by_key_and_by_purpose():
    public = public_key(MINE)
    assert fingerprint(public) != fingerprint(public_key(YOURS))
    assert key_fingerprint(key_id(KEY)) != key_fingerprint(key_id(OTHER))


def test_a_fingerprint_is_known_again_however_it_is_grouped():
    shown = fingerprint(public_key(MINE))
    assert is_same_fingerprint(shown, shown)
    assert is_same_fingerprint(shown.replace(" ", "-"), shown)
    assert is_same_fingerprint(shown.replace(" ", ""), shown)
    assert not is_same_fingerprint(shown[:-1], shown)
    assert not is_same_fingerprint("", shown)
    assert not is_same_fingerprint("yes", shown)
