"""What can be made to go wrong while the plant runs, one fault of a layer at a time for each device.

    machine   the machine itself fails: its signals change, everything is reported truthfully
    value     the sensor lies: not a number, infinity, stuck, out of range, spikes
    report    the machine's controller reports a condition of its own accord
    wire      the device answers late, wrongly, or not at all
    server    the gateway or server it sits on is gone, together with every neighbour there

Layers are independent: an overheating machine can also answer slowly.
"""

from dataclasses import dataclass
from enum import StrEnum

from drivers.plant.kinds import METRIC_INDEX
from drivers.plant.plan import Machine, ModbusMachine, PlantPlan
from drivers.plant.upsets import Upset


class FaultRefused(ValueError):
    """A fault that cannot be switched. The text names device, fault and what is possible."""


class Layer(StrEnum):
    """Where a fault sits; a device has at most one fault in each."""

    MACHINE = "machine"
    VALUE = "value"
    REPORT = "report"
    WIRE = "wire"
    SERVER = "server"


class FaultKind(StrEnum):
    """The faults, as people type them."""

    OVERHEAT = "overheat"
    SEIZE = "seize"
    WORN = "worn"
    LEAK = "leak"
    STOP = "stop"
    DAMP = "damp"
    NAN = "nan"
    INFINITY = "infinity"
    IMPLAUSIBLE = "implausible"
    FROZEN = "frozen"
    SPIKE = "spike"
    ALARM = "alarm"
    SERVICE = "service"
    SILENT = "silent"
    SLOW = "slow"
    BAD_STATUS = "bad-status"
    EXCEPTION = "exception"
    GARBAGE = "garbage"
    WRONG_FUNCTION = "wrong-function"
    WRONG_UNIT = "wrong-unit"
    WRONG_COUNT = "wrong-count"
    WRONG_TRANSACTION = "wrong-transaction"
    SHORT = "short"
    DRIP = "drip"
    FLOOD = "flood"
    RESET = "reset"
    DOWN = "down"


@dataclass(frozen=True, slots=True)
class FaultInfo:
    """What one kind of fault means.

    Attributes:
        layer: Where it sits.
        meaning: One line for `--help`.
        default: The value where none is given; what it means is said in `meaning`.
        only: "modbus-tcp" or "opcua" where only that protocol can show it; empty for both.
        metric: The metric a machine must measure to suffer from it; empty where any will do.
        upset: What it does to the machine.
    """

    layer: Layer
    meaning: str
    default: float = 0.0
    only: str = ""
    metric: str = ""
    upset: Upset = Upset.NONE


_MODBUS, _OPCUA = "modbus-tcp", "opcua"
_MACHINE, _VALUE, _WIRE = Layer.MACHINE, Layer.VALUE, Layer.WIRE

