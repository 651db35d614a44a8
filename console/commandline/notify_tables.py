"""Channels, rules and messages as `main.py notify` prints them: tables for people, JSON for scripts. Pure."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from console.commandline.moments import age_from_moment, text_from_moment
from console.commandline.table import table_text
from models.records.notification import Channel, ChannelKind, Delivery, DeliveryState, Rule
from models.records.threshold import Severity


def channels_text(channels: Sequence[Channel]) -> str:
    """Return a table of channels."""
    rows = [
        (channel.name, channel.kind.label, channel.address, "used" if channel.enabled else "off")
        for channel in channels
    ]
    return table_text(("CHANNEL", "KIND", "ADDRESS", "STATE"), rows)


def rules_text(rules: Sequence[Rule], channels: Sequence[Channel]) -> str:
    """Return a table of rules."""
    names = {channel.id: channel.name for channel in channels}
    rows = [
        (
            rule.name,
            names.get(rule.channel, ""),
            ", ".join(_severities(rule)),
            ", ".join(rule.shifts) or "always",
            f"{rule.delay_s:g} s",
            "counts" if rule.enabled else "off",
        )
        for rule in rules
    ]
    return table_text(("RULE", "BY", "ALERTS", "SHIFTS", "DELAY", "STATE"), rows)


def deliveries_text(deliveries: Sequence[Delivery], now: datetime) -> str:
    """Return a table of messages."""
    rows = [
        (
            str(delivery.id),
            str(delivery.state),
            age_from_moment(delivery.ended_at or delivery.created_at, now),
            _content(delivery),
            delivery.recipient or "the webhook",
            delivery.channel,
            str(delivery.attempts),
            delivery.last_error if delivery.state is not DeliveryState.SENT else "",
        )
        for delivery in deliveries
    ]
    return table_text(("NUMBER", "STATE", "AGE", "TELLS OF", "TO", "BY", "TRIES", "REASON"), rows)


def setup_json(channels: Sequence[Channel], rules: Sequence[Rule]) -> str:
    """Return channels and rules as JSON, secrets left out."""
    names = {channel.id: channel.name for channel in channels}
    told = [
        {
            "name": rule.name,
            "channel": names.get(rule.channel, ""),
            "enabled": rule.enabled,
            "severities": _severities(rule),
            "roles": sorted(rule.roles),
            "persons": sorted(rule.persons),
            "addresses": list(rule.addresses),
            "shifts": list(rule.shifts),
            "locations": list(rule.locations),
            "devices": sorted(rule.devices),
            "delay_s": rule.delay_s,
            "window_s": rule.window_s,
        }
        for rule in rules
    ]
    return json.dumps({"channels": [_channel_row(one) for one in channels], "rules": told}, indent=2)


def deliveries_json(deliveries: Sequence[Delivery]) -> str:
    """Return messages as JSON."""
    return json.dumps([_delivery_row(delivery) for delivery in deliveries], indent=2)


def _severities(rule: Rule) -> list[str]:
    return [str(severity) for severity in Severity if severity in rule.severities]


def _channel_row(channel: Channel) -> dict[str, Any]:
    return {
        "name": channel.name,
        "kind": str(channel.kind),
        "address": channel.address,
        "security": str(channel.security) if channel.kind is ChannelKind.SMTP else None,
        "username": channel.username,
        "sender": channel.sender,
        "secret_header": channel.secret_header,
        "has_secret": channel.secret is not None,
        "enabled": channel.enabled,
    }


def _delivery_row(delivery: Delivery) -> dict[str, Any]:
    critical, warning, info = delivery.counts
    return {
        "number": delivery.id,
        "state": str(delivery.state),
        "rule": delivery.rule,
        "channel": delivery.channel,
        "recipient": delivery.recipient,
        "is_test": delivery.is_test,
        "critical": critical,
        "warning": warning,
        "info": info,
        "late": delivery.late,
        "created_at": text_from_moment(delivery.created_at),
        "attempts": delivery.attempts,
        "next_attempt_at": text_from_moment(delivery.next_attempt_at) if delivery.ended_at is None else None,
        "last_error": delivery.last_error,
        "sent_at": text_from_moment(delivery.sent_at) or None,
        "sent_by": delivery.sent_by,
    }


def _content(delivery: Delivery) -> str:
    if delivery.is_test:
        return "test"
    names = ("critical", "warning", "info")
    parts = [f"{count} {name}" for count, name in zip(delivery.counts, names, strict=True) if count]
    return ", ".join(parts)
