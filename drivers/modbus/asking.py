"""Asking a unit something beside its polling, over the very connection that the polling uses.

    async with visiting(hub, settings) as visit:
        answer = await visit.ask(ReadRequest(unit, Table.HOLDING, 0, 10))

A visitor joins the shared connection like any unit, waits for its turn behind what is polled, and leaves; a
connection that nobody polls is made for the visit and closed after it.
"""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from pydantic import BaseModel

from drivers.driver import DriverHub
from drivers.errors import DriverBug, Refused
from drivers.modbus import faults
from drivers.modbus.address import Table
from drivers.modbus.connection import SharedConnection
from drivers.modbus.faults import NoAnswer, WrongAnswer
from drivers.modbus.hub import ModbusHub
from drivers.modbus.requests import ReadRequest, Request
from drivers.modbus.settings_parts import ModbusSettings
from drivers.modbus.tracing import response_bytes
from drivers.modbus.turns import Exchange


class RefusedByDevice(Refused):
    """The unit gave an exception.

    Attributes:
        code: The Modbus exception code (application protocol 1.1b3, 7).
    """

    def __init__(self, text: str, code: int = 0) -> None:
        super().__init__(text)
        self.code = code


@dataclass(frozen=True, slots=True)
class Answer:
    """What a unit said to one request.

    Attributes:
        payload: Data of a right answer, from the third byte of its PDU on; empty where it refused.
        code: Exception code where it refused, otherwise 0.
        received_unix: When, Unix seconds.
        took_ms: From sending to answer.
        request, response: Bytes as on the wire.
    """

    payload: bytes
    code: int
    received_unix: float
    took_ms: float
    request: bytes
    response: bytes


class Visit:
    """A short membership in a shared connection. Ask one thing at a time.

    Attributes:
        settings: Whom it concerns.
    """

    def __init__(self, hub: ModbusHub, settings: ModbusSettings) -> None:
        self.settings = settings
        self._hub = hub
        self._joined: list[SharedConnection] = []

    def join(self) -> SharedConnection:
        """Join the shared connection, and return it. Nothing is sent; a standing connection is kept."""
        connection = self._hub.connection_to(self.settings)
        if connection not in self._joined:
            connection.join(self, self.settings)
            self._joined.append(connection)
        return connection

    async def leave(self) -> None:
        """Leave what was joined. Safe twice."""
        while self._joined:
            await self._joined.pop().leave(self)

    def writing(self) -> asyncio.Lock:
        """Return what is held while something is written to this place."""
        return self._hub.writing_to(self.settings)

    async def ask(
        self, request: Request, *, retries: int = 0, is_probe: bool = False, timeout_s: float = 0.0
    ) -> Answer:
        """Send one request when it is its turn, and return what the unit said, refusals included.

        Args:
            request: To any unit of this line.
            retries: How often it is sent again where no usable answer came; never for writes.
            is_probe: Whether nobody may be there: silence says nothing of the line then.
            timeout_s: How long to wait; 0 = as the settings say.

        Raises:
            LineLost, NeedsHuman: As the driver's own requests.
        """
        timeout_s = timeout_s or self.settings.timeout_s
        while True:
            line = await self.join().open(self, self.settings)
            exchange = line.submit(request, timeout_s, is_probe=is_probe)
            try:
                payload = await exchange.future
            except asyncio.CancelledError:
                line.abandon(exchange)
                raise
            except (NoAnswer, WrongAnswer):
                if retries == 0:
                    raise
                retries -= 1
            else:
                return _answer(exchange, payload)

    async def read(self, table: Table, start: int, count: int) -> Answer:
        """Read what fits one request; `start` as on the wire. Raises RefusedByDevice besides."""
        request = ReadRequest(self.settings.unit, table, start, count)
        answer = await self.ask(request, retries=self.settings.retries)
        if answer.code:
            raise refusal(self.settings, request, answer.code)
        return answer


@asynccontextmanager
async def visiting(hub: DriverHub, settings: BaseModel) -> AsyncGenerator[Visit, None]:
    """Join the connection that `settings` lead to for a while; where none stands, a question makes it."""
    if not isinstance(hub, ModbusHub) or not isinstance(settings, ModbusSettings):
        kind = type(settings).__name__
        raise DriverBug(f"Modbus was given the hub or settings of another protocol: {kind}.")
    visit = Visit(hub, settings)
    try:
        visit.join()
        yield visit
    finally:
        await visit.leave()


def words_of(table: Table, count: int, payload: bytes) -> list[int]:
    """Return the registers or bits in the payload of a read."""
    if table.is_bits:
        return [payload[index // 8] >> index % 8 & 1 for index in range(count)]
    return [payload[at] << 8 | payload[at + 1] for at in range(0, 2 * count, 2)]


def refusal(settings: ModbusSettings, request: Request, code: int) -> RefusedByDevice:
    """Return the unit's refusal as a sentence."""
    words = faults.exception_words(code)
    return RefusedByDevice(
        f"{settings.peer} unit {request.unit} refused to {request.asked}: {words} (exception {code}); "
        f"{faults.remedy(request.function, code)}.",
        code,
    )


def _answer(exchange: Exchange, payload: bytes) -> Answer:
    return Answer(
        payload,
        exchange.code,
        exchange.received_unix,
        exchange.took_ms,
        exchange.sent,
        response_bytes(exchange),
    )
