"""The queue of notifications as stations work it off: make messages, claim one, say what became of it.

Everything is a function of the database (migration 0016), so that of several stations exactly one sends. Time
is the database's alone: two stations' clocks need not agree.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.engine import Connection

from models.queries.notifications import channel_from
from models.records.notification import AlertLine, Attempt, Channel, ChannelId, Claimed, DeliveryId
from models.records.threshold import Severity

_FINISH = text(
    "SELECT app.finish_notification(:delivery, CAST(:claim AS uuid), :outcome, :error, :wait_s,"
    " CAST(:steps AS jsonb), :is_channel_fault)"
)


def make_messages(conn: Connection) -> int:
    """Turn alerts that have asked for somebody into messages, as far as they are due; return how many.

    Raises:
        NotAllowed: The login is no station's.
    """
    return conn.execute(text("SELECT app.queue_notifications()")).scalar_one()


def due_channels(conn: Connection) -> list[tuple[Channel, datetime]]:
    """Return the channels by which something is to be sent now, and since when it is due."""
    rows = conn.execute(text("SELECT channel, due_since FROM app.due_notification_channels()"))
    return [(channel_from(_with_moments(row.channel)), row.due_since) for row in rows]


def claim_message(conn: Connection, channel: ChannelId, seconds: float) -> Claimed | None:
    """Take one message of a channel for so many seconds; None where none is due, or others were faster."""
    found = conn.execute(
        text("SELECT app.claim_notification(:channel, :seconds)"), {"channel": channel, "seconds": seconds}
    ).scalar_one()
    return None if found is None else _claimed(found)


def finish_message(conn: Connection, message: Claimed, attempt: Attempt, wait_s: float) -> str:
    """Say what became of an attempt; return the message's state from now on.

    Args:
        conn: Of a station.
        message: As it was claimed.
        attempt: How it ended.
        wait_s: After how long it is tried again, where it is.
    """
    values = {
        "delivery": message.delivery,
        "claim": message.claim,
        "outcome": attempt.outcome,
        "error": attempt.error,
        "wait_s": wait_s,
        "steps": json.dumps([asdict(step) for step in attempt.steps]),
        "is_channel_fault": attempt.is_channel_fault,
    }
    return conn.execute(_FINISH, values).scalar_one()


def note_trouble(conn: Connection, channel: ChannelId, sentence: str) -> None:
    """Say why this station cannot send by a channel at all."""
    conn.execute(
        text("SELECT app.note_channel_trouble(:channel, :sentence)"),
        {"channel": channel, "sentence": sentence},
    )


def _claimed(found: Mapping[str, Any]) -> Claimed:
    return Claimed(
        delivery=DeliveryId(found["delivery"]),
        claim=found["claim"],
        message_key=found["message_key"],
        attempt=found["attempt"],
        is_test=found["is_test"],
        created_at=datetime.fromisoformat(found["created_at"]),
        rule=found["rule"],
        address=found["address"],
        channel=channel_from(_with_moments(found["channel"])),
        counts=(found["critical"], found["warning"], found["info"]),
        late=found["late"],
        lines=tuple(_line(line) for line in found["alerts"]),
        time_zone=found["time_zone"],
    )


def _line(line: Mapping[str, Any]) -> AlertLine:
    cleared_at = line["cleared_at"]
    return AlertLine(
        alert=line["alert"],
        device=line["device"],
        location=line["location"],
        severity=Severity(line["severity"]),
        message=line["message"],
        at=datetime.fromisoformat(line["at"]),
        times=line["times"],
        metric=line["metric"],
        value=line["value"],
        limit=line["limit"],
        status=line["status"],
        cleared_at=None if cleared_at is None else datetime.fromisoformat(cleared_at),
        acknowledged_by=line["acknowledged_by"],
    )


def _with_moments(row: Mapping[str, Any]) -> dict[str, Any]:
    return {**row, "updated_at": datetime.fromisoformat(row["updated_at"])}
