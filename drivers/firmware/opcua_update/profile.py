"""What a product's profile says of its software update. Light: no asyncua."""

from pydantic import BaseModel, ConfigDict, Field

from drivers.firmware.opcua_profile import OpcuaIdentity
from drivers.firmware.seconds import Seconds


class OpcuaUpdateProfile(BaseModel):
    """Everything has a default that suits a device which keeps to the specification."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    identity: OpcuaIdentity = OpcuaIdentity()
    confirm_within_s: Seconds = Field(
        default=600.0,
        ge=10.0,
        le=86_400.0,
        title="Confirm within",
        description="After so long without a confirmation a device that can goes back to what it ran before.",
        json_schema_extra={"unit": "s"},
    )
    answer_s: Seconds = Field(
        default=10.0,
        ge=0.0,
        le=300.0,
        title="Answer",
        description="How long the device may take for one block or order, besides the settings' time-out.",
        json_schema_extra={"unit": "s"},
    )
    prepare_s: Seconds = Field(
        default=60.0,
        ge=0.0,
        le=3600.0,
        title="Preparation",
        description="How long the device may take to get ready (PrepareForUpdate).",
        json_schema_extra={"unit": "s"},
    )
    check_s: Seconds = Field(
        default=120.0,
        ge=0.0,
        le=3600.0,
        title="Check",
        description="How long the device may take to check a whole package (CloseAndCommit).",
        json_schema_extra={"unit": "s"},
    )
