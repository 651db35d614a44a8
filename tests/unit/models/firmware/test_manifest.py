"""The bytes of a manifest: one text for one meaning, and nothing else is read."""

import json
from dataclasses import replace
from datetime import UTC

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.errors import FirmwareRefused
from models.firmware.canonical import LARGEST_NUMBER, canonical_bytes, object_from_canonical
from models.firmware.manifest import manifest_bytes, manifest_from_bytes
from models.records.firmware import Manifest
from tests.firmware_parts import MANIFEST

DATA = manifest_bytes(MANIFEST)
UNHURRIED = settings(deadline=None, max_examples=40)
WHOLE = st.integers(-LARGEST_NUMBER, LARGEST_NUMBER)
VALUES = st.recursive(
    st.none() | st.booleans() | WHOLE | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4),
    max_leaves=12,
)
OBJECTS = st.dictionaries(st.text(max_size=6), VALUES, max_size=5)
NUMBERS = st.integers(0, 9999)
VERSIONS = st.builds("{}.{}.{}".format, NUMBERS, NUMBERS, NUMBERS)
MANIFESTS = st.builds(
    Manifest,
    product=st.from_regex(r"[0-9A-Za-z-]{1,20}", fullmatch=True),
    hardware=st.sets(st.from_regex("[a-c.0-]{1,9}", fullmatch=True), min_size=1, max_size=32).map(
        lambda s: tuple(sorted(s))
    ),
    version=VERSIONS,
    sequence=st.integers(1, LARGEST_NUMBER),
    minimum_from=st.just("") | VERSIONS,
    size=st.integers(1, 1 << 28),
    sha256=st.binary(min_size=32, max_size=32),
    expires_at=st.datetimes(timezones=st.just(UTC)).map(lambda at: at.replace(microsecond=0)),
    way=st.just("opcua-update"),
    profile=OBJECTS,
)


def altered(**changes):
    """The manifest's JSON with other fields, as canonical as before; None takes a field out."""
    content = {name: value for name, value in {**json.loads(DATA), **changes}.items() if value is not None}
    return json.dumps(content, sort_keys=True, separators=(",", ":")).encode()


@UNHURRIED
@given(MANIFESTS)
def test_a_manifest_is_read_as_it_was_written(manifest):
    assert manifest_from_bytes(manifest_bytes(manifest)) == manifest


@UNHURRIED
@given(OBJECTS)
def test_an_object_has_one_text_whatever_the_order_of_its_keys(content):
    data = canonical_bytes(content, "It")
    assert canonical_bytes(dict(reversed(content.items())), "It") == data
    assert object_from_canonical(data, 1 << 20, "It") == content


@UNHURRIED
@given(st.data())
def test_whatever_is_accepted_is_what_would_be_written(data):
    at = data.draw(st.integers(0, len(DATA) - 1))
    put = data.draw(st.binary(max_size=3))
    changed = DATA[:at] + put + DATA[at + data.draw(st.integers(0, 3)) :]
    try:
        manifest = manifest_from_bytes(changed)
    except FirmwareRefused:
        return
    assert manifest_bytes(manifest) == changed


@UNHURRIED
@given(st.binary(max_size=200))
def test_garbage_is_refused_with_a_sentence(garbage):
    with pytest.raises(FirmwareRefused, match=r"^The manifest .*\.$"):
        manifest_from_bytes(garbage)


