"""The way to one server, as shared by its devices: at most one session, one attempt to connect at a time."""

import asyncio

from drivers.errors import DriverError, LineLost
from drivers.opcua.faults import again
from drivers.opcua.session import Session
from drivers.opcua.settings import OpcuaSettings

# Hundreds of devices that lose the same server try again independently of each other; together they make
# no more attempts than this.
_ATTEMPT_GAP_S = 0.5


class SharedLine:
    """Counts its users: the first connects, the last disconnects. Used from one event loop."""

    def __init__(self, settings: OpcuaSettings) -> None:
        self._settings = settings
        self._session: Session | None = None
        self._users: set[object] = set()
        self._attempt: asyncio.Task[Session | DriverError] | None = None
        self._attempted_s = float("-inf")

    async def join(self, user: object) -> Session:
        """Return the living session, connecting first where there is none.

        Args:
            user: Whoever will call `leave` with the same object.

        Raises:
            DriverError: The attempt failed; `user` is not counted then.
        """
        self._users.add(user)
        if self._session is not None and self._session.lost is None:
            return self._session
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
                session = await Session.start(self._settings)
            except DriverError as error:
                return error
            self._session = session
            if not self._users:
                await self._drop()
            return session
        finally:
            self._attempt = None

    async def _drop(self) -> None:
        session, self._session = self._session, None
        if session is not None:
            await session.close()
