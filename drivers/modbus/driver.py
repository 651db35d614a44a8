"""One Modbus unit behind the driver contract, over whichever line it is reached.

A poll sends the blocks of the plan one after the other. Where the device refuses one, it is cut and its parts
are asked for at once, so that the first poll already brings every value there is; what was learned stays.

A unit that breaks the connection whenever it is asked (with a reset, garbage, half an answer), or whose
answers may be mixed up with those of its siblings, gets a connection of its own, so that they keep theirs.
Once it has answered there, its next connection is the shared one again.
"""

import asyncio
import time
from collections.abc import Sequence
from typing import Protocol, cast

from drivers.errors import DriverError, LineLost
from drivers.modbus import faults
from drivers.modbus.address import ModbusAddress
from drivers.modbus.blocks import Block, ReadLimits, ReadPlan, plan_reads
from drivers.modbus.connection import SharedConnection
from drivers.modbus.decode import Decoder, decoder_of
from drivers.modbus.faults import MixedAnswer, NoAnswer, WrongAnswer
from drivers.modbus.half_duplex import HalfDuplexLine
from drivers.modbus.line import Line
from drivers.modbus.requests import ReadRequest
from drivers.modbus.settings_parts import ModbusSettings
from drivers.modbus.tracing import ExchangeBook
from drivers.modbus.turns import Exchange
from drivers.trace import LineTrace
from drivers.values import Quality, RawValue, bad

MAX_EXTRA_REQUESTS = 64
"""How many requests a poll may spend on finding out what a device refuses; the rest waits for the next polls.
A plan of n values needs at most 2n - 1 requests in all."""
HOPE_AFTER_S = 60.0
"""How long refused values are left alone. A PLC that is being programmed may lack for minutes what it has."""
MAX_BREAKS = 2
"""How often in a row a connection may break over a unit before the unit is kept apart: once may be chance."""
NO_REGISTER_ZERO = "address 0 does not exist where addresses count from 1"
NOT_ASKED_YET = "not asked for yet: the device refused a larger read"

_Job = tuple[Block, ReadRequest, Decoder]


class Connections(Protocol):
    """Who has the connections: the hub."""

    def connection_to(self, settings: ModbusSettings, own_unit: int | None = None) -> SharedConnection:
        """Return the connection that every unit of this place shares, or the one of `own_unit` alone."""
        ...


