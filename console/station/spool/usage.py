"""How fast the spool would fill: readings a second, bytes a reading, and when something was dropped last."""

from collections.abc import Sequence

from console.station.spool.file import Parcel
from console.station.tally import Counts

_SMOOTH_S = 30.0
_FIRST_BYTES = 60.0
_SMOOTH = 0.1
_ROW_BYTES = 64
_PAGE_BYTES = 4096
_FINDING_BYTES = 512
_SHARED_BYTES = 2048
"""Smaller rows share a page; of larger ones the last page is half empty, about."""


class Usage:
    """Smoothed figures. One thread notes, any thread asks."""

    def __init__(self) -> None:
        """Begin without knowledge of the rate, and with a guess of the size."""
        self._bytes_a_reading = _FIRST_BYTES
        self._per_s: float | None = None
        self._made = 0
        self._at_s = 0.0
        self._dropped = 0
        self._dropped_at_s = float("-inf")

    def note_parcels(self, parcels: Sequence[Parcel]) -> int:
        """Learn from what is about to be kept; return its bytes on the disk, rather too many."""
        readings = sum(block.count for parcel in parcels for block in parcel.blocks)
        size = sum(_size_of(len(block.payload)) for parcel in parcels for block in parcel.blocks)
        if readings:
            self._bytes_a_reading += _SMOOTH * (size / readings - self._bytes_a_reading)
        return size + sum(_FINDING_BYTES * len(parcel.findings) for parcel in parcels)

    def note_counts(self, counts: Counts, now_s: float) -> None:
        """Learn how many readings are made a second, and whether some were dropped."""
        dropped = counts.dropped - counts.discarded
        if dropped > self._dropped:
            self._dropped, self._dropped_at_s = dropped, now_s
        made, passed_s = counts.taken + counts.in_memory, now_s - self._at_s
        if self._per_s is None and not self._at_s:
            self._made, self._at_s = made, now_s
            return
        if passed_s <= 0.0:
            return
        rate = (made - self._made) / passed_s
        # At first the present rate, then more and more the smoothed one.
        weight = 1.0 if self._per_s is None else min(1.0, passed_s / _SMOOTH_S)
        self._per_s = rate if self._per_s is None else self._per_s + weight * (rate - self._per_s)
        self._made, self._at_s = made, now_s

    def room_s(self, left_bytes: int) -> float | None:
        """Return for how many seconds `left_bytes` last; None where nothing is made."""
        if self._per_s is None or self._per_s < 1e-3:
            return None
        return max(0.0, left_bytes / (self._per_s * self._bytes_a_reading))

    def is_dropping(self, now_s: float, shown_s: float) -> bool:
        """Whether readings were dropped within `shown_s` seconds."""
        return now_s - self._dropped_at_s <= shown_s


def _size_of(payload_bytes: int) -> int:
    return _ROW_BYTES + payload_bytes + (_PAGE_BYTES if payload_bytes > _SHARED_BYTES else 0)
