"""One question or order to a device that is being updated, over the connection that polls it.

What a device answers is sorted by what helps: busy and gateways without it are LineLost, a function or a
register that it does not know means that the profile is another product's (NeedsHuman), all else is Refused.
"""

import asyncio
from collections import deque
from collections.abc import Iterable, Iterator
from itertools import islice

from pydantic import BaseModel

from drivers.driver import DriverHub
from drivers.errors import DriverBug, DriverError, LineLost, NeedsHuman
from drivers.firmware.modbus.profile_parts import Order, Words
from drivers.firmware.modbus.relay import Block, Relay, Stuck, Take
from drivers.firmware.target import Progress
from drivers.modbus import faults
from drivers.modbus.address import Table
from drivers.modbus.asking import RefusedByDevice, Visit, refusal
from drivers.modbus.connection import SharedConnection
from drivers.modbus.hub import ModbusHub
from drivers.modbus.identification import objects_of
from drivers.modbus.line import Line
from drivers.modbus.requests import ReadRequest, Request, write_register, write_registers
from drivers.modbus.settings_parts import ModbusSettings
from drivers.modbus.turns import Exchange
from drivers.modbus.wire import Wire

ACCEPTED, BUSY = 5, 6
"""Exceptions that say "I am at it" and "ask again" (application protocol 1.1b3, 7)."""
BUSY_PAUSE_S = 0.05


def _nothing(_request: Request, _payload: bytes) -> None:
    """Take an answer of which nothing but its being right counts."""


