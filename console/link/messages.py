"""What station and window tell each other. Frozen; unknown fields are ignored, so versions may differ by one.

    window → station    Hello with the ticket of whoever is signed in, once; after Welcome: Acknowledge …
    station → window    Hello (nothing of the plant) → Welcome or Refused → States, LiveBatch, report …

Arrays travel as little-endian bytes of the dtype named: a batch of a thousand readings is one message.
"""

import msgspec

from models.records.device_health import DeviceHealth
from models.records.station import StationReport
from models.records.station_alert import StationAlert

PROTOCOL = 4
"""Raised when a message changes its meaning; a window refuses a station of another number."""


class Hello(msgspec.Struct, frozen=True, tag="hello"):
    """First message, in both directions. A window's carries the ticket; a station has none."""

    protocol: int
    name: str
    version: str
    pid: int
    ticket: str = ""

    def __repr__(self) -> str:
        # Written out, because the generated one would carry the ticket into logs and tracebacks.
        return f"Hello({self.protocol}, {self.name!r}, {self.version!r}, {self.pid})"


class Welcome(msgspec.Struct, frozen=True, tag="welcome"):
    """The ticket is good. Sent again when what its person may see changed.

    Attributes:
        person_id: `users.id`.
        role: A `Role`, as the station knows it.
        expires_unix: When the ticket ends, Unix seconds by the database's clock.
    """

    person_id: int
    name: str
    role: str
    expires_unix: float


class Refused(msgspec.Struct, frozen=True, tag="refused"):
    """The ticket opens nothing, or no longer; the station then closes.

    Attributes:
        sentence: For the person at the window.
        is_final: Whether this ticket will never be accepted again; otherwise it is worth trying later.
    """

    sentence: str
    is_final: bool


class LiveBatch(msgspec.Struct, frozen=True, tag="live"):
    """Readings just taken, n devices.

    Attributes:
        devices: int64, shape (n,), `devices.id`.
        recorded_unix: float64, shape (n,), Unix seconds.
        values: float64, shape (n, METRIC_COUNT) in C order, NaN = no good value.
        quality: int16, shape (n,), bit i set = metric i bound and not good.
        signal_rows: int32, shape (m,), which of the n readings a signal's value belongs to, ascending.
        signals: int32, shape (m,), `signals.id`.
        signal_values: float64, shape (m,), NaN = no good value.
    """

    devices: bytes
    recorded_unix: bytes
    values: bytes
    quality: bytes
    signal_rows: bytes = b""
    signals: bytes = b""
    signal_values: bytes = b""


class StateChange(msgspec.Struct, frozen=True):
    """Status of one device. `since_unix` is when it was last heard of, None if never."""

    device: int
    status: str
    detail: str
    last_seen_unix: float | None


class States(msgspec.Struct, frozen=True, tag="states"):
    """Device states: all that the person may see after Welcome, then changes as they happen."""

    changes: list[StateChange]


class Withdrawn(msgspec.Struct, frozen=True, tag="withdrawn"):
    """Devices, by `devices.id`, that the person may no longer see: the window forgets their values."""

    devices: list[int]


class Released(msgspec.Struct, frozen=True, tag="released"):
    """Devices, by `devices.id`, that this station polls no more: the database knows them from now on."""

    devices: list[int]


class AlertChanges(msgspec.Struct, frozen=True, tag="alerts"):
    """Open alerts of the devices this station polls, as it knows them: all after Welcome, then what changed.

    Attributes:
        gone: Device and threshold of episodes that are over.
        is_all: Whether `changes` replaces everything told before.
    """

    changes: list[StationAlert]
    gone: list[tuple[int, int]] = []
    is_all: bool = False


class Acknowledge(msgspec.Struct, frozen=True, tag="acknowledge"):
    """The person at the window takes note of alerts. For times when the database cannot be told.

    Attributes:
        number: The window's, to recognise the answer by.
        alerts: Device and threshold of each.
    """

    number: int
    alerts: list[tuple[int, int]]
    comment: str = ""


class Acknowledged(msgspec.Struct, frozen=True, tag="acknowledged"):
    """What became of an Acknowledge: what is in here is kept on the station's disk.

    Attributes:
        outcomes: Device, threshold, whether this did it, and one sentence; an entry an alert asked about.
    """

    number: int
    outcomes: list[tuple[int, int, bool, str]]


class DeviceFigures(msgspec.Struct, frozen=True, tag="device_figures"):
    """How the connections of some devices do: of all that the person may see after Welcome, then of some."""

    devices: list[DeviceHealth]


class AskDevice(msgspec.Struct, frozen=True, tag="ask_device"):
    """An engineer wants something of a device: a test, a scan, raw registers (`drivers/workbench.py`).

    Attributes:
        number: The window's, to recognise the answers by.
        tool: A `drivers.workbench.Tool`, or "test" for the step-by-step connection test.
        driver: A `DriverSpec.kind`.
        settings: The connection as JSON, sealed secrets sealed, new ones in clear: the socket is private.
        subject: What the tool needs beside the settings, as JSON; see `console/station/workbench`.
        hardware_id: Of the device whose sealed secrets may be opened; empty for one that is not stored.
    """

    number: int
    tool: str
    driver: str
    settings: bytes
    subject: bytes = b"null"
    hardware_id: str = ""

    def __repr__(self) -> str:
        # Written out, because the generated one would carry passwords into logs and tracebacks.
        return f"AskDevice({self.number}, {self.tool!r}, {self.driver!r})"


class StopAsking(msgspec.Struct, frozen=True, tag="stop_asking"):
    """The person at the window has seen enough, or closed what asked."""

    number: int


class DeviceAnswer(msgspec.Struct, frozen=True, tag="device_answer"):
    """Some of what a device said; a tool that finds one thing after the other sends many.

    Attributes:
        body: Result of the tool as JSON; empty in a last answer that brings nothing more.
        is_last: Whether this is the end of it.
        fault: One sentence why it ended without a result; empty otherwise.
    """

    number: int
    body: bytes = b""
    is_last: bool = True
    fault: str = ""


Message = (
    Hello
    | Welcome
    | Refused
    | LiveBatch
    | States
    | Withdrawn
    | Released
    | AlertChanges
    | Acknowledge
    | Acknowledged
    | DeviceFigures
    | AskDevice
    | StopAsking
    | DeviceAnswer
    | StationReport
)
