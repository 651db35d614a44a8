import string
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.errors import AddressError
from drivers.opcua.address import NodeAddress, parse_address

_printable = st.text(string.ascii_letters + string.digits + ".;=%/:°µ\"' _-", min_size=1).filter(
    lambda text: text == text.strip()
)
_namespaces = st.integers(0, 0xFFFF) | _printable
_barred = st.text("ab|.[]12,% ", min_size=1).filter(lambda text: text == text.strip())
_identifiers = (
    st.integers(0, 0xFFFF_FFFF) | _printable | _barred | st.uuids() | st.binary(min_size=1, max_size=40)
)
_steps = (
    _printable
    | st.text("a|.[]% \n", min_size=1)
    | st.lists(st.integers(0, 10**9 - 1), min_size=1, max_size=3).map(tuple)
)
_paths = st.lists(_steps, max_size=4).map(tuple)


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("ns=1;s=Press01.Temperature", NodeAddress(1, "Press01.Temperature")),
        ("ns=2;i=45", NodeAddress(2, 45)),
        ("i=2258", NodeAddress(0, 2258)),
        ("nsu=http://example.com/plant;s=a;b=c", NodeAddress("http://example.com/plant", "a;b=c")),
        ("nsu=urn:a%3Bb%2525;i=1", NodeAddress("urn:a;b%25", 1)),
        (
            "ns=1;g=09087E75-8E5E-499B-954F-F2A9603DB28A",
            NodeAddress(1, uuid.UUID("09087e75-8e5e-499b-954f-f2a9603db28a")),
        ),
        ("ns=1;b=TWFjaGluZQ==", NodeAddress(1, b"Machine")),
        ("  ns=3;s=Line 1.Speed ", NodeAddress(3, "Line 1.Speed")),
        ("ns=1;s=Data|.Temperature", NodeAddress(1, "Data", ("Temperature",))),
        ("ns=1;s=Data|.Axes[2].Position", NodeAddress(1, "Data", ("Axes", (2,), "Position"))),
        ("ns=1;i=7|[3]", NodeAddress(1, 7, ((3,),))),
        ("ns=1;i=7|[1,2].a%2Eb", NodeAddress(1, 7, ((1, 2), "a.b"))),
        ("ns=4;s=|var|PLC 1.Application.Main.Speed", NodeAddress(4, "|var|PLC 1.Application.Main.Speed")),
        ("ns=4;s=|var|PLC.Data|.Speed", NodeAddress(4, "|var|PLC.Data", ("Speed",))),
        ("ns=1;s=a|[3]|", NodeAddress(1, "a|[3]")),
        ("ns=1;s=a||", NodeAddress(1, "a|")),
        ("ns=1;s=a|[x]", NodeAddress(1, "a|[x]")),
    ],
)
def test_address_means_this_node(text: str, address: NodeAddress) -> None:
    assert parse_address(text) == address


def test_namespace_zero_is_left_out_of_the_canonical_text() -> None:
    assert str(parse_address("ns=0;i=2258")) == "i=2258"


@given(st.builds(NodeAddress, _namespaces, _identifiers, _paths))
def test_canonical_text_parses_back_to_the_same_address(address: NodeAddress) -> None:
    assert parse_address(str(address)) == address


@given(
    st.text()
    | st.from_regex(r"\A(ns|nsu)=[^;]*;[sigb]=.*", fullmatch=False)
    | st.from_regex(r"\As=[a|]{0,3}\|(\.[a%.|]{1,3}|\[[0-9,]{1,3}\]){0,3}\|?\Z")
)
def test_any_text_is_an_address_or_an_address_error(text: str) -> None:
    try:
        address = parse_address(text)
    except AddressError:
        return
    assert parse_address(str(address)) == address


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "names no node"),
        ("Press01.Temperature", "names no node"),
        ("ns=1;x=5", "names no node"),
        ("ns=1;s=", "nothing after s="),
        ("ns=70000;i=1", "must be 0 to 65535"),
        ("ns=-1;i=1", "must be 0 to 65535"),
        ("ns=one;i=1", "must be 0 to 65535"),
        ("ns=1", "must be 0 to 65535"),
        ("ns=1;i=4294967296", "must be a number 0 to 4294967295"),
        ("ns=1;i=4.5", "must be a number"),
        ("ns=1;g=nonsense", "is no GUID"),
        ("ns=1;b=***", "is not base64"),
        ("nsu=;s=a", "needs a namespace URI"),
        ("ns=1;s=a\tb", "control characters"),
        ("ns=1;s=" + "x" * 4097, "has 4097 characters, the limit is 4096"),
    ],
)
def test_wrong_address_is_refused_with_its_reason_and_an_example(text: str, said: str) -> None:
    with pytest.raises(AddressError, match=said) as caught:
        parse_address(text)
    assert "write it as in" in str(caught.value)
