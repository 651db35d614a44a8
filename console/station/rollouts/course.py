"""What to do next with a device, by what it says itself: pure.

A row tells what somebody meant to do; the device tells what happened. So whoever begins, goes on, or takes
over from a station that died asks the device and looks here. The order of the questions is the order of harm:
another device first, then another version, then where it stands.
"""

from dataclasses import dataclass
from enum import StrEnum

from drivers.firmware.target import Phase, Standing
from models.records.firmware import Manifest
from models.records.rollout import Step

AFTER_ORDER = frozenset({Step.REBOOTING, Step.VERIFYING, Step.CONFIRMING})
"""The order to install was given. INSTALLING says only that it was about to be."""


class Course(StrEnum):
    """What is done next."""

    ALREADY = "already"  # it runs the version, and nothing of ours was under way
    TRANSFER = "transfer"
    INSTALL = "install"
    WAIT = "wait"  # it is at it
    VERIFY = "verify"  # it runs the version: see whether it does so well
    CONFIRM = "confirm"  # the same, and it waits for a yes
    ROLLED_BACK = "rolled back"
    REFUSE = "refuse"  # this image is not for this device
    PERSON = "person"


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a device from before this look.

    Attributes:
        from_version: What it ran when the update began; empty = this is the first look.
        serial: What it said of itself then; empty = it told none, or this is the first look.
        step: Up to where the row says the update had come.
    """

    from_version: str = ""
    serial: str = ""
    step: Step = Step.PREFLIGHT


def course_of(manifest: Manifest, known: Known, standing: Standing) -> tuple[Course, str]:
    """Return what to do next, and one sentence why where it is no step forward.

    Args:
        manifest: Verified.
        known: From before.
        standing: What the device says now.
    """
    stranger = stranger_in(manifest, known, standing)
    if stranger:
        return (Course.PERSON if known.from_version else Course.REFUSE), stranger
    is_ours = bool(known.from_version)
    running = plain(standing.identity.version)
    if standing.phase is Phase.INSTALLING:
        return Course.WAIT, ""
    if running == manifest.version:
        if standing.phase is Phase.UNCONFIRMED:
            return Course.CONFIRM, ""
        if is_ours and known.from_version != running:
            return Course.VERIFY, ""
        return Course.ALREADY, ""
    is_begun = known.step in AFTER_ORDER or (known.step is Step.INSTALLING and standing.phase is Phase.FAILED)
    if is_ours and not running and not is_begun and standing.phase is not Phase.UNCONFIRMED:
        # A device with one bank has given up what it ran; its boot loader waits for a whole image.
        is_whole = standing.phase is Phase.STAGED and plain(standing.pending_version) == manifest.version
        return (Course.INSTALL if is_whole else Course.TRANSFER), ""
    if is_ours and running != known.from_version:
        return Course.PERSON, (
            f"The device runs {running or 'a version that it does not tell'}, neither {known.from_version} "
            f"as before nor {manifest.version}; somebody else may have updated it."
        )
    if standing.phase is Phase.UNCONFIRMED:
        return Course.PERSON, f"The device waits for {running} to be confirmed, which nobody here installed."
    if is_begun and standing.phase is not Phase.STAGED:
        why = f": {standing.detail}" if standing.detail else ""
        return Course.ROLLED_BACK, f"The device came back with {running or 'its old version'}{why}."
    if standing.phase is Phase.STAGED and plain(standing.pending_version) == manifest.version:
        return Course.INSTALL, ""
    return Course.TRANSFER, ""


def stranger_in(manifest: Manifest, known: Known, standing: Standing) -> str:
    """Return in what a device is none that the image is for, or not the one known; empty = in nothing."""
    identity = standing.identity
    if is_another(known, standing):
        return (
            f"Another device answers: its serial number is {identity.serial or 'not told'}, and it was "
            f"{known.serial}."
        )
    told = {"product": identity.product, "hardware revision": identity.hardware}
    if not known.from_version:
        told["version"] = identity.version
    missing = [what for what, said in told.items() if not said]
    if missing:
        return f"The device does not tell its {missing[0]}; the update profile must say where to read it."
    if identity.product != manifest.product:
        return f"The image is made for {manifest.product}, and the device says that it is {identity.product}."
    if identity.hardware not in manifest.hardware:
        return (
            f"The image is made for hardware {', '.join(manifest.hardware)}, and the device says that it is "
            f"{identity.hardware}."
        )
    return ""


def is_another(known: Known, standing: Standing) -> bool:
    """Whether another device answers than the one that the update was begun at."""
    return bool(known.serial) and standing.identity.serial != known.serial


def plain(version: str) -> str:
    """Return a version without its build metadata, which names the product."""
    return version.partition("+")[0]