class ModbusDriver:
    """One unit.

    `open` ends within the settings' connect limit and pause. A request of `read` ends `timeout_s` ×
    (1 + `retries`) after it was sent at the latest; on a busy shared line it may wait for its turn up
    to twice `timeout_s` before.

    Attributes:
        plan: What is asked for, and what the device was found to refuse.
    """

    def __init__(
        self, hub: Connections, settings: ModbusSettings, addresses: Sequence[ModbusAddress]
    ) -> None:
        limits = ReadLimits(settings.max_registers_per_read, settings.max_gap_registers)
        self._settings = settings
        self._base = 1 if settings.is_one_based else 0
        self._given = tuple(addresses)
        possible = [each for each in self._given if not self._impossible(each)]
        on_wire = [each.moved(-self._base) for each in possible]
        self.plan: ReadPlan = plan_reads(on_wire, limits)
        self._book = ExchangeBook()
        self._note = self._book.answered
        self._hub = hub
        self._connection: SharedConnection | None = None
        self._line: Line | None = None
        self._breaks = 0
        self._hopes_again_at = 0.0
        self._known_jobs: dict[Block, _Job] = {}
        self._jobs = self._jobs_of(self.plan)

    @property
    def trace(self) -> LineTrace:
        """Return the living counters: read them, never keep them across an await."""
        return self._book.trace

    async def open(self) -> None:
        """Connect, or join the connection of the other units. Raises LineLost or NeedsHuman."""
        connection = self._connection
        needs_own = self._breaks >= MAX_BREAKS and self._settings.may_have_own_connection
        if connection is None or self._line is None or self._line.fault is not None or needs_own:
            connection = self._hub.connection_to(self._settings, self._settings.unit if needs_own else None)
            if connection is not self._connection:
                await self.close()
                self._connection = connection
        began_unix = time.time()
        try:
            line = await connection.open(self, self._settings)
        except DriverError as error:
            self._book.not_connected(began_unix, self._settings.peer, error)
            raise
        if line is not self._line:
            self._line = line
            is_framed = isinstance(line, HalfDuplexLine)
            self._note = self._book.answered_in_frames if is_framed else self._book.answered
            self._adopt(self.plan.hopeful())
            self._hopes_again_at = asyncio.get_running_loop().time() + HOPE_AFTER_S

    async def read(self) -> list[RawValue]:
        """Return one raw value an address, in order. Raises LineLost or NeedsHuman."""
        line = self._line
        if line is None or line.fault is not None:
            if line is not None and line.fault is not None:
                raise faults.again(line.fault)
            raise LineLost(f"{self._settings.peer} is not connected yet.")
        values: list[RawValue | None] = [None] * len(self.plan.addresses)
        for block, request, decode in self._jobs:
            exchange, payload = await self._ask(line, request)
            if exchange.code:
                await self._take_refusal(line, block, exchange, values)
                continue
            if bad_values := decode(payload, exchange.received_unix, values):
                self._book.bad_values(bad_values)
        self._breaks = 0
        if self.plan.refused:
            self._fill_refused(values)
            self._hope_again(values)
        read = cast("list[RawValue]", values)  # as text: the type itself would be made anew with every poll
        return read if len(read) == len(self._given) else self._with_impossible(read)

    async def close(self) -> None:
        """Leave the connection; the last unit closes it. Safe twice; never raises."""
        connection, self._connection, self._line = self._connection, None, None
        if connection is not None:
            await connection.leave(self)

    def _with_impossible(self, read: Sequence[RawValue]) -> list[RawValue]:
        """Return the values of all addresses given, those that cannot exist included."""
        values, now_unix = iter(read), time.time()
        return [
            bad(why, now_unix) if (why := self._impossible(each)) else next(values) for each in self._given
        ]

    def _impossible(self, address: ModbusAddress) -> str:
        """Return why an address cannot be asked for; empty where it can."""
        if address.first < self._base:
            return NO_REGISTER_ZERO
        most = self._settings.max_registers_per_read
        if address.factor is not None and address.span > most:
            return (
                f"value and factor are {address.span} registers together, and the device gives {most} at once"
            )
        return ""

    async def _ask(self, line: Line, request: ReadRequest) -> tuple[Exchange, bytes]:
        """Send one request, again where it stays unanswered and retries are left."""
        timeout_s = self._settings.timeout_s
        retries = self._settings.retries
        while True:
            exchange = line.submit(request, timeout_s)
            try:
                payload = await exchange.future
            except asyncio.CancelledError:
                line.abandon(exchange)
                raise
            except (NoAnswer, WrongAnswer) as lost:
                self._book.lost(exchange, lost)
                if isinstance(lost, MixedAnswer):
                    self._breaks += 1
                if retries == 0 or line.fault is not None:
                    raise
                retries -= 1
            except DriverError as lost:
                self._book.lost(exchange, lost)
                # Siblings were answered on this connection, so the peer is well; what broke it was this unit.
                connection = self._connection
                if (
                    exchange.transaction
                    and line.health.answers
                    and connection is not None
                    and connection.is_shared
                ):
                    self._breaks += 1
                raise
            else:
                if exchange.code:
                    self._book.refused(exchange, self._refusal(exchange.code, request.start))
                else:
                    self._note(exchange)
                return exchange, payload

    async def _take_refusal(
        self, line: Line, block: Block, exchange: Exchange, values: list[RawValue | None]
    ) -> None:
        """Give the refused values a reason, and cut the block finer and finer for those that are not.

        What a device that is ill for a while refuses (`faults.FINAL_CODES`) is only learned from when some
        part of the block was answered; otherwise the plan stays as it was.
        """
        plan, todo = self.plan, [block]
        is_ill = is_any_answered = False
        for _ in range(1 + MAX_EXTRA_REQUESTS):
            block = todo.pop()
            _, request, decode = self._job_of(block)
            payload = b""
            if exchange.request is not request:
                exchange, payload = await self._ask(line, request)
            code = exchange.code
            if code in faults.GATEWAY_CODES:
                raise faults.gateway_lost(self._settings.peer, self._settings.unit, code)
            if code:
                self._mark(block, exchange, values)
                is_ill = is_ill or code not in faults.FINAL_CODES
                plan, parts = _without(plan, block, code)
                todo.extend(reversed(parts))
            else:
                self._book.bad_values(decode(payload, exchange.received_unix, values))
                is_any_answered = True
            if is_any_answered or not is_ill:
                self._adopt(plan)
            if not todo:
                break
        for block in todo:
            for tag in block.tags:
                values[tag] = bad(NOT_ASKED_YET, exchange.received_unix)
        if not todo and self.plan is plan:
            self._adopt(plan.joined())

    def _refusal(self, code: int, offset: int) -> str:
        """Return why a point was refused, its address as people typed it."""
        return faults.point_detail(code, offset + self._base)

    def _mark(self, block: Block, exchange: Exchange, values: list[RawValue | None]) -> None:
        for tag in block.tags:
            detail = self._refusal(exchange.code, self.plan.addresses[tag].offset)
            values[tag] = bad(detail, exchange.received_unix)

    def _fill_refused(self, values: list[RawValue | None]) -> None:
        now_unix = time.time()
        for refusal in self.plan.refused:
            for tag in refusal.block.tags:
                if values[tag] is None:
                    detail = self._refusal(refusal.code, self.plan.addresses[tag].offset)
                    values[tag] = bad(detail, now_unix)

    def _hope_again(self, values: Sequence[RawValue | None]) -> None:
        """Ask for refused values in the next poll, after a while or when a wholly refused device answers."""
        now = asyncio.get_running_loop().time()
        is_revived = not self.plan.blocks and any(value and value.quality is Quality.GOOD for value in values)
        if is_revived or now >= self._hopes_again_at:
            self._hopes_again_at = now + HOPE_AFTER_S
            self._adopt(self.plan.hopeful())

    def _adopt(self, plan: ReadPlan) -> None:
        if plan is not self.plan:
            self.plan = plan
            self._jobs = self._jobs_of(plan)

    def _jobs_of(self, plan: ReadPlan) -> tuple[_Job, ...]:
        return tuple(self._job_of(block) for block in plan.to_ask)

    def _job_of(self, block: Block) -> _Job:
        job = self._known_jobs.get(block)
        if job is None:
            request = ReadRequest(self._settings.unit, block.table, block.start, block.count)
            job = self._known_jobs[block] = (block, request, decoder_of(self.plan.addresses, block))
        return job


def _without(plan: ReadPlan, block: Block, code: int) -> tuple[ReadPlan, tuple[Block, ...]]:
    """Return what to ask for instead of `block`, which was refused with `code`, and the parts to try now."""
    if code in faults.BUSY_CODES:
        return plan, ()
    if code == faults.ILLEGAL_FUNCTION:
        return plan.refuse(block, code), ()
    finer, parts = plan.refine(block, code)
    if parts:
        return finer, parts
    return plan.refuse(block, code) if code in faults.FINAL_CODES else plan.note(block, code), ()
