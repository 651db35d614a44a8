"""What has to be known to reach a device over Modbus TCP. Forms are made from titles, limits and units."""

from pydantic import BaseModel, ConfigDict, Field, field_validator

GAP_WORTH_A_REQUEST = 24
"""Registers that may be read in vain before a request of their own is cheaper.

Counted on the slowest line that matters, a gateway's serial side (Modbus over serial line 1.02, 2.5.1):
8 characters of request, 5 of reply frame and 7 of silence, and a device that thinks for about 30 ms, which is
30 characters at 9600 bit/s: 50 characters, as many as 25 registers. On Ethernet alone a request costs some
200 bytes of headers and one turn of the loop at both ends, more than 24 registers do.
"""

_RESERVED_UNITS = range(248, 255)


class ModbusTcpSettings(BaseModel):
    """Connection of one Modbus TCP device: one unit id at one host and port."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    host: str = Field(
        title="Host",
        description="Name or address of the device or of its gateway.",
        min_length=1,
        max_length=253,
        examples=["10.0.0.7"],
    )
    port: int = Field(
        default=502,
        title="Port",
        description="TCP port; 502 unless the device says otherwise.",
        ge=1,
        le=65535,
    )
    unit: int = Field(
        default=1,
        title="Unit id",
        description="1 to 247 behind a gateway; 0 or 255 where the device has no unit of its own.",
        ge=0,
        le=255,
    )
    timeout_s: float = Field(
        default=1.0,
        title="Time-out",
        description="Longest wait for one answer.",
        ge=0.05,
        le=60.0,
        allow_inf_nan=False,
        json_schema_extra={"unit": "s"},
    )
    connect_timeout_s: float = Field(
        default=3.0,
        title="Connect time-out",
        description="Longest wait for the connection to be made, name look-up included.",
        ge=0.1,
        le=60.0,
        allow_inf_nan=False,
        json_schema_extra={"unit": "s"},
    )
    retries: int = Field(
        default=0,
        title="Retries",
        description="How often an unanswered request is sent again before the line counts as lost.",
        ge=0,
        le=5,
    )
    max_registers_per_read: int = Field(
        default=125,
        title="Registers per read",
        description="Largest read the device accepts; the protocol allows 125 registers (2000 bits).",
        ge=4,
        le=125,
        json_schema_extra={"unit": "registers"},
    )
    max_gap_registers: int = Field(
        default=GAP_WORTH_A_REQUEST,
        title="Largest gap",
        description="Unused registers read along to save a request; 0 for devices that refuse unmapped ones.",
        ge=0,
        le=124,
        json_schema_extra={"unit": "registers"},
    )
    max_in_flight: int = Field(
        default=16,
        title="Requests under way",
        description="Units of one gateway that may be waiting for answers at once; 1 for gateways to serial "
        "lines that cannot queue. The smallest among the units that share a connection counts.",
        ge=1,
        le=16,  # Modbus messaging on TCP/IP 1.0b, 4.3.2: servers hold 1 to 16 transactions.
    )
    turn_ms: int = Field(
        default=50,
        title="Turn",
        description="How long a silent unit keeps the line to itself before the next unit's request follows; "
        "0 sends at once, for servers known to handle several requests at a time.",
        ge=0,
        le=60_000,
        json_schema_extra={"unit": "ms"},
    )
    pause_between_requests_ms: int = Field(
        default=0,
        title="Pause",
        description="Rest between an answer and the next request, for devices that need it.",
        ge=0,
        le=10_000,
        json_schema_extra={"unit": "ms"},
    )

    @field_validator("unit")
    @classmethod
    def _is_no_reserved_unit(cls, unit: int) -> int:
        if unit in _RESERVED_UNITS:
            raise ValueError(f"unit id {unit} is reserved by Modbus; use 1 to 247, or 0 or 255")
        return unit

    @property
    def peer(self) -> str:
        """Host and port as people write them."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"