REFUSED = {
    "key twice": (DATA.replace(b'"size":', b'"size":1,"size":'), "'size' more than once"),
    "key twice inside": (DATA.replace(b'"file":1', b'"file":1,"file":1'), "'file' more than once"),
    "float": (DATA.replace(b'"file":1', b'"file":1.0'), r"number 1\.0"),
    "exponent": (DATA.replace(b'"sequence":7', b'"sequence":7e0'), "number 7e0"),
    "decimal": (DATA.replace(b'"file":1', b'"file":0.5'), r'number 0\.5; .*decimals as text like "0\.5"'),
    "not a number": (DATA.replace(b'"file":1', b'"file":NaN'), "number NaN"),
    "beyond every reader": (altered(sequence=2**53), "beyond 9,007,199,254,740,991"),
    "too long": (altered(profile={"x": "y" * 16384}), "at most 16,384 are read"),
    "deep": (altered(profile=json.loads('{"x":' + "[" * 20 + "]" * 20 + "}")), "deeper than 16 levels"),
    "very deep": (b"[" * 9000, "no JSON that can be read"),
    "unknown field": (altered(force=True), "'force', which this program does not know"),
    "missing field": (altered(way=None), "lacks the field 'way'"),
    "blanks": (DATA.replace(b",", b", ", 1), "not written in the one way"),
    "line break": (DATA + b"\n", "not written in the one way"),
    "other order": (json.dumps(dict(reversed(json.loads(DATA).items()))).encode(), "not written in the one"),
    "escaped": (DATA.replace(b"drive-a", b"drive\\u002da"), "not written in the one way"),
    "not ASCII": (DATA.replace(b"drive-a", "drivé-a".encode()), "beyond ASCII"),
    "no object": (b"[]", "no JSON object"),
    "number as text": (altered(size="7"), "size must be a whole number from 1"),
    "yes as number": (altered(size=True), "size must be a whole number"),
    "empty image": (altered(size=0), "size must be a whole number from 1 to 268,435,456"),
    "endless image": (altered(size=1 << 29), "size must be a whole number"),
    "no sequence": (altered(sequence=0), "sequence must be a whole number"),
    "no hardware": (altered(hardware=[]), "hardware must name 1 to 32"),
    "hardware blank": (altered(hardware=[" "]), "hardware must name"),
    "hardware twice": (altered(hardware=["a", "a"]), "different revisions"),
    "hardware unsorted": (altered(hardware=["b", "a"]), "alphabetical"),
    "no hash": (altered(sha256="00"), "64 hexadecimal digits"),
    "hash in capitals": (altered(sha256="AB" * 32), "64 hexadecimal digits"),
    "local time": (altered(expires_at="2030-01-01T00:00:00"), "moment in UTC"),
    "no such day": (altered(expires_at="2030-02-30T00:00:00Z"), "moment in UTC"),
    "no semver": (altered(version="2.1"), "'2.1' is no semantic version; write three numbers"),
    "leading zero": (altered(version="2.01.0"), "no semantic version"),
    "with product": (altered(version="2.1.0+drive-b"), "has build metadata; write 2.1.0"),
    "too long together": (altered(product="p" * 45), "has 51 characters; at most 50"),
    "no product": (altered(product=""), "cannot stand in a version"),
    "product with blank": (altered(product="drive a"), "cannot stand in a version"),
    "no minimum": (altered(minimum_from="old"), "The earliest version to update from, 'old'"),
    "way with path": (altered(way="../x"), "must be the name of a way"),
    "profile as text": (altered(profile="{}"), "profile must be a JSON object"),
    "control character": (altered(way="a\n"), "printable"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_what_two_readers_could_understand_differently_is_refused(name):
    data, reason = REFUSED[name]
    with pytest.raises(FirmwareRefused, match=reason):
        manifest_from_bytes(data)


@pytest.mark.parametrize(
    ("profile", "reason"),
    [
        ({"timeout_s": 1.5}, 'holds the number 1.5 at profile.timeout_s; .*write it as the text "1.5"'),
        ({"timeout_s": 1e-5}, 'write it as the text "0.00001", or in a smaller unit'),
        ({"timeout_s": float("nan")}, "holds the number nan at profile.timeout_s; .*leave it out"),
        ({"timeout_s": [2.0]}, r"2\.0 at profile\.timeout_s\[0\]; .*write 2 as 2\."),
        ({"name": "\ud800"}, "half a character at profile.name"),
        ({1: 2}, "a key that is no text at profile"),
        ({"x": b""}, "holds a bytes at profile.x"),
    ],
)
def test_a_profile_that_cannot_be_signed_is_named_by_its_place(profile, reason):
    with pytest.raises(FirmwareRefused, match=reason):
        manifest_bytes(replace(MANIFEST, profile=profile))
