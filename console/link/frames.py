"""Messages to bytes and back: four bytes of length, big-endian, then msgpack. Both ends use only this.

A frame above `LONGEST` or one that does not decode ends the connection: after it nothing that follows can be
trusted to begin where it should.
"""

import struct
from collections.abc import Iterator

import msgspec

from console.link.messages import Message

LONGEST = 16 * 1024 * 1024
LONGEST_GREETING = 8 * 1024
"""What a station takes from a window before it was let in: strangers must not fill its memory."""
LONGEST_REQUEST = 64 * 1024
"""What it takes from one that was: a thousand alerts and a comment of 4,000 characters fit in."""
_LENGTH = struct.Struct(">I")
_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(Message)


class FrameError(ValueError):
    """The other end sent something that is no frame of ours. Close the connection."""


def frame_from_message(message: Message) -> bytes:
    """Encode one message with its length in front."""
    body = _encoder.encode(message)
    return _LENGTH.pack(len(body)) + body


class FrameReader:
    """Collects bytes as they come and gives out whole messages. One per connection."""

    def __init__(self, longest: int = LONGEST) -> None:
        """Begin empty.

        Args:
            longest: Bytes of a frame's body that are still taken.
        """
        self._longest = longest
        self._pending = bytearray()

    def allow(self, longest: int) -> None:
        """Take frames of up to so many bytes from now on."""
        self._longest = longest

    def feed(self, data: bytes) -> Iterator[Message]:
        """Take bytes in, yield each message now complete. Raises FrameError; the reader is then useless."""
        self._pending += data
        start = 0
        try:
            while len(self._pending) - start >= _LENGTH.size:
                (length,) = _LENGTH.unpack_from(self._pending, start)
                if length > self._longest:
                    raise FrameError(f"frame of {length} bytes; the longest allowed is {self._longest}")
                end = start + _LENGTH.size + length
                if len(self._pending) < end:
                    break
                body = bytes(memoryview(self._pending)[start + _LENGTH.size : end])
                start = end
                try:
                    message = _decoder.decode(body)
                except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
                    raise FrameError(f"frame that is no message: {error}") from error
                yield message
        finally:
            del self._pending[:start]
