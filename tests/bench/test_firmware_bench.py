"""The firmware bench, small: that every way is measured, and that both loops carry the same image."""

from console.bench import firmware
from console.bench.figure import BenchSize
from console.bench.firmware_bare import block_requests, file_requests

IMAGE = bytes(range(256)) * 4


def test_each_way_is_held_to_the_bare_protocol() -> None:
    figures = {figure.name: figure for figure in firmware.BENCH.run(BenchSize(is_small=True))}

    ways = ("firmware.modbus-file-record", "firmware.modbus-register-block")
    assert {f"{way}{against}" for way in ways for against in ("", " pymodbus", " ahead")} <= set(figures)
    assert all(figure.value > 0 and (figure.baseline or 0) > 0 for figure in figures.values())


def test_the_bare_loop_sends_every_byte_once() -> None:
    files = list(file_requests(121)(IMAGE))
    writes = [pdu for pdu, _ in files if pdu[0] == 21]
    compared = [ending for pdu, ending in files if pdu[0] == 20]
    blocks = list(block_requests(60100, 120)(IMAGE))

    assert b"".join(pdu[9:] for pdu in writes) == IMAGE
    assert b"".join(compared) == IMAGE
    assert len(files) == 2 * len(writes)
    assert b"".join(pdu[8:] for pdu, _ in blocks) == IMAGE
