"""The decoder bench: registers under every type and order, decoded as polling decodes them."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.errors import AddressError
from drivers.modbus.decodings import decodings_of
from drivers.workbench import Decoding, RegisterSpan

SPAN = RegisterSpan("holding", 10, 4)


def _words(data: bytes) -> list[int | None]:
    return [int.from_bytes(data[at : at + 2], "big") for at in range(0, len(data), 2)]


def _by_address(decodings: list[Decoding]) -> dict[str, int | float | None]:
    return {decoding.address: decoding.value for decoding in decodings}


def test_every_type_and_order_that_fits_is_there_once() -> None:
    found = decodings_of(SPAN)([1, 2, 3, 4])
    assert len({decoding.address for decoding in found}) == len(found) == 4 * 2 + 3 * 3 * 4 + 1 * 3 * 4


@pytest.mark.parametrize(
    ("order", "data"),
    [
        ("", b"\x43\x67\x66\x66"),
        (":CDAB", b"\x66\x66\x43\x67"),
        (":BADC", b"\x67\x43\x66\x66"),
        (":DCBA", b"\x66\x66\x67\x43"),
    ],
)
def test_a_float_is_found_in_each_order(order: str, data: bytes) -> None:
    found = _by_address(decodings_of(RegisterSpan("input", 0, 2))(_words(data)))
    assert found[f"input:0:float32{order}"] == pytest.approx(231.4, abs=1e-4)


def test_a_refused_register_takes_the_value_of_all_that_cover_it_and_of_nothing_else() -> None:
    found = decodings_of(SPAN)([1, None, 3, 4])
    without = {
        decoding.start + register
        for decoding in found
        if decoding.value is None
        for register in range(decoding.registers)
    }
    assert 11 in without
    assert all(
        (decoding.start <= 11 < decoding.start + decoding.registers) == (decoding.value is None)
        for decoding in found
        if decoding.type.startswith(("int", "uint"))
    )


def test_what_makes_no_number_has_no_value() -> None:
    found = _by_address(decodings_of(RegisterSpan("holding", 0, 2))([0x7FC0, 0]))
    assert found["holding:0:float32"] is None
    assert found["holding:0:uint16"] == 0x7FC0


@given(st.integers(-(2**63), 2**63 - 1))
def test_sixty_four_bits_come_back(value: int) -> None:
    found = _by_address(decodings_of(SPAN)(_words(struct.pack(">q", value))))
    assert found["holding:10:int64"] == value


def test_the_last_register_is_the_last() -> None:
    found = decodings_of(RegisterSpan("holding", 65535, 1))([7])
    assert {decoding.type for decoding in found} == {"int16", "uint16"}


@pytest.mark.parametrize("span", [RegisterSpan("coil", 0, 8), RegisterSpan("holding", 0, 126)])
def test_what_cannot_be_decoded_is_refused(span: RegisterSpan) -> None:
    with pytest.raises(ValueError, match=r"nothing to decode|choose 1 to 125"):
        decodings_of(span)


def test_registers_beyond_the_last_are_refused() -> None:
    with pytest.raises(AddressError, match="65535"):
        decodings_of(RegisterSpan("holding", 65535, 2))
