"""What was committed last: told again after every absence, because a promoted standby may lack it."""

from collections import deque
from dataclasses import dataclass

from console.station.store import Load


@dataclass(frozen=True, slots=True)
class Packed:
    """Readings as the spool had them, to be opened only if they are wanted again."""

    payloads: tuple[bytes, ...]


class Recent:
    """The last seconds of what the database took. Belongs to the writer's thread."""

    def __init__(self, kept_s: float) -> None:
        """Keep for how long something counts as recent."""
        self._kept_s = kept_s
        self._commits: deque[tuple[float, Load | Packed]] = deque()

    def add(self, commit: Load | Packed, now_s: float) -> None:
        """Note what was just committed; forgets what is no longer recent."""
        self._commits.append((now_s, commit))
        while self._commits[0][0] < now_s - self._kept_s:
            self._commits.popleft()

    def in_order(self) -> list[Load | Packed]:
        """Return what was committed in those seconds before the last commit: findings, then readings.

        What was found must be told again before anything newer; readings may follow in any order.
        """
        loads = [commit for _, commit in self._commits if isinstance(commit, Load)]
        findings = [load for load in loads if load.transitions or load.acts]
        return [
            *(Load(transitions=load.transitions, acts=load.acts) for load in findings),
            *(Load(readings=load.readings) for load in loads if load.readings),
            *(commit for _, commit in self._commits if isinstance(commit, Packed)),
        ]
