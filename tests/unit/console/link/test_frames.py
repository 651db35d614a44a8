import struct

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.link.frames import LONGEST, LONGEST_GREETING, FrameError, FrameReader, frame_from_message
from console.link.messages import Hello, LiveBatch, Message, Refused, StateChange, States, Welcome, Withdrawn
from models.records.station import StationReport

MESSAGES: list[Message] = [
    Hello(1, "station", "0.1", 42),
    Hello(2, "window", "0.1", 42, "ab" * 32),
    Welcome(1, "Zoë", "admin", 1.5),
    Refused("Sign in again.", is_final=True),
    Withdrawn([1, 2**40]),
    LiveBatch(b"12345678", b"", b"\x00" * 48, b"ab"),
    States([StateChange(1, "online", "", None), StateChange(2, "error", "Größe °C", 1.5)]),
    StationReport(1, 2, 3, 4, 5, 6, 7, 8, "live", 9.5),
]


@given(st.lists(st.sampled_from(MESSAGES), max_size=8), st.integers(1, 64))
def test_messages_survive_however_the_bytes_are_cut(messages: list[Message], piece: int) -> None:
    stream = b"".join(frame_from_message(message) for message in messages)
    reader = FrameReader()
    received = [
        message
        for start in range(0, len(stream), piece)
        for message in reader.feed(stream[start : start + piece])
    ]
    assert received == messages


def test_fields_of_a_later_version_are_ignored() -> None:
    body = msgspec.msgpack.encode(
        {"type": "hello", "protocol": 1, "name": "x", "version": "9", "pid": 1, "new": 2}
    )
    frames = struct.pack(">I", len(body)) + body
    assert list(FrameReader().feed(frames)) == [Hello(1, "x", "9", 1)]


@given(st.binary(min_size=5, max_size=200))
def test_noise_in_a_frame_is_refused(noise: bytes) -> None:
    with pytest.raises(FrameError, match="frame that is no message"):
        list(FrameReader().feed(struct.pack(">I", len(noise)) + noise))


def test_a_field_nested_deeper_than_anybody_reads_is_no_message() -> None:
    fields = frame_from_message(Hello(3, "x", "9", 1))[4:]
    deep = bytes([fields[0] + 1]) + fields[1:] + b"\xa1x" + b"\x91" * 7000 + b"\xc0"
    with pytest.raises(FrameError, match="frame that is no message"):
        list(FrameReader(LONGEST_GREETING).feed(struct.pack(">I", len(deep)) + deep))


def test_a_reader_of_greetings_takes_no_more_than_a_greeting() -> None:
    frame = frame_from_message(Hello(2, "x" * LONGEST_GREETING, "0.1", 42))
    with pytest.raises(FrameError, match="the longest allowed is 8192"):
        list(FrameReader(LONGEST_GREETING).feed(frame))


def test_frame_that_claims_to_be_too_long_is_refused_before_it_is_awaited() -> None:
    with pytest.raises(FrameError, match="the longest allowed"):
        list(FrameReader().feed(struct.pack(">I", LONGEST + 1)))
