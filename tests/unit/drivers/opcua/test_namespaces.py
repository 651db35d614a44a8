"""What an index means after a server has numbered its namespaces anew."""

import pytest

from drivers.opcua.address import parse_address
from drivers.opcua.fields import NotThere
from drivers.opcua.namespaces import index_of, lasting_address

BEFORE = {0: "urn:ua", 1: "urn:server", 2: "urn:plant", 3: "urn:a;b"}


@pytest.mark.parametrize(
    ("text", "now", "better"),
    [
        ("ns=2;s=Heat", ("urn:ua", "urn:server", "urn:new", "urn:plant"), "nsu=urn:plant;s=Heat"),
        ("ns=3;i=7|.Axes[2]", ("urn:ua", "urn:server", "urn:a;b"), "nsu=urn:a%3Bb;i=7|.Axes[2]"),
        ("ns=2;s=Heat", ("urn:ua", "urn:server", "urn:plant"), "None"),
        ("ns=7;s=Heat", ("urn:ua", "urn:server", "urn:plant"), "None"),
        ("i=2258", ("urn:other",), "None"),
        ("nsu=urn:plant;s=Heat", ("urn:ua",), "None"),
        ("ns=2;s=Heat", (), "None"),
    ],
)
def test_only_an_index_that_means_something_else_than_before_has_a_better_address(text, now, better) -> None:
    assert str(lasting_address(parse_address(text), now, BEFORE)) == better


def test_an_index_that_is_gone_is_told_by_what_it_was() -> None:
    with pytest.raises(
        NotThere, match=r"^the server has .* anew: 2 was urn:plant and is none now; write nsu="
    ):
        index_of(parse_address("ns=2;s=Heat"), ("urn:ua", "urn:plant"), BEFORE)
