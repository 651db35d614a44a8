"""Questions that no window of ours asks: each is answered with one sentence, and none harms the station."""

import pytest

from console.station.workbench.desk import MISTAKE
from tests.unit.console.link.link_parts import ADMIN

DEEP = b'{"host": ' + b"[" * 30_000 + b"]" * 30_000 + b"}"
PLACE = b'{"host": "127.0.0.1", "port": 1, "unit": 1, "timeout_s": 0.1}'
NO_TAGS = b'{"tags": []}'
ONE_TAG = b'{"tags": [{"address": "coil:0"}]}'
ODD = {
    "settings nested without end": ("preview", DEEP, NO_TAGS),
    "subject nested without end": ("preview", PLACE, b'{"tags": ' + b"[" * 30_000),
    "settings in no UTF-8": ("preview", b'{"host": "\xff\xfe"}', NO_TAGS),
    "subject in no UTF-8": ("preview", PLACE, b'{"tags": [{"address": "\xff"}]}'),
    "settings that are a number": ("preview", b"1e400", NO_TAGS),
    "half a character as a host": ("preview", b'{"host": "\\ud800", "port": 1}', ONE_TAG),
    "no character as a host": ("preview", b'{"host": "a\\u0000b", "port": 1}', ONE_TAG),
    "a host that no name server knows": ("preview", b'{"host": "' + b"x" * 300 + b'", "port": 1}', ONE_TAG),
    "a host of empty parts": ("preview", b'{"host": "a..b", "port": 1}', ONE_TAG),
    "a number that is none": ("preview", b'{"host": "127.0.0.1", "port": 1e400}', NO_TAGS),
    "a number of 5000 digits": ("preview", b'{"host": "127.0.0.1", "port": ' + b"9" * 5000 + b"}", NO_TAGS),
    "an address of 60 kB": ("preview", PLACE, b'{"tags": [{"address": "' + b"9" * 60_000 + b'"}]}'),
    "an address of many digits": (
        "preview",
        PLACE,
        b'{"tags": [{"address": "holding:' + b"9" * 6_000 + b'"}]}',
    ),
    "a scale without end": ("preview", PLACE, b'{"tags": [{"address": "coil:0", "scale": 1e999}]}'),
    "registers below zero": ("registers", PLACE, b'{"table": "holding", "start": -5, "count": 10}'),
    "registers without number": (
        "registers",
        PLACE,
        b'{"table": "holding", "start": 0, "count": 99999999999999}',
    ),
    "no table": ("registers", PLACE, b'{"table": "\\ud800", "start": 0, "count": 1}'),
    "units out of order": ("scan", PLACE, b'{"table": "holding", "units": [300, -4], "start": 0, "end": 5}'),
    "a scan of everything": ("scan", PLACE, b'{"table": "holding", "start": 0, "end": 99999999999}'),
    "a scan that rests for ever": (
        "scan",
        PLACE,
        b'{"table": "holding", "start": 0, "end": 3, "pause_ms": 1e300}',
    ),
    "a test of everything": ("test", PLACE, b'{"addresses": ["' + b'","'.join([b"coil:0"] * 501) + b'"]}'),
    "a write without end": ("write", PLACE, b'{"address": "holding:0", "value": 1e999}'),
    "a tool in capitals": ("PREVIEW" * 5000, PLACE, b"{}"),
}


@pytest.mark.parametrize("what", ODD)
async def test_a_question_that_no_window_asks_is_answered_with_one_sentence(desk, until, desk_health, what):
    tool, settings, subject = ODD[what]
    ends: list[str] = []

    def take(body: bytes, is_last: bool, fault: str) -> None:
        if is_last:
            ends.append(fault)

    desk.ask_device(ADMIN, b"", tool, "modbus-tcp", settings, subject, "", take)
    await until(lambda: bool(ends))
    assert ends[0] != MISTAKE
    assert desk_health.failures == 0
    assert len(ends[0]) < 600


async def test_a_device_of_a_very_long_name_is_not_told_back_whole(desk, until):
    ends: list[str] = []
    desk.ask_device(
        *(ADMIN, b"", "identify", "modbus-tcp", PLACE, b"{}"),
        *("x" * 60_000, lambda *told: ends.append(told[2])),
    )
    await until(lambda: bool(ends))
    assert len(ends[0]) < 300