FAULTS: dict[FaultKind, FaultInfo] = {
    FaultKind.OVERHEAT: FaultInfo(
        _MACHINE, "cooling fails, the temperature climbs", metric="temperature", upset=Upset.OVERHEAT
    ),
    FaultKind.SEIZE: FaultInfo(
        _MACHINE, "a bearing seizes: heat, vibration, trip after 75 s", metric="vibration", upset=Upset.SEIZE
    ),
    FaultKind.WORN: FaultInfo(
        _MACHINE, "a worn bearing: vibration high, steady", metric="vibration", upset=Upset.WORN
    ),
    FaultKind.LEAK: FaultInfo(
        _MACHINE, "a leak: pressure falls by a fifth", metric="pressure", upset=Upset.LEAK
    ),
    FaultKind.STOP: FaultInfo(
        _MACHINE, "the machine is stopped and cools down", metric="rpm", upset=Upset.STOPPED
    ),
    FaultKind.DAMP: FaultInfo(
        _MACHINE, "humidity rises by 17 %", metric="humidity", upset=Upset.DAMP
    ),
    FaultKind.NAN: FaultInfo(_VALUE, "floating-point values are not a number"),
    FaultKind.INFINITY: FaultInfo(_VALUE, "floating-point values are infinite"),
    FaultKind.IMPLAUSIBLE: FaultInfo(_VALUE, "the temperature reads VALUE °C (2500)", default=2500.0),
    FaultKind.FROZEN: FaultInfo(_VALUE, "every value stays as it is"),
    FaultKind.SPIKE: FaultInfo(
        _VALUE, "the temperature jumps by VALUE °C (60) for one sample in ten", default=60.0
    ),
    FaultKind.ALARM: FaultInfo(
        Layer.REPORT, "its controller reports overtemperature, severity VALUE (700)", default=700.0,
        only=_OPCUA,
    ),
    FaultKind.SERVICE: FaultInfo(
        Layer.REPORT, "its controller reports that service is due, severity VALUE (200)", default=200.0,
        only=_OPCUA,
    ),
    FaultKind.SILENT: FaultInfo(_WIRE, "no answer; OPC UA: status BadNoCommunication"),
    FaultKind.SLOW: FaultInfo(
        _WIRE, "answers after VALUE s (0.5); OPC UA: a new value only every VALUE s", default=0.5
    ),
    FaultKind.BAD_STATUS: FaultInfo(
        _WIRE, "status code VALUE (BadSensorFailure)", default=float(0x808C0000), only=_OPCUA
    ),
    FaultKind.EXCEPTION: FaultInfo(
        _WIRE, "exception VALUE (2, illegal data address) to every request", default=2.0, only=_MODBUS
    ),
    FaultKind.GARBAGE: FaultInfo(_WIRE, "bytes that are not Modbus", only=_MODBUS),
    FaultKind.WRONG_FUNCTION: FaultInfo(_WIRE, "replies with another function code", only=_MODBUS),
    FaultKind.WRONG_UNIT: FaultInfo(_WIRE, "replies in the name of another unit", only=_MODBUS),
    FaultKind.WRONG_COUNT: FaultInfo(_WIRE, "replies with one register too few", only=_MODBUS),
    FaultKind.WRONG_TRANSACTION: FaultInfo(_WIRE, "replies to a transaction never asked", only=_MODBUS),
    FaultKind.SHORT: FaultInfo(_WIRE, "sends half a reply and stops", only=_MODBUS),
    FaultKind.DRIP: FaultInfo(
        _WIRE, "sends one byte every VALUE s (0.05)", default=0.05, only=_MODBUS
    ),
    FaultKind.FLOOD: FaultInfo(
        _WIRE, "sends VALUE (200) replies nobody asked for before each true one", default=200.0, only=_MODBUS
    ),
    FaultKind.RESET: FaultInfo(_WIRE, "drops the connection at every request", only=_MODBUS),
    FaultKind.DOWN: FaultInfo(
        Layer.SERVER, "its whole gateway or server refuses connections, neighbours included"
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault of one device. `value` is as `FaultInfo.meaning` says."""

    device_id: str
    kind: FaultKind
    value: float

    @property
    def info(self) -> FaultInfo:
        """What it means."""
        return FAULTS[self.kind]


def fault_of(plan: PlantPlan, device_id: str, kind: str, value: float | None = None) -> Fault:
    """Return the fault that these words mean in this plant.

    Raises:
        FaultRefused: No such device or fault, or the device cannot show it.
    """
    machine = plan.by_device_id.get(device_id)
    if machine is None:
        raise FaultRefused(
            f"The plant has no device {device_id}; there are {plan.machines[0].device_id} and others."
        )
    try:
        known = FaultKind(kind)
    except ValueError:
        raise FaultRefused(f"No fault is called {kind}; there are {', '.join(FaultKind)}.") from None
    info = FAULTS[known]
    protocol = _MODBUS if isinstance(machine, ModbusMachine) else _OPCUA
    if info.only and info.only != protocol:
        raise FaultRefused(f"{device_id} speaks {protocol}; the fault {known} exists on {info.only} only.")
    if info.metric and not _measures(machine, info.metric):
        raise FaultRefused(f"{device_id} does not measure {info.metric}, so the fault {known} cannot show.")
    return Fault(device_id, known, info.default if value is None else value)


def distorted(row: list[float], fault: Fault, frozen: list[float], time_s: float) -> list[float]:
    """Return what a lying sensor reports instead of `row` (values in METRIC_KEYS' order, NaN = not measured).

    Args:
        row: The truth at `time_s`.
        fault: A fault of the value layer.
        frozen: The row when the fault was switched on.
        time_s: Plant time in seconds.
    """
    temperature = METRIC_INDEX["temperature"]
    match fault.kind:
        case FaultKind.FROZEN:
            return frozen
        case FaultKind.NAN:
            return [float("nan")] * len(row)
        case FaultKind.INFINITY:
            return [float("inf")] * len(row)
        case FaultKind.IMPLAUSIBLE:
            return [fault.value if index == temperature else value for index, value in enumerate(row)]
        case FaultKind.SPIKE:
            jump = fault.value if int(time_s) % 10 == 0 else 0.0
            return [value + jump if index == temperature else value for index, value in enumerate(row)]
        case _:
            raise ValueError(f"{fault.kind} is not a fault of values")


def _measures(machine: Machine, metric: str) -> bool:
    return metric in machine.kind.shapes
