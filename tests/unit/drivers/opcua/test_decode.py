import math
from datetime import UTC, datetime

import pytest
from asyncua import ua
from hypothesis import given
from hypothesis import strategies as st

from drivers.opcua.decode import raw_value, status_words
from drivers.values import Quality, RawValue

SOURCE = datetime(2026, 3, 1, 12, 0, 0, 250_000, tzinfo=UTC)
SERVER = datetime(2026, 3, 1, 12, 0, 1, tzinfo=UTC)
NOW = SOURCE.timestamp() + 5.0


def decoded(value: object, code: int = 0, **times: datetime) -> RawValue:
    return raw_value(ua.DataValue(ua.Variant(value), ua.StatusCode(code), **times), "ns=1;s=A", NOW)


@pytest.mark.parametrize("value", [True, False, 0, -7, 2**63, 1.5])
def test_good_number_comes_through_unchanged(value: object) -> None:
    raw = decoded(value, SourceTimestamp=SOURCE)
    assert raw == RawValue(value, Quality.GOOD, NOW, SOURCE.timestamp())
    assert type(raw.value) is type(value)


@pytest.mark.parametrize(
    ("value", "detail"),
    [
        (math.nan, "not a number"),
        (math.inf, "infinite"),
        (-math.inf, "infinite"),
        (None, "the server sent no value"),
        ("running", "text 'running' instead of a number"),
        (
            [1.0, 2.0],
            "an array of 2 elements instead of a number; "
            "the first is named by |[0] at the end of the address",
        ),
        (SOURCE, "a value of type datetime instead of a number"),
    ],
)
def test_anything_but_a_finite_number_is_bad_and_says_why(value: object, detail: str) -> None:
    raw = decoded(value)
    assert (raw.value, raw.quality, raw.detail) == (None, Quality.BAD, detail)


def test_bad_status_hides_the_value_and_names_the_code_in_words() -> None:
    raw = decoded(21.5, 0x808C0000, SourceTimestamp=SOURCE)
    assert raw == RawValue(None, Quality.BAD, NOW, SOURCE.timestamp(), "sensor failure (BadSensorFailure)")


def test_unknown_node_is_named() -> None:
    assert decoded(None, 0x80340000).detail == "no node ns=1;s=A on the server (BadNodeIdUnknown)"


def test_uncertain_status_keeps_the_value() -> None:
    raw = decoded(21.5, 0x40930000)
    assert (raw.value, raw.quality, raw.detail) == (
        21.5,
        Quality.UNCERTAIN,
        "sensor not accurate (UncertainSensorNotAccurate)",
    )


@pytest.mark.parametrize("flags", [0x0480, 0x03FF])
def test_flags_in_a_good_status_change_nothing(flags: int) -> None:
    assert decoded(1, flags).quality is Quality.GOOD


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (0x80000000, "marked bad by the server (Bad)"),
        (0x40000000, "marked uncertain by the server (Uncertain)"),
        (0x8FFF0000, "marked bad by the server (Bad 0x8FFF0000)"),
        (0x808C0480, "sensor failure (BadSensorFailure)"),
    ],
)
def test_status_words(code: int, words: str) -> None:
    assert status_words(code) == words


def test_server_time_stands_in_for_a_missing_source_time() -> None:
    assert decoded(1, ServerTimestamp=SERVER).source_unix == SERVER.timestamp()


@pytest.mark.parametrize("times", [{}, {"SourceTimestamp": datetime(1601, 1, 1, tzinfo=UTC)}])
def test_no_time_and_the_null_time_are_none(times: dict[str, datetime]) -> None:
    assert decoded(1, **times).source_unix is None


_values = st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.floats() | st.text()


@given(_values | st.lists(st.floats(), min_size=1), st.integers(0, 2**32 - 1))
def test_a_value_is_none_exactly_when_bad_and_always_finite(value: object, code: int) -> None:
    raw = decoded(value, code)
    assert (raw.value is None) == (raw.quality is Quality.BAD)
    assert math.isfinite(raw.value or 0)
    assert bool(raw.detail) == (raw.quality is not Quality.GOOD)
