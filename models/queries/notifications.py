"""Channels and rules of notifications, as administrators see and change them.

What is told by them: `notification_deliveries.py`; how stations send it: `notification_queue.py`.
"""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, cast

from sqlalchemy import text
from sqlalchemy.engine import Connection, RowMapping

from models.errors import AlreadyDone, Rejected
from models.queries.refusals import told_plainly
from models.queries.search_text import storable
from models.records.device import DeviceId, JsonValue
from models.records.notification import (
    Channel,
    ChannelId,
    ChannelKind,
    Rule,
    RuleId,
    Security,
)
from models.records.person import Role
from models.records.threshold import Severity

_CHANNEL = {
    "name": ":name",
    "kind": ":kind",
    "enabled": ":enabled",
    "host": ":host",
    "port": ":port",
    "security": ":security",
    "username": ":username",
    "sender": ":sender",
    "url": ":url",
    "secret_header": ":secret_header",
    "secret": "CAST(:secret AS jsonb)",
    "authorities": ":authorities",
}
_RULE = {
    "name": ":name",
    "channel_id": ":channel",
    "enabled": ":enabled",
    "severities": "CAST(:severities AS text[])",
    "roles": "CAST(:roles AS text[])",
    "persons": "CAST(:persons AS bigint[])",
    "addresses": "CAST(:addresses AS text[])",
    "shifts": "CAST(:shifts AS text[])",
    "locations": "CAST(:locations AS text[])",
    "devices": "CAST(:devices AS bigint[])",
    "delay_s": ":delay_s",
    "window_s": ":window_s",
}
_GONE = "Somebody else changed or removed it meanwhile; look again."
_TAKEN = {
    "notification_channels": "There is a channel of this name already; give it another.",
    "notification_rules": "There is a rule of this name already; give it another.",
}


def load_channels(conn: Connection) -> list[Channel]:
    """Return every channel by name. Raises NotAllowed for whoever is no administrator."""
    rows = conn.execute(text("SELECT * FROM app.notification_channels ORDER BY lower(name), id")).mappings()
    return [channel_from(row) for row in rows]


def channel_from(row: RowMapping | Mapping[str, Any]) -> Channel:
    """Return the channel of a row."""
    return Channel(
        id=ChannelId(row["id"]),
        name=row["name"],
        kind=ChannelKind(row["kind"]),
        enabled=row["enabled"],
        host=row["host"],
        port=row["port"],
        security=Security(row["security"]),
        username=row["username"],
        sender=row["sender"],
        url=row["url"],
        secret_header=row["secret_header"],
        secret=cast(JsonValue, row["secret"]),
        authorities=row["authorities"],
        updated_at=row["updated_at"],
    )


def save_channel(conn: Connection, channel: Channel) -> ChannelId:
    """Store a channel, a new one where its id is 0; return its id.

    Args:
        conn: Of an administrator.
        channel: Its secret sealed already (`models.notification_secrets.sealed_channel`); `updated_at` as it
            was looked at.

    Raises:
        Rejected: The name is taken, or the secret is not sealed as it must be.
        AlreadyDone: Somebody else changed it meanwhile.
        NotAllowed: The caller is no administrator.
    """
    values = {
        "name": storable(channel.name.strip()),
        "kind": channel.kind,
        "enabled": channel.enabled,
        "host": storable(channel.host.strip()),
        "port": channel.port,
        "security": channel.security,
        "username": storable(channel.username),
        "sender": storable(channel.sender.strip()),
        "url": storable(channel.url.strip()),
        "secret_header": storable(channel.secret_header.strip()),
        "secret": None if channel.secret is None else json.dumps(channel.secret),
        "authorities": storable(channel.authorities),
    }
    return ChannelId(_saved(conn, "notification_channels", _CHANNEL, channel.id, channel.updated_at, values))


def write_secret(conn: Connection, channel: ChannelId, secret: JsonValue) -> None:
    """Replace a channel's sealed secret by the same one, sealed with another key."""
    conn.execute(
        text("UPDATE app.notification_channels SET secret = CAST(:secret AS jsonb) WHERE id = :id"),
        {"id": channel, "secret": json.dumps(secret)},
    )


