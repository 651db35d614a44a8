"""A Modbus device for benches: answers every read with all metrics as float64, as they are at that moment."""

import asyncio
import struct
from collections.abc import Callable, Iterable
from typing import cast

from models.metrics import METRIC_KEYS

REGISTERS = tuple(f"holding:{4 * number}:float64" for number in range(len(METRIC_KEYS)))
"""Addresses of the metrics, in METRICS' order."""

_REQUEST = struct.Struct(">HHHBBHH")
_REPLY = struct.Struct(">HHHBBB6d")
_COUNT = 4 * len(METRIC_KEYS)


class ModbusReplies(asyncio.Protocol):
    """One connection. Devices are told apart by the loopback address that they are reached at."""

    def __init__(self, values_of: Callable[[str], Iterable[float]]) -> None:
        """Store what tells the values of a device, by its address, in METRICS' order."""
        self._values_of = values_of
        self._host = ""
        self._transport: asyncio.Transport | None = None
        self._pending = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Learn which device is meant."""
        # A cast: uvloop's transports keep the contract without inheriting from it.
        self._transport = cast(asyncio.Transport, transport)
        self._host = transport.get_extra_info("sockname")[0]

    def data_received(self, data: bytes) -> None:
        """Answer every request that is complete."""
        data = self._pending + data
        start = 0
        while len(data) - start >= _REQUEST.size:
            transaction, _, _, unit, function, first, count = _REQUEST.unpack_from(data, start)
            start += _REQUEST.size
            if (first, count) != (0, _COUNT):
                raise ValueError(f"The station asked for {count} registers from {first}, not for all at once")
            values = self._values_of(self._host)
            reply = _REPLY.pack(transaction, 0, 3 + 2 * count, unit, function, 2 * count, *values)
            if self._transport is not None:
                self._transport.write(reply)
        self._pending = data[start:]
