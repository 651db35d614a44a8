"""Notifications off the console: channels, rules, and the messages that stations send. No secret in clear."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import NewType

from models.records.device import DeviceId, JsonValue
from models.records.person import Role
from models.records.threshold import Severity

ChannelId = NewType("ChannelId", int)
RuleId = NewType("RuleId", int)
DeliveryId = NewType("DeliveryId", int)


class ChannelKind(StrEnum):
    """By which way somebody is told."""

    SMTP = "smtp"
    WEBHOOK = "webhook"

    @property
    def label(self) -> str:
        """The word that screens and tables show."""
        return "E-mail" if self is ChannelKind.SMTP else "Webhook"


class Security(StrEnum):
    """How the way to a mail server is protected."""

    NONE = "none"
    STARTTLS = "starttls"
    TLS = "tls"

    @property
    def label(self) -> str:
        """What a list of choices shows."""
        return _SECURITY_WORDS[self]

    @property
    def usual_port(self) -> int:
        """RFC 8314: 587 for submission with STARTTLS, 465 with TLS from the beginning."""
        return _PORTS[self]


_SECURITY_WORDS = {
    Security.NONE: "None: everything can be read on the way",
    Security.STARTTLS: "STARTTLS: encrypted before anything is said",
    Security.TLS: "TLS: encrypted from the beginning",
}
_PORTS = {Security.NONE: 25, Security.STARTTLS: 587, Security.TLS: 465}


@dataclass(frozen=True, slots=True)
class Channel:
    """A mail server or a webhook.

    Attributes:
        id: 0 for one that is not stored yet.
        host, port, security, username, sender: Of a mail server; `username` empty = it asks for none.
        url: Of a webhook.
        secret_header: Of a webhook: under which name its secret is sent; empty = the secret signs the body.
        secret: As it is stored: sealed (`models/notification_secrets.py`); None where there is none.
        authorities: PEM certificates of who may certify the server; empty = those that the sending computer
            trusts.
        updated_at: None for one that is not stored yet.
    """

    id: ChannelId
    name: str
    kind: ChannelKind
    enabled: bool = True
    host: str = ""
    port: int = 587
    security: Security = Security.STARTTLS
    username: str = ""
    sender: str = ""
    url: str = ""
    secret_header: str = ""
    secret: JsonValue = field(default=None, repr=False)
    authorities: str = field(default="", repr=False)
    updated_at: datetime | None = None

    @property
    def address(self) -> str:
        """Where it is, for people to read."""
        return self.url if self.kind is ChannelKind.WEBHOOK else f"{self.host}:{self.port}"


@dataclass(frozen=True, slots=True)
class Rule:
    """Who is told of which alerts, by which channel, and when.

    Attributes:
        id: 0 for one that is not stored yet.
        severities: At least one.
        roles, persons, addresses: Whom a mail goes to. An engineer is told of own devices only. Addresses in
            lower case. A webhook needs none.
        shifts: Names of the site's shifts; empty = always.
        locations, devices: Both empty = the whole plant; else what is in one of them.
        delay_s: Seconds to wait. What was acknowledged, has returned or was set aside by then is not told; 0
            tells of everything.
        window_s: Seconds from the first alert that is due until the message leaves with all that came.
    """

    id: RuleId
    name: str
    channel: ChannelId
    enabled: bool = True
    severities: frozenset[Severity] = frozenset({Severity.CRITICAL})
    roles: frozenset[Role] = frozenset()
    persons: frozenset[int] = frozenset()
    addresses: tuple[str, ...] = ()
    shifts: tuple[str, ...] = ()
    locations: tuple[str, ...] = ()
    devices: frozenset[DeviceId] = frozenset()
    delay_s: float = 0.0
    window_s: float = 60.0
    updated_at: datetime | None = None


class DeliveryState(StrEnum):
    """How far a message is."""

    WAITING = "waiting"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Delivery:
    """One message to one recipient, as administrators see it.

    Attributes:
        recipient: A person's name, an address, or empty where the webhook itself is meant.
        counts: Alerts in it: critical, warning, info.
        late: How many of them were hours old when it was made, because no station ran.
        next_attempt_at: When it is tried (again), while it waits.
        last_error: Why the last attempt failed, or what ended it.
        steps: What happened step by step; of tests only.
        sent_by: Name of the station.
    """

    id: DeliveryId
    rule: str
    channel: str
    recipient: str
    is_test: bool
    counts: tuple[int, int, int]
    late: int
    state: DeliveryState
    created_at: datetime
    next_attempt_at: datetime
    attempts: int
    last_error: str
    steps: tuple["Step", ...]
    sent_at: datetime | None
    sent_by: str
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class QueueCounts:
    """How the queue stands.

    Attributes:
        gathering: Alerts that wait for a rule's delay or window.
        waiting: Messages to be sent, those under way included.
        failed: Messages that ended without being sent, and were not tried again.
    """

    gathering: int
    waiting: int
    failed: int


@dataclass(frozen=True, slots=True)
class ChannelTrouble:
    """A channel by which nobody has been told for minutes although somebody should.

    Attributes:
        reason: Of the last attempt; empty where no station tried, and for those who need not know.
    """

    channel: str
    since: datetime
    waiting: int
    reason: str


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that happened while a message was sent.

    Attributes:
        name: What was done: "Connected".
        detail: With what result, or why not.
        is_good: False for the one that it failed at.
        after_s: Seconds since the beginning.
    """

    name: str
    detail: str
    is_good: bool
    after_s: float


@dataclass(frozen=True, slots=True)
class AlertLine:
    """One alert as a message tells of it; moments are timezone-aware.

    Attributes:
        times: How often it asked for an operator meanwhile.
        status, cleared_at, acknowledged_by: How it stood when the message was written.
    """

    alert: int
    device: str
    location: str
    severity: Severity
    message: str
    at: datetime
    times: int = 1
    metric: str | None = None
    value: float | None = None
    limit: float | None = None
    status: str = "active"
    cleared_at: datetime | None = None
    acknowledged_by: str | None = None


@dataclass(frozen=True, slots=True)
class Claimed:
    """A message that one station has to send now.

    Attributes:
        claim: Proves that it is this station's.
        message_key: A UUID, the same over all attempts.
        attempt: 1 for the first.
        address: Of a mail's recipient.
        counts: Alerts: critical, warning, info. `lines` tells of the most urgent, `late` are counted only.
        time_zone: IANA name of the site's.
    """

    delivery: DeliveryId
    claim: str
    message_key: str
    attempt: int
    is_test: bool
    created_at: datetime
    rule: str
    address: str
    channel: Channel
    counts: tuple[int, int, int] = (0, 0, 0)
    late: int = 0
    lines: tuple[AlertLine, ...] = ()
    time_zone: str = "UTC"


class Outcome(StrEnum):
    """What became of an attempt."""

    SENT = "sent"
    RETRY = "retry"
    FAILED = "failed"
    RELEASED = "released"
    """Not tried: the station stops, another one may send it at once."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """How an attempt ended.

    Attributes:
        error: One sentence; empty where it was sent.
        is_channel_fault: The server or the way to it failed, not this one message.
        retry_after_s: What the server asked for; None where it did not.
    """

    outcome: Outcome
    steps: tuple[Step, ...] = ()
    error: str = ""
    is_channel_fault: bool = False
    retry_after_s: float | None = None
