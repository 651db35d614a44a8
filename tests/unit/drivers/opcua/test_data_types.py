import struct

from asyncua import ua
from asyncua.ua.ua_binary import pack_uatype
from hypothesis import given
from hypothesis import strategies as st

from drivers.opcua.data_types import Field, Simple, Structure, Undescribed, Unreadable, take_apart
from drivers.opcua.fields import NotThere, at_path

_V = ua.VariantType
_SIMPLE = {
    _V.Boolean: st.booleans(),
    _V.Int16: st.integers(-(2**15), 2**15 - 1),
    _V.UInt32: st.integers(0, 2**32 - 1),
    _V.Int64: st.integers(-(2**63), 2**63 - 1),
    _V.Double: st.floats(allow_nan=False),
    _V.Float: st.floats(width=32, allow_nan=False),
    _V.String: st.none() | st.text(max_size=8),
}
_TYPES = {(0, variant.value): Simple(variant) for variant in _SIMPLE}
_INNER = (2, "Inner")


@st.composite
def _structures(draw: st.DrawFn, depth: int = 2) -> tuple[Structure, dict, bytes, dict]:
    """Draw a type, a value of it, its bytes, and the types it is made of."""
    is_masked = draw(st.booleans())
    fields, value, body, types, mask = [], {}, b"", dict(_TYPES), 0
    optional_count = 0
    for number in range(draw(st.integers(1, 4))):
        inner = draw(_structures(depth - 1)) if depth and draw(st.booleans()) else None
        variant = draw(st.sampled_from([*_SIMPLE]))
        rank = draw(st.sampled_from([-1, -1, 1]))
        is_optional = is_masked and draw(st.booleans())
        place = (2, f"type {depth}.{number}") if inner else (0, variant.value)
        fields.append(Field(f"f{number}", place, rank, is_optional))
        if inner:
            types |= inner[3] | {place: inner[0]}
        is_there = not is_optional or draw(st.booleans())
        mask |= (is_optional and is_there) << optional_count
        optional_count += is_optional
        if is_there:
            count = draw(st.integers(0, 3)) if rank == 1 else 1
            elements = [inner[1:3]] * count if inner else _drawn(draw, variant, count)
            value[f"f{number}"] = [one for one, _ in elements] if rank == 1 else elements[0][0]
            body += struct.pack("<i", count) * (rank == 1) + b"".join(part for _, part in elements)
    head = struct.pack("<I", mask) if is_masked else b""
    return Structure("Drawn", tuple(fields), is_masked=is_masked), value, head + body, types


def _drawn(draw: st.DrawFn, variant: ua.VariantType, count: int) -> list[tuple[object, bytes]]:
    drawn = [draw(_SIMPLE[variant]) for _ in range(count)]
    return [(one, pack_uatype(variant, one)) for one in drawn]


@given(_structures(depth=1))
def test_a_structure_is_taken_apart_into_what_was_put_together(drawn) -> None:
    structure, value, body, types = drawn
    assert take_apart(structure, body, types) == value


@given(_structures(depth=1), st.data())
def test_a_structure_that_is_cut_off_never_raises_and_never_invents(drawn, data) -> None:
    structure, value, body, types = drawn
    cut = body[: data.draw(st.integers(0, len(body)))]
    found = take_apart(structure, cut, types)
    read = {name: inner for name, inner in found.items() if not isinstance(inner, Unreadable)}
    assert read.items() <= value.items() if _is_flat(value) else set(read) <= set(value)


def _is_flat(value: dict) -> bool:
    return not any(isinstance(inner, dict | list) for inner in value.values())


@given(_structures(depth=1), st.binary(max_size=60))
def test_any_bytes_are_fields_or_unreadable(drawn, body: bytes) -> None:
    structure, _, _, types = drawn
    assert isinstance(take_apart(structure, body, types), dict)


def test_a_structure_in_itself_without_end_is_refused() -> None:
    loop = Structure("Loop", (Field("Next", _INNER),))
    found = take_apart(loop, b"", {_INNER: loop})
    assert found == {"Next": Unreadable("field Next is nested too deep")}


def test_an_undescribed_field_hides_what_follows_but_not_what_comes_before() -> None:
    structure = Structure("Data", (Field("A", (0, 4)), Field("B", (2, "Secret")), Field("C", (0, 4))))
    types = {
        (0, 4): Simple(_V.Int16),
        (2, "Secret"): Undescribed("Secret", "the server does not describe it"),
    }
    why = Unreadable("of Secret: the server does not describe it")
    assert take_apart(structure, b"\x01\x00\x00\x00\x00", types) == {"A": 1, "B": why, "C": why}


_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
)
_paths = st.lists(
    st.text(max_size=3) | st.lists(st.integers(0, 4), min_size=1, max_size=2).map(tuple), max_size=3
).map(tuple)


@given(_values, _paths)
def test_any_path_leads_to_something_or_says_why_not(value: object, path: tuple) -> None:
    said = "something is there"
    try:
        at_path(value, path, lambda _: None)
    except NotThere as why:
        said = str(why)
    assert said
