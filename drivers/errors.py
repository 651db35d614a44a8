"""What can go wrong with a device as a whole, by what to do about it.

    DriverError
    ├── LineLost        retry: refused, reset, timed out, name not found. The poller backs off, tries again.
    ├── NeedsHuman      retrying changes nothing until somebody changes settings: no such security policy,
    │                   certificate not trusted, sign-in refused, unit unknown to its gateway. Retried too.
    ├── Refused         the device answered and said no to a request as a whole (write to read-only).
    └── DriverBug       our own mistake: an invariant broke. Logged with a traceback, never swallowed.

    AddressError(ValueError)   a tag address that does not parse; raised before any connection is made.

A single bad point is not an error: it is a RawValue of quality BAD. Foreign exceptions (pymodbus, asyncua,
OSError) are translated once, at the edge of the protocol's room, with `raise … from`. Every message names
the thing, the value, the limit and the remedy, in one sentence, without the class name:
"No answer from 10.0.0.7:502 unit 3 within 1.0 s; check cable, power and unit id."
"""


class DriverError(Exception):
    """Anything that concerns the whole device. The text is shown to operators as it is."""


class LineLost(DriverError):
    """The connection is gone or nobody answered in time: try again later."""


class NeedsHuman(DriverError):
    """Somebody has to change a setting, a certificate or a cable first."""


class Refused(DriverError):
    """The device understood and declined."""


class DriverBug(DriverError):
    """A driver broke its own promise."""


class AddressError(ValueError):
    """A tag address that cannot be parsed. The text says which part, and shows a correct example."""
