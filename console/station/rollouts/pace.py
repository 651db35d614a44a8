"""How often an update looks and tells."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Pace:
    """The figures of all updates of a station.

    Attributes:
        look_s: Pause between two looks at a device that is rebooting.
        tell_s: How often the progress of a transfer is told.
        wait_s: How often is asked whether what an update waits for is there, and whether the database is.
        settle_s: A device that still answers with its old version so long after the order to install has not
            taken it.
        dispatch_s: How often a station looks for devices whose turn it is.
        conduct_s: How often a station looks at the rollouts that it conducts.
        again_s: While its rollout is under way, an updated device is looked at again, after so long at
            the earliest.
        good_polls: So many polls must bring values before an update counts as done.
    """

    look_s: float = 2.0
    tell_s: float = 2.0
    wait_s: float = 2.0
    settle_s: float = 15.0
    dispatch_s: float = 2.0
    conduct_s: float = 5.0
    again_s: float = 60.0
    good_polls: int = 3
