"""Channels, rules, messages and what is wrong with a form about them, in plain words. Pure."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime

from console.panels.settings.person_words import email_error
from console.panels.wording import SEVERITY_WORDS, count_text, length_text, moment_text
from models.records.device import DeviceId
from models.records.notification import (
    Channel,
    ChannelId,
    ChannelKind,
    ChannelTrouble,
    Delivery,
    DeliveryState,
    QueueCounts,
    Rule,
)
from models.records.threshold import Severity

STATE_WORDS = {
    DeliveryState.WAITING: "Waiting",
    DeliveryState.SENDING: "Sending",
    DeliveryState.SENT: "Sent",
    DeliveryState.FAILED: "Failed",
    DeliveryState.CANCELLED: "Cancelled",
}
LONGEST_NAME = 100
_HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.:-]{0,251}[A-Za-z0-9])?")
_URL = re.compile(r"https?://[^\s/?#]+[^\s]*", re.IGNORECASE)
_HEADER = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}")


def security_text(channel: Channel) -> str:
    """Return how the way to a channel's server is protected, in a word."""
    if channel.kind is ChannelKind.WEBHOOK:
        return "TLS" if channel.url.lower().startswith("https:") else "none"
    return {"none": "none", "starttls": "STARTTLS", "tls": "TLS"}[channel.security]


def secret_text(channel: Channel) -> str:
    """Return what the channel's secret is for."""
    if channel.secret is None:
        return "none"
    if channel.kind is ChannelKind.SMTP:
        return f"password of {channel.username}"
    return f"sent as {channel.secret_header}" if channel.secret_header else "signs the message"


def severities_text(rule: Rule) -> str:
    """Return "Critical, Warning"."""
    return ", ".join(SEVERITY_WORDS[severity] for severity in Severity if severity in rule.severities)


def recipients_text(rule: Rule, channels: Mapping[ChannelId, Channel], names: Mapping[int, str]) -> str:
    """Return whom a rule tells."""
    channel = channels.get(rule.channel)
    if channel is not None and channel.kind is ChannelKind.WEBHOOK:
        return "the webhook"
    roles = [f"every {role.label.lower()}" for role in sorted(rule.roles)]
    persons = sorted(names.get(person, f"person {person}") for person in rule.persons)
    return ", ".join((*roles, *persons, *rule.addresses)) or "nobody"


def when_text(rule: Rule) -> str:
    """Return in which shifts a rule counts, and how long it waits."""
    shifts = ", ".join(rule.shifts) or "always"
    return f"{shifts}, after {length_text(rule.delay_s)}" if rule.delay_s else f"{shifts}, at once"


def where_text(rule: Rule, devices: Mapping[DeviceId, str]) -> str:
    """Return what of the plant a rule is about."""
    names = sorted(devices.get(device, f"device {device}") for device in rule.devices)
    return ", ".join((*rule.locations, *names)) or "the whole plant"


def content_text(delivery: Delivery) -> str:
    """Return what a message tells of: "17 alerts: 2 critical, 15 warning"."""
    if delivery.is_test:
        return "Test"
    total = sum(delivery.counts)
    parts = ", ".join(
        f"{count:,} {name}" for name, count in zip(Severity, delivery.counts, strict=True) if count
    )
    late = f" ({delivery.late:,} late)" if delivery.late else ""
    return f"{count_text(total, 'alert')}: {parts}{late}"


def moment_of(delivery: Delivery, now: datetime) -> str:
    """Return when a message was made, or ended."""
    return moment_text(delivery.ended_at or delivery.created_at, now)


def detail_text(delivery: Delivery, now: datetime) -> str:
    """Return all that is known of what became of a message, in sentences."""
    tries = count_text(delivery.attempts, "attempt")
    match delivery.state:
        case DeliveryState.SENT:
            by = f" by station {delivery.sent_by}" if delivery.sent_by else ""
            return f"Sent at {moment_text(delivery.sent_at, now)}{by}, {tries}."
        case DeliveryState.WAITING if not delivery.attempts:
            return "Waits for a station to send it."
        case DeliveryState.WAITING:
            again = moment_text(delivery.next_attempt_at, now)
            return f"{delivery.last_error} Tried again at {again}; {tries} so far."
        case DeliveryState.SENDING:
            return f"A station is sending it, {tries}."
        case _:
            return f"{delivery.last_error} {tries.capitalize()}."


def queue_text(counts: QueueCounts) -> str:
    """Return how the queue stands, in one line."""
    parts: list[str] = []
    if counts.gathering:
        parts.append(f"{count_text(counts.gathering, 'alert')} held back")
    parts.append(f"{counts.waiting:,} to be sent")
    parts.append(f"{counts.failed:,} failed" if counts.failed else "none failed")
    return "  ·  ".join(parts)


def trouble_text(trouble: ChannelTrouble, now: datetime) -> str:
    """Return one sentence on a channel by which nobody is told."""
    waiting = f"; {count_text(trouble.waiting, 'message')} waiting" if trouble.waiting else ""
    since = moment_text(trouble.since, now)
    reason = trouble.reason or "No station has tried: is one running?"
    return f"Nobody has been told by “{trouble.channel}” since {since}{waiting}. {reason}"


# -- what is wrong with a form --------------------------------------------------------------------------


def name_error(name: str) -> str:
    """Return what is wrong with the name of a channel or rule."""
    if not name.strip():
        return "Type a name."
    return f"At most {LONGEST_NAME} letters fit." if len(name.strip()) > LONGEST_NAME else ""


def host_error(host: str) -> str:
    """Return what is wrong with the name of a mail server."""
    if not host.strip():
        return "Type the mail server's name, for instance mail.example.com."
    return (
        "" if _HOST.fullmatch(host.strip()) else "A server's name has letters, digits, dots and hyphens only."
    )


def address_error(address: str, missing: str = "Type an e-mail address.") -> str:
    """Return what is wrong with an e-mail address."""
    return (email_error(address) if address.strip() else missing).replace(", without accents", "")


def addresses_error(typed: str) -> str:
    """Return what is wrong with a list of addresses."""
    wrong = [address for address in addresses_from(typed) if email_error(address)]
    return f"This is no e-mail address: {wrong[0][:80]}" if wrong else ""


def addresses_from(typed: str) -> tuple[str, ...]:
    """Return the addresses in a text, each once, in lower case."""
    return tuple(dict.fromkeys(part.lower() for part in re.split(r"[,;\s]+", typed) if part))


def url_error(url: str, *, has_header: bool) -> str:
    """Return what is wrong with a webhook's address."""
    typed = url.strip()
    if not _URL.fullmatch(typed) or not typed.isascii() or len(typed) > 2000:
        return "An address looks like https://chat.example.com/hooks/alerts."
    if "@" in typed.split("/")[2]:
        return "A password does not belong into the address; enter it as the secret below."
    if has_header and not typed.lower().startswith("https://"):
        return "A secret that is sent needs an address that begins with https://."
    return ""


def header_error(header: str) -> str:
    """Return what is wrong with a header's name."""
    typed = header.strip()
    return (
        ""
        if not typed or _HEADER.fullmatch(typed)
        else "A header's name looks like Authorization or X-Api-Key."
    )


def missing_shifts(rule: Rule, shifts: Sequence[str]) -> tuple[str, ...]:
    """Return the shifts of a rule that the site does not have (any more)."""
    return tuple(name for name in rule.shifts if name not in shifts)
