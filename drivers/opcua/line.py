"""The way to one server, as shared by its devices: at most one session, one attempt to connect at a time.

Where there are redundant servers, the session is on the one that serves best. When that one falls below
another, the other takes over: its session is ready before the old one ends, so that devices miss no poll.
"""

import asyncio

from drivers.errors import DriverError, LineLost
from drivers.opcua.faults import again
from drivers.opcua.own_certificate import CertificateStore
from drivers.opcua.redundancy import HEALTHY, is_better, level_of, level_text, start_best
from drivers.opcua.session import Session
from drivers.opcua.settings import OpcuaSettings, SignIn
from drivers.trace import LineTrace

# Hundreds of devices that lose the same server try again independently of each other; together they make
# no more attempts than this.
_ATTEMPT_GAP_S = 0.5
_LEVEL_S = 1.0  # how often a server with partners is asked how well it serves
_PARTNERS_S = 5.0  # how often partners of a degraded server are asked


class SharedLine:
    """Counts its users: the first connects, the last disconnects. Used from one event loop.

    Attributes:
        trace: What passed on this line since the program started, over all its sessions.
    """

    def __init__(self, settings: OpcuaSettings, store: CertificateStore | None = None) -> None:
        """Begin unconnected. `store` keeps this station's certificate."""
        self.trace = LineTrace()
        self._settings = settings
        self._store = store
        self._told_endpoints: tuple[str, ...] = ()
        self._namespaces: dict[int, str] = {}
        self._session: Session | None = None
        self._users: set[object] = set()
        self._attempt: asyncio.Task[Session | DriverError] | None = None
        self._attempted_s = float("-inf")
        self._level_watch: asyncio.Task[None] | None = None

    @property
    def current(self) -> Session | None:
        """The living session; None while there is none."""
        session = self._session
        return session if session is not None and session.lost is None else None

    async def join(self, user: object) -> Session:
        """Return the living session, connecting first where there is none.

        Args:
            user: Whoever will call `leave` with the same object.

        Raises:
            DriverError: The attempt failed; `user` is not counted then.
        """
        self._users.add(user)
        session = self.current
        if session is not None:
            return session
        if self._attempt is None:
            self._attempt = asyncio.create_task(
                self._connect(), name=f"opcua connect {self._settings.endpoint}"
            )
        attempt = self._attempt
        try:
            # Not awaited itself: whoever stops waiting must not take the attempt away from the others.
            await asyncio.wait({attempt})
        except asyncio.CancelledError:
            self._users.discard(user)
            raise
        outcome = self._closed() if attempt.cancelled() else attempt.result()
        if isinstance(outcome, DriverError):
            self._users.discard(user)
            raise again(outcome)
        return outcome

    async def leave(self, user: object) -> None:
        """No longer count `user`; closes the session after the last. Safe twice; never raises."""
        self._users.discard(user)
        if not self._users and self._attempt is None:
            await self._drop()

    async def close(self) -> None:
        """Close whatever is open or being opened, whoever uses it. Safe twice."""
        self._users.clear()
        if self._attempt is not None:
            self._attempt.cancel()
            await asyncio.wait({self._attempt})
        await self._drop()

    def _closed(self) -> LineLost:
        return LineLost(f"The connection to {self._settings.endpoint} was closed on purpose.")

    async def _connect(self) -> Session | DriverError:
        loop = asyncio.get_running_loop()
        try:
            await self._drop()
            await asyncio.sleep(self._attempted_s + _ATTEMPT_GAP_S - loop.time())
            self._attempted_s = loop.time()
            # Returned rather than raised: an attempt nobody waits for any more must not be reported as lost.
            try:
                session = await start_best(self._candidates(), self._start)
            except DriverError as error:
                return error
            self._session = session
            if not self._users:
                await self._drop()
            else:
                await self._learn_partners(session)
            return session
        finally:
            self._attempt = None

    async def _start(self, settings: OpcuaSettings) -> Session:
        return await Session.start(settings, self._store, self.trace, self._namespaces)

    def _candidates(self) -> list[OpcuaSettings]:
        endpoints = dict.fromkeys((*self._settings.endpoints, *self._told_endpoints))
        return [self._settings.at(endpoint) for endpoint in endpoints]

    async def _learn_partners(self, session: Session) -> None:
        """Ask the server where its partners are, and begin to watch how well it serves if it has any."""
        settings = self._settings
        # Nobody's credentials go to an address that nobody set, unless that server proves who it is.
        if settings.is_secured or settings.sign_in is SignIn.ANONYMOUS:
            try:
                self._told_endpoints = tuple(await session.find_redundant())
            except DriverError:
                return  # the session is lost, and whoever reads from it learns why
        if len(self._candidates()) > 1 and self._session is session:
            self._level_watch = asyncio.create_task(
                self._watch_level(session), name=f"opcua service level {settings.endpoint}"
            )

    async def _watch_level(self, session: Session) -> None:
        loop = asyncio.get_running_loop()
        asked_partners_s = float("-inf")
        while session.lost is None:
            await asyncio.sleep(_LEVEL_S)
            try:
                told = await session.ask_service_level()
            except DriverError:
                continue  # the session's own watchdog ends it if it is lost
            level = level_of(told)
            if level >= HEALTHY or loop.time() - asked_partners_s < _PARTNERS_S:
                continue
            asked_partners_s = loop.time()
            better = await self._better_than(session, level)
            if better is not None:
                self._session = better
                await session.relieve(
                    LineLost(
                        f"The service level of {session.endpoint} is {level_text(told)}; "
                        f"{better.endpoint} took over."
                    )
                )
                session, asked_partners_s = better, float("-inf")

    async def _better_than(self, session: Session, level: int) -> Session | None:
        others = [one for one in self._candidates() if one.endpoint != session.endpoint]
        try:
            other = await start_best(others, self._start)
        except DriverError:
            return None
        if session.lost is None and is_better(level_of(other.service_level), level):
            return other
        await other.close()
        return None

    async def _drop(self) -> None:
        watch, self._level_watch = self._level_watch, None
        if watch is not None:
            watch.cancel()
            await asyncio.wait({watch})
        session, self._session = self._session, None
        if session is not None:
            await session.close()
