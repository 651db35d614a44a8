"""Who an updatable device of the plant is, and how it goes about an update. Pure."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Make:
    """Who the device is."""

    product: str = "drive-a"
    hardware: str = "A1"
    serial: str = "SN-0001"
    version: str = "1.0.0"


@dataclass(frozen=True, slots=True)
class Habits:
    """How the device goes about an update.

    Attributes:
        banks: With one, the running firmware is erased when a transfer begins: the boot loader answers then.
        capacity: Bytes of the largest image.
        needs_prepare: Whether `begin` is declined without `prepare`.
        checks_image: Whether it looks at product and hash before it accepts an image. One that does not, and
            is made to install what is no firmware, is dead for ever.
        keeps_interrupted: Whether a transfer survives a loss of power and can be gone on with.
        reboots_itself: Whether it reboots once installed; otherwise `restart` has to be called.
        confirm_within_s: How long the new firmware waits to be confirmed before it goes back; 0 = for ever
            good.
    """

    banks: int = 2
    capacity: int = 1 << 20
    needs_prepare: bool = False
    checks_image: bool = True
    keeps_interrupted: bool = False
    reboots_itself: bool = True
    install_s: float = 0.0
    reboot_s: float = 0.2
    confirm_within_s: float = 0.0
