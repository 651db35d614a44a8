"""The state machines of a software update: which state each is in, told by node, by name or by number.

OPC 10000-100, tables 91 to 106, and OPC 10000-20, table 17. A state machine tells its state by the node of
the state in its type (CurrentState/Id); servers that made nodes of their own tell it by name or number.
"""

# asyncua's generated structures annotate their fields with names that only exist at run time.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from asyncua import ua

from drivers.errors import NeedsHuman
from drivers.firmware.opcua_identity import DI_URI
from drivers.firmware.opcua_session import OwnSession, number_of, place_in, text_of
from drivers.opcua.reference_wire import Place


class State(StrEnum):
    """Every state of the machines, by the specification's name."""

    IDLE = "Idle"
    PREPARING = "Preparing"
    PREPARED = "PreparedForUpdate"
    RESUMING = "Resuming"
    INSTALLING = "Installing"
    ERROR = "Error"
    NO_POWER_CYCLE = "NotWaitingForPowerCycle"
    POWER_CYCLE = "WaitingForPowerCycle"
    NO_CONFIRM = "NotWaitingForConfirm"
    CONFIRM = "WaitingForConfirm"
    READ_PREPARE = "ReadPrepare"
    READ_TRANSFER = "ReadTransfer"
    APPLY_WRITE = "ApplyWrite"


@dataclass(frozen=True, slots=True)
class Machine:
    """One kind of state machine.

    Attributes:
        name: Its browse name in the AddIn.
        uri: Namespace of its type's states.
        states: By the identifier of the state in the type.
        numbers: By StateNumber.
    """

    name: str
    uri: str
    states: dict[int, State]
    numbers: dict[int, State]


PREPARE = Machine(
    "PrepareForUpdate",
    DI_URI,
    {231: State.IDLE, 233: State.PREPARING, 235: State.PREPARED, 237: State.RESUMING},
    {1: State.IDLE, 2: State.PREPARING, 3: State.PREPARED, 4: State.RESUMING},
)
INSTALLATION = Machine(
    "Installation",
    DI_URI,
    {271: State.IDLE, 273: State.INSTALLING, 275: State.ERROR},
    {1: State.IDLE, 2: State.INSTALLING, 3: State.ERROR},
)
POWER = Machine(
    "PowerCycle",
    DI_URI,
    {299: State.NO_POWER_CYCLE, 301: State.POWER_CYCLE},
    {1: State.NO_POWER_CYCLE, 2: State.POWER_CYCLE},
)
CONFIRMATION = Machine(
    "Confirmation",
    DI_URI,
    {323: State.NO_CONFIRM, 325: State.CONFIRM},
    {1: State.NO_CONFIRM, 2: State.CONFIRM},
)
TRANSFER = Machine(
    "TransferState",
    "http://opcfoundation.org/UA/",
    {
        15815: State.IDLE,
        15817: State.READ_PREPARE,
        15819: State.READ_TRANSFER,
        15821: State.APPLY_WRITE,
        15823: State.ERROR,
    },
    {
        1: State.IDLE,
        2: State.READ_PREPARE,
        3: State.READ_TRANSFER,
        4: State.APPLY_WRITE,
        5: State.ERROR,
    },
)
TRANSFER_TYPE: Place = (0, 15803)
"""FileTransferStateMachineType."""


@dataclass(frozen=True, slots=True)
class Told:
    """A state, and when it was entered by the server's clock; None where that is not told."""

    state: State
    since: datetime | None


async def read_state(session: OwnSession, place: Place, machine: Machine) -> Told:
    """Return the state of the machine at `place`.

    Raises:
        NeedsHuman: It tells none, or one that the specification does not know.
        LineLost: The device is away.
    """
    return told_by(session, machine, await session.read(await state_nodes(session, place, machine)))


async def state_nodes(session: OwnSession, place: Place, machine: Machine) -> list[Place]:
    """Return the nodes that tell the state of the machine at `place`. Raises NeedsHuman, LineLost."""
    current = await session.need(place, "CurrentState", machine.name)
    parts = [await session.find(current, name) for name in ("Id", "Number")]
    return [current, *(part for part in parts if part is not None)]


def told_by(session: OwnSession, machine: Machine, values: Sequence[ua.DataValue]) -> Told:
    """Return the state that the values of `state_nodes` tell. Raises NeedsHuman where they tell none."""
    text, since = text_of(values[0]), _moment(values[0])
    for value in values[1:]:
        found = _by_node(session, machine, place_in(value)) or _by_number(machine, number_of(value))
        if found is not None:
            return Told(found, since)
    by_name = next((state for state in machine.states.values() if state == text), None)
    if by_name is None:
        raise NeedsHuman(
            f"{session.endpoint}: {machine.name} is in the state {text!r}, which OPC 10000-100 does not know "
            f"({', '.join(machine.states.values())}); have its maker mend the server."
        )
    return Told(by_name, since)


def _by_node(session: OwnSession, machine: Machine, node: Place | None) -> State | None:
    if node is None or node[0] != session.index_of(machine.uri) or not isinstance(node[1], int):
        return None
    return machine.states.get(node[1])


def _by_number(machine: Machine, number: float | None) -> State | None:
    return None if number is None else machine.numbers.get(int(number))


def _moment(value: ua.DataValue) -> datetime | None:
    moment = value.SourceTimestamp
    # 1601-01-01 is how a null DateTime looks on the wire (OPC 10000-6, 5.2.2.5).
    return moment.replace(tzinfo=UTC) if isinstance(moment, datetime) and moment.year >= 1970 else None
