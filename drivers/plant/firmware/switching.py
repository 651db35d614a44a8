"""Troubles of updates as people switch them, and what became of updates as they are told. Pure."""

import math
from typing import Any

from drivers.plant.faults import FaultRefused
from drivers.plant.firmware.flash import Flash
from drivers.plant.firmware.troubles import Step, Trouble, TroubleKind

MEANINGS: dict[TroubleKind, str] = {
    TroubleKind.REFUSE_PREPARE: "does not want to be updated",
    TroubleKind.REFUSE_IMAGE: "refuses the image once it is complete",
    TroubleKind.REFUSE_INSTALL: "does not install",
    TroubleKind.HANG: "answers nothing from STEP on, for SECONDS (for ever); then as after a loss of power",
    TroubleKind.STUCK: "installs for ever",
    TroubleKind.LOSE_POWER: "loses power at STEP; while receiving, after so many BYTES",
    TroubleKind.FAIL_INSTALL: "fails to install, and says so",
    TroubleKind.ROLL_BACK: "comes back with the old version; with SECONDS, after it ran the new one so long",
    TroubleKind.CLAIM_SUCCESS: "says that all went well, and runs the old version",
    TroubleKind.NEVER_BACK: "never comes back from its reboot",
    TroubleKind.SLOW_REBOOT: "is away for SECONDS (60)",
    TroubleKind.OTHER_SERIAL: "comes back with another serial number",
    TroubleKind.CORRUPT_READ_BACK: "reads back one bit differently",
    TroubleKind.UNHEALTHY: "runs the new version badly",
    TroubleKind.BOOT_OTHER_PRODUCT: "says that it is another product, once it is prepared",
    TroubleKind.BOOT_OTHER_HARDWARE: "says that it is other hardware, once it is prepared",
    TroubleKind.BOOT_OTHER_SERIAL: "tells another serial number, once it is prepared",
}
_SLOW_REBOOT_S = 60.0


def trouble_of(kind: str, step: str, after_bytes: int, seconds: float | None) -> Trouble | None:
    """Return the trouble that these words mean, None for an empty kind. Raises FaultRefused."""
    if not kind:
        return None
    try:
        known = TroubleKind(kind)
    except ValueError:
        raise FaultRefused(f"No trouble is called {kind}; there are {', '.join(TroubleKind)}.") from None
    try:
        at = Step(step) if step else Step.RECEIVE
    except ValueError:
        raise FaultRefused(f"No step is called {step}; there are {', '.join(Step)}.") from None
    if seconds is None:
        seconds = _SLOW_REBOOT_S if known is TroubleKind.SLOW_REBOOT else math.inf
    if seconds < 0 or math.isnan(seconds) or after_bytes < 0:
        raise FaultRefused(f"A trouble takes 0 or more seconds and bytes, not {seconds:g} and {after_bytes}.")
    return Trouble(known, at, after_bytes, seconds)


def told_of(device_id: str, flash: Flash) -> dict[str, Any]:
    """Return what is known of a device's firmware, the device asked or not."""
    return {
        "device_id": device_id,
        "product": flash.make.product,
        "hardware": flash.make.hardware,
        "version": flash.running,
        "pending": flash.pending,
        "detail": flash.detail,
        "flashed": flash.flashed,
        "transfers": flash.transfers,
        "reboots": flash.reboots,
        "interleaved": flash.interleaved,
        "is_bricked": flash.is_bricked,
    }
