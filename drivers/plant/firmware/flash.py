"""A device that takes new firmware: two banks or one, an update in steps, a reboot, and all that goes wrong.

    prepare → begin → write … write → finish → install ─→ away ─→ runs the new one [→ confirm]
Pure: time comes from the caller, in seconds of any clock that only goes on, and every question first lets
that time pass. A device that is away, hangs or is dead raises Silent; one that says no raises Declined.
"""

import hashlib
import math
from collections.abc import Callable
from dataclasses import replace
from enum import StrEnum

from drivers.plant.firmware.habits import Habits, Make
from drivers.plant.firmware.image import BadImage, ImageHead, read_image
from drivers.plant.firmware.troubles import Step, Trouble, TroubleKind, other_plate


class Declined(Exception):
    """The device says no. The text is a clause that says why."""


class Silent(Exception):
    """The device answers nothing now."""


class FlashState(StrEnum):
    """What the device says of an update."""

    IDLE = "idle"
    PREPARED = "prepared"
    RECEIVING = "receiving"
    STAGED = "staged"
    INSTALLING = "installing"
    INSTALLED = "installed"  # waits for `restart`, where the device does not reboot by itself
    UNCONFIRMED = "unconfirmed"
    FAILED = "failed"


class Flash:
    """One device.

    Attributes:
        make: Who it is; the version is that of `running`.
        habits: May be changed before an update.
        trouble: What goes wrong next, None = nothing. May change at any moment.
        running: Version that runs; empty = none, the boot loader answers.
        pending: Version staged or being installed; empty = none.
        detail: Why the last update failed, or empty.
        flashed: Versions that it was made to run, in that order.
        transfers: How many were begun.
        reboots: How many reboots and losses of power began: a server drops its connections when this grows.
        talkers: Who wrote to the transfer under way, in the order of their first block.
        interleaved: How many blocks came from somebody whom another had already taken over from: two talked
            at once.
        is_bricked: Dead for ever.
        image: The bytes accepted last.
    """

    def __init__(self, make: Make, habits: Habits | None = None, trouble: Trouble | None = None) -> None:
        self.make = make
        self.habits = habits or Habits()
        self.trouble = trouble
        self.running = make.version
        self.pending = ""
        self.detail = ""
        self.flashed: list[str] = []
        self.transfers = 0
        self.reboots = 0
        self.talkers: list[str] = []
        self.interleaved = 0
        self.is_bricked = False
        self.image = b""
        self._serial = make.serial
        self._state = FlashState.IDLE
        self._before = ""
        self._is_unwell = False
        self._received = bytearray()
        self._size = 0
        self._sha256 = b""
        self._next: tuple[float, Callable[[float], None]] | None = None
        self._is_silent = False

    # -- what it says -----------------------------------------------------------------------------

    def state(self, now: float) -> FlashState:
        """Return where its update stands. Raises Silent, as everything below."""
        self._answer(now)
        return self._state

    def version(self, now: float) -> str:
        """Return the version that runs."""
        self._answer(now)
        return self.running

    def serial(self, now: float) -> str:
        """Return its serial number."""
        return self.plate(now).serial

    def plate(self, now: float) -> Make:
        """Return who it says it is: once it is prepared, its boot loader says so."""
        self._answer(now)
        make = replace(self.make, serial=self._serial)
        if self._state not in (FlashState.PREPARED, FlashState.RECEIVING):
            return make
        return other_plate(make, self.trouble)

    def is_healthy(self, now: float) -> bool:
        """Return what it says of its own health."""
        self._answer(now)
        return not self._is_unwell

    def received(self, now: float) -> int:
        """Return how many bytes of a transfer it has, without a gap from the first."""
        self._answer(now)
        return len(self._received)

    def expected(self, now: float) -> int:
        """Return how many bytes were announced for the transfer; 0 = none were."""
        self._answer(now)
        return self._size

    def read_back(self, now: float, offset: int, count: int) -> bytes:
        """Return what it has of a transfer; shorter where it has less."""
        self._answer(now)
        data = bytearray(self._received[offset : offset + count])
        if data and self._has(TroubleKind.CORRUPT_READ_BACK):
            data[-1] ^= 0x01
        return bytes(data)

    def content(self, now: float) -> bytes:
        """Return what it really has of a transfer."""
        self._answer(now)
        return bytes(self._received)

    def is_silent(self, now: float) -> bool:
        """Return whether it is away, hangs or is dead. Never raises."""
        self.advance(now)
        return self._is_silent

    # -- what it is told --------------------------------------------------------------------------

    def prepare(self, now: float, *, keeps_staged: bool = False) -> None:
        """Get ready for a transfer, or to install what is staged and stays. Raises Declined."""
        self._answer(now)
        self._strike(Step.PREPARE, now)
        if self._has(TroubleKind.REFUSE_PREPARE):
            raise Declined("not now: the machine runs")
        if self._state in (FlashState.INSTALLING, FlashState.INSTALLED, FlashState.UNCONFIRMED):
            raise Declined(f"an update is {self._state}")
        if keeps_staged and self._state is FlashState.STAGED:
            return
        self._forget()
        self._state = FlashState.PREPARED

    def begin(self, now: float, size: int = 0, sha256: bytes = b"") -> None:
        """Begin a transfer, forgetting an older one; 0 and empty where nothing is announced."""
        self._answer(now)
        self._strike(Step.BEGIN, now)
        is_ready = self._state in (FlashState.PREPARED, FlashState.RECEIVING, FlashState.STAGED)
        if self.habits.needs_prepare and not is_ready:
            raise Declined("it was not prepared")
        if self._state in (FlashState.INSTALLING, FlashState.INSTALLED, FlashState.UNCONFIRMED):
            raise Declined(f"an update is {self._state}")
        if size > self.habits.capacity:
            raise Declined(f"{size} bytes are more than the {self.habits.capacity} that fit")
        self._forget()
        self.transfers += 1
        self._size, self._sha256 = size, sha256
        self._state = FlashState.RECEIVING
        if self.habits.banks == 1:
            self.running = ""

    def write(self, now: float, who: str, offset: int, data: bytes) -> None:
        """Take bytes at `offset`, at or before the end of what it has. Raises Declined."""
        self._answer(now)
        if self._state is not FlashState.RECEIVING:
            raise Declined("no transfer was begun")
        end = offset + len(data)
        if offset > len(self._received):
            raise Declined(f"bytes {len(self._received)} to {offset} are missing")
        if end > (self._size or self.habits.capacity):
            raise Declined(f"{end} bytes are more than the {self._size or self.habits.capacity} expected")
        self._note(who)
        self._received[offset:end] = data
        if self.trouble is not None and len(self._received) > self.trouble.after_bytes:
            self._strike(Step.RECEIVE, now)

    def finish(self, now: float) -> None:
        """Check what was received, and stage it. Raises Declined; the transfer is forgotten then."""
        self._answer(now)
        self._strike(Step.FINISH, now)
        if self._state is not FlashState.RECEIVING:
            raise Declined("no transfer was begun")
        data = bytes(self._received)
        if self._size and len(data) < self._size:
            raise Declined(f"{len(data)} of {self._size} bytes came")
        try:
            head = self._accept(data)
        except (BadImage, Declined) as no:
            self._fail(f"image refused: {no}")
            raise Declined(self.detail) from None
        self.image, self.pending = data, head.version if head else "?"
        self._state = FlashState.STAGED

    def install(self, now: float) -> None:
        """Install what is staged. Raises Declined."""
        self._answer(now)
        if self._state is not FlashState.STAGED:
            raise Declined("nothing is staged")
        if self._has(TroubleKind.REFUSE_INSTALL):
            raise Declined("not now: the machine runs")
        self._state = FlashState.INSTALLING
        self._strike(Step.INSTALL, now)
        if not self._has(TroubleKind.STUCK):
            self._next = (now + self.habits.install_s, self._installed)
        self.advance(now)

    def restart(self, now: float) -> None:
        """Reboot."""
        self._answer(now)
        self._reboot(now)

    def confirm(self, now: float) -> None:
        """Stay with what runs. Raises Declined where nothing waits for it."""
        self._answer(now)
        self._strike(Step.CONFIRM, now)
        if self._state is not FlashState.UNCONFIRMED:
            raise Declined("nothing waits to be confirmed")
        self._state, self._next = FlashState.IDLE, None

    def abandon(self, now: float) -> None:
        """Forget a preparation, a transfer, or what is staged."""
        self._answer(now)
        if self._state in (FlashState.INSTALLING, FlashState.INSTALLED, FlashState.UNCONFIRMED):
            raise Declined(f"an update is {self._state}")
        self._forget()
        self._state, self.detail = FlashState.IDLE, ""

    # -- what happens to it -----------------------------------------------------------------------

    def lose_power(self, now: float) -> None:
        """Cut its power and give it back: it boots anew, unless it is dead."""
        if self.is_bricked:
            return
        self.advance(now)
        if self._state in (FlashState.INSTALLING, FlashState.INSTALLED):
            self._state = FlashState.STAGED
        elif self._state is FlashState.PREPARED:
            self._state = FlashState.IDLE
        elif self._state is FlashState.RECEIVING and not (self.habits.keeps_interrupted and self._received):
            self._forget()
            self._state = FlashState.IDLE
        self._away(now, self.habits.reboot_s, self._back_as_it_was)

    def advance(self, now: float) -> None:
        """Let time pass up to `now`."""
        while self._next is not None and self._next[0] <= now:
            at, happens = self._next
            self._next = None
            happens(at)

    # -- inside -----------------------------------------------------------------------------------

    def _answer(self, now: float) -> None:
        self.advance(now)
        if self._is_silent:
            raise Silent

    def _has(self, kind: TroubleKind) -> bool:
        return self.trouble is not None and self.trouble.kind is kind

    def _take(self, kind: TroubleKind) -> Trouble | None:
        """Return the trouble of this kind, which has played its part then."""
        if not self._has(kind):
            return None
        trouble, self.trouble = self.trouble, None
        return trouble

    def _strike(self, step: Step, now: float) -> None:
        """Hang or lose power, where that is due at this step."""
        trouble = self.trouble
        if trouble is None or trouble.step is not step:
            return
        if self._take(TroubleKind.HANG):
            self._is_silent = True
            if math.isfinite(trouble.seconds):
                self._next = (now + trouble.seconds, self.lose_power)
            raise Silent
        if self._take(TroubleKind.LOSE_POWER):
            self.lose_power(now)
            raise Silent

    def _note(self, who: str) -> None:
        if who not in self.talkers:
            self.talkers.append(who)
        elif self.talkers[-1] != who:
            self.interleaved += 1

    def _accept(self, data: bytes) -> ImageHead | None:
        if self._has(TroubleKind.REFUSE_IMAGE):
            raise Declined("the device does not like it")
        if not self.habits.checks_image:
            try:
                return read_image(data)
            except BadImage:
                return None
        if self._sha256 and hashlib.sha256(data).digest() != self._sha256:
            raise Declined("its hash is not the one announced")
        head = read_image(data)
        if head.product != self.make.product:
            raise Declined(f"it is for {head.product}, and this is {self.make.product}")
        if head.hardware and self.make.hardware not in head.hardware:
            raise Declined(f"it is for hardware {', '.join(head.hardware)}, not {self.make.hardware}")
        return head

    def _forget(self) -> None:
        self._received.clear()
        self._size, self._sha256, self.pending = 0, b"", ""
        self.talkers.clear()

    def _fail(self, why: str) -> None:
        self._forget()
        self._state, self.detail = FlashState.FAILED, why

    def _installed(self, now: float) -> None:
        if self._take(TroubleKind.FAIL_INSTALL):
            self._fail("the installation failed: the flash could not be written")
        elif self.habits.reboots_itself:
            self._reboot(now)
        else:
            self._state = FlashState.INSTALLED

    def _reboot(self, now: float) -> None:
        slow = self._take(TroubleKind.SLOW_REBOOT)
        away_s = slow.seconds if slow else self.habits.reboot_s
        if self._take(TroubleKind.NEVER_BACK):
            away_s = math.inf
        is_new = self._state in (FlashState.INSTALLING, FlashState.INSTALLED)
        self._away(now, away_s, self._back_as_new if is_new else self._back_as_it_was)

    def _away(self, now: float, seconds: float, back: Callable[[float], None]) -> None:
        self.reboots += 1
        self._is_silent = True
        self._next = (now + seconds, back) if math.isfinite(seconds) else None

    def _back_as_it_was(self, now: float) -> None:
        self._is_silent = False
        if self._state is FlashState.UNCONFIRMED:
            self._go_back(now, "it lost power before anybody confirmed it")

    def _back_as_new(self, now: float) -> None:
        version = self.pending
        if not self._starts():
            self.is_bricked = self._is_silent = True
            return
        self._is_silent = False
        roll_back = self.trouble if self._has(TroubleKind.ROLL_BACK) else None
        if roll_back and math.isinf(roll_back.seconds):
            self.trouble = None
            self._fail(f"{version} did not start; {self.running or 'the boot loader'} runs again")
            return
        if self._take(TroubleKind.OTHER_SERIAL):
            self._serial += "-B"
        self._forget()
        self._state, self.detail = FlashState.IDLE, ""
        if self._take(TroubleKind.CLAIM_SUCCESS):
            return
        self._before, self.running = self.running, version
        self.flashed.append(version)
        self._is_unwell = self._take(TroubleKind.UNHEALTHY) is not None
        if roll_back:
            self.trouble = None
            self._next = (now + roll_back.seconds, lambda at: self._go_back(at, "its watchdog struck"))
        elif self.habits.confirm_within_s:
            self._state = FlashState.UNCONFIRMED
            self._next = (now + self.habits.confirm_within_s, self._unconfirmed)

    def _starts(self) -> bool:
        """Return whether the image is firmware for this product."""
        try:
            return read_image(self.image).product == self.make.product
        except BadImage:
            return False

    def _unconfirmed(self, now: float) -> None:
        self._go_back(now, "nobody confirmed it in time")

    def _go_back(self, now: float, why: str) -> None:
        """Reboot into the version before."""
        failed, self.running = self.running, self._before
        self._is_unwell = False
        self._fail(f"{failed} was given up: {why}")
        self._away(now, self.habits.reboot_s, self._back_as_it_was)
