"""Where a URL may lead: its form, and the addresses behind its host."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.errors import FirmwareRefused, ObjectsAway
from models.objects.hosts import checked_addresses
from models.objects.urls import FileUrl, HttpsUrl, S3Url, parsed_url, shown_url

PARTS = st.text(min_size=1, max_size=9).filter(
    lambda t: t.isprintable() and "/" not in t and t not in (".", "..")
)


@settings(deadline=None, max_examples=60)
@given(
    st.lists(PARTS, min_size=1, max_size=4),
    st.just("") | st.from_regex("[A-Za-z0-9._-]{1,20}", fullmatch=True),
)
def test_an_object_of_a_bucket_is_read_as_it_was_written(parts, version):
    url = S3Url("firmware", "/".join(parts), version)
    assert parsed_url(str(url)) == url


def test_the_three_forms():
    assert parsed_url("s3://fw1/a%20b.bin?versionId=x%2B1") == S3Url("fw1", "a b.bin", "x+1")
    assert parsed_url("https://h.example:8443/a?b=c") == HttpsUrl("h.example", 8443, "/a?b=c")
    assert parsed_url("file:///srv/fw/a%20b.bin") == FileUrl("/srv/fw/a b.bin")


@pytest.mark.parametrize(
    "url",
    [
        "",
        "x",
        "http://h.example/a",
        "ftp://h.example/a",
        "gopher://169.254.169.254/",
        "https:///a",
        "https://h.example:/a",
        "https://h.example:99999/a",
        "https://user:word@h.example/a",
        "https://h.example@169.254.169.254/a",
        "https://h.example/a#b",
        "https://h.example\\@10.0.0.1/",
        "https://h.example/a\r\nX: y",
        "https://h.example/ä",
        "https://[::1",
        "https://h.example/" + "a" * 500,
        "s3://fw1",
        "s3://fw1/",
        "s3://FW/a",
        "s3://fw1:9000/a",
        "s3://arn:aws:s3:::fw/a",
        "s3://fw1/../other/a",
        "s3://fw1/a/%2e%2e/b",
        "s3://fw1//a",
        "s3://fw1/a%00b",
        "s3://fw1/a?versionId=",
        "s3://fw1/a?versionId=1&x=2",
        "s3://fw1/a?acl",
        "file://server/share/a",
        "file:a",
        "file:///a?b",
        "file:///a%00b",
    ],
)
def test_every_other_form_is_refused_with_a_sentence(url):
    with pytest.raises(FirmwareRefused, match=r"^The (address|key in) .*\.$"):
        parsed_url(url)


def test_a_signed_leave_to_read_is_not_shown():
    assert shown_url("https://h/a?X-Amz-Signature=secret") == "https://h/a"


NEVER = ("169.254.169.254", "fe80::1", "::ffff:169.254.169.254", "64:ff9b::a9fe:a9fe", "2002:a9fe:a9fe::1",
         "fd00:ec2::254", "100.100.100.200", "0.0.0.0", "::", "224.0.0.1")  # fmt: skip
PRIVATE = ("127.0.0.1", "::1", "10.1.2.3", "192.168.0.1", "172.16.0.1", "100.64.0.1", "fc00::1",
           "::ffff:10.0.0.1", "198.51.100.1")  # fmt: skip


@pytest.mark.parametrize("address", NEVER)
def test_a_metadata_service_is_never_reached_not_even_by_an_allowed_name(address):
    with pytest.raises(FirmwareRefused, match=f"is {re.escape(address)}, an address that is never asked"):
        checked_addresses("files.example", 443, frozenset({"files.example"}), lambda *_: [address])


@pytest.mark.parametrize("address", PRIVATE)
def test_a_private_host_is_reached_only_where_this_computer_allows_it(address):
    with pytest.raises(FirmwareRefused, match=f"is {re.escape(address)}, a private address.*firmware_hosts"):
        checked_addresses("files.example", 443, frozenset({"other.example"}), lambda *_: [address])
    assert checked_addresses("Files.example", 443, frozenset({"files.example"}), lambda *_: [address]) == [
        address
    ]


def test_one_bad_address_among_good_ones_is_enough():
    with pytest.raises(FirmwareRefused, match=r"is 10\.0\.0\.1"):
        checked_addresses("files.example", 443, frozenset(), lambda *_: ["93.184.216.34", "10.0.0.1"])


def test_a_public_host_needs_no_leave():
    assert checked_addresses("h", 443, frozenset(), lambda *_: ["93.184.216.34"]) == ["93.184.216.34"]


@pytest.mark.parametrize("host", ["2852039166", "0xA9FEA9FE", "0251.0376.0251.0376", "169.254.43518"])
def test_other_spellings_of_the_metadata_service_are_what_they_mean(host):
    with pytest.raises(FirmwareRefused, match=r"is 169\.254\.169\.254"):
        checked_addresses(host, 443, frozenset())


def test_a_name_without_an_address_is_told():
    def resolve(host, port):
        raise OSError("no such name")

    with pytest.raises(ObjectsAway, match=r"The host files\.example is not known here"):
        checked_addresses("files.example", 443, frozenset(), resolve)