def remove_channel(conn: Connection, channel: ChannelId) -> None:
    """Remove a channel; messages that wait for it are cancelled by the next station that looks.

    Raises:
        Rejected: Rules use it; the sentence names them.
        NotAllowed: The caller is no administrator.
    """
    users = conn.execute(
        text("SELECT name FROM app.notification_rules WHERE channel_id = :id ORDER BY lower(name)"),
        {"id": channel},
    ).scalars()
    if names := ", ".join(users):
        raise Rejected(f"Rules tell people by this channel: {names}. Remove them first, or change them.")
    conn.execute(text("DELETE FROM app.notification_channels WHERE id = :id"), {"id": channel})


def load_rules(conn: Connection) -> list[Rule]:
    """Return every rule by name. Raises NotAllowed for whoever is no administrator."""
    rows = conn.execute(text("SELECT * FROM app.notification_rules ORDER BY lower(name), id")).mappings()
    return [
        Rule(
            id=RuleId(row["id"]),
            name=row["name"],
            channel=ChannelId(row["channel_id"]),
            enabled=row["enabled"],
            severities=frozenset(map(Severity, row["severities"])),
            roles=frozenset(map(Role, row["roles"])),
            persons=frozenset(row["persons"]),
            addresses=tuple(row["addresses"]),
            shifts=tuple(row["shifts"]),
            locations=tuple(row["locations"]),
            devices=frozenset(map(DeviceId, row["devices"])),
            delay_s=row["delay_s"],
            window_s=row["window_s"],
            updated_at=row["updated_at"],
        )
        for row in rows
    ]


def save_rule(conn: Connection, rule: Rule) -> RuleId:
    """Store a rule, a new one where its id is 0; return its id. Raises as `save_channel` does."""
    if not rule.severities:
        raise Rejected("A rule needs a severity at least.")
    values = {
        "name": storable(rule.name.strip()),
        "channel": rule.channel,
        "enabled": rule.enabled,
        "severities": sorted(rule.severities, key=lambda severity: severity.rank),
        "roles": sorted(rule.roles),
        "persons": sorted(rule.persons),
        "addresses": [storable(address.strip().lower()) for address in rule.addresses],
        "shifts": [storable(name) for name in rule.shifts],
        "locations": [storable(name) for name in rule.locations],
        "devices": sorted(rule.devices),
        "delay_s": rule.delay_s,
        "window_s": rule.window_s,
    }
    return RuleId(_saved(conn, "notification_rules", _RULE, rule.id, rule.updated_at, values))


def remove_rule(conn: Connection, rule: RuleId) -> None:
    """Remove a rule; what it had ready to send is still sent. Raises NotAllowed."""
    conn.execute(text("DELETE FROM app.notification_rules WHERE id = :id"), {"id": rule})


def _saved(
    conn: Connection,
    table: str,
    columns: Mapping[str, str],
    id: int,
    seen_at: datetime | None,
    values: Mapping[str, object],
) -> int:
    if not values["name"]:
        raise Rejected("It needs a name.")
    taken = conn.execute(
        text(f"SELECT id FROM app.{table} WHERE lower(name) = lower(:name) AND id <> :id"),
        {"name": values["name"], "id": id},
    ).scalar_one_or_none()
    if taken is not None:
        raise Rejected(_TAKEN[table])
    if id:
        pairs = ", ".join(f"{name} = {value}" for name, value in columns.items())
        statement = f"UPDATE app.{table} SET {pairs} WHERE id = :id AND updated_at = :seen_at RETURNING id"
        values = {**values, "id": id, "seen_at": seen_at}
    else:
        names, given = ", ".join(columns), ", ".join(columns.values())
        statement = f"INSERT INTO app.{table} ({names}) VALUES ({given}) RETURNING id"
    with told_plainly():
        stored = conn.execute(text(statement), dict(values)).scalar_one_or_none()
    if stored is None:
        raise AlreadyDone(_GONE)
    return stored
