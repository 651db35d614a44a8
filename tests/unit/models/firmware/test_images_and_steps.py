"""Length and hash of an image as it comes in, and which versions a device may go to."""

import io
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import pytest

from models.errors import FirmwareRefused
from models.firmware.downgrades import check_step
from models.firmware.images import check_image
from models.firmware.versions import full_version, is_older
from models.records.firmware import DowngradePermit
from tests.firmware_parts import IMAGE, MANIFEST, NOW

PERMIT = DowngradePermit("drive-a", "S1", "3.0.0", "2.1.0", NOW + timedelta(days=1))


class Stream:
    """A body that counts what is taken of it and ends only where told; gives a little at a time."""

    def __init__(self, data, piece=1000):
        self.taken = 0
        self._data, self._piece = data, piece

    def read(self, most):
        part = self._data(self.taken, min(most, self._piece))
        self.taken += len(part)
        return part


def test_the_image_that_was_signed_is_returned_however_it_comes_in():
    assert check_image(io.BytesIO(IMAGE).read, MANIFEST) == IMAGE
    assert check_image(Stream(lambda at, most: IMAGE[at : at + most], 7).read, MANIFEST) == IMAGE


@pytest.mark.parametrize("data", [b"", IMAGE[:-1], IMAGE[:5000]])
def test_a_truncated_image_is_refused(data):
    with pytest.raises(FirmwareRefused, match=f"ends after {len(data):,} of the 10,240 bytes"):
        check_image(io.BytesIO(data).read, MANIFEST)


def test_an_endless_image_is_read_one_byte_too_far_and_no_further():
    endless = Stream(lambda at, most: IMAGE[at : at + most] or b"\0" * most)
    with pytest.raises(FirmwareRefused, match="longer than the 10,240 bytes"):
        check_image(endless.read, MANIFEST)
    assert endless.taken == len(IMAGE) + 1


def test_another_image_of_the_same_length_is_refused():
    with pytest.raises(FirmwareRefused, match=r"not the one that was signed as 2\.1\.0\+drive-a"):
        check_image(io.BytesIO(IMAGE[:-1] + b"\0").read, MANIFEST)


@pytest.mark.parametrize(
    ("running", "floor"),
    [("1.4.0", 3), ("2.0.9+drive-a", 6), ("2.1.0", 7), ("2.1.0", 6), ("2.1.0-rc.1", 0), ("1.4.0", 0)],
)
def test_a_device_goes_forward_and_may_get_again_what_it_has(running, floor):
    check_step(MANIFEST, running, floor)


@pytest.mark.parametrize("running", ["1.3.9", "", "build 17"])
def test_a_device_too_old_or_unknown_is_not_updated_in_one_step(running):
    with pytest.raises(FirmwareRefused, match=r"needs 1\.4\.0 or later to begin from"):
        check_step(MANIFEST, running, 3)


def test_a_device_of_unknown_version_is_updated_where_any_may_be():
    check_step(replace(MANIFEST, minimum_from=""), "build 17", 0)


@pytest.mark.parametrize(("running", "floor"), [("2.0.0", 8), ("3.0.0", 0), ("3.0.0", 1), ("2.1.0", 8)])
def test_back_to_an_older_version_is_refused_without_a_permit(running, floor):
    with pytest.raises(FirmwareRefused, match=r"would bring the device back .* needs a signed permit"):
        check_step(MANIFEST, running, floor)


def test_back_to_an_older_version_is_done_with_a_permit_for_that():
    check_step(MANIFEST, "3.0.0+drive-a", 9, serial="S1", permit=PERMIT, now=NOW)
    check_step(MANIFEST, "3.0.0", 9, serial="", permit=replace(PERMIT, serial="any"), now=NOW)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"product": "drive-b"}, "is for the product drive-b, not drive-a"),
        ({"to_version": "2.0.0"}, r"back to 2\.0\.0, not 2\.1\.0"),
        ({"from_version": "3.0.1"}, r"run 3\.0\.1, not 3\.0\.0"),
        ({"serial": "S2"}, "serial number S2, not S1"),
        ({"expires_at": NOW}, "has expired"),
    ],
)
def test_a_permit_for_something_else_is_none(changes, reason):
    with pytest.raises(FirmwareRefused, match=reason):
        check_step(MANIFEST, "3.0.0", 9, serial="S1", permit=replace(PERMIT, **changes), now=NOW)


def test_versions_have_the_order_of_their_specification():
    # semver.org, clause 11.
    ordered = ["1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-beta.2", "1.0.0-beta.11", "1.0.0"]
    assert all(is_older(one, other) for one, other in pairwise(ordered))


def test_the_longest_version_fits_the_column():
    assert len(full_version("2.1.0", "p" * 44)) == 50
    with pytest.raises(FirmwareRefused, match="at most 50"):
        full_version("2.1.0", "p" * 45)
