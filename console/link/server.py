"""The station's end of the local socket: any number of windows listen, none can slow the station down.

    stranger ── Hello with a ticket ──→ the doorkeeper's verdict ──→ guest, in the audience of those who see
        │                                         │                  the same devices
        └── nothing within 5 s: let go            └── Refused, and let go; a guest too, whenever it comes

What a window cannot take is buffered up to a limit; beyond it the window is let go, and connects again.
"""

import asyncio
import os
import sys
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Protocol

from console.link.alert_board import AlertBoard
from console.link.audience import Audience
from console.link.complaints import Complaints
from console.link.device_requests import DeviceRequests, Workbench
from console.link.doorkeeper import Doorkeeper, Sight, sight_of
from console.link.frames import frame_from_message
from console.link.health_board import HealthBoard
from console.link.listener import ListeningSocket
from console.link.messages import (
    PROTOCOL,
    Acknowledge,
    AskDevice,
    Hello,
    Message,
    Refused,
    StateChange,
    States,
    StopAsking,
    Welcome,
    Withdrawn,
)
from console.link.requests import Desk, Requests
from console.link.window import WindowConnection
from models.records.device import DeviceId, DeviceState
from models.records.device_health import DeviceHealth
from models.records.reading import Reading
from models.records.station import StationReport
from models.records.station_alert import StationAlert
from models.records.threshold import ThresholdId
from models.records.ticket import TicketHolder, TicketRefusal, TicketVerdict, digest_of

COALESCE_S = 0.03
"""Readings wait this long for others: 33 batches a second are more than eyes or screens take."""

BUFFER_BYTES = 4 * 1024 * 1024
"""What a window may be behind: about a minute of a thousand devices."""

GREETING_S = 5.0
"""Who has shown no good ticket by then is let go."""

STRANGERS = 256
"""So many may be waiting to be let in; when more come, the one that has waited longest goes."""

_NO_TICKET = Refused("Nobody is signed in at this window; sign in to see live values.", is_final=True)
_TOO_SLOW = Refused(
    "The station cannot check this sign-in: the database does not answer. Live values come once it does.",
    is_final=False,
)


class _Closable(Protocol):
    def close(self) -> None: ...


class _Guest:
    """A window whose ticket is good: whose it is, and with whom it sits."""

    __slots__ = ("audience", "holder")

    def __init__(self, holder: TicketHolder, audience: Audience) -> None:
        self.holder = holder
        self.audience = audience


