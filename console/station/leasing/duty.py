"""What this station polls, and whether it may: leases, witnesses and tenancy as one part of the station."""

import asyncio
import logging
import socket
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from console.station.clocks.site_clock import SiteClock
from console.station.health import LoopHealth
from console.station.leasing.leases import Leases, News, Renewed
from console.station.leasing.share import Share
from console.station.leasing.tenancy import Tenancy
from console.station.leasing.witness import Sight, Statement, WitnessServer, ask
from console.station.store import Store
from console.station.tuning import Tuning
from models.address import DatabaseAddress
from models.records.device import DeviceId
from models.records.lease import Tenure
from models.records.station import Condition, ConditionKind, StationReport
from models.records.threshold import Severity

_log = logging.getLogger(__name__)

_GREET_S = 10.0
_RELEASE_S = 0.1
_LOOK_UP_S = 2.0


@dataclass(frozen=True, slots=True)
class WitnessPlace:
    """Where this station answers others.

    Attributes:
        host: To listen on.
        port: 0 = any.
        shown: Finds the host under which other stations find it; may look names up; empty = not known now.
        kept_port: File that remembers the port.
    """

    host: str
    port: int
    shown: Callable[[], str]
    kept_port: Path


def witness_place(address: DatabaseAddress | None, port: int, folder: Path) -> WitnessPlace:
    """Return where to answer: on this computer alone, where the database is on it, too.

    Args:
        address: The database's; None = this computer's.
        port: As configured; 0 = any.
        folder: Where the port is remembered.
    """
    kept = folder / "witness.port"
    if address is None or address.is_on_this_computer:
        return WitnessPlace("127.0.0.1", port, lambda: "127.0.0.1", kept)
    return WitnessPlace("", port, lambda: _own_host(address), kept)


