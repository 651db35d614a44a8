"""What a person fills in to reach an OPC UA server. Light: nothing here imports the protocol library."""

from enum import StrEnum
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, model_validator

EXAMPLE_ENDPOINT = "opc.tcp://192.168.1.20:4840/server"
DEFAULT_PORT = 4840  # registered with IANA as opcua-tcp

OFFERED_SECURITY = ("None",)


class Mode(StrEnum):
    """How values come: pushed by the server on change, or asked for at an interval."""

    SUBSCRIBE = "subscribe"
    POLL = "poll"


def _endpoint(value: object) -> object:
    """Return the endpoint with scheme, host and port spelled out, or say what is wrong with it."""
    if not isinstance(value, str):
        return value
    text = value.strip()
    parts = urlsplit(text)
    if parts.scheme.lower() != "opc.tcp":
        raise ValueError(f"Endpoint {text!r} must begin with opc.tcp://, as in {EXAMPLE_ENDPOINT}.")
    if "@" in parts.netloc:
        raise ValueError("An endpoint must not hold a user name or password; remove the part before the @.")
    if any(character.isspace() or not character.isprintable() for character in text):
        raise ValueError(f"Endpoint {text!r} must not hold spaces; write it as in {EXAMPLE_ENDPOINT}.")
    try:
        port = parts.port
    except ValueError as error:
        raise ValueError(
            f"Endpoint {text!r} has no valid port; it must be 1 to 65535, as in {EXAMPLE_ENDPOINT}."
        ) from error
    if not parts.hostname or port == 0:
        raise ValueError(f"Endpoint {text!r} needs a host and a port, as in {EXAMPLE_ENDPOINT}.")
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    query = f"?{parts.query}" if parts.query else ""
    return f"opc.tcp://{host}:{port or DEFAULT_PORT}{parts.path}{query}"


def _security(value: object) -> object:
    if value not in OFFERED_SECURITY:
        raise ValueError(f"Security {value!r} is not offered; choose {' or '.join(OFFERED_SECURITY)}.")
    return value


def _none_if_empty(value: object) -> object:
    return None if value == "" else value


class OpcuaSettings(BaseModel):
    """Connection to one OPC UA server. Devices with equal `session_key` share a session."""

    # A refused value is never repeated: it may be the password.
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    endpoint: Annotated[str, BeforeValidator(_endpoint)] = Field(
        title="Endpoint",
        description=f"Address of the server, as in {EXAMPLE_ENDPOINT}; without a port, {DEFAULT_PORT}.",
    )
    security: Annotated[Literal["None"], BeforeValidator(_security)] = Field(
        default="None",
        title="Security",
        description="None: neither signed nor encrypted.",
    )
    username: Annotated[str | None, BeforeValidator(_none_if_empty)] = Field(
        default=None,
        max_length=255,
        title="User name",
        description="As whom to sign in to the server; empty: anonymously.",
    )
    password: Annotated[SecretStr | None, BeforeValidator(_none_if_empty)] = Field(
        default=None,
        max_length=1024,
        title="Password",
        description=(
            "Encrypted on its way only if the server asks for that; otherwise whoever can listen to this "
            "network can read it."
        ),
        json_schema_extra={"secret": True},
    )
    mode: Mode = Field(
        default=Mode.SUBSCRIBE,
        title="Mode",
        description=(
            "subscribe: the server sends changes with its own times; "
            "poll: values are asked for at the publishing interval."
        ),
    )
    publishing_interval_ms: int = Field(
        default=250,
        ge=20,
        le=60_000,
        title="Publishing interval",
        description="How often the server sends what has changed, or is asked in poll mode.",
        json_schema_extra={"unit": "ms"},
    )
    sampling_interval_ms: int | None = Field(
        default=None,
        ge=0,
        le=60_000,
        title="Sampling interval",
        description=(
            "How often the server looks at its source; empty: as often as it publishes; 0: as fast as it can."
        ),
        json_schema_extra={"unit": "ms"},
    )
    timeout_s: float = Field(
        default=1.0,
        ge=0.1,
        le=60.0,
        title="Time-out",
        description="How long to wait for an answer before the server counts as lost.",
        json_schema_extra={"unit": "s"},
    )

    @model_validator(mode="after")
    def _password_has_a_user(self) -> Self:
        if self.password is not None and self.username is None:
            raise ValueError("a password needs a user name; give one, or remove the password.")
        return self

    @property
    def session_key(self) -> tuple[object, ...]:
        """What two devices must have in common to share a session."""
        return self.endpoint, self.security, self.timeout_s, self.username, self.password

    @property
    def host(self) -> str:
        """Host name or address of the endpoint, without brackets."""
        return urlsplit(self.endpoint).hostname or ""

    @property
    def port(self) -> int:
        """TCP port of the endpoint."""
        return urlsplit(self.endpoint).port or DEFAULT_PORT
