"""Whose word a manifest is: every way in which it is nobody's is refused with its reason."""

from dataclasses import replace
from datetime import timedelta

import pytest

from models.errors import FirmwareRefused
from models.firmware.key_files import firmware_key_id
from models.firmware.manifest import manifest_bytes
from models.firmware.permits import permit_bytes
from models.firmware.signing import (
    PERMIT_DOMAIN,
    sign_manifest,
    sign_permit,
    signatures_from_texts,
    texts_from_signatures,
    verify,
    verify_permit,
)
from models.records.firmware import DowngradePermit, Signature
from tests.firmware_parts import MANIFEST, NOW, RELEASE_KEY, SECOND_KEY, STRANGE_KEY, signed, trusted

PERMIT = DowngradePermit("drive-a", "any", "2.1.0", "2.0.0", NOW + timedelta(days=1))


def test_what_a_trusted_key_signed_is_believed():
    data, signatures = signed(RELEASE_KEY)
    assert verify(data, signatures, trusted(RELEASE_KEY), NOW) == MANIFEST


def test_unsigned_is_refused():
    data, _ = signed()
    with pytest.raises(FirmwareRefused, match="is not signed"):
        verify(data, (), trusted(RELEASE_KEY), NOW)


def test_the_key_of_a_stranger_is_refused_by_its_id():
    data, signatures = signed(STRANGE_KEY)
    with pytest.raises(FirmwareRefused, match=f"the key {signatures[0].key}, which this computer does not"):
        verify(data, signatures, trusted(RELEASE_KEY), NOW)


def test_a_stranger_who_claims_a_trusted_key_is_refused():
    data, (signature,) = signed(STRANGE_KEY)
    posing = Signature(firmware_key_id(RELEASE_KEY.public_key()), signature.data)
    with pytest.raises(FirmwareRefused, match="altered, or the signature belongs to another"):
        verify(data, [posing], trusted(RELEASE_KEY), NOW)


@pytest.mark.parametrize(
    "changes", [{"size": 1}, {"product": "drive-b"}, {"sequence": 8}, {"version": "2.1.1"}]
)
def test_a_manifest_that_was_swapped_after_signing_is_refused(changes):
    _, signatures = signed(RELEASE_KEY)
    with pytest.raises(FirmwareRefused, match="was altered"):
        verify(manifest_bytes(replace(MANIFEST, **changes)), signatures, trusted(RELEASE_KEY), NOW)


def test_every_bit_of_the_bytes_counts():
    data, signatures = signed(RELEASE_KEY)
    for at in range(len(data)):
        with pytest.raises(FirmwareRefused):
            verify(data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :], signatures, trusted(RELEASE_KEY), NOW)


def test_expired_is_refused_from_the_very_moment_on():
    data, signatures = signed(RELEASE_KEY)
    verify(data, signatures, trusted(RELEASE_KEY), MANIFEST.expires_at - timedelta(microseconds=1))
    with pytest.raises(FirmwareRefused, match=r"2\.1\.0\+drive-a expired on 2031-05-01 12:00 UTC"):
        verify(data, signatures, trusted(RELEASE_KEY), MANIFEST.expires_at)


def test_two_signatures_are_of_two_different_keys():
    both = trusted(RELEASE_KEY, SECOND_KEY)
    data, signatures = signed(RELEASE_KEY, SECOND_KEY)
    assert verify(data, signatures, both, NOW, needed=2) == MANIFEST
    for too_few in (signatures[:1], signatures[:1] * 2, signed(RELEASE_KEY, STRANGE_KEY)[1]):
        with pytest.raises(FirmwareRefused, match=r"has 1 signature of keys .* and 2 different ones"):
            verify(data, too_few, both, NOW, needed=2)


def test_signed_by_everybody_but_not_sound_is_refused():
    data = b'{"size":1}'
    signature = Signature(firmware_key_id(RELEASE_KEY.public_key()), RELEASE_KEY.sign(data))
    with pytest.raises(FirmwareRefused, match="altered"):
        verify(data, [signature], trusted(RELEASE_KEY), NOW)
    with pytest.raises(FirmwareRefused, match="lacks the field"):
        sign_manifest(data, RELEASE_KEY)


def test_a_permit_is_no_manifest_and_a_manifest_no_permit():
    data, signatures = signed(RELEASE_KEY)
    as_permit = Signature(signatures[0].key, RELEASE_KEY.sign(PERMIT_DOMAIN + data))
    with pytest.raises(FirmwareRefused, match="altered"):
        verify(data, [as_permit], trusted(RELEASE_KEY), NOW)
    with pytest.raises(FirmwareRefused, match="altered"):
        verify_permit(data, signatures, trusted(RELEASE_KEY), NOW)


def test_a_permit_is_believed_until_it_expires():
    data = permit_bytes(PERMIT)
    signatures = [sign_permit(data, RELEASE_KEY)]
    assert verify_permit(data, signatures, trusted(RELEASE_KEY), NOW) == PERMIT
    with pytest.raises(FirmwareRefused, match=r"permit to go back to 2\.0\.0 expired"):
        verify_permit(data, signatures, trusted(RELEASE_KEY), PERMIT.expires_at)


def test_signatures_are_stored_as_text_and_back():
    _, signatures = signed(RELEASE_KEY, SECOND_KEY)
    assert set(signatures_from_texts(texts_from_signatures(signatures))) == set(signatures)


@pytest.mark.parametrize(
    "texts",
    [{"0" * 32: "AA=="}, {"x": "A" * 86 + "=="}, {"0" * 32: "not base64"}, {"0" * 32: None}],
)
def test_damaged_signatures_are_refused(texts):
    with pytest.raises(FirmwareRefused, match="is damaged; sign again"):
        signatures_from_texts(texts)


def test_more_signatures_than_anybody_needs_are_refused():
    with pytest.raises(FirmwareRefused, match="at most 8 are read"):
        signatures_from_texts({f"{n:032x}": "A" * 86 + "==" for n in range(9)})
