"""What can go wrong in the station itself, by what to do about it.

    StationError
    ├── AlreadyRunning      ask a human: another station works on the same data folder.
    ├── DriverStuck         retry with a fresh driver: a driver did not end within the poller's own time-out.
    ├── NotReplayable       refuse (a Rejected, too: whoever runs a question shows its text): this threshold
    │                       cannot be judged, or nothing of it is stored.
    ├── BackTestCancelled   nothing: somebody no longer wanted the answer.
    └── SpoolError          the disk does not keep what waits:
        ├── SpoolFull           make room, then retry.
        └── SpoolRefused        ask a human: rights, a broken disk, a file of a newer version.

Devices' errors are `drivers.errors`, the database's are `models.errors`; both pass through the station
unchanged, because their texts were written for people.
"""

from models.errors import Rejected


class StationError(Exception):
    """Anything about the station process. The text is shown to people as it is."""


class AlreadyRunning(StationError):
    """Another station polls for the same data folder; two would write every reading twice."""


class DriverStuck(StationError):
    """A driver neither answered nor gave up within the time the poller grants it."""


class NotReplayable(StationError, Rejected):
    """A back-test of this threshold would be made up; the text says why."""


class BackTestCancelled(StationError):
    """A back-test was given up half-way, as asked."""


class SpoolError(StationError):
    """The spool did not keep something; whoever asked still has it."""


class SpoolFull(SpoolError):
    """The disk, or the room granted on it, is used up."""


class SpoolRefused(SpoolError):
    """The spool's file cannot be used; the text says why and what to do."""
