"""Messages to send, and limits short enough for a test to meet them."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from console.station.notifications.errand import Errand
from console.station.notifications.limits import SendLimits
from console.station.notifications.sending import send
from models.records.notification import (
    AlertLine,
    Attempt,
    Channel,
    ChannelId,
    ChannelKind,
    Claimed,
    DeliveryId,
    Security,
)
from models.records.threshold import Severity
from tests.certificates import Authority
from tests.unit.console.station.notifications.servers import HOST, pem

NOW = datetime(2026, 5, 3, 12, 0, tzinfo=UTC)
KEY = "0b5ff1a2-7c1f-4f0f-9a55-0d0a3b9f6f10"
QUICK = SendLimits(connect_s=0.5, silence_s=0.1, total_s=0.25)
# One short limit each, so that on a busy computer no other one is met first.
SHORT_SILENCE = SendLimits(connect_s=10.0, silence_s=0.1, total_s=20.0)
SHORT_TOTAL = SendLimits(connect_s=10.0, silence_s=10.0, total_s=0.25)
GIVEN_UP_S = 5.0
"""Longer than any short limit takes on a busy computer, shorter than every other limit."""
PATIENT = SendLimits(connect_s=5.0, silence_s=5.0, total_s=10.0)


@pytest.fixture(scope="session")
def authority() -> Authority:
    return Authority()


@pytest.fixture(scope="session")
def trusted(authority) -> str:
    """PEM of the authority, as a channel holds it."""
    return pem(authority)


def mail_channel(port: int, security: Security = Security.NONE, **changes: object) -> Channel:
    channel = Channel(
        ChannelId(1),
        "Mail",
        ChannelKind.SMTP,
        host=HOST,
        port=port,
        security=security,
        sender="console@plant.example",
    )
    return replace(channel, **changes)


def web_channel(url: str, **changes: object) -> Channel:
    return replace(Channel(ChannelId(2), "Hook", ChannelKind.WEBHOOK, url=url), **changes)


def line(number: int = 1, severity: Severity = Severity.CRITICAL, **changes: object) -> AlertLine:
    alert = AlertLine(
        number, "Press 4", "Hall A", severity, "Temperature 86.8 °C is above its limit of 85 °C.", NOW
    )
    return replace(alert, **changes)


def message(channel: Channel, **changes: object) -> Claimed:
    facts = Claimed(
        DeliveryId(7),
        "claim",
        KEY,
        1,
        False,
        NOW,
        "On call",
        "anna@plant.example" if channel.kind is ChannelKind.SMTP else "",
        channel,
        counts=(1, 0, 0),
        lines=(line(),),
        time_zone="Europe/Berlin",
    )
    return replace(facts, **changes)


@pytest.fixture
def attempt() -> Callable[..., Attempt]:
    """Send a message in this thread: `attempt(channel, secret, limits, **facts of the message)`."""

    def make(channel: Channel, secret: str = "", limits: SendLimits = PATIENT, **facts: object) -> Attempt:
        return send(message(channel, **facts), secret, "Hall A", NOW, Errand(limits))

    return make
