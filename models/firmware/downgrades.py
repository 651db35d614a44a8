"""Whether a device may go from what it runs to what a manifest brings: pure, asked before the first byte.

What is older is told by the sequence, which the signer counts up, and by the version that the device itself
tells. Going back needs a permit that was signed for it.
"""

from datetime import datetime

from models.errors import FirmwareRefused
from models.firmware.versions import parsed_version, version_or_none
from models.records.firmware import ANY_SERIAL, DowngradePermit, Manifest


def check_step(
    manifest: Manifest,
    running: str,
    sequence_floor: int,
    *,
    serial: str = "",
    permit: DowngradePermit | None = None,
    now: datetime | None = None,
) -> None:
    """Return where a device may get this version.

    Args:
        manifest: Verified.
        running: What the device says it runs, normalised; may be no version at all.
        sequence_floor: The highest sequence that this device is known to have run, by the database or by this
            station, whichever is higher; 0 where nobody knows.
        serial: What the device says.
        permit: Verified; None = none.
        now: The database's clock, where there is a permit.

    Raises:
        FirmwareRefused: The device runs too old a version to begin from, or would be brought back without a
            permit for that.
    """
    is_same = version_or_none(running) is not None and _plain(running) == manifest.version
    if is_same and manifest.sequence >= sequence_floor:
        return
    if manifest.minimum_from:
        _check_minimum(manifest, running)
    if not _is_downgrade(manifest, running, sequence_floor):
        return
    if permit is None:
        raise FirmwareRefused(
            f"{manifest.full_version} (sequence {manifest.sequence}) would bring the device back from "
            f"{running or 'what it runs'} (sequence {sequence_floor or 'unknown'}); that needs a signed "
            "permit: main.py firmware permit."
        )
    _check_permit(manifest, running, serial, permit, now)


def _check_minimum(manifest: Manifest, running: str) -> None:
    found = version_or_none(running)
    if found is None or found < parsed_version(manifest.minimum_from):
        raise FirmwareRefused(
            f"{manifest.full_version} needs {manifest.minimum_from} or later to begin from, and the device "
            f"runs {running or 'an unknown version'}; update to {manifest.minimum_from} first."
        )


def _is_downgrade(manifest: Manifest, running: str, sequence_floor: int) -> bool:
    if manifest.sequence < sequence_floor:
        return True
    found = version_or_none(running)
    # Also under a higher sequence: whoever can write the database could make the floor what they like.
    return found is not None and parsed_version(manifest.version) < found


def _check_permit(
    manifest: Manifest, running: str, serial: str, permit: DowngradePermit, now: datetime | None
) -> None:
    wrong = ""
    if permit.product != manifest.product:
        wrong = f"is for the product {permit.product}, not {manifest.product}"
    elif permit.to_version != manifest.version:
        wrong = f"is for going back to {permit.to_version}, not {manifest.version}"
    elif permit.from_version != _plain(running):
        wrong = f"is for devices that run {permit.from_version}, not {running or 'an unknown version'}"
    elif permit.serial not in (ANY_SERIAL, serial):
        wrong = f"is for the device with the serial number {permit.serial}, not {serial or 'an unknown one'}"
    elif now is None or now >= permit.expires_at:
        wrong = "has expired"
    if wrong:
        raise FirmwareRefused(
            f"The permit to go back {wrong}; have one signed for this: main.py firmware permit."
        )


def _plain(version: str) -> str:
    return version.partition("+")[0]
