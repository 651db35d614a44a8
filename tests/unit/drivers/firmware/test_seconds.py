"""Times of profiles: decimals are signed as text, one text for one time, all else is told what to write."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from drivers.firmware.modbus.profile_parts import Order
from drivers.firmware.registry import WAYS, way_of
from drivers.firmware.seconds import Seconds, seconds_from_signed
from drivers.plant.firmware.products import FILE_PROFILE
from models.firmware.manifest import manifest_bytes, manifest_from_bytes
from tests.firmware_parts import MANIFEST

TIME: TypeAdapter[float] = TypeAdapter(Seconds)


def waited(takes_s: object) -> dict[str, Any]:
    """A profile whose first order takes so long."""
    return FILE_PROFILE | {"prepare": {"register": 1, "words": [1], "takes_s": takes_s}}


@pytest.mark.parametrize(
    ("signed", "seconds"), [(0, 0.0), (5, 5.0), ("0.5", 0.5), ("0.001", 0.001), ("12.25", 12.25)]
)
def test_a_time_is_signed_and_read_to_the_millisecond(signed: int | str, seconds: float) -> None:
    data = manifest_bytes(replace(MANIFEST, profile=waited(signed)))
    profile = manifest_from_bytes(data).profile

    made = way_of("modbus-file-record").profile_type.model_validate(dict(profile))
    assert made.model_dump()["prepare"]["takes_s"] == seconds
    assert manifest_bytes(manifest_from_bytes(data)) == data


@given(st.integers(0, 10**9))
def test_every_millisecond_has_one_text(milliseconds: int) -> None:
    whole, rest = divmod(milliseconds, 1000)
    text = f"{whole}.{rest:03}".rstrip("0")
    value = whole if text.endswith(".") else text
    assert TIME.validate_python(value) == milliseconds / 1000


@pytest.mark.parametrize(
    ("text", "remedy"),
    [
        ("0.50", 'write "0.5"'),
        (".5", 'write "0.5"'),
        ("00.5", 'write "0.5"'),
        ("+0.5", 'write "0.5"'),
        ("5e-1", 'write "0.5"'),
        ("5", "write 5, without quotes"),
        ("5.0", "write 5, without quotes"),
        ("1e1", "write 10, without quotes"),
        ("0.0005", "at most 3 digits may follow the point"),
        ("-0.5", "no time is below 0"),
        ("0,5", 'like "0.5"'),
        (" 0.5", 'like "0.5"'),
        ("0.5\n", 'like "0.5"'),
        ("٠.٥", 'like "0.5"'),
        ("1_0.5", 'like "0.5"'),
        ("nan", 'like "0.5"'),
        ("inf", 'like "0.5"'),
        ("1" * 60 + ".5", 'like "0.5"'),
        ("", 'like "0.5"'),
    ],
)
def test_another_text_for_a_time_is_refused_and_the_one_is_named(text: str, remedy: str) -> None:
    with pytest.raises(ValidationError, match=remedy):
        TIME.validate_python(text)


@pytest.mark.parametrize("value", [True, None, [0.5], {"s": 1}])
def test_what_is_no_time_at_all_is_refused(value: object) -> None:
    with pytest.raises(ValidationError):
        TIME.validate_python(value)


@pytest.mark.parametrize("value", ["120.5", 121, -1, "999.9"])
def test_limits_hold_for_texts_as_for_numbers(value: object) -> None:
    with pytest.raises(ValidationError, match="than or equal to"):
        way_of("modbus-file-record").profile_type.model_validate(waited(value))


def test_every_time_of_every_profile_takes_decimals() -> None:
    kinds = [way.kind for way in WAYS for name in way.profile_type.model_fields if name.endswith("_s")]
    fields = [
        field for way in WAYS for name, field in way.profile_type.model_fields.items() if name.endswith("_s")
    ]
    fields.append(Order.model_fields["takes_s"])

    assert set(kinds) >= {"opcua-software-update", "opcua-file"}
    for field in fields:
        assert any(getattr(part, "func", None) is seconds_from_signed for part in field.metadata)