class Duty:
    """Which devices are this station's. Made anywhere; everything else belongs to the event loop."""

    def __init__(
        self,
        store: Store,
        clock: SiteClock,
        tuning: Tuning,
        health: LoopHealth,
        place: WitnessPlace,
        on_change: Callable[[], None],
        on_order: Callable[[], None] = lambda: None,
    ) -> None:
        """Keep what it needs; starts nothing.

        Args:
            store: Asked to enter and renew.
            clock: Learns the database's time.
            tuning: Periods and waits.
            health: Of the leases' thread.
            place: Where to answer other stations.
            on_change: Called when `share` or `may_poll` became another: poll accordingly at once.
            on_order: Called when an administrator asks something of this station.
        """
        self._clock = clock
        self._tuning = tuning
        self._place = place
        self._on_change = on_change
        self._on_order = on_order
        self._tenancy = Tenancy(clock)
        self._leases = Leases(store, clock, tuning, health, self._post)
        self._witness = WitnessServer(
            self._statement, clock.monotonic, place.host, place.port, place.kept_port
        )
        self._loop: asyncio.AbstractEventLoop | None = None
        self._asking: asyncio.Task[None] | None = None
        self._asking_now = asyncio.Event()
        self._silent_since_unix: float | None = None
        self._is_draining_told = False

    @property
    def share(self) -> Share:
        """What to poll; nothing while it is silent."""
        return self._tenancy.share

    @property
    def tenure(self) -> Tenure | None:
        """What the last renewal brought; None before the first."""
        return self._tenancy.tenure

    @property
    def own(self) -> int:
        """This station's number (`stations.id`); 0 before it is known, and without leases."""
        return self._tenancy.own

    @property
    def incarnation(self) -> int:
        """Which start of this station's program this is, for the database; 0 before it is known."""
        return self._tenancy.incarnation

    @property
    def gained_unix(self) -> float:
        """When it last took devices over, Unix seconds by the site's clock; 0 = never."""
        return self._tenancy.gained_unix

    @property
    def is_silent(self) -> bool:
        """Whether it polls nothing, because another station may have taken its devices over."""
        return bool(self._tenancy.why_silent)

    async def start(self) -> None:
        """Begin to renew, and to answer other stations."""
        self._loop = asyncio.get_running_loop()
        # Before anything is held: others must be able to hear of us as soon as we may take over.
        await self._witness.start()
        await self._advertise()
        self._leases.start()
        self._asking = asyncio.create_task(self._ask_on(), name="station-witness")

    async def stop(self) -> None:
        """Renew no more, and give everything back. To be called once nothing is polled any more. Safe twice.

        While the database is away, what is held runs out, or stays for the next start of this station.
        """
        await asyncio.to_thread(self._leases.stop)
        if self._asking is not None:
            if self._tenancy.is_live:
                await asyncio.to_thread(self._leases.leave)
            self._asking.cancel()
            await asyncio.wait({self._asking})
            self._asking = None
        await self._witness.stop()

    def may_poll(self) -> bool:
        """Whether a poll may be started now; asked before every one."""
        if self._tenancy.may_poll():
            return True
        if self._tenancy.why_silent and self._silent_since_unix is None:
            self._changed()
        return False

    def remember(self, own: int, tenure: Tenure, gained_unix: float) -> None:
        """Take up what was held when the program ended, should the database be away now; before `start`."""
        self._tenancy.remember(own, tenure, gained_unix)

    def database_is_there(self) -> None:
        """Renew now rather than later. Any thread may call."""
        self._leases.call()

    def report(self, report: StationReport) -> None:
        """Keep how the station is doing, to be told with the next renewal."""
        self._leases.errand = replace(self._leases.errand, report=report)

    def keep(self, devices: Collection[DeviceId]) -> None:
        """Give none of these away until told otherwise: they are in the middle of something."""
        self._leases.errand = replace(self._leases.errand, kept=frozenset(devices))

    def conditions(self) -> Sequence[Condition]:
        """Return what is wrong: that it is silent."""
        since_unix, why = self._silent_since_unix, self._tenancy.why_silent
        if not why or since_unix is None:
            return ()
        return (Condition(ConditionKind.SILENT, Severity.CRITICAL, since_unix, why),)

    def _post(self, news: News) -> None:
        """Hand news from the leases' thread to the event loop."""
        loop = self._loop
        if loop is not None and not loop.is_closed():
            loop.call_soon_threadsafe(self._hear, news)

    def _hear(self, news: News) -> None:
        if self._asking is None:
            return  # stopped meanwhile
        if isinstance(news, Renewed):
            errand = self._leases.errand
            released = errand.released - news.released
            self._leases.errand = replace(errand, released=released)
            # The next renewal gives these back, and may be on its way already, whatever this one says.
            news = replace(news, epochs={d: e for d, e in news.epochs.items() if d not in released})
        is_changed = self._tenancy.hear(news, may_take_over=self._witness.may_take_over())
        if isinstance(news, Renewed):
            if news.tenure.has_order:
                self._on_order()
        elif self._tenancy.is_failing:
            self._asking_now.set()
        if is_changed or bool(self._tenancy.why_silent) != (self._silent_since_unix is not None):
            self._changed()
        if isinstance(news, Renewed) and news.surplus:
            # By then whatever was answered has been handed on, and nothing is asked any more.
            asyncio.get_running_loop().call_later(_RELEASE_S, self._release, news.surplus)

    def _release(self, devices: Collection[DeviceId]) -> None:
        errand = self._leases.errand
        # A renewal in between may have found that they stay here after all.
        idle = frozenset(devices).difference(self._tenancy.known)
        self._leases.errand = replace(errand, released=errand.released | idle)
        self._leases.call()

    def _changed(self) -> None:
        self._note_silence()
        self._leases.errand = replace(self._leases.errand, known=frozenset(self._tenancy.known))
        self._on_change()

    def _note_silence(self) -> None:
        why = self._tenancy.why_silent
        if why and self._silent_since_unix is None:
            self._silent_since_unix = self._clock.unix()
            _log.warning("Polling stops: %s", why)
        elif not why and self._silent_since_unix is not None:
            silent_s = self._clock.unix() - self._silent_since_unix
            self._silent_since_unix = None
            _log.info("Polling goes on after %.1f s of silence", silent_s)

    def _statement(self) -> Statement | None:
        tenancy = self._tenancy
        if tenancy.tenure is None:
            return None
        sight = Sight.LIVE if tenancy.is_live else Sight.AWAY
        return Statement(tenancy.own, tenancy.tenure.witness_key, sight, tenancy.gained_unix)

    async def _advertise(self) -> None:
        """Find out where other stations find this one, and tell with the next renewal."""
        try:
            shown = await asyncio.wait_for(asyncio.to_thread(self._place.shown), _LOOK_UP_S)
        except TimeoutError:
            shown = ""
        address = f"{shown}:{self._witness.port}" if shown and self._witness.port else ""
        self._leases.errand = replace(self._leases.errand, witness=address)

    async def _ask_on(self) -> None:
        """Ask other stations: all while no renewal succeeds, else those of whom nothing was heard yet."""
        greeted_s = float("-inf")
        while True:
            try:
                async with asyncio.timeout(self._tuning.ask_s):
                    await self._asking_now.wait()
            except TimeoutError:
                pass
            self._asking_now.clear()
            now_s = self._clock.monotonic()
            if self._tenancy.is_failing:
                await self._ask_all()
            elif now_s - greeted_s > _GREET_S:
                greeted_s = now_s
                if not self._leases.errand.witness:
                    await self._advertise()
                if self._tenancy.evidence.unheard:
                    await self._ask_all()

    async def _ask_all(self) -> None:
        tenancy = self._tenancy
        peers, tenure = tenancy.evidence.asked, tenancy.tenure
        if tenure is not None and peers:
            asked_s = self._clock.monotonic()
            heard = await asyncio.gather(*(ask(peer, tenancy.own, tenure.witness_key) for peer in peers))
            answers = {peer.id: each for peer, each in zip(peers, heard, strict=True)}
            if tenancy.evidence.take(answers, asked_s) and tenancy.is_failing:
                self._leases.call()
        if tenancy.begin_remembered() or bool(tenancy.why_silent) != (self._silent_since_unix is not None):
            self._changed()


def _own_host(address: DatabaseAddress) -> str:
    """Return this computer's address as the database's network sees it; empty where there is none."""
    for server in address.servers:
        try:
            # Nothing is sent: the system only says which way it would go.
            family, kind, protocol, _, place = socket.getaddrinfo(
                server.reached_at, server.port, type=socket.SOCK_DGRAM
            )[0]
            with socket.socket(family, kind, protocol) as probe:
                probe.connect(place)
                return str(probe.getsockname()[0])
        except OSError:
            continue
    return ""