class LinkServer:
    """Serves windows on one local socket. Every method belongs to the event loop's thread."""

    def __init__(
        self,
        address: str,
        name: str,
        version: str,
        *,
        coalesce_s: float = COALESCE_S,
        buffer_bytes: int = BUFFER_BYTES,
        greeting_s: float = GREETING_S,
    ) -> None:
        """Keep what it needs; opens nothing.

        Args:
            address: A path (POSIX; its folder must be the owner's alone) or a pipe's name (Windows).
            name: The station's, as told to windows.
            version: Of this program.
            coalesce_s: How long readings wait for others.
            buffer_bytes: How far behind a window may be before it is let go.
            greeting_s: How long somebody may stay without a good ticket.
        """
        self._address = address
        self._hello = frame_from_message(Hello(PROTOCOL, name, version, os.getpid()))
        self._coalesce_s = coalesce_s
        self._buffer_bytes = buffer_bytes
        self._greeting_s = greeting_s
        self._doorkeeper: Doorkeeper | None = None
        self._complaints = Complaints()
        self._strangers: dict[WindowConnection, asyncio.TimerHandle] = {}
        self._desk: Desk | None = None
        self._requests: dict[WindowConnection, Requests] = {}
        self._workbench: Workbench | None = None
        self._device_requests: dict[WindowConnection, DeviceRequests] = {}
        self._unwatch: dict[WindowConnection, Callable[[], None]] = {}
        self._guests: dict[WindowConnection, _Guest] = {}
        self._audiences: dict[Sight, Audience] = {}
        self._owners: dict[DeviceId, int] = {}
        self._states: dict[DeviceId, StateChange] = {}
        self._alerts = AlertBoard(self._audiences.values)
        self._health = HealthBoard(self._audiences.values)
        self._waiting: list[Reading] = []
        self._flush: asyncio.TimerHandle | None = None
        self._server: asyncio.Server | None = None
        self._pipes: Sequence[_Closable] = ()
        self._socket = ListeningSocket(Path(address))

    @property
    def window_count(self) -> int:
        """How many windows were let in and are connected."""
        return len(self._guests)

    @property
    def stranger_count(self) -> int:
        """How many are connected and were not let in."""
        return len(self._strangers)

    async def start(
        self, tickets: Doorkeeper, desk: Desk | None = None, workbench: Workbench | None = None
    ) -> None:
        """Open the socket; one left by a killed station is replaced.

        Args:
            tickets: Checks those that windows show.
            desk: Takes what windows acknowledge; None = nobody does.
            workbench: Answers what windows ask of devices; None = nobody does.

        Raises:
            OSError: The address is in use by a living station, or cannot be made.
        """
        self._doorkeeper = tickets
        self._desk, self._workbench = desk, workbench
        loop = asyncio.get_running_loop()
        if sys.platform == "win32":
            assert isinstance(loop, asyncio.ProactorEventLoop)  # pipes exist on no other
            # Stubs ask for a StreamReaderProtocol; the loop is content with any protocol.
            self._pipes = await loop.start_serving_pipe(self._make_window, self._address)  # pyright: ignore[reportArgumentType]
            return
        # The listening socket is made here, not by the loop: uvloop and asyncio differ in what they replace.
        self._server = await loop.create_unix_server(self._make_window, sock=self._socket.open())

    async def stop(self) -> None:
        """Send what waits, close every connection and the socket. Safe twice, safe when never started."""
        self._flush_readings()
        self._alerts.stop()
        for window in [*self._guests, *self._strangers]:
            window.close()
        if self._server is not None:
            self._server.close()
            self._server = None
        for pipe in self._pipes:
            pipe.close()
        self._pipes = ()
        self._socket.remove()

    def publish_readings(self, readings: Sequence[Reading]) -> None:
        """Send readings to every window, together with others that come within `coalesce_s`."""
        if not self._guests:
            return
        self._waiting.extend(readings)
        if self._flush is None:
            loop = asyncio.get_running_loop()
            self._flush = loop.call_later(self._coalesce_s, self._flush_readings)

    def set_states(self, states: Sequence[DeviceState], owners: Mapping[DeviceId, int]) -> None:
        """Replace what is known of all devices and their owners, and tell every window what it may see of it.

        Args:
            states: Of all devices.
            owners: `users.id` by device. A device that is missing belongs to nobody.
        """
        before = {window: guest.audience.seen(self._states) for window, guest in self._guests.items()}
        self._owners = dict(owners)
        self._states = {state.device: _change(state) for state in states}
        for window, seen_before in before.items():
            seat_before = self._guests[window].audience
            self._seat(window, self._guests[window].holder)
            self._show_states(window, seen_before)
            self._health.show(window, self._guests[window].audience, seat_before)
            # Last: there may be more of them than a window may be behind, and who is behind is sent no more.
            self._alerts.show(window, self._guests[window].audience, seat_before)

    def publish_states(self, states: Sequence[DeviceState]) -> None:
        """Keep states for windows that come later, and tell those that are here."""
        changes = [_change(state) for state in states]
        self._states.update((DeviceId(change.device), change) for change in changes)
        for audience in self._audiences.values():
            audience.send_states(changes)

    def publish_alerts(
        self, changes: Sequence[StationAlert], gone: Sequence[tuple[DeviceId, ThresholdId]]
    ) -> None:
        """Keep alerts for windows that come later, and tell those that are here, a few times a second."""
        self._alerts.publish(changes, gone)

    def release(self, devices: Collection[DeviceId]) -> None:
        """Forget states and alerts of devices that others poll from now on, and tell every window so.

        Who may see these devices stays as it is.
        """
        self._alerts.release(devices)
        self._health.release(devices)
        for device in devices:
            self._states.pop(device, None)
        for audience in self._audiences.values():
            audience.send_released(devices)

    def publish_figures(self, figures: StationReport) -> None:
        """Tell every window how the station is doing."""
        for audience in self._audiences.values():
            audience.send_figures(figures, self._states.values())

    def publish_health(self, records: Sequence[DeviceHealth]) -> None:
        """Tell every window how the connections of some devices do."""
        self._health.publish(records)

    def on_open(self, window: WindowConnection) -> None:
        """Greet whoever connected; the greeting says nothing of the plant."""
        if len(self._strangers) >= STRANGERS:
            oldest = next(iter(self._strangers))
            self._forget(oldest)
            oldest.dismiss()
        loop = asyncio.get_running_loop()
        self._strangers[window] = loop.call_later(self._greeting_s, self._lose_patience, window)
        window.send(self._hello)

    def on_greeting(self, window: WindowConnection, ticket: str) -> None:
        """Have a window's ticket checked."""
        if not ticket:
            self._refuse(window, _NO_TICKET)
            return
        assert self._doorkeeper is not None  # the socket opens with it
        self._requests[window] = Requests(window, ticket, self._desk)
        self._device_requests[window] = DeviceRequests(window, digest_of(ticket), self._workbench)
        self._unwatch[window] = self._doorkeeper.watch(digest_of(ticket), partial(self._on_verdict, window))

    def on_acknowledge(self, window: WindowConnection, message: Acknowledge) -> None:
        """Have alerts acknowledged by whoever sits there."""
        guest = self._guests.get(window)
        if guest is not None:
            self._requests[window].acknowledge(message, guest.holder, guest.audience.sight)

    def on_ask(self, window: WindowConnection, message: AskDevice | StopAsking) -> None:
        """Have a question about a device answered to whoever sits there, or end it."""
        guest = self._guests.get(window)
        if guest is not None and isinstance(message, AskDevice):
            self._device_requests[window].ask(message, guest.holder)
        elif guest is not None and isinstance(message, StopAsking):
            self._device_requests[window].stop(message)

    def on_nonsense(self, sentence: str) -> None:
        """Note what a stranger said."""
        self._complaints.note(sentence)

    def on_closed(self, window: WindowConnection) -> None:
        """Forget a connection."""
        self._forget(window)

    def _on_verdict(self, window: WindowConnection, verdict: TicketVerdict) -> None:
        if isinstance(verdict, TicketRefusal):
            self._refuse(window, Refused(verdict.sentence, verdict.is_final))
            return
        guest = self._guests.get(window)
        seen_before = guest.audience.seen(self._states) if guest else frozenset[DeviceId]()
        self._seat(window, verdict)
        self._device_requests[window].recheck(verdict)
        _tell(window, Welcome(verdict.person_id, verdict.name, verdict.role, verdict.expires_at.timestamp()))
        self._show_states(window, seen_before)
        seat_before = guest.audience if guest else None
        self._health.show(window, self._guests[window].audience, seat_before)
        self._alerts.show(window, self._guests[window].audience, seat_before)

    def _seat(self, window: WindowConnection, holder: TicketHolder) -> None:
        """Put a window among those who see what its person may see."""
        patience = self._strangers.pop(window, None)
        if patience is not None:
            patience.cancel()
        self._leave_seat(window)
        sight = sight_of(holder, self._owners)
        audience = self._audiences.setdefault(sight, Audience(sight))
        audience.windows.add(window)
        self._guests[window] = _Guest(holder, audience)
        window.let_in()

    def _leave_seat(self, window: WindowConnection) -> None:
        guest = self._guests.pop(window, None)
        if guest is not None:
            guest.audience.windows.discard(window)
            if not guest.audience.windows:
                del self._audiences[guest.audience.sight]

    def _show_states(self, window: WindowConnection, seen_before: frozenset[DeviceId]) -> None:
        seen = self._guests[window].audience.seen(self._states)
        withdrawn = sorted(seen_before - seen)
        if withdrawn:
            _tell(window, Withdrawn([int(device) for device in withdrawn]))
        _tell(window, States([change for device, change in self._states.items() if device in seen]))

    def _refuse(self, window: WindowConnection, refused: Refused) -> None:
        self._forget(window)
        window.dismiss(frame_from_message(refused))

    def _lose_patience(self, window: WindowConnection) -> None:
        if window.has_greeted:
            self._refuse(window, _TOO_SLOW)
        else:
            self._forget(window)
            window.dismiss()

    def _forget(self, window: WindowConnection) -> None:
        self._leave_seat(window)
        self._requests.pop(window, None)
        questions = self._device_requests.pop(window, None)
        if questions is not None:
            questions.stop_all()
        patience = self._strangers.pop(window, None)
        if patience is not None:
            patience.cancel()
        unwatch = self._unwatch.pop(window, None)
        if unwatch is not None:
            unwatch()

    def _flush_readings(self) -> None:
        if self._flush is not None:
            self._flush.cancel()
            self._flush = None
        waiting, self._waiting = self._waiting, []
        if waiting:
            for audience in self._audiences.values():
                audience.send_readings(waiting)

    def _make_window(self) -> WindowConnection:
        return WindowConnection(self, self._buffer_bytes)


def _tell(window: WindowConnection, message: Message) -> None:
    window.send(frame_from_message(message))


def _change(state: DeviceState) -> StateChange:
    seen_at = state.last_seen_at
    seen_unix = None if seen_at is None else seen_at.timestamp()
    return StateChange(state.device, state.status.value, state.detail, seen_unix)
