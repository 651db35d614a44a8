"""The number on a device's display finds the decodings that show it."""

import struct

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from drivers.display_match import Closeness, matches_of, narrowed, shown_number
from drivers.modbus.decodings import decodings_of
from drivers.workbench import Decoding, RegisterSpan

SPAN = RegisterSpan("holding", 0, 8)
_DECODED = decodings_of(SPAN)


def _decoded(data: bytes) -> list[Decoding]:
    words = [int.from_bytes(data[at : at + 2], "big") for at in range(0, 16, 2)]
    return _DECODED(words)


def _swapped(data: bytes) -> bytes:
    return data[2:] + data[:2]


def test_a_float_with_its_words_swapped_comes_first() -> None:
    data = struct.pack(">h", -1) + _swapped(struct.pack(">f", 231.43)) + bytes(10)
    best = matches_of(_decoded(data), shown_number("231.4"))[0]
    assert (best.decoding.address, best.scale, best.closeness) == (
        "holding:1:float32:CDAB",
        1.0,
        Closeness.EXACT,
    )


def test_tenths_in_one_register_come_first_with_their_scale() -> None:
    data = bytes(4) + struct.pack(">h", -235) + bytes(10)
    best = matches_of(_decoded(data), shown_number("-23.5"))[0]
    assert (best.decoding.address, best.scale) == ("holding:2:int16", 0.1)


def test_a_comma_is_a_point() -> None:
    assert shown_number("23,50") == shown_number("23.50")


@pytest.mark.parametrize("typed", ["", "abc", "1.2.3", "1e5", "٣", "-", "1 000"])
def test_what_no_display_shows_is_refused_with_an_example(typed: str) -> None:
    with pytest.raises(ValueError, match=r"231\.4"):
        shown_number(typed)


def test_zero_matches_nothing_because_it_would_match_everything() -> None:
    assert matches_of(_decoded(bytes(16)), shown_number("0.0")) == []


def test_noughts_at_the_end_count_as_decimals() -> None:
    shown = shown_number("50.00")
    assert (shown.decimals, shown.digits) == (2, 4)


@given(st.floats(0.5, 99_999, width=32), st.sampled_from(["ABCD", "CDAB", "BADC", "DCBA"]), st.integers(0, 6))
def test_any_float_in_any_order_is_among_the_first(value: float, order: str, at: int) -> None:
    packed = struct.pack(">f", value)
    places = {"ABCD": (0, 1, 2, 3), "CDAB": (2, 3, 0, 1), "BADC": (1, 0, 3, 2), "DCBA": (3, 2, 1, 0)}[order]
    wire = bytes(packed[place] for place in places)
    data = b"\xff\xff" * at + wire + b"\xff\xff" * (6 - at)
    shown = shown_number(f"{value:.2f}")
    assume(shown.digits >= 3)
    address = f"holding:{at}:float32" + (f":{order}" if order != "ABCD" else "")
    found = matches_of(_decoded(data), shown)
    assert address in [match.decoding.address for match in found[:3]]


def test_a_second_look_leaves_what_fitted_both_times() -> None:
    first = {
        m.decoding.address: m
        for m in matches_of(_decoded(struct.pack(">8H", 5, 50, *[0] * 6)), shown_number("5"))
    }
    later = {
        m.decoding.address: m
        for m in matches_of(_decoded(struct.pack(">8H", 5, 70, *[0] * 6)), shown_number("7"))
    }
    assert {"holding:0:uint16", "holding:1:uint16"} <= first.keys()
    left = {match.decoding.address: match.scale for match in narrowed([first, later])}
    assert left["holding:1:uint16"] == 0.1
    assert "holding:0:uint16" not in left