class Talk:
    """A membership in the device's connection, from `open` to `close`. Ask one thing at a time.

    Attributes:
        settings: Of the device.
    """

    def __init__(self, hub: DriverHub, settings: BaseModel) -> None:
        if not isinstance(hub, ModbusHub) or not isinstance(settings, ModbusSettings):
            kind = type(settings).__name__
            raise DriverBug(f"Modbus was given the hub or settings of another protocol: {kind}.")
        self.settings = settings
        self._visit = Visit(hub, settings)
        self._connection: SharedConnection | None = None

    @property
    def who(self) -> str:
        """The device, as sentences begin."""
        return f"{self.settings.peer} unit {self.settings.unit}"

    @property
    def _line(self) -> Line | None:
        """The connection, where it stands."""
        return None if self._connection is None else self._connection.line

    @property
    def patience_s(self) -> float:
        """How long one request may take, retries included."""
        return self.settings.timeout_s * (1 + self.settings.retries)

    async def open(self) -> None:
        """Join the device's connection, and make it where it does not stand. Raises LineLost, NeedsHuman."""
        self._connection = self._visit.join()
        await self._connection.open(self._visit, self.settings)

    async def close(self) -> None:
        """Leave the connection. Safe twice."""
        self._connection = None
        await self._visit.leave()

    async def ask(self, request: Request) -> bytes:
        """Return the payload of the answer; asked again where none came, and while the device is busy.

        Raises:
            LineLost: No answer, or busy for too long.
            NeedsHuman: It does not know the function.
            Refused: It declined otherwise.
        """
        return await self._ask(request, self.settings.retries, faults.BUSY_CODES)

    async def send(
        self, blocks: Iterable[Block], at_once: int, progress: Progress, take: Take = _nothing
    ) -> None:
        """Send requests one after the other, up to `at_once` under way where the line can carry several.

        Every one may be sent twice, so they must be such that this changes nothing. `progress` is asked right
        before each is sent, `take` gets each with the payload of its answer. Raises as `ask`, and what these
        two raise.
        """
        following = iter(blocks)
        if at_once > 1 and isinstance(self._line, Wire):
            await self._send_together(following, at_once, progress, take)
        await self._send_in_turn(following, progress, take)

    async def _send_in_turn(self, blocks: Iterable[Block], progress: Progress, take: Take) -> None:
        while isinstance(line := self._line, Wire):
            relay = Relay(line, self.settings.timeout_s, blocks, progress, take)
            stuck = await relay.run()
            if stuck is None:
                return
            take(stuck.request, await self._again(stuck))
            blocks = relay.rest()
        for sent, request in blocks:
            progress(sent)
            take(request, await self.ask(request))

    async def _send_together(
        self, blocks: Iterator[Block], at_once: int, progress: Progress, take: Take
    ) -> None:
        """Send blocks, several under way, until they end or one of them goes wrong."""

        def asked_for(several: int) -> Iterator[Request]:
            for sent, request in islice(blocks, several):
                progress(sent)
                yield request

        under_way: deque[Exchange] = deque()
        together = max(1, at_once // 2)
        try:
            while isinstance(line := self._line, Wire):
                while under_way and len(under_way) + together > at_once:
                    if not await self._answered(under_way, take):
                        return
                batch = list(asked_for(together))
                if not batch:
                    break
                under_way += line.submit_together(batch, self.settings.timeout_s)
            while under_way:
                if not await self._answered(under_way, take):
                    return
        finally:
            self._give_up(under_way)

    async def _answered(self, under_way: deque[Exchange], take: Take) -> bool:
        """Wait for the oldest request; where it went wrong, send it and all behind it anew, one by one.

        Returns whether it went well.
        """
        oldest = under_way[0]
        try:
            payload = await oldest.future
        except (faults.NoAnswer, faults.WrongAnswer):
            if not self.settings.retries and not isinstance(oldest.future.exception(), faults.MixedAnswer):
                raise
        else:
            if not oldest.code:
                take(under_way.popleft().request, payload)
                return True
        again = [exchange.request for exchange in under_way]
        self._give_up(under_way)
        for request in again:
            take(request, await self.ask(request))
        return False

    def _give_up(self, under_way: deque[Exchange]) -> None:
        line = self._line
        while under_way:
            exchange = under_way.pop()
            if exchange.future.done():
                # Looked at, or the loop would complain of an error that nobody took.
                if not exchange.future.cancelled():
                    exchange.future.exception()
            elif line is not None:
                line.abandon(exchange)

    async def words(self, place: Words) -> bytes:
        """Return the bytes of registers. Raises NeedsHuman where the device does not have them."""
        table = Table(place.table)
        request = ReadRequest(self.settings.unit, table, self.on_wire(place.register_), place.count)
        try:
            return await self.ask(request)
        except RefusedByDevice as no:
            if no.code in faults.FINAL_CODES:
                raise NeedsHuman(_of_another(no)) from no
            raise

    async def holding(self, register: int, count: int) -> bytes:
        """Return the bytes of holding registers, where the profile says how many by what they hold."""
        return await self.words(Words(register=register, count=count))

    async def number(self, place: Words) -> int:
        """Return registers as one number, the highest first."""
        return int.from_bytes(await self.words(place), "big")

    async def write(self, register: int, data: bytes) -> None:
        """Write registers in one request, again where no answer came: the same words, so nothing is lost."""
        await self.ask(write_registers(self.settings.unit, self.on_wire(register), data))

    async def write_once(self, register: int, data: bytes) -> None:
        """Write registers in one request that must never be sent twice."""
        await self._say(write_registers(self.settings.unit, self.on_wire(register), data))

    async def give(self, order: Order) -> None:
        """Give an order once.

        Raises:
            Refused, NeedsHuman: It was not taken.
            LineLost: It is not known whether it was.
            NotGiven: It never reached the line.
        """
        unit, at = self.settings.unit, self.on_wire(order.register_)
        data = b"".join(word.to_bytes(2, "big") for word in order.words)
        try:
            await self.open()
        except LineLost as lost:
            raise NotGiven(str(lost)) from lost
        try:
            if len(order.words) == 1:
                try:
                    return await self._say(write_register(unit, at, order.words[0]))
                except FunctionUnknown:
                    pass
            await self._say(write_registers(unit, at, data))
        except faults.NoTurn as lost:
            raise NotGiven(str(lost)) from lost

    async def objects(self, numbers: frozenset[int]) -> dict[int, str]:
        """Return those objects of the identification that the device has."""
        try:
            found = await objects_of(self._visit, self.settings.unit, numbers)
        except RefusedByDevice as no:
            raise self._by_what_helps(no) from no
        return {number: text for number, text in found.items() if number in numbers}

    def on_wire(self, register: int) -> int:
        """Return where a register is on the wire. Raises NeedsHuman where it is before the first."""
        offset = register - self.settings.is_one_based
        if offset < 0:
            raise NeedsHuman(
                f"The update profile names register 0, and addresses of {self.who} count from 1; correct one "
                "of them."
            )
        return offset

    async def _say(self, request: Request) -> None:
        """Give an order once; "busy" means that it was not taken, "accepted" that it was."""
        await self._ask(request, 0, frozenset({BUSY}))

    async def _again(self, stuck: Stuck) -> bytes:
        """Ask anew what got stuck, as `ask` would have gone on."""
        retries = self.settings.retries
        if stuck.fault is not None:
            if not retries:
                raise stuck.fault
            retries -= 1
        elif stuck.code not in faults.BUSY_CODES:
            raise self._by_what_helps(refusal(self.settings, stuck.request, stuck.code))
        return await self._ask(stuck.request, retries, faults.BUSY_CODES)

    async def _ask(self, request: Request, retries: int, again: frozenset[int]) -> bytes:
        loop = asyncio.get_running_loop()
        until = loop.time() + self.patience_s
        while True:
            answer = await self._visit.ask(request, retries=retries)
            code = answer.code
            if code not in again or loop.time() >= until:
                break
            await asyncio.sleep(BUSY_PAUSE_S)
        if not code or (code == ACCEPTED and code not in again):
            return answer.payload
        if code in again:
            raise LineLost(
                f"{self.who} is still busy after {self.patience_s:g} s ({faults.exception_words(code)}); try "
                "again later."
            )
        raise self._by_what_helps(refusal(self.settings, request, code))

    def _by_what_helps(self, no: RefusedByDevice) -> DriverError:
        """Return the error for an exception of the device."""
        if no.code in faults.GATEWAY_CODES:
            return faults.gateway_lost(self.settings.peer, self.settings.unit, no.code)
        if no.code == faults.ILLEGAL_FUNCTION:
            return FunctionUnknown(_of_another(no))
        return no


class FunctionUnknown(NeedsHuman):
    """The device does not know a function, so that nothing happened."""


class NotGiven(LineLost):
    """An order never reached the line, so that it may be given again."""


def _of_another(no: RefusedByDevice) -> str:
    return f"{no} The update profile does not fit this device; check its product."
