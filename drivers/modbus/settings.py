"""What has to be known to reach a Modbus device, by line. Forms are made from titles, limits and units.

Every line's settings are the same parts put together: where (a place in the network, or a serial port), and
what the unit there can bear. A form shows fields from the last base to the first, so the part that says where
stands last among the bases.
"""

import os
from collections.abc import Hashable
from enum import StrEnum
from typing import Literal

from pydantic import Field

from drivers.modbus.settings_parts import TIMING, LineRules, ModbusSettings, Network, Place

_SHARING = "Sharing the connection"
_SILENT_CHARACTERS = 3.5
_SHORTEST_SILENCE_S = 0.00175
"""Above 19200 bit/s the silence between two frames no longer shrinks (serial line 1.02, 2.5.1.1)."""
_OPENING_LIMIT_S = 5.0


class Parity(StrEnum):
    """The bit by which a character is checked."""

    NONE = "none"
    EVEN = "even"
    ODD = "odd"


class ModbusTcpSettings(ModbusSettings, Network):
    """Connection of one Modbus TCP device: one unit id at one host and port."""

    max_in_flight: int = Field(
        default=16,
        title="Requests under way",
        description="Units of one gateway that may be waiting for answers at once; 1 for gateways to serial "
        "lines that cannot queue. The smallest among the units that share a connection counts.",
        ge=1,
        le=16,  # Modbus messaging on TCP/IP 1.0b, 4.3.2: servers hold 1 to 16 transactions.
        json_schema_extra={"group": _SHARING, "advanced": True},
    )
    turn_ms: int = Field(
        default=50,
        title="Turn",
        description="How long a silent unit keeps the line to itself before the next unit's request follows; "
        "0 sends at once, for servers known to handle several requests at a time.",
        ge=0,
        le=60_000,
        json_schema_extra={"unit": "ms", "group": _SHARING, "advanced": True},
    )

    @property
    def place(self) -> Hashable:
        """What units have in common that share a connection."""
        return (self.host.lower(), self.port)

    @property
    def rules(self) -> LineRules:
        """How this unit wants its connection to be shared."""
        return LineRules(
            max_in_flight=self.max_in_flight,
            turn_s=self.turn_ms / 1000,
            pause_s=self.pause_between_requests_ms / 1000,
            pause_after_connect_s=self.pause_after_connect_ms / 1000,
        )

    @property
    def may_have_own_connection(self) -> bool:
        """Whether a unit that spoils the connection for its siblings can have one of its own."""
        return True


class ModbusUdpSettings(ModbusSettings, Network):
    """Connection of one device that speaks Modbus over UDP."""

    port: int = Field(
        default=502,
        title="Port",
        description="UDP port; 502 unless the device says otherwise.",
        ge=1,
        le=65535,
    )
    connect_timeout_s: float = Field(
        default=3.0,
        title="Name look-up",
        description="Longest wait for the name server. UDP itself knows no connection.",
        ge=0.1,
        le=60.0,
        allow_inf_nan=False,
        json_schema_extra={"unit": "s", "group": TIMING, "advanced": True},
    )
    retries: int = Field(
        default=1,
        title="Retries",
        description="How often an unanswered request is sent again; UDP loses packets without a word. "
        "Writes are never sent again.",
        ge=0,
        le=5,
        json_schema_extra={"group": TIMING},
    )

    @property
    def place(self) -> Hashable:
        """What units have in common that share a socket."""
        return ("udp", self.host.lower(), self.port)


class _SerialUnit(ModbusSettings):
    """A unit whose answers carry no number: on a serial line, or behind a plain converter."""

    unit: int = Field(
        default=1,
        title="Unit id",
        description="Address of the device on the line, 1 to 247.",
        ge=1,
        le=247,
    )


class ModbusRtuTcpSettings(_SerialUnit, Network):
    """Connection of one device behind a converter that hands on bare RTU frames."""

    port: int = Field(
        default=502,
        title="Port",
        description="TCP port of the converter; makers choose their own, such as 4001 or 8899.",
        ge=1,
        le=65535,
    )

    @property
    def place(self) -> Hashable:
        """What units have in common that share a connection."""
        return ("rtu", self.host.lower(), self.port)


