"""How long to wait before trying again: doubling, capped, with jitter. Pure."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Backoff:
    """Exponential backoff with jitter.

    Jitter keeps a thousand devices behind one switch from knocking all at once when it comes back
    (Brooker, "Exponential Backoff And Jitter", 2015). It only shortens, so that `longest_s` holds.

    Attributes:
        first_s: Wait after the first failure, before jitter.
        longest_s: No wait is longer.
        jitter: Share of the wait that chance may take away, 0 to 1.
    """

    first_s: float
    longest_s: float
    jitter: float = 0.4

    def wait_s(self, failures: int, chance: float) -> float:
        """Return how long to wait after `failures` failures in a row.

        Args:
            failures: At least 1.
            chance: A random number in [0, 1).

        Returns:
            Seconds, more than 0 and at most `longest_s`.
        """
        # 2 ** 62 is beyond any wait anybody configures; without the bound a device that has been gone for
        # months would overflow a float.
        doubled = self.first_s * 2.0 ** min(failures - 1, 62)
        return min(self.longest_s, doubled) * (1.0 - self.jitter * chance)
