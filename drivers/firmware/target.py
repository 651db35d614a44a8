"""THE CONTRACT every way of delivering firmware keeps, on one screen.

    way      = registry.way_of("modbus-file-record")   what the way is called and what its profile must say
    target   = way.make(hub, settings, profile)        one device: nothing happens yet
    await target.open()
    standing = await target.look()                     who it is, what runs there, what is half done
    await target.prepare()                             the device agrees to be updated
    await target.transfer(image, progress)             every byte; `progress` is asked before each block
    await target.install()                             the device accepted the order; it may be away now
    standing = await target.look()                     again and again, until it is back and says what runs
    await target.confirm()                             it stays with the new firmware, where it asks
    await target.resume()                              it goes back to its work, where it waits for that
    await target.close()                               safe twice, safe when never opened

What implementers must keep:
* `look()` changes nothing on the device and tells what the device says now, never what was done before: a
  station that takes over asks it and goes on from there. It raises LineLost while the device is away.
* `transfer()` sends nothing but the image's bytes, calls `progress(sent)` before each block and stops at
  once, without sending it, if that raises. It may be cancelled at any await; afterwards, and after a lost
  line, the device still runs what it ran before, or the way says in its docstring why it cannot.
* Each order is given once. Where no answer came (the jump write of a boot loader), the method returns and
  `look()` shows what became of it.
* Every reply is checked: an echo that differs, a wrong state, a wrong count is Refused or LineLost by what
  helps, never success.
* Every request ends within the settings' own time-out times its retries.

What implementers must not do: decide whether an update may happen, verify signatures, wait for a reboot,
poll in a loop of its own for longer than one request needs, log more than debug.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from pydantic import BaseModel

from drivers.driver import DriverHub


class Phase(StrEnum):
    """What a device says of an update, whoever began it."""

    IDLE = "idle"  # nothing under way
    RECEIVING = "receiving"  # a transfer was begun and is not complete
    STAGED = "staged"  # complete on the device, not installed; `pending_version` says what
    INSTALLING = "installing"
    UNCONFIRMED = "unconfirmed"  # the new firmware runs and goes back by itself if nobody confirms it
    FAILED = "failed"  # the device says that the last update failed; `detail` says why


@dataclass(frozen=True, slots=True)
class Identity:
    """Who a device says it is, read from the device itself.

    Attributes:
        product, hardware, serial: As the manifest names them after the profile's normalising; empty where
            the device does not tell.
        version: What runs now, normalised by the profile to semantic versioning where it can be.
    """

    product: str
    hardware: str
    serial: str
    version: str


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a device stands.

    Attributes:
        pending_version: What is staged or being installed, empty where nothing is or it does not tell.
        received_bytes: How much of an interrupted transfer it kept and can go on from; 0 = none.
        is_healthy: What it says of its own health (OPC UA DeviceHealth); None where it does not tell.
        detail: In the device's words, empty where it says nothing.
    """

    identity: Identity
    phase: Phase
    pending_version: str = ""
    received_bytes: int = 0
    is_healthy: bool | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Image:
    """Firmware whose signature, length and hash were verified; the very bytes that were."""

    data: bytes
    version: str
    product: str
    sha256: bytes


Progress = Callable[[int], None]
"""Told how many bytes are sent so far, before each block. Raises where the transfer must stop: the device is
another station's now."""


class FirmwareTarget(Protocol):
    """One device, as updated in one way. Used from one event loop, by one task at a time."""

    async def open(self) -> None:
        """Connect (again). Idempotent while connected. Raises LineLost or NeedsHuman."""
        ...

    async def look(self) -> Standing:
        """Return what the device says now. Raises LineLost while it is away."""
        ...

    async def prepare(self) -> None:
        """Have the device agree to be updated. Raises Refused with its reason."""
        ...

    async def transfer(self, image: Image, progress: Progress) -> None:
        """Send the image; on return the device has it complete and checked as well as it can."""
        ...

    async def install(self) -> None:
        """Order the installation, and the reboot where the device does not do it by itself."""
        ...

    async def confirm(self) -> None:
        """Have the device stay with what runs. Nothing where it never asks."""
        ...

    async def resume(self) -> None:
        """Let a device that runs the new firmware go back to its work, where it waits for that."""
        ...

    async def abandon(self) -> None:
        """Take back what `prepare` and `transfer` did, as far as the device allows; it runs what it ran."""
        ...

    async def close(self) -> None:
        """Release what `open` took. Safe twice; never raises."""
        ...


@dataclass(frozen=True, slots=True)
class FirmwareWay:
    """What the rest of the program needs to know about a way of delivery.

    Attributes:
        kind: The name in signed manifests, e.g. "modbus-file-record". Never changes once shipped.
        label: What people see.
        drivers: `DriverSpec.kind`s of the devices it reaches; empty = all.
        profile_type: pydantic model of what differs from product to product; its JSON stands in the manifest.
        make: Makes the target of one device from its driver's hub, its settings and the product's profile.
            Does no I/O.
        line: Names the line that a device of these settings shares with others that must stand still during
            its update (a serial bus); empty = none does.
        is_by_hand: A person carries the firmware to the device; the program looks at what came of it.
    """

    kind: str
    label: str
    drivers: frozenset[str]
    profile_type: type[BaseModel]
    make: Callable[[DriverHub, BaseModel, BaseModel], FirmwareTarget]
    line: Callable[[BaseModel], str]
    is_by_hand: bool = False
