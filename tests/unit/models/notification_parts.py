"""Channels, rules and alerts for tests of notifications, as `connection` writes them."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from sqlalchemy import text

from models.queries.alerts import apply_transitions
from models.queries.catalogue import import_devices, load_thresholds
from models.queries.notification_queue import claim_message, due_channels, make_messages
from models.queries.notifications import load_channels, save_channel, save_rule
from models.records.alert import Transition, TransitionKind
from models.records.device import Device, DeviceId, Tag
from models.records.device_entry import DeviceEntry
from models.records.notification import Channel, ChannelId, ChannelKind, Rule, RuleId
from models.records.threshold import Severity, Threshold, ThresholdId

HOOK = Channel(ChannelId(0), "Hook", ChannelKind.WEBHOOK, url="http://127.0.0.1:1/")
MAIL = Channel(
    ChannelId(0), "Mail", ChannelKind.SMTP, host="mail.plant.example", sender="console@plant.example"
)


def add_channel(connection, channel=HOOK, **changes) -> Channel:
    id = save_channel(connection, replace(channel, **changes))
    return next(found for found in load_channels(connection) if found.id == id)


def add_rule(connection, channel, **changes) -> RuleId:
    rule = Rule(RuleId(0), "All", channel.id, severities=frozenset(Severity), window_s=0.0)
    return save_rule(connection, replace(rule, **changes))


def add_device(connection, name="PRESS-04", location="Hall A", severities=tuple(Severity)) -> list[Threshold]:
    """Add a device with a threshold of each severity; return those, worst first."""
    device = Device(
        DeviceId(0), name, f"Device {name}", "press", location, "modbus-tcp", {"host": "h"}, 1.0,
        (Tag("temperature", "holding:0:uint16"),),
    )  # fmt: skip
    limits = tuple(
        Threshold(ThresholdId(0), DeviceId(0), "temperature", None, 70.0 + severity.rank, severity)
        for severity in severities
    )
    import_devices(connection, [DeviceEntry(device, limits)])
    number = connection.execute(
        text("SELECT id FROM app.devices WHERE device_id = :name"), {"name": name}
    ).scalar_one()
    found = [limit for limit in load_thresholds(connection) if limit.device == number]
    return sorted(found, key=lambda limit: limit.severity.rank)


def happen(connection, threshold, *, ago_s=0.0, kind=TransitionKind.RAISED, at=None) -> None:
    """Let a condition begin (or end) so many seconds ago, or at a moment."""
    moment = at or datetime.now(UTC) - timedelta(seconds=ago_s)
    apply_transitions(
        connection,
        [
            Transition(
                kind,
                threshold.device,
                threshold.id,
                threshold.severity,
                moment.timestamp(),
                80.0,
                70.0,
                f"Temperature is high on {threshold.device}.",
            )
        ],
    )


def sent_messages(connection):
    """Make messages, and claim all that are due."""
    make_messages(connection)
    claimed = []
    for channel, _ in due_channels(connection):
        while (message := claim_message(connection, channel.id, 60.0)) is not None:
            claimed.append(message)
    return claimed


def told(connection):
    """Recipient and counts of everything that is due now."""
    return sorted((message.address, message.counts) for message in sent_messages(connection))


def pass_seconds(connection, seconds) -> None:
    """Let everything in the queue have happened so many seconds earlier."""
    for statement in (
        "UPDATE app.notification_items SET due_at = due_at - :s",
        "UPDATE app.notification_deliveries SET created_at = created_at - :s, "
        "  next_attempt_at = next_attempt_at - :s, give_up_at = give_up_at - :s, "
        "  claim_until = claim_until - :s",
        "UPDATE app.notification_health SET failing_since = failing_since - :s",
    ):
        connection.execute(text(statement), {"s": timedelta(seconds=seconds)})
