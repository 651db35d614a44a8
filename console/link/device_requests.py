"""What one window asks of devices: bounded, handed to the station's desk, stopped when the window goes."""

import asyncio
import weakref
from collections.abc import Callable
from typing import Protocol

from console.link.frames import frame_from_message
from console.link.messages import AskDevice, DeviceAnswer, StopAsking
from console.link.window import Nonsense, WindowConnection
from models.records.person import Role
from models.records.ticket import TicketHolder

MOST_AT_ONCE = 8
"""A browse, a search, a scan, a bench and a few previews; beyond, a window waits for its own."""
BURST = 60
RATE_PER_S = 20.0
"""As fast as somebody opens branches of a tree, and a bench reads beside; beyond, it is no person."""

WAIT = f"This window asks {MOST_AT_ONCE} things at once already; wait for one of them, or stop it."
NO_WORKBENCH = "This station asks nothing of devices."
OTHER_ROLE = {
    Role.OPERATOR: "You were made an operator meanwhile, and operators ask nothing of devices.",
    Role.USER: "You were made an engineer meanwhile; ask again of a device that is yours.",
    Role.ADMIN: "You were made an administrator meanwhile; ask again.",
}

OnAnswer = Callable[[bytes, bool, str], None]


class Workbench(Protocol):
    """Answers questions about devices. Used on the event loop only."""

    def ask_device(
        self,
        holder: TicketHolder,
        digest: bytes,
        tool: str,
        driver: str,
        settings: bytes,
        subject: bytes,
        hardware_id: str,
        on_answer: OnAnswer,
    ) -> Callable[[str], None]:
        """See `console.station.workbench.desk.DeviceDesk.ask_device`."""
        ...


class DeviceRequests:
    """What one window has asked and was not answered to the end. Belongs to the event loop's thread."""

    def __init__(self, window: WindowConnection, digest: bytes, workbench: Workbench | None) -> None:
        """Keep whose questions these are; `digest` is the SHA-256 of the ticket that was shown."""
        # A desk that waits for a slow device must not keep a window that has gone.
        self._window = weakref.ref(window)
        self._digest = digest
        self._workbench = workbench
        self._allowance = float(BURST)
        self._asked_s = asyncio.get_running_loop().time()
        self._open: dict[int, tuple[Role, Callable[[str], None]]] = {}

    def ask(self, message: AskDevice, holder: TicketHolder) -> None:
        """Have a question answered in the name of whoever was let in.

        Raises:
            Nonsense: No window of ours asks so often, or two things by one number.
        """
        now_s = asyncio.get_running_loop().time()
        self._allowance = min(BURST, self._allowance + (now_s - self._asked_s) * RATE_PER_S) - 1.0
        self._asked_s = now_s
        if self._allowance < 0.0:
            raise Nonsense(f"it asked devices more than {BURST} times at once")
        if message.number in self._open:
            raise Nonsense(f"it asked two things by the number {message.number}")
        if self._workbench is None or len(self._open) >= MOST_AT_ONCE:
            self._send(DeviceAnswer(message.number, fault=WAIT if self._workbench else NO_WORKBENCH))
            return
        stop = self._workbench.ask_device(
            holder,
            self._digest,
            message.tool,
            message.driver,
            message.settings,
            message.subject,
            message.hardware_id,
            lambda body, is_last, fault: self._answer(message.number, body, is_last, fault),
        )
        self._open[message.number] = (holder.role, stop)

    def stop(self, message: StopAsking) -> None:
        """End one question; one that has ended by itself meanwhile is no fault."""
        _, stop = self._open.pop(message.number, (None, None))
        if stop is not None:
            stop("")

    def stop_all(self) -> None:
        """End every question: the window has gone."""
        running, self._open = self._open, {}
        for _, stop in running.values():
            stop("")

    def recheck(self, holder: TicketHolder) -> None:
        """End what was asked under another role than the person has now."""
        for role, stop in list(self._open.values()):
            if role != holder.role:
                # The desk tells it, because only it knows whether something was on its way to the device.
                stop(OTHER_ROLE[holder.role])

    def _answer(self, number: int, body: bytes, is_last: bool, fault: str) -> None:  # noqa: FBT001
        if number not in self._open:
            return
        if is_last:
            del self._open[number]
        self._send(DeviceAnswer(number, body, is_last, fault))

    def _send(self, message: DeviceAnswer) -> None:
        window = self._window()
        if window is not None:
            window.send(frame_from_message(message))
