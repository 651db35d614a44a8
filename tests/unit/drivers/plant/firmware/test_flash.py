"""The plant's updatable device: the way to a new version, and each trouble on it."""

import hashlib

import pytest

from drivers.plant.firmware.flash import Declined, Flash, FlashState, Silent
from drivers.plant.firmware.habits import Habits, Make
from drivers.plant.firmware.image import BadImage, make_image, read_image
from drivers.plant.firmware.troubles import Step, Trouble, TroubleKind

IMAGE = make_image("drive-a", "2.0.0", 1000)
WHO = "station-a"


def _flash(trouble: Trouble | None = None, **habits: object) -> Flash:
    return Flash(Make(), Habits(**habits), trouble)  # type: ignore[arg-type]


def _stage(flash: Flash, image: bytes = IMAGE, now: float = 0.0) -> None:
    flash.prepare(now)
    flash.begin(now, len(image), hashlib.sha256(image).digest())
    for at in range(0, len(image), 100):
        flash.write(now, WHO, at, image[at : at + 100])
    flash.finish(now)


def test_new_firmware_runs_after_the_reboot_and_not_before() -> None:
    flash = _flash(install_s=1.0, reboot_s=2.0)
    _stage(flash)
    assert (flash.state(0.0), flash.pending, flash.version(0.0)) == (FlashState.STAGED, "2.0.0", "1.0.0")

    flash.install(0.0)
    assert flash.state(0.5) is FlashState.INSTALLING
    assert flash.is_silent(1.5)
    assert (flash.version(3.0), flash.state(3.0), flash.flashed) == ("2.0.0", FlashState.IDLE, ["2.0.0"])


def test_one_that_nobody_confirms_goes_back_by_itself() -> None:
    flash = _flash(confirm_within_s=10.0, reboot_s=1.0)
    _stage(flash)
    flash.install(0.0)

    assert (flash.state(2.0), flash.version(2.0)) == (FlashState.UNCONFIRMED, "2.0.0")
    assert flash.is_silent(11.5)
    assert (flash.state(13.0), flash.version(13.0)) == (FlashState.FAILED, "1.0.0")


def test_confirmed_firmware_stays() -> None:
    flash = _flash(confirm_within_s=10.0, reboot_s=1.0)
    _stage(flash)
    flash.install(0.0)
    flash.confirm(2.0)

    assert (flash.state(99.0), flash.version(99.0)) == (FlashState.IDLE, "2.0.0")


def test_power_lost_in_a_transfer_brings_the_old_version_back() -> None:
    flash = _flash(Trouble(TroubleKind.LOSE_POWER, after_bytes=300))
    with pytest.raises(Silent):
        _stage(flash)

    assert (flash.version(1.0), flash.state(1.0), flash.received(1.0)) == ("1.0.0", FlashState.IDLE, 0)


def test_a_device_that_keeps_what_it_has_can_be_gone_on_with() -> None:
    flash = _flash(Trouble(TroubleKind.LOSE_POWER, after_bytes=300), keeps_interrupted=True)
    with pytest.raises(Silent):
        _stage(flash)

    kept = flash.received(1.0)
    flash.write(1.0, WHO, kept, IMAGE[kept:])
    flash.finish(1.0)
    assert (kept, flash.pending) == (400, "2.0.0")


def test_power_lost_while_installing_leaves_it_staged() -> None:
    flash = _flash(Trouble(TroubleKind.LOSE_POWER, step=Step.INSTALL))
    _stage(flash)
    with pytest.raises(Silent):
        flash.install(0.0)

    assert (flash.state(1.0), flash.version(1.0), flash.pending) == (FlashState.STAGED, "1.0.0", "2.0.0")


@pytest.mark.parametrize(
    ("kind", "state", "version"),
    [
        (TroubleKind.FAIL_INSTALL, FlashState.FAILED, "1.0.0"),
        (TroubleKind.ROLL_BACK, FlashState.FAILED, "1.0.0"),
        (TroubleKind.CLAIM_SUCCESS, FlashState.IDLE, "1.0.0"),
        (TroubleKind.STUCK, FlashState.INSTALLING, "1.0.0"),
        (TroubleKind.OTHER_SERIAL, FlashState.IDLE, "2.0.0"),
        (TroubleKind.UNHEALTHY, FlashState.IDLE, "2.0.0"),
    ],
)
def test_troubles_of_an_installation_end_in_a_named_state(
    kind: TroubleKind, state: FlashState, version: str
) -> None:
    flash = _flash(Trouble(kind))
    _stage(flash)
    flash.install(0.0)

    assert (flash.state(5.0), flash.version(5.0), flash.is_bricked) == (state, version, False)
    assert flash.is_healthy(5.0) == (kind is not TroubleKind.UNHEALTHY)
    assert (flash.serial(5.0) == "SN-0001") == (kind is not TroubleKind.OTHER_SERIAL)


def test_a_watchdog_that_strikes_later_flips_the_version_back() -> None:
    flash = _flash(Trouble(TroubleKind.ROLL_BACK, seconds=5.0))
    _stage(flash)
    flash.install(0.0)

    assert flash.version(3.0) == "2.0.0"
    assert (flash.version(9.0), flash.state(9.0)) == ("1.0.0", FlashState.FAILED)


def test_one_that_never_comes_back_is_silent_for_ever() -> None:
    flash = _flash(Trouble(TroubleKind.NEVER_BACK))
    _stage(flash)
    flash.install(0.0)

    assert flash.is_silent(1e9)


@pytest.mark.parametrize(
    ("image", "why"),
    [
        (make_image("drive-b", "2.0.0", 1000), "drive-b"),
        (make_image("drive-a", "2.0.0", 1000, hardware=("B1",)), "hardware"),
        (IMAGE[:-1] + bytes([IMAGE[-1] ^ 1]), "hash"),
        (IMAGE[:-1], "999 bytes"),
    ],
)
def test_what_is_not_for_it_is_declined_and_nothing_changes(image: bytes, why: str) -> None:
    flash = _flash()
    with pytest.raises(Declined, match=why):
        _stage(flash, image)

    assert (flash.state(0.0), flash.version(0.0)) == (FlashState.FAILED, "1.0.0")


def test_one_that_checks_nothing_dies_of_an_image_that_is_none() -> None:
    flash = _flash(checks_image=False)
    _stage(flash, b"x" * 500)
    flash.install(0.0)

    assert flash.is_silent(60.0)
    assert flash.is_bricked


def test_blocks_of_two_at_once_are_counted_and_a_takeover_is_not() -> None:
    flash = _flash()
    flash.begin(0.0, 1000)
    flash.write(0.0, "a", 0, IMAGE[:100])
    flash.write(0.0, "b", 100, IMAGE[100:200])
    assert flash.interleaved == 0

    flash.write(0.0, "a", 200, IMAGE[200:300])
    assert flash.interleaved == 1


def test_an_image_of_any_size_says_what_it_is_for() -> None:
    head = read_image(make_image("drive-a", "2.0.0", 777, ("A1", "A2")))

    assert (head.product, head.version, head.size, head.hardware) == ("drive-a", "2.0.0", 777, ("A1", "A2"))
    with pytest.raises(BadImage, match="no firmware"):
        read_image(b"anything")
    with pytest.raises(ValueError, match="needs at least"):
        make_image("drive-a", "2.0.0", 50)
