"""THE CONTRACT every protocol keeps, on one screen.

    spec   = registry.spec_of("modbus-tcp")       what the protocol is called and what it needs
    hub    = spec.make_hub()                      one per process: shares connections between devices
    driver = hub.driver(settings, addresses)      one per device: nothing happens yet
    await driver.open()                           connect, or join a shared connection
    values = await driver.read()                  one RawValue an address, in the order given
    await driver.close()                          safe twice, safe when never opened
    await hub.close()

What implementers must keep:
* `read()` either returns exactly one RawValue an address, in order, or raises DriverError. A point that the
  device refuses or that decodes to nonsense is a RawValue of quality BAD, so that its neighbours survive.
* `read()` ends by itself within the settings' own time-out times its retries; it never waits for another
  device's time-out, and it may be cancelled at any await without harm to devices on the same connection.
* A subscription protocol answers `read()` from what was pushed since; it raises LineLost as soon as the
  server is known to be silent, and never hands out a value without a recent sign of life.
* Reconnecting is the driver's own affair inside `open()`; the poller decides when to call it.
* No module state, no threads, no clock but the one given by the running loop and `time.time()`.

What implementers must not do: log more than debug (the poller logs losses and returns, once each), scale,
judge plausibility, know what a metric is.
"""

from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from pydantic import BaseModel

from drivers.trace import LineTrace
from drivers.values import RawValue

if TYPE_CHECKING:
    from drivers.workbench import Tools


class TagAddress(Protocol):
    """Where one value lives. Each protocol has its own frozen type; text is what people type and store."""

    def __str__(self) -> str:
        """Return the canonical text, which parses back to an equal address."""
        ...


class Driver(Protocol):
    """One device, as reached through one protocol. Used from one event loop only."""

    async def open(self) -> None:
        """Connect (again). Idempotent while connected. Raises LineLost or NeedsHuman."""
        ...

    async def read(self) -> list[RawValue]:
        """Return one RawValue an address, in the order given. Raises DriverError for the whole device."""
        ...

    async def close(self) -> None:
        """Release what `open` took. Safe twice; never raises."""
        ...


@runtime_checkable
class PushingDriver(Driver, Protocol):
    """A driver whose device sends by itself, and which can say that something came.

    Optional: where a driver offers it, its device is read when there is something to read, instead of up to a
    period later. How often it is read stays the poller's decision.
    """

    def on_news(self, tell: Callable[[], None]) -> None:
        """Call `tell` from now on whenever values came since; from the event loop, never from `read`."""
        ...


@runtime_checkable
class TracedDriver(Driver, Protocol):
    """A driver that keeps what passed between it and its device. Optional; those of this house do."""

    @property
    def trace(self) -> LineTrace:
        """Return the living counters: read them, never keep them across an await."""
        ...


@runtime_checkable
class AdvisingDriver(Driver, Protocol):
    """A driver that may know which address means now what one that it was given meant before. Optional."""

    def better_addresses(self) -> Mapping[str, str]:
        """Return texts of better addresses by those of the given ones; what is fine is left out.

        Known while the driver is open. Never a guess: what it proposes is used with one click.
        """
        ...


class DriverHub(Protocol):
    """All devices of one protocol in one process: owns the connections they share."""

    def driver(self, settings: BaseModel, addresses: Sequence[TagAddress]) -> Driver:
        """Make the driver of one device. `settings` is of the spec's settings type. Does no I/O."""
        ...

    async def close(self) -> None:
        """Close every shared connection. Safe twice."""
        ...


@dataclass(frozen=True, slots=True)
class TestStep:
    """One step of a connection test: what was tried, whether it worked, how long it took, what was seen."""

    __test__ = False  # the name begins like a test class; pytest must not collect it

    name: str
    ok: bool
    took_ms: float
    detail: str


ConnectionTest = Callable[[BaseModel, Sequence[TagAddress]], Coroutine[Any, Any, list[TestStep]]]


@dataclass(frozen=True, slots=True)
class DriverSpec:
    """What the rest of the program needs to know about a protocol.

    Attributes:
        kind: The name in files and the database, e.g. "modbus-tcp". Never changes once shipped.
        label: What people see, e.g. "Modbus TCP".
        settings_type: pydantic model of the connection; its field descriptions, units and limits make forms.
        parse_address: Text to address; raises AddressError.
        address_help: One line with examples, shown beside address fields and in errors.
        make_hub: Makes the process-wide owner of shared connections.
        test: Walks through a connection step by step (name resolved, port open, unit answered, first tag
            decoded) and returns every step taken; the last is the first that failed. Never raises
            DriverError.
        tools: What it offers beside polling (`drivers/workbench.py`), loaded when first asked for; None = no
            more than polling and the test.
        with_folder: Makes the same protocol with its own files (certificates) in a folder; None = it has
            none.
        reminders: Tells, from the disk, what somebody must see to among its own files, one sentence each: a
            certificate that runs out soon; None = it has none.
    """

    kind: str
    label: str
    settings_type: type[BaseModel]
    parse_address: Callable[[str], TagAddress]
    address_help: str
    make_hub: Callable[[], DriverHub]
    test: ConnectionTest
    tools: "Callable[[], Tools] | None" = None
    with_folder: "Callable[[Path], DriverSpec] | None" = None
    reminders: Callable[[], Sequence[str]] | None = None

    def kept_in(self, folder: Path) -> "DriverSpec":
        """Return this protocol with its own files in `folder`, for its hubs and tests."""
        return self if self.with_folder is None else self.with_folder(folder)
