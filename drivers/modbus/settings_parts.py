"""The parts that the settings of every Modbus line are put together from."""

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, field_validator

from drivers.host_names import LONGEST_NAME, host_from_text

GAP_WORTH_A_REQUEST = 24
"""Registers that may be read in vain before a request of their own is cheaper.

Counted on the slowest line that matters, a gateway's serial side (Modbus over serial line 1.02, 2.5.1):
8 characters of request, 5 of reply frame and 7 of silence, and a device that thinks for about 30 ms, which is
30 characters at 9600 bit/s: 50 characters, as many as 25 registers. On Ethernet alone a request costs some
200 bytes of headers and one turn of the loop at both ends, more than 24 registers do.
"""

TIMING = "Timing"
LIMITS = "What the device can bear"

RESERVED_UNITS = range(248, 255)
"""No device has these (serial line 1.02, 2.2)."""


@dataclass(frozen=True, slots=True)
class LineRules:
    """How the units of one connection share it. Times in seconds.

    Attributes:
        max_in_flight: Requests under way at once.
        turn_s: How long a silent unit keeps the others waiting; 0 = not at all.
        pause_s: Rest between an answer and the next request.
        pause_after_connect_s: Rest between a new connection and its first request.
    """

    max_in_flight: int = 16
    turn_s: float = 0.05
    pause_s: float = 0.0
    pause_after_connect_s: float = 0.0

    def kinder(self, other: "LineRules") -> "LineRules":
        """Return what suits the more delicate of two units."""
        return LineRules(
            max_in_flight=min(self.max_in_flight, other.max_in_flight),
            turn_s=max(self.turn_s, other.turn_s),
            pause_s=max(self.pause_s, other.pause_s),
            pause_after_connect_s=max(self.pause_after_connect_s, other.pause_after_connect_s),
        )


class Place(BaseModel):
    """Where a device is."""

    @property
    def peer(self) -> str:
        """What the connection leads to, as people write it."""
        raise NotImplementedError

    @property
    def place(self) -> Hashable:
        """What units have in common that share a connection."""
        raise NotImplementedError

    @property
    def connect_limit_s(self) -> float:
        """Longest wait for the connection to be made, in seconds."""
        raise NotImplementedError

    @property
    def character_s(self) -> float:
        """How long a byte takes on a line so slow that it matters, in seconds."""
        return 0.0

    @property
    def line_words(self) -> str:
        """What all units on one line must agree on, for people; empty where that is nothing."""
        return ""


class ModbusSettings(Place):
    """What every line needs to know of one unit."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    unit: int = Field(
        default=1,
        title="Unit id",
        description="1 to 247 behind a gateway; 0 or 255 where the device has no unit of its own.",
        ge=0,
        le=255,
    )
    is_one_based: bool = Field(
        default=False,
        title="Addresses count from 1",
        description="Tag addresses are as in a manual that calls the first register 1; on the wire it is 0.",
    )
    timeout_s: float = Field(
        default=1.0,
        title="Time-out",
        description="Longest wait for one answer.",
        ge=0.05,
        le=60.0,
        allow_inf_nan=False,
        json_schema_extra={"unit": "s", "group": TIMING},
    )
    retries: int = Field(
        default=0,
        title="Retries",
        description="How often an unanswered request is sent again before the line counts as lost. "
        "Writes are never sent again.",
        ge=0,
        le=5,
        json_schema_extra={"group": TIMING},
    )
    pause_between_requests_ms: int = Field(
        default=0,
        title="Pause",
        description="Rest between an answer and the next request, for devices that need it.",
        ge=0,
        le=10_000,
        json_schema_extra={"unit": "ms", "group": TIMING, "advanced": True},
    )
    pause_after_connect_ms: int = Field(
        default=0,
        title="Pause after connecting",
        description="Rest between a new connection and the first request, for devices that need it.",
        ge=0,
        le=60_000,
        json_schema_extra={"unit": "ms", "group": TIMING, "advanced": True},
    )
    max_registers_per_read: int = Field(
        default=125,
        title="Registers per read",
        description="Largest read the device accepts; the protocol allows 125 registers (2000 bits).",
        ge=4,
        le=125,
        json_schema_extra={"unit": "registers", "group": LIMITS, "advanced": True},
    )
    max_gap_registers: int = Field(
        default=GAP_WORTH_A_REQUEST,
        title="Largest gap",
        description="Unused registers read along to save a request; 0 for devices that refuse unmapped ones.",
        ge=0,
        le=124,
        json_schema_extra={"unit": "registers", "group": LIMITS, "advanced": True},
    )
    max_registers_per_write: int = Field(
        default=123,
        title="Registers per write",
        description="Most registers the device takes in one write; 1 for devices that know single writes "
        "only, and so take no 32 or 64 bits.",
        ge=1,
        le=123,
        json_schema_extra={"unit": "registers", "group": LIMITS, "advanced": True},
    )

    @field_validator("unit")
    @classmethod
    def _is_no_reserved_unit(cls, unit: int) -> int:
        if unit in RESERVED_UNITS:
            raise ValueError(f"unit id {unit} is reserved by Modbus; use 1 to 247, or 0 or 255")
        return unit

    @property
    def rules(self) -> LineRules:
        """How this unit wants its connection to be shared."""
        return LineRules(
            max_in_flight=1,
            turn_s=0.0,
            pause_s=self.pause_between_requests_ms / 1000,
            pause_after_connect_s=self.pause_after_connect_ms / 1000,
        )

    @property
    def may_have_own_connection(self) -> bool:
        """Whether a unit that spoils the connection for its siblings can have one of its own."""
        return False


class Network(Place):
    """A place in the network."""

    host: Annotated[str, BeforeValidator(host_from_text)] = Field(
        title="Host",
        description="Name or address of the device or of its gateway.",
        min_length=1,
        max_length=LONGEST_NAME,
        examples=["10.0.0.7"],
    )
    port: int = Field(
        default=502,
        title="Port",
        description="TCP port; 502 unless the device says otherwise.",
        ge=1,
        le=65535,
    )
    connect_timeout_s: float = Field(
        default=3.0,
        title="Connect time-out",
        description="Longest wait for the connection to be made, name look-up included.",
        ge=0.1,
        le=60.0,
        allow_inf_nan=False,
        json_schema_extra={"unit": "s", "group": TIMING},
    )

    @property
    def peer(self) -> str:
        """Host and port as people write them."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @property
    def connect_limit_s(self) -> float:
        """Longest wait for the connection to be made, in seconds."""
        return self.connect_timeout_s
