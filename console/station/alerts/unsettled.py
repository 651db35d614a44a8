"""Which alerts the station has told something about that the database may not have heard yet."""

from collections import deque
from collections.abc import Callable, Iterable

from console.station.alerts.alert_list import AlertKey


class Unsettled:
    """Counts the station's findings in the order in which they wait for the database.

    Event loop's thread, but for `settled`.
    """

    def __init__(self, waiting: Callable[[], int]) -> None:
        """Begin with none.

        Args:
            waiting: How many findings and acknowledgements have not been settled with the database, those of
                earlier runs included. Any thread.
        """
        self._waiting = waiting
        self._told = 0
        self._keys: deque[tuple[int, AlertKey]] = deque()

    def note(self, keys: Iterable[AlertKey]) -> None:
        """Count findings that were just put where they wait, in their order."""
        for key in keys:
            self._told += 1
            self._keys.append((self._told, key))

    def settled(self) -> int:
        """Return how many of all that were counted the database knows for certain. Any thread."""
        # In this order: what is told in between must not look settled.
        told = self._told
        return told - self._waiting()

    def keys(self, settled: int) -> frozenset[AlertKey]:
        """Return the alerts of which the database did not know the latest; forgets the rest.

        Args:
            settled: What `settled` returned before the database was asked.
        """
        while self._keys and self._keys[0][0] <= settled:
            self._keys.popleft()
        return frozenset(key for _, key in self._keys)