class _SerialPort(Place):
    """A serial port of this computer, and how its line is set."""

    serial_port: str = Field(
        title="Serial port",
        description="Path or name of the port. Those under /dev/serial/by-id keep their name when plugged in "
        "elsewhere.",
        min_length=1,
        max_length=255,
        examples=["/dev/ttyUSB0", "COM3"],
        json_schema_extra={"widget": "serial-port"},
    )
    baud: int = Field(
        default=9600,
        title="Speed",
        description="As set on the devices; all of one line have the same.",
        ge=300,
        le=4_000_000,
        examples=[9600, 19200, 38400, 57600, 115200],
        json_schema_extra={"unit": "bit/s"},
    )
    data_bits: int = Field(
        default=7,
        title="Data bits",
        description="As set on the devices; 7 in the standard.",
        ge=7,
        le=8,
    )
    parity: Parity = Field(
        default=Parity.NONE,
        title="Parity",
        description="As set on the devices.",
    )
    stop_bits: Literal[1, 2] = Field(
        default=1,
        title="Stop bits",
        description="As set on the devices; Modbus wants 2 where there is no parity, makers mostly 1.",
    )

    @property
    def character_s(self) -> float:
        """How long one character takes on the line, in seconds."""
        return (1 + self.data_bits + (self.parity is not Parity.NONE) + self.stop_bits) / self.baud

    @property
    def peer(self) -> str:
        """The port as people write it."""
        return self.serial_port

    @property
    def place(self) -> Hashable:
        """What units have in common that share a port, by whichever of its names they call it."""
        return ("serial", os.path.realpath(self.serial_port))

    @property
    def connect_limit_s(self) -> float:
        """Longest wait for the port to be opened, in seconds."""
        return _OPENING_LIMIT_S

    @property
    def line_words(self) -> str:
        """Speed and shape of a character: "9600 8N1"."""
        return f"{self.baud} {self.data_bits}{self.parity[0].upper()}{self.stop_bits}"


class ModbusSerialSettings(_SerialUnit, _SerialPort):
    """A unit on a serial line, whatever its frames are like."""

    timeout_s: float = Field(
        default=1.0,
        title="Time-out",
        description="Longest wait for one answer; what the bytes take on the line is added. A silent device "
        "keeps the others of its line waiting for as long.",
        ge=0.05,
        le=60.0,
        allow_inf_nan=False,
        json_schema_extra={"unit": "s", "group": TIMING},
    )
    pause_between_requests_ms: int = Field(
        default=0,
        title="RS-485 pause",
        description="Rest between an answer and the next request, for converters and devices that let go of "
        "the line late. The silence of 3.5 characters is always kept.",
        ge=0,
        le=10_000,
        json_schema_extra={"unit": "ms", "group": TIMING, "advanced": True},
    )

    @property
    def rules(self) -> LineRules:
        """How this unit wants its line to be shared."""
        silence_s = max(_SILENT_CHARACTERS * self.character_s, _SHORTEST_SILENCE_S)
        return LineRules(
            max_in_flight=1,
            turn_s=0.0,
            pause_s=max(silence_s, self.pause_between_requests_ms / 1000),
            pause_after_connect_s=self.pause_after_connect_ms / 1000,
        )


class ModbusRtuSettings(ModbusSerialSettings):
    """Connection of one device on a serial line, with binary frames."""

    data_bits: int = Field(
        default=8,
        title="Data bits",
        description="Always 8: RTU sends whole bytes.",
        ge=8,
        le=8,
        json_schema_extra={"advanced": True},
    )


class ModbusAsciiSettings(ModbusSerialSettings):
    """Connection of one device on a serial line, with frames of text."""

    parity: Parity = Field(
        default=Parity.EVEN,
        title="Parity",
        description="As set on the devices; even in the standard.",
    )
