"""What a failed poll is called: drivers' own errors stay, everything else becomes ours, with a sentence."""

from console.station.errors import DriverStuck
from console.station.polling.channel import PollTarget
from drivers.errors import DriverBug, DriverError, LineLost, NeedsHuman, Refused
from drivers.trace import ErrorKind


def stuck_error(target: PollTarget) -> DriverStuck:
    """Return the error of a poll that had to be cancelled."""
    return DriverStuck(
        f"{target.name} neither answered nor gave up within {target.limit_s:g} s; the attempt was ended. "
        "Check the device and its network; report this with the log if it goes on."
    )


def shown_error(error: Exception, name: str) -> Exception:
    """Return an error whose text people may read; whatever no driver may raise becomes DriverBug."""
    if isinstance(error, DriverError | DriverStuck):
        return error
    bug = DriverBug(f"{name} cannot be read because of a mistake in this program; report this with the log.")
    bug.__cause__ = error
    return bug


def kind_of(error: Exception) -> ErrorKind:
    """Return as what a failed poll counts, for drivers that do not count themselves."""
    if isinstance(error, DriverStuck):
        return ErrorKind.TIMEOUT
    if isinstance(error, Refused | NeedsHuman):
        return ErrorKind.REFUSAL
    return ErrorKind.CONNECTION if isinstance(error, LineLost) else ErrorKind.WRONG_ANSWER
