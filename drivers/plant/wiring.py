"""How each kind of machine is wired: registers of the Modbus ones, nodes of the OPC UA ones.

The Modbus layouts are as untidy as in real plants, because a collector has to live with them: scaled
integers beside floats, three word orders, holding and input registers on one device, and ranges between two
values that the device refuses to read.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ModbusTag:
    """One value in registers: register = (value - offset) / scale.

    Attributes:
        table: "holding" (function 3) or "input" (function 4).
        address: First register, zero-based.
        data_type: int16, uint16, int32, uint32 or float32.
        word_order: ABCD, CDAB, BADC or DCBA; A is the most significant byte.
        scale: Metric's unit per count.
        offset: Value at count 0, in the metric's unit.
    """

    metric: str
    table: str
    address: int
    data_type: str
    word_order: str = "ABCD"
    scale: float = 1.0
    offset: float = 0.0

    @property
    def text(self) -> str:
        """The address as people type it, e.g. "input:0:float32:CDAB"."""
        order = "" if self.word_order == "ABCD" else f":{self.word_order}"
        return f"{self.table}:{self.address}:{self.data_type}{order}"

    @property
    def is_float(self) -> bool:
        """Whether the register can hold not-a-number and infinity."""
        return self.data_type.startswith("float")


@dataclass(frozen=True, slots=True)
class Span:
    """Registers that may be read: `first` up to and without `end`."""

    table: str
    first: int
    end: int


@dataclass(frozen=True, slots=True)
class ModbusWiring:
    """The register map of one kind. Reading outside `readable` is answered by exception 2."""

    tags: tuple[ModbusTag, ...]
    readable: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class OpcuaTag:
    """One node: `<machine>.<name>`.

    Attributes:
        variant: "Double", "Float" or "Int32".
        step: Resolution of the sensor, in the metric's unit.
    """

    metric: str
    name: str
    variant: str
    step: float

    @property
    def is_float(self) -> bool:
        """Whether the node can hold not-a-number and infinity."""
        return self.variant != "Int32"


MODBUS_WIRING: dict[str, ModbusWiring] = {
    # A frequency converter: a block of scaled words, the way its manual prints it.
    "drive": ModbusWiring(
        tags=(
            ModbusTag("rpm", "holding", 3202, "int16"),
            ModbusTag("temperature", "holding", 3205, "uint16", scale=0.1),
            ModbusTag("power_consumption", "holding", 3207, "uint32"),
            ModbusTag("vibration", "holding", 3212, "float32", "CDAB"),
        ),
        readable=(Span("holding", 3200, 3216),),
    ),
    # A pump controller with a hole: registers 2 and 3 are refused.
    "pump": ModbusWiring(
        tags=(
            ModbusTag("pressure", "input", 0, "float32", "CDAB"),
            ModbusTag("vibration", "input", 4, "float32", "CDAB"),
            ModbusTag("temperature", "input", 8, "int16", scale=0.1),
            ModbusTag("rpm", "input", 10, "uint16"),
            ModbusTag("power_consumption", "input", 12, "uint32", "CDAB"),
        ),
        readable=(Span("input", 0, 2), Span("input", 4, 16)),
    ),
    # Two blocks far apart, and a float with its bytes swapped inside the words.
    "compressor": ModbusWiring(
        tags=(
            ModbusTag("power_consumption", "holding", 40, "float32"),
            ModbusTag("rpm", "holding", 44, "uint16"),
            ModbusTag("vibration", "holding", 46, "float32", "BADC"),
            ModbusTag("pressure", "holding", 100, "uint16", scale=0.1),
            ModbusTag("temperature", "holding", 101, "int16", scale=0.1),
        ),
        readable=(Span("holding", 40, 48), Span("holding", 100, 104)),
    ),
    # Measured values are input registers, the meter is a holding register.
    "hvac": ModbusWiring(
        tags=(
            ModbusTag("temperature", "input", 0, "int16", scale=0.1),
            ModbusTag("humidity", "input", 1, "uint16", scale=0.1),
            ModbusTag("pressure", "input", 2, "float32", "CDAB"),
            ModbusTag("power_consumption", "holding", 500, "uint32", "CDAB"),
        ),
        readable=(Span("input", 0, 8), Span("holding", 500, 504)),
    ),
    # A transmitter that counts from -40 °C, and sends its float little-endian.
    "climate-sensor": ModbusWiring(
        tags=(
            ModbusTag("temperature", "input", 0, "uint16", scale=0.1, offset=-40.0),
            ModbusTag("humidity", "input", 1, "uint16", scale=0.01),
            ModbusTag("pressure", "input", 2, "float32", "DCBA"),
        ),
        readable=(Span("input", 0, 6),),
    ),
}

MODBUS_GAUGES: dict[str, ModbusWiring] = {
    "drive": ModbusWiring(
        tags=(ModbusTag("motor_current", "holding", 3214, "uint16", scale=0.01),),
        readable=(),
    ),
    # A meter and a valve island on the pump's controller; the state is a word of its own.
    "pump": ModbusWiring(
        tags=(
            ModbusTag("flow", "input", 20, "float32", "CDAB"),
            ModbusTag("motor_current", "input", 22, "uint16", scale=0.01),
            ModbusTag("energy", "input", 24, "uint32", scale=0.1),
            ModbusTag("pump_state", "input", 26, "uint16"),
        ),
        readable=(Span("input", 20, 28),),
    ),
}
"""What is wired besides where the plant has gauges (`gauges.py`)."""

_TEMPERATURE = OpcuaTag("temperature", "Temperature", "Double", 0.1)
_HUMIDITY = OpcuaTag("humidity", "Humidity", "Double", 0.1)
_AIR = OpcuaTag("pressure", "Pressure", "Double", 0.01)
_GAUGE = OpcuaTag("pressure", "Pressure", "Double", 0.5)
_HYDRAULIC = OpcuaTag("pressure", "Pressure", "Double", 10.0)
_VIBRATION = OpcuaTag("vibration", "Vibration", "Float", 0.01)
_POWER = OpcuaTag("power_consumption", "Power", "Double", 1.0)
_SPEED = OpcuaTag("rpm", "Speed", "Int32", 1.0)

OPCUA_WIRING: dict[str, tuple[OpcuaTag, ...]] = {
    "press": (_TEMPERATURE, _HYDRAULIC, _VIBRATION, _POWER, _SPEED),
    "oven": (_TEMPERATURE, _HUMIDITY, _AIR, _POWER, _SPEED),
    "dryer": (_TEMPERATURE, _HUMIDITY, _AIR, _VIBRATION, _POWER, _SPEED),
    "mixer": (_TEMPERATURE, _GAUGE, _VIBRATION, _POWER, _SPEED),
    "chiller": (_TEMPERATURE, _GAUGE, _VIBRATION, _POWER, _SPEED),
}

OPCUA_GAUGES: dict[str, tuple[OpcuaTag, ...]] = {
    "press": (OpcuaTag("motor_current", "Current", "Float", 0.01),),
    "mixer": (OpcuaTag("level", "Level", "Double", 0.1), OpcuaTag("energy", "Energy", "Double", 0.1)),
}
