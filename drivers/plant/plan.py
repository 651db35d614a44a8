"""What stands in the plant, and where it is reached: ids, areas, gateways, units and nodes. Pure.

Modbus devices sit behind gateways, one TCP port each, as serial devices do in real plants; OPC UA devices
share one server. The first devices are the same in a plant of any size.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from drivers.plant.kinds import MODBUS_KINDS, OPCUA_KINDS, MachineKind
from drivers.plant.wiring import (
    MODBUS_GAUGES,
    MODBUS_WIRING,
    OPCUA_GAUGES,
    OPCUA_WIRING,
    ModbusTag,
    ModbusWiring,
    OpcuaTag,
)

APPLICATION_URI = "urn:operator-console:plant"
"""Namespace 1 of the OPC UA server, the same at every start."""
OPCUA_PATH = "/plant"
MAX_UNITS = 32
"""Units behind one gateway. Modbus allows 247; an RS-485 line carries 32 unit loads (TIA-485-A)."""
MAX_DEVICES = 20_000
MAX_PORT = 65_535

_BLOCKS_PER_HALL = 4
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@dataclass(frozen=True, slots=True)
class Machine:
    """One device of the plant.

    Attributes:
        row: Its line in every array of signals.
        device_id: Hardware id, e.g. "DRIVE-02".
        name: What people call it, e.g. "Drive 2".
    """

    row: int
    device_id: str
    name: str
    area: str
    kind: MachineKind


@dataclass(frozen=True, slots=True)
class ModbusMachine(Machine):
    """A device behind a Modbus gateway.

    Attributes:
        gateway: Index of its gateway; the port is `PlantPlan.modbus_ports[gateway]`.
        unit: Unit id behind that gateway, from 1.
    """

    gateway: int
    unit: int

    @property
    def tags(self) -> tuple[ModbusTag, ...]:
        """Its values, as wired."""
        return MODBUS_WIRING[self.kind.key].tags


@dataclass(frozen=True, slots=True)
class OpcuaMachine(Machine):
    """A device of the OPC UA server.

    Attributes:
        node: Identifier of its object node, e.g. "Press01".
    """

    node: str

    @property
    def tags(self) -> tuple[OpcuaTag, ...]:
        """Its values, as wired."""
        return OPCUA_WIRING[self.kind.key]


@dataclass(frozen=True)
class PlantPlan:
    """The whole plant.

    Attributes:
        devices: How many; half of each protocol, Modbus takes the odd one.
        seed: The same seed gives the same machines and the same signals.
        host: Where the servers listen. Loopback: the plant has no sign-in.
        modbus_port: Of the first gateway, the others follow; 0 = any free ports.
        opcua_port: Of the OPC UA server; 0 = any free port.
        update_period_s: How often every sensor measures.
        modbus_ports: The ports really taken, one a gateway; empty before the servers run.
        application_uri: Namespace 1 of the OPC UA server; a changed one shows what happens when it moves.
        has_gauges: Whether some machines measure more than the six metrics (`gauges.GAUGES`).
    """

    devices: int = 24
    seed: int = 1
    host: str = "127.0.0.1"
    modbus_port: int = 1502
    opcua_port: int = 4841
    update_period_s: float = 1.0
    modbus_ports: tuple[int, ...] = ()
    application_uri: str = APPLICATION_URI
    has_gauges: bool = False

    def __post_init__(self) -> None:
        if not 1 <= self.devices <= MAX_DEVICES:
            raise ValueError(f"The plant can have 1 to {MAX_DEVICES} devices, not {self.devices}.")
        if not 0.05 <= self.update_period_s <= 60.0:
            raise ValueError(f"Sensors can measure every 0.05 to 60 s, not every {self.update_period_s} s.")
        for port in (self.modbus_port, self.opcua_port):
            if not 0 <= port <= MAX_PORT:
                raise ValueError(f"Ports go from 1 to {MAX_PORT}, or 0 for any; {port} is none.")

    @cached_property
    def machines(self) -> tuple[Machine, ...]:
        """Every device, in the order of signal rows: Modbus first."""
        return (*self.modbus_machines, *self.opcua_machines)

    @cached_property
    def modbus_machines(self) -> tuple[ModbusMachine, ...]:
        """Devices behind gateways."""
        count = self._modbus_count
        per_gateway = self.units_per_gateway
        return tuple(
            ModbusMachine(
                row=index,
                device_id=_device_id(kind, number),
                name=f"{kind.label} {number}",
                area=_area(kind, index // len(MODBUS_KINDS)),
                kind=kind,
                gateway=index // per_gateway,
                unit=index % per_gateway + 1,
            )
            for index, (kind, number) in enumerate(_numbered(MODBUS_KINDS, count))
        )

    @cached_property
    def opcua_machines(self) -> tuple[OpcuaMachine, ...]:
        """Devices of the OPC UA server."""
        first = self._modbus_count
        return tuple(
            OpcuaMachine(
                row=first + index,
                device_id=_device_id(kind, number),
                name=f"{kind.label} {number}",
                area=_area(kind, index // len(OPCUA_KINDS)),
                kind=kind,
                node=f"{kind.label}{number:02d}",
            )
            for index, (kind, number) in enumerate(_numbered(OPCUA_KINDS, self.devices - first))
        )

    @cached_property
    def by_device_id(self) -> dict[str, Machine]:
        """Every device by its hardware id."""
        return {machine.device_id: machine for machine in self.machines}

    def wiring_of(self, machine: ModbusMachine) -> ModbusWiring:
        """Return how a device behind a gateway is wired in this plant."""
        wiring, more = MODBUS_WIRING[machine.kind.key], MODBUS_GAUGES.get(machine.kind.key)
        if more is None or not self.has_gauges:
            return wiring
        return ModbusWiring((*wiring.tags, *more.tags), (*wiring.readable, *more.readable))

    def nodes_of(self, machine: OpcuaMachine) -> tuple[OpcuaTag, ...]:
        """Return the variables of a device of the OPC UA server in this plant."""
        more = OPCUA_GAUGES.get(machine.kind.key, ()) if self.has_gauges else ()
        return (*machine.tags, *more)

    @property
    def units_per_gateway(self) -> int:
        """Two gateways even in a small plant, so that one can fail alone."""
        return max(1, min(MAX_UNITS, (self._modbus_count + 1) // 2))

    @property
    def gateways(self) -> int:
        """How many Modbus ports the plant needs."""
        return -(-self._modbus_count // self.units_per_gateway)

    @property
    def opcua_endpoint(self) -> str:
        """Where OPC UA clients connect. Raises ValueError before the port is known."""
        if not self.opcua_port:
            raise ValueError("The plant's OPC UA port is chosen when it starts; start it first.")
        return f"opc.tcp://{self.host}:{self.opcua_port}{OPCUA_PATH}"

    def port_of(self, machine: ModbusMachine) -> int:
        """Return the TCP port of a device's gateway. Raises ValueError before the port is known."""
        if self.modbus_ports:
            return self.modbus_ports[machine.gateway]
        if not self.modbus_port:
            raise ValueError("The plant's Modbus ports are chosen when it starts; start it first.")
        return self.modbus_port + machine.gateway

    @property
    def _modbus_count(self) -> int:
        return self.devices - self.devices // 2


def _numbered(kinds: Sequence[MachineKind], count: int) -> Iterator[tuple[MachineKind, int]]:
    numbers: dict[str, int] = {}
    for index in range(count):
        kind = kinds[index % len(kinds)]
        numbers[kind.key] = numbers.get(kind.key, 0) + 1
        yield kind, numbers[kind.key]


def _device_id(kind: MachineKind, number: int) -> str:
    return f"{kind.prefix}-{number:02d}"


def _area(kind: MachineKind, block: int) -> str:
    """Return the area of a machine; every few blocks a large plant begins new halls."""
    wing = block // _BLOCKS_PER_HALL
    if kind.area.startswith("Hall "):
        index = 2 * wing + _LETTERS.index(kind.area[-1])
        letter, round_ = _LETTERS[index % len(_LETTERS)], index // len(_LETTERS)
        return f"Hall {letter}{round_ + 1}" if round_ else f"Hall {letter}"
    return kind.area if wing == 0 else f"{kind.area} {wing + 1}"
