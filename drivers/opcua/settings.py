"""What a person fills in to reach an OPC UA server. Light: nothing here imports the protocol library."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Any, Literal, Self, cast
from urllib.parse import urlsplit

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, model_validator
from pydantic.config import JsonDict

from drivers.opcua.address import NodeAddress, parse_address
from drivers.opcua.setting_texts import (
    DEFAULT_PORT,
    EXAMPLE_ENDPOINT,
    certificate_from_text,
    certificates_from_text,
    endpoint_from_text,
    list_from_text,
    none_if_empty,
    pem_certificate,
)
from drivers.opcua.starting_node import notifier_from_text, starting_node_from_text

SECURITY_POLICIES = (
    "None",
    "Basic256Sha256",
    "Aes128Sha256RsaOaep",
    "Aes256Sha256RsaPss",
    "Basic256",
    "Basic128Rsa15",
)
DEPRECATED_POLICIES = ("Basic256", "Basic128Rsa15")
"""OPC 10000-7 withdrew them: SHA-1, and RSA padding that is broken. For servers that offer nothing else."""

_SERVER_OBJECT = NodeAddress(0, 2253)
"""Every server has it, and it reports the events of everything (OPC 10000-5, 8.3.2)."""

_WHERE_SECURED: JsonDict = {"security": [*SECURITY_POLICIES[1:]]}
_WHERE_USER: JsonDict = {"sign_in": ["user"]}
_WHERE_CERTIFICATE: JsonDict = {"sign_in": ["certificate"]}
_WHERE_EVENTS: JsonDict = {"events": [True]}
_WHERE_SUBSCRIBED: JsonDict = {"mode": ["subscribe"]}
_SECURITY: JsonDict = {"group": "Security"}
_SECURED: JsonDict = _SECURITY | {"shown_if": _WHERE_SECURED}
_SIGN_IN: JsonDict = {"group": "Sign-in"}
_USER: JsonDict = _SIGN_IN | {"shown_if": _WHERE_USER}
_PAPERS: JsonDict = _SIGN_IN | {"widget": "pem", "shown_if": _WHERE_CERTIFICATE}
_VALUES: JsonDict = {"group": "Values"}
_EVENTS: JsonDict = {"group": "Alarms and events"}
_NOTIFIER: JsonDict = _EVENTS | {"shown_if": _WHERE_EVENTS, "advanced": True}
_REDUNDANCY: JsonDict = {"group": "Redundant servers", "advanced": True}
_LIMITS: JsonDict = {"group": "Limits", "advanced": True}
_LIMITED_ITEMS: JsonDict = _LIMITS | {"unit": "items", "shown_if": _WHERE_SUBSCRIBED}


class Mode(StrEnum):
    """How values come: pushed by the server on change, or asked for at an interval."""

    SUBSCRIBE = "subscribe"
    POLL = "poll"


class SignIn(StrEnum):
    """As whom a session is opened."""

    ANONYMOUS = "anonymous"
    USER = "user"
    CERTIFICATE = "certificate"


def _security(value: object) -> object:
    if value not in SECURITY_POLICIES:
        raise ValueError(f"Security {value!r} is not offered; choose one of {', '.join(SECURITY_POLICIES)}.")
    return value


def _endpoints(value: object) -> object:
    listed = list_from_text(value)
    return value if listed is None else tuple(map(endpoint_from_text, listed))


class OpcuaSettings(BaseModel):
    """Connection to one OPC UA server. Devices with equal `session_key` share a session."""

    # A refused value is never repeated: it may be the password.
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    endpoint: Annotated[str, BeforeValidator(endpoint_from_text)] = Field(
        title="Endpoint",
        description=f"Address of the server, as in {EXAMPLE_ENDPOINT}; without a port, {DEFAULT_PORT}.",
        examples=[EXAMPLE_ENDPOINT],
    )
    security: Annotated[
        Literal[
            "None", "Basic256Sha256", "Aes128Sha256RsaOaep", "Aes256Sha256RsaPss", "Basic256", "Basic128Rsa15"
        ],
        BeforeValidator(_security),
    ] = Field(
        default="None",
        title="Security",
        description=(
            "How messages are protected; None: neither signed nor encrypted. Basic256 and Basic128Rsa15 are "
            "deprecated because they can be broken: only for servers that offer nothing else."
        ),
        json_schema_extra=_SECURITY,
    )
    security_mode: Literal["SignAndEncrypt", "Sign"] = Field(
        default="SignAndEncrypt",
        title="Security mode",
        description=(
            "Sign: nobody can change messages on their way; SignAndEncrypt: nobody can read them either."
        ),
        json_schema_extra=_SECURED,
    )
    server_certificate: Annotated[str | None, BeforeValidator(certificate_from_text)] = Field(
        default=None,
        max_length=40_000,
        title="Trusted certificate",
        description=(
            "The certificate of the server, or of the authority that issued it. Without it nothing is "
            "connected: fetch it, compare its fingerprint with the one the server itself shows, and trust it."
        ),
        json_schema_extra=_SECURED | {"widget": "certificate"},
    )
    application_uri: Annotated[str | None, BeforeValidator(none_if_empty)] = Field(
        default=None,
        max_length=1000,
        title="Application URI",
        description="The server must call itself so; empty: whatever its certificate says.",
        examples=["urn:line3:plc7"],
        json_schema_extra=_SECURED | {"advanced": True},
    )
    host_check: bool = Field(
        default=True,
        title="Certificate names the host",
        description=(
            "Refuse a certificate that was issued for other host names or addresses than the endpoint's. "
            "Off: "
            "for servers behind an address translation, whose certificate is trusted all the same."
        ),
        json_schema_extra=_SECURED | {"advanced": True},
    )
    sign_in: SignIn = Field(
        default=SignIn.ANONYMOUS,
        title="Sign-in",
        description=(
            "As whom to open a session: anonymously, by user name and password, or by a user certificate."
        ),
        json_schema_extra=_SIGN_IN,
    )
    username: Annotated[str | None, BeforeValidator(none_if_empty)] = Field(
        default=None,
        max_length=255,
        title="User name",
        description="As whom to sign in to the server.",
        json_schema_extra=_USER,
    )
    password: Annotated[SecretStr | None, BeforeValidator(none_if_empty)] = Field(
        default=None,
        max_length=1024,
        title="Password",
        description=(
            "Without security it is encrypted on its way only if the server asks for that; otherwise whoever "
            "can listen to this network can read it."
        ),
        json_schema_extra=_USER | {"secret": True},
    )
    user_certificate: Annotated[str | None, BeforeValidator(pem_certificate)] = Field(
        default=None,
        max_length=40_000,
        title="User certificate",
        description="Certificate of the user, in PEM. The server must trust it.",
        json_schema_extra=_PAPERS,
    )
    user_private_key: Annotated[SecretStr | None, BeforeValidator(none_if_empty)] = Field(
        default=None,
        max_length=20_000,
        title="Private key of the user",
        description=(
            "Key that belongs to the user certificate, in PEM, without a passphrase. Stored encrypted."
        ),
        json_schema_extra=_PAPERS | {"secret": True},
    )
    mode: Mode = Field(
        default=Mode.SUBSCRIBE,
        title="Mode",
        description=(
            "subscribe: the server sends changes with its own times; "
            "poll: values are asked for at the publishing interval."
        ),
        json_schema_extra=_VALUES,
    )
    publishing_interval_ms: int = Field(
        default=250,
        ge=20,
        le=60_000,
        title="Publishing interval",
        description="How often the server sends what has changed, or is asked in poll mode.",
        json_schema_extra=_VALUES | {"unit": "ms"},
    )
    sampling_interval_ms: int | None = Field(
        default=None,
        ge=0,
        le=60_000,
        title="Sampling interval",
        description=(
            "How often the server looks at its source; empty: as often as it publishes; 0: as fast as it can."
        ),
        json_schema_extra=_VALUES | {"unit": "ms", "shown_if": _WHERE_SUBSCRIBED},
    )
    timeout_s: float = Field(
        default=1.0,
        ge=0.1,
        le=60.0,
        title="Time-out",
        description="How long to wait for an answer before the server counts as lost.",
        json_schema_extra=_VALUES | {"unit": "s"},
    )
    starting_node: Annotated[str | None, BeforeValidator(starting_node_from_text)] = Field(
        default=None,
        max_length=5000,
        title="Starting node",
        description=(
            "Where addresses that begin with path= and a name begin; empty: at the Objects folder. It is "
            "the device's own object where its firmware is updated; empty: the only one in the DeviceSet."
        ),
        examples=["path=nsu=http://opcfoundation.org/UA/Machinery/;Machines/nsu=urn:maker:plant;Press 01"],
        json_schema_extra=_VALUES | {"advanced": True},
    )
    events: bool = Field(
        default=False,
        title="Alarms and events",
        description=(
            "Show what the server reports of its own accord as info alerts of this device. Switch it on at "
            "one device of a server only, unless each has a notifier of its own: all would show the same."
        ),
        json_schema_extra=_EVENTS,
    )
    event_notifier: Annotated[str | None, BeforeValidator(notifier_from_text)] = Field(
        default=None,
        max_length=5000,
        title="Notifier",
        description="Object whose events are shown; empty: the Server object, which reports those of all.",
        examples=["ns=1;s=Press01"],
        json_schema_extra=_NOTIFIER,
    )
    other_endpoints: Annotated[tuple[str, ...], BeforeValidator(_endpoints)] = Field(
        default=(),
        max_length=8,
        title="Other endpoints",
        description=(
            "Redundant servers with the same nodes. The one whose service level is best is used; when it "
            "falls "
            "or is lost, another takes over."
        ),
        examples=["opc.tcp://192.168.1.21:4840/server"],
        json_schema_extra=_REDUNDANCY,
    )
    other_server_certificates: Annotated[tuple[str, ...], BeforeValidator(certificates_from_text)] = Field(
        default=(),
        max_length=16,
        title="Certificates of the others",
        description=(
            "Trusted certificates of the redundant servers, as PEM or base64. Not needed where one authority "
            "issued all of them and is trusted above."
        ),
        json_schema_extra=_REDUNDANCY | {"shown_if": _WHERE_SECURED},
    )
    nodes_per_read: int | None = Field(
        default=None,
        ge=1,
        le=1000,
        title="Nodes in one read",
        description=(
            "At most so many; empty: what the server says. The server's own limit counts in any case."
        ),
        json_schema_extra=_LIMITS | {"unit": "nodes"},
    )
    items_per_call: int | None = Field(
        default=None,
        ge=1,
        le=1000,
        title="Items in one call",
        description=(
            "At most so many values are watched with one call; empty: what the server says. The server's own "
            "limit counts in any case."
        ),
        json_schema_extra=_LIMITED_ITEMS,
    )
    items_per_subscription: int = Field(
        default=1000,
        ge=1,
        le=10_000,
        title="Items in one subscription",
        description="More values are watched in further subscriptions; small controllers allow few each.",
        json_schema_extra=_LIMITED_ITEMS,
    )

    @model_validator(mode="before")
    @classmethod
    def _a_user_name_signs_in(cls, given: Any) -> Any:
        # Settings stored before there was a choice say how to sign in by what they hold.
        if isinstance(given, Mapping):
            known = cast("Mapping[str, Any]", given)
            if known.get("username") and "sign_in" not in known:
                return {**known, "sign_in": SignIn.USER}
        return cast("object", given)

    @model_validator(mode="after")
    def _sign_in_is_complete(self) -> Self:
        if self.sign_in is SignIn.USER and self.username is None:
            raise ValueError("sign-in by user needs a user name; give one, or sign in anonymously.")
        if self.sign_in is SignIn.ANONYMOUS and self.password is not None and self.username is None:
            raise ValueError("a password needs a user name; give one, or remove the password.")
        papers = (self.user_certificate, self.user_private_key)
        if self.sign_in is SignIn.CERTIFICATE and None in papers:
            raise ValueError("sign-in by certificate needs the user certificate and its private key.")
        return self

    @property
    def is_secured(self) -> bool:
        """Whether messages are signed at least, and so the server has to be trusted."""
        return self.security != "None"

    @property
    def trusted(self) -> tuple[str, ...]:
        """Certificates, base64 DER, of servers and authorities that are trusted."""
        own = () if self.server_certificate is None else (self.server_certificate,)
        return (*own, *self.other_server_certificates)

    @property
    def endpoints(self) -> tuple[str, ...]:
        """All servers of the redundant set, the preferred first, each once."""
        return tuple(dict.fromkeys((self.endpoint, *self.other_endpoints)))

    @property
    def session_key(self) -> tuple[object, ...]:
        """What two devices must have in common to share a session."""
        return (
            self.endpoints,
            self.security,
            self.security_mode,
            self.trusted,
            self.application_uri,
            self.host_check,
            self.timeout_s,
            self.sign_in,
            self.username,
            self.password,
            self.user_certificate,
            self.user_private_key,
            self.nodes_per_read,
            self.items_per_call,
        )

    @property
    def notifier(self) -> NodeAddress:
        """The object whose events are wanted, if any are."""
        if self.event_notifier is None:
            return _SERVER_OBJECT
        return parse_address(self.event_notifier).begun_at(self.start)

    @property
    def start(self) -> NodeAddress | None:
        """Where paths begin; None: at the Objects folder."""
        return None if self.starting_node is None else parse_address(self.starting_node)

    @property
    def host(self) -> str:
        """Host name or address of the endpoint, without brackets."""
        return urlsplit(self.endpoint).hostname or ""

    @property
    def port(self) -> int:
        """TCP port of the endpoint."""
        return urlsplit(self.endpoint).port or DEFAULT_PORT

    def at(self, endpoint: str) -> Self:
        """Return the same settings for another server of the redundant set."""
        return self if endpoint == self.endpoint else self.model_copy(update={"endpoint": endpoint})
