"""The updatable side of a Modbus unit: it answers anything, and nothing it is sent breaks it."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.plant.firmware.flash import Flash, FlashState, Silent
from drivers.plant.firmware.habits import Habits, Make
from drivers.plant.firmware.image import make_image
from drivers.plant.firmware.modbus_updater import BASE, Updater
from drivers.plant.firmware.troubles import Trouble, TroubleKind

WINDOW = BASE + 101
FUNCTIONS = st.sampled_from([3, 6, 16, 20, 21, 43])


def _updater(trouble: Trouble | None = None) -> Updater:
    return Updater(Flash(Make(), Habits(), trouble), lambda: 0.0)


def _order(number: int) -> bytes:
    return struct.pack(">BHH", 6, BASE, number)


@given(st.lists(st.tuples(FUNCTIONS, st.binary(max_size=60)), max_size=6))
def test_any_request_gets_an_answer_or_is_another_s(requests: list[tuple[int, bytes]]) -> None:
    updater = _updater()
    for function, body in requests:
        reply = updater.reply("a", bytes([function]) + body)

        assert reply is None or reply[0] & 0x7F == function
        assert reply is None or len(reply) <= 253


@given(st.integers(BASE - 2, BASE + 230), st.integers(0, 130))
def test_registers_are_given_whole_or_refused(first: int, count: int) -> None:
    reply = _updater().reply("a", struct.pack(">BHH", 3, first, count))

    assert reply is None or reply[0] == 0x83 or len(reply) == 2 + 2 * count


def test_a_wrong_checksum_is_refused_and_the_transfer_forgotten() -> None:
    updater = _updater()
    image = make_image("drive-a", "2.0.0", 300)
    updater.reply("a", struct.pack(">BHHBII", 16, BASE + 12, 4, 8, len(image), 12345))
    updater.reply("a", _order(2))
    updater.reply("a", struct.pack(">BHHB", 16, WINDOW, 120, 240) + image[:240])
    updater.reply("a", struct.pack(">BHHB", 16, WINDOW, 30, 60) + image[240:])

    assert updater.reply("a", _order(3)) == b"\x86\x04"
    assert updater.flash.state(0.0) is FlashState.IDLE


def test_a_silent_device_says_nothing_at_all() -> None:
    updater = _updater(Trouble(TroubleKind.NEVER_BACK))
    updater.flash.restart(0.0)
    for request in (struct.pack(">BHH", 3, 0, 1), b"\x2b\x0e\x01\x00"):
        with pytest.raises(Silent):
            updater.reply("a", request)
    assert updater.is_silent
