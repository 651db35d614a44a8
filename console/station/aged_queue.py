"""A queue that knows for how long its first thing has waited, without a time stamp on each."""

from collections import deque
from collections.abc import Sequence
from typing import Generic, TypeVar

T = TypeVar("T")


class AgedQueue(Generic[T]):
    """First in, first out. Not locked: its owner does that."""

    def __init__(self) -> None:
        self._items: deque[T] = deque()
        # [monotonic seconds, how many were put then]: one entry a call, not one an item.
        self._ages: deque[tuple[float, int]] = deque()

    def __len__(self) -> int:
        return len(self._items)

    @property
    def first(self) -> T:
        """The oldest; IndexError where there is none."""
        return self._items[0]

    @property
    def since_s(self) -> float:
        """When the oldest was put, monotonic seconds; infinity where there is none."""
        return self._ages[0][0] if self._ages else float("inf")

    def put(self, items: Sequence[T], now_s: float) -> None:
        """Add at the end."""
        if items:
            self._items.extend(items)
            self._ages.append((now_s, len(items)))

    def put_back(self, items: Sequence[T], since_s: float) -> None:
        """Add before the first what was taken from there, in the order it had."""
        if items:
            self._items.extendleft(reversed(items))
            self._ages.appendleft((since_s, len(items)))

    def take(self, limit: int) -> list[T]:
        """Remove and return up to `limit`, oldest first."""
        count = min(limit, len(self._items))
        left = count
        while left:
            since_s, many = self._ages.popleft()
            if many > left:
                self._ages.appendleft((since_s, many - left))
                break
            left -= many
        return [self._items.popleft() for _ in range(count)]
