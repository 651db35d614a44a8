"""Where a device stands, by what its AddIn and its name plate say now: nothing is remembered."""

# asyncua's generated structures annotate their fields with names that only exist at run time.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from asyncua import ua
from asyncua.ua.object_ids import ObjectIds

from drivers.firmware.opcua_session import OwnSession, number_of, text_of
from drivers.firmware.opcua_update.add_in import VENDOR_ERROR, AddIn, transfer_machines, word_nodes, words_in
from drivers.firmware.opcua_update.states import (
    CONFIRMATION,
    INSTALLATION,
    POWER,
    TRANSFER,
    Machine,
    State,
    Told,
    state_nodes,
    told_by,
)
from drivers.firmware.target import Identity, Phase, Standing
from drivers.firmware.version_text import Pattern, normalised
from drivers.opcua.reference_wire import Place

_HEALTH = ("NORMAL", "FAILURE", "CHECK_FUNCTION", "OFF_SPEC", "MAINTENANCE_REQUIRED")
_IS_HEALTHY = {0: True, 1: False, 2: None, 3: False, 4: True}
"""OPC 10000-100, 4.5.4. CHECK_FUNCTION says nothing of its health: its values do not count for now."""
_CURRENT_TIME: Place = (0, ObjectIds.Server_ServerStatus_CurrentTime)


@dataclass(frozen=True, slots=True)
class Machines:
    """The states that decide about the phase; None where the device has no such machine."""

    installation: State | None
    power: State | None
    confirmation: State | None
    transfers: Sequence[State]


def phase_of(machines: Machines, *, is_cached: bool, is_pending: bool, has_error_code: bool) -> Phase:
    """Return what the states mean. Pure.

    Args:
        machines: As read.
        is_cached: Whether installing is an order of its own.
        is_pending: Whether a package lies there complete.
        has_error_code: Whether the maker's error code says that something went wrong.
    """
    if machines.confirmation is State.CONFIRM:
        return Phase.UNCONFIRMED
    if machines.installation is State.INSTALLING or machines.power is State.POWER_CYCLE:
        return Phase.INSTALLING
    if machines.installation is State.ERROR or State.ERROR in machines.transfers:
        return Phase.FAILED
    if State.APPLY_WRITE in machines.transfers:
        # Committing checks a cached package, and installs a direct one.
        return Phase.RECEIVING if is_cached else Phase.INSTALLING
    if is_pending:
        return Phase.STAGED
    return Phase.FAILED if has_error_code else Phase.IDLE


async def read_standing(
    session: OwnSession, parts: AddIn, identity: Identity, pattern: Pattern, own_pending: str
) -> Standing:
    """Ask the device where it stands.

    Args:
        session: Open.
        parts: Of this session.
        identity: Just read.
        pattern: How its versions read.
        own_pending: Version of a package that lies complete in an open file of this session, else empty.

    Raises:
        LineLost: The device is away.
        NeedsHuman: A state is told that nobody knows.
    """
    asked = _Questions(session)
    states = {
        machine.name: await asked.state(parts, machine) for machine in (INSTALLATION, POWER, CONFIRMATION)
    }
    transfers = [
        asked.want(await state_nodes(session, place, TRANSFER))
        for place in await transfer_machines(session, parts)
    ]
    nodes = await word_nodes(session, parts)
    texts = asked.want([*nodes.values()])
    pending_at = asked.want(await _found(session, parts.loading, "PendingVersion/SoftwareRevision"))
    health_at = asked.want(await _found(session, parts.device, "DeviceHealth"))
    answers = await session.read(asked.places)

    def told(machine: Machine) -> Told | None:
        values = answers[states[machine.name]]
        return told_by(session, machine, values) if values else None

    installation, power, confirmation = told(INSTALLATION), told(POWER), told(CONFIRMATION)
    pending = "".join(normalised(text_of(value), pattern) for value in answers[pending_at]) or own_pending
    is_pending = bool(pending) and pending.partition("+")[0] != identity.version.partition("+")[0]
    words = words_in(nodes, answers[texts])
    machines = Machines(
        _state(installation),
        _state(power),
        _state(confirmation),
        [told_by(session, TRANSFER, answers[transfer]).state for transfer in transfers],
    )
    phase = phase_of(
        machines,
        is_cached=parts.is_cached,
        is_pending=is_pending,
        has_error_code=VENDOR_ERROR in words,
    )
    is_healthy, health = _health(answers[health_at])
    details = [health, words]
    if machines.power is State.POWER_CYCLE:
        details.insert(0, "it waits for its power to be switched off and on")
    if confirmation is not None and phase is Phase.UNCONFIRMED:
        details.insert(0, await _time_left(session, parts, confirmation))
    shows_pending = phase in (Phase.STAGED, Phase.INSTALLING, Phase.RECEIVING)
    return Standing(
        identity,
        phase,
        pending_version=pending if shows_pending else "",
        is_healthy=is_healthy,
        detail="; ".join(filter(None, details)),
    )


def _state(told: Told | None) -> State | None:
    return None if told is None else told.state


class _Questions:
    """Gathers what is to be read, so that a look costs one request."""

    def __init__(self, session: OwnSession) -> None:
        self.places: list[Place] = []
        self._session = session

    def want(self, places: Sequence[Place]) -> slice:
        """Return where the values of these will be among the answers."""
        begin = len(self.places)
        self.places += places
        return slice(begin, len(self.places))

    async def state(self, parts: AddIn, machine: Machine) -> slice:
        """Return the same of a machine's state; nowhere where the device does without it."""
        place = await self._session.find(parts.place, machine.name)
        return self.want([] if place is None else await state_nodes(self._session, place, machine))


async def _found(session: OwnSession, start: Place, path: str) -> list[Place]:
    place = await session.find(start, path)
    return [] if place is None else [place]


def _health(values: Sequence[ua.DataValue]) -> tuple[bool | None, str]:
    number = number_of(values[0]) if values else None
    if number is None or not 0 <= number < len(_HEALTH):
        return None, ""
    name = _HEALTH[int(number)]
    return _IS_HEALTHY[int(number)], "" if number == 0 else f"DeviceHealth {name}"


async def _time_left(session: OwnSession, parts: AddIn, waiting: Told) -> str:
    """Return how long a confirmation is waited for, by the server's own clock."""
    place = await session.find(parts.place, "Confirmation/ConfirmationTimeout")
    if place is None:
        return "it goes back by itself unless it is confirmed"
    timeout, now = await session.read([place, _CURRENT_TIME])
    limit_ms = number_of(timeout)
    moment = now.Value.Value if now.Value is not None else None
    if limit_ms is None or waiting.since is None or not isinstance(moment, datetime):
        return "it goes back by itself unless it is confirmed"
    waited_s = max(0.0, (moment.replace(tzinfo=UTC) - waiting.since).total_seconds())
    left_s = max(0.0, limit_ms / 1000.0 - waited_s)
    return f"it goes back by itself in {left_s:.0f} s unless it is confirmed"
