"""What signatures are worth on this computer, tried on the bytes themselves."""

from dataclasses import replace

import pytest

from console.panels.firmware.pictured_versions import pictured_versions
from console.panels.firmware.seals import Seal, VersionRow, judged, seal_sentence, seals_words
from models.records.firmware import FirmwareVersion
from tests.firmware_parts import NOW, RELEASE_KEY, SECOND_KEY, STRANGE_KEY, signed, trusted


@pytest.fixture
def version() -> FirmwareVersion:
    data, signatures = signed(RELEASE_KEY, STRANGE_KEY)
    plain = pictured_versions(NOW.timestamp()).rows[0].version
    return replace(plain, manifest=data, signatures=signatures)


def _seals(version: FirmwareVersion, *keys) -> set[Seal]:
    return {one.seal for one in judged(version.manifest, version.signatures, trusted(*keys))}


def test_a_signature_of_a_trusted_key_is_trusted_and_a_strangers_unknown(version):
    row = VersionRow(
        version, judged(version.manifest, version.signatures, trusted(RELEASE_KEY, SECOND_KEY)), NOW
    )

    assert seals_words(row) == "1 trusted, 1 unknown key"


def test_a_manifest_that_was_altered_makes_every_known_signature_bad(version):
    altered = replace(version, manifest=version.manifest.replace(b'"sequence":7', b'"sequence":8'))

    assert altered.manifest != version.manifest
    assert _seals(altered, RELEASE_KEY, STRANGE_KEY) == {Seal.BAD}


def test_an_expired_manifest_is_still_signed_by_whom_it_is(version):
    data, signatures = signed(RELEASE_KEY, expires_at=NOW)
    row = VersionRow(
        replace(version, manifest=data, signatures=signatures, expires_at=NOW),
        judged(data, signatures, trusted(RELEASE_KEY)),
        NOW,
    )

    assert (seals_words(row), row.is_expired) == ("1 trusted", True)


def test_a_row_without_manifest_proves_nothing(version):
    assert _seals(replace(version, manifest=None), RELEASE_KEY, STRANGE_KEY) == {Seal.BAD}


def test_nobody_signed_is_said(version):
    assert seals_words(VersionRow(replace(version, signatures=()), (), NOW)) == "not signed"


def test_an_unknown_key_is_named_whole_so_that_it_can_be_compared(version):
    stranger = next(
        one for one in judged(version.manifest, version.signatures, trusted()) if one.seal is Seal.UNKNOWN
    )

    assert stranger.key in seal_sentence(stranger)
