"""numpy columns as PostgreSQL's binary arrays and back, without a Python object a value.

The wire form of a one-dimensional array (array_send in PostgreSQL's arrayfuncs.c), all big-endian: number of
dimensions, has-null flag, element type, length, lower bound; then per element its size in bytes (-1 for NULL)
and its bytes.
"""

import struct
from typing import ClassVar, cast

import numpy as np
import psycopg
from numpy.typing import NDArray
from psycopg.abc import Buffer
from psycopg.adapt import Dumper
from psycopg.pq import Format
from psycopg.rows import TupleRow
from sqlalchemy.engine import Connection

_HEADER = struct.Struct(">iiIii")
_POSTGRES_EPOCH = 946_684_800  # 2000-01-01 UTC in Unix seconds


class BinaryArray:
    """One column, ready for the wire."""

    element_oid: ClassVar[int]
    __slots__ = ("data",)

    def __init__(self, numbers: NDArray[np.generic], is_null: NDArray[np.bool_] | None = None) -> None:
        size = numbers.dtype.itemsize
        swapped = numbers.dtype.newbyteorder(">")
        cells = np.empty(len(numbers), dtype=np.dtype([("size", ">i4"), ("value", swapped)]))
        cells["size"] = size
        cells["value"] = numbers
        body: Buffer = cells.tobytes()
        has_null = is_null is not None and bool(is_null.any())
        if has_null:
            # A NULL is its size -1 alone: mark it, then keep only the first four bytes of its cell.
            cells["size"][is_null] = -1
            kept = np.ones((len(numbers), 4 + size), dtype=np.bool_)
            kept[is_null, 4:] = False
            body = np.frombuffer(cells.tobytes(), np.uint8)[kept.ravel()].tobytes()
        self.data = _HEADER.pack(1, int(has_null), self.element_oid, len(numbers), 1) + body


class BigintArray(BinaryArray):
    """bigint[] from int64."""

    element_oid = 20


class IntegerArray(BinaryArray):
    """integer[] from int32."""

    element_oid = 23


class SmallintArray(BinaryArray):
    """smallint[] from int16."""

    element_oid = 21


class DoubleArray(BinaryArray):
    """double precision[] from float64."""

    element_oid = 701


class TimestampArray(BinaryArray):
    """timestamptz[] from int64 microseconds since 2000, as `postgres_us` makes them."""

    element_oid = 1184


def postgres_us(unix: NDArray[np.float64]) -> NDArray[np.int64]:
    """Convert Unix seconds to PostgreSQL's own count: whole microseconds since 2000."""
    return np.rint((unix - _POSTGRES_EPOCH) * 1e6).astype(np.int64)


def numbers_from_binary(data: Buffer | None) -> NDArray[np.float64]:
    """Decode double precision[] without NULLs; NULL itself (no rows aggregated) is an empty array."""
    return _cells(data, ">f8").astype(np.float64)


def unix_from_binary(data: Buffer | None) -> NDArray[np.float64]:
    """Decode timestamptz[] without NULLs to Unix seconds: the float64 nearest to the microsecond.

    'infinity' and '-infinity' become inf and -inf.
    """
    micros = _cells(data, ">i8").astype(np.int64)
    # One division, of a whole number: the same moment must come back as the very same float. Infinity is the
    # greatest number there is, and more than that runs over.
    unix = (micros + _POSTGRES_EPOCH * 1_000_000) / 1e6
    unix[micros == np.iinfo(np.int64).max] = np.inf
    unix[micros == np.iinfo(np.int64).min] = -np.inf
    return unix


def integers_from_binary(data: Buffer | None, width: int = 8) -> NDArray[np.int64]:
    """Decode bigint[] (`width` 8), integer[] (4) or smallint[] (2) without NULLs."""
    return _cells(data, f">i{width}").astype(np.int64)


def driver_cursor(conn: Connection) -> "psycopg.Cursor[TupleRow]":
    """Return a binary psycopg cursor inside the transaction of `conn` that takes BinaryArray parameters."""
    raw = conn.connection.driver_connection
    if not isinstance(raw, psycopg.Connection):
        raise TypeError(f"a psycopg connection is needed, not {type(raw)}")
    cursor = cast("psycopg.Connection[TupleRow]", raw).cursor(binary=True)
    for kind, dumper in _DUMPERS:
        cursor.adapters.register_dumper(kind, dumper)
    return cursor


def _cells(data: Buffer | None, value: str) -> NDArray[np.generic]:
    if data is None or len(data) <= _HEADER.size:
        return np.empty(0, dtype=value)
    cells = np.frombuffer(data, dtype=np.dtype([("size", ">i4"), ("value", value)]), offset=_HEADER.size)
    return cells["value"]


class _ArrayDumper(Dumper):
    format = Format.BINARY

    def dump(self, obj: BinaryArray) -> Buffer:
        return obj.data


class _BigintDumper(_ArrayDumper):
    oid = 1016


class _IntegerDumper(_ArrayDumper):
    oid = 1007


class _SmallintDumper(_ArrayDumper):
    oid = 1005


class _DoubleDumper(_ArrayDumper):
    oid = 1022


class _TimestampDumper(_ArrayDumper):
    oid = 1185


_DUMPERS: tuple[tuple[type[BinaryArray], type[Dumper]], ...] = (
    (BigintArray, _BigintDumper),
    (IntegerArray, _IntegerDumper),
    (SmallintArray, _SmallintDumper),
    (DoubleArray, _DoubleDumper),
    (TimestampArray, _TimestampDumper),
)
