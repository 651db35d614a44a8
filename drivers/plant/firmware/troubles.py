"""What can go wrong with an update, as the device of the plant plays it. Pure."""

import math
from dataclasses import dataclass, replace
from enum import StrEnum

from drivers.plant.firmware.habits import Make


class TroubleKind(StrEnum):
    """One kind a device at a time. Each plays once, but for those that lie or refuse: these stay."""

    REFUSE_PREPARE = "refuse-prepare"
    REFUSE_IMAGE = "refuse-image"  # when it is whole, whatever it is
    REFUSE_INSTALL = "refuse-install"
    HANG = "hang"  # answers nothing from `step` on, for `seconds`; then as after a loss of power
    STUCK = "stuck"  # answers, and installs for ever
    LOSE_POWER = "lose-power"  # at `step`; while receiving, after `after_bytes`
    FAIL_INSTALL = "fail-install"
    ROLL_BACK = "roll-back"  # comes back old and says so; with `seconds`: after having run the new so long
    CLAIM_SUCCESS = "claim-success"  # says that all went well, and runs the old version
    NEVER_BACK = "never-back"
    SLOW_REBOOT = "slow-reboot"  # away for `seconds`
    OTHER_SERIAL = "other-serial"  # comes back with another serial number
    CORRUPT_READ_BACK = "corrupt-read-back"  # what is read back differs in one bit
    UNHEALTHY = "unhealthy"  # runs the new version badly
    BOOT_OTHER_PRODUCT = "boot-other-product"  # prepared, it says that it is another product
    BOOT_OTHER_HARDWARE = "boot-other-hardware"
    BOOT_OTHER_SERIAL = "boot-other-serial"  # prepared, another device answers


class Step(StrEnum):
    """Where in an update a device is when HANG and LOSE_POWER strike."""

    PREPARE = "prepare"
    BEGIN = "begin"
    RECEIVE = "receive"
    FINISH = "finish"
    INSTALL = "install"
    CONFIRM = "confirm"


@dataclass(frozen=True, slots=True)
class Trouble:
    """One trouble of one device.

    Attributes:
        step: Where HANG and LOSE_POWER strike.
        after_bytes: How much has come when they strike while receiving.
        seconds: How long HANG, SLOW_REBOOT and ROLL_BACK take.
    """

    kind: TroubleKind
    step: Step = Step.RECEIVE
    after_bytes: int = 0
    seconds: float = math.inf


def other_plate(make: Make, trouble: Trouble | None) -> Make:
    """Return who the boot loader of a device says it is, with what its trouble makes of that."""
    match trouble.kind if trouble is not None else None:
        case TroubleKind.BOOT_OTHER_PRODUCT:
            return replace(make, product=f"{make.product}-b")
        case TroubleKind.BOOT_OTHER_HARDWARE:
            return replace(make, hardware=f"{make.hardware}-B")
        case TroubleKind.BOOT_OTHER_SERIAL:
            return replace(make, serial=f"{make.serial}-B")
        case _:
            return make
