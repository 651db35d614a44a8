"""What can go wrong in the station itself, by what to do about it.

    StationError
    ├── AlreadyRunning      ask a human: another station works on the same data folder.
    └── DriverStuck         retry with a fresh driver: a driver did not end within the poller's own time-out.

Devices' errors are `drivers.errors`, the database's are `models.errors`; both pass through the station
unchanged, because their texts were written for people.
"""


class StationError(Exception):
    """Anything about the station process. The text is shown to people as it is."""


class AlreadyRunning(StationError):
    """Another station polls for the same data folder; two would write every reading twice."""


class DriverStuck(StationError):
    """A driver neither answered nor gave up within the time the poller grants it."""
