"""What windows that were let in ask of the station: checked, bounded, and answered once it is done."""

import asyncio
import weakref
from collections.abc import Sequence
from typing import Protocol

from console.link.doorkeeper import Sight
from console.link.frames import frame_from_message
from console.link.messages import Acknowledge, Acknowledged
from console.link.window import Nonsense, WindowConnection
from models.records.ticket import TicketHolder

MOST_ALERTS = 1000
"""So many one message may name; whoever has more sends several."""

BURST = 60
RATE_PER_S = 10.0
"""As fast as a held key repeats for two seconds, then as fast as anybody looks; beyond, it is no person."""


class OnOutcomes(Protocol):
    """Hears what became of alerts: device, threshold, whether this did it, and one sentence, for each."""

    def __call__(self, outcomes: Sequence[tuple[int, int, bool, str]], /) -> None:
        """Called on the event loop, once."""
        ...


class Desk(Protocol):
    """Takes acknowledgements. Used on the event loop only."""

    def acknowledge(
        self,
        holder: TicketHolder,
        ticket: str,
        sight: Sight,
        number: int,
        alerts: Sequence[tuple[int, int]],
        comment: str,
        on_outcomes: OnOutcomes,
    ) -> None:
        """See `console.station.alerts.alert_desk.AlertDesk.acknowledge`."""
        ...


class Requests:
    """What one window may still ask. Belongs to the event loop's thread."""

    def __init__(self, window: WindowConnection, ticket: str, desk: Desk | None) -> None:
        """Keep whose requests these are; the ticket lives as long as the connection."""
        # A desk that waits for a slow disk must not keep a window that has gone.
        self._window = weakref.ref(window)
        self._ticket = ticket
        self._desk = desk
        self._allowance = float(BURST)
        self._asked_s = asyncio.get_running_loop().time()
        self._open = 0

    def acknowledge(self, message: Acknowledge, holder: TicketHolder, sight: Sight) -> None:
        """Have alerts acknowledged in the name of whoever was let in.

        Raises:
            Nonsense: No window of ours asks for so much, or so often.
        """
        now_s = asyncio.get_running_loop().time()
        self._allowance = min(BURST, self._allowance + (now_s - self._asked_s) * RATE_PER_S) - 1.0
        self._asked_s = now_s
        if self._allowance < 0.0 or self._open >= BURST:
            raise Nonsense(f"it acknowledged more than {BURST} times at once")
        if len(message.alerts) > MOST_ALERTS:
            raise Nonsense(f"it acknowledged {len(message.alerts)} alerts at once, not {MOST_ALERTS}")
        if self._desk is None:
            self._answer(message, [(*key, False, "This station keeps no alerts.") for key in message.alerts])
            return
        self._open += 1
        self._desk.acknowledge(
            holder,
            self._ticket,
            sight,
            message.number,
            message.alerts,
            message.comment,
            lambda outcomes: self._close(message, outcomes),
        )

    def _close(self, message: Acknowledge, outcomes: Sequence[tuple[int, int, bool, str]]) -> None:
        self._open -= 1
        self._answer(message, outcomes)

    def _answer(self, message: Acknowledge, outcomes: Sequence[tuple[int, int, bool, str]]) -> None:
        window = self._window()
        if window is not None:
            window.send(frame_from_message(Acknowledged(message.number, list(outcomes))))
