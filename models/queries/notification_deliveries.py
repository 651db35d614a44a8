"""Messages of notifications, as administrators see them: what waits, what was sent, what failed and why."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import text
from sqlalchemy.engine import Connection, RowMapping

from models.queries.refusals import told_plainly
from models.queries.search_text import storable
from models.records.notification import (
    ChannelId,
    ChannelTrouble,
    Delivery,
    DeliveryId,
    DeliveryState,
    QueueCounts,
    Step,
)

_DELIVERIES = """
SELECT d.id, d.rule_name, d.channel_name, coalesce(p.name, d.address) AS recipient, d.is_test, d.critical,
       d.warning, d.info, d.late, d.state, d.created_at, d.next_attempt_at, d.attempts, d.last_error, d.steps,
       d.sent_at, coalesce(s.name, '') AS sent_by, d.ended_at
FROM app.notification_deliveries AS d
LEFT JOIN app.persons AS p ON p.id = d.person_id LEFT JOIN app.stations AS s ON s.id = d.sent_by
"""
_ORDER = """
ORDER BY (d.ended_at IS NULL) DESC, coalesce(d.ended_at, d.created_at) DESC, d.id DESC LIMIT :most
"""
_COUNTS = """
SELECT (SELECT count(DISTINCT e.alert_id) FROM app.notification_items AS i
        JOIN app.alert_events AS e ON e.id = i.event_id WHERE i.delivery_id IS NULL) AS gathering,
       (SELECT count(*) FROM app.notification_deliveries WHERE ended_at IS NULL) AS waiting,
       (SELECT count(*) FROM app.notification_deliveries WHERE state = 'failed' AND NOT is_test) AS failed
"""


def load_deliveries(
    conn: Connection, limit: int = 200, states: Sequence[DeliveryState] = ()
) -> list[Delivery]:
    """Return messages: those that wait first, then what ended last. `states` empty = all."""
    chosen = "WHERE d.state = ANY(CAST(:states AS text[])) " if states else ""
    values: dict[str, object] = {"most": limit}
    if states:
        values["states"] = [str(state) for state in states]
    return [_delivery(row) for row in conn.execute(text(_DELIVERIES + chosen + _ORDER), values).mappings()]


def load_delivery(conn: Connection, delivery: DeliveryId) -> Delivery | None:
    """Return one message, None where there is none of this number."""
    row = conn.execute(text(_DELIVERIES + "WHERE d.id = :id"), {"id": delivery}).mappings().one_or_none()
    return None if row is None else _delivery(row)


def count_queue(conn: Connection) -> QueueCounts:
    """Return how the queue stands."""
    row = conn.execute(text(_COUNTS)).one()
    return QueueCounts(row.gathering, row.waiting, row.failed)


def retry_deliveries(conn: Connection, deliveries: Sequence[DeliveryId]) -> int:
    """Have messages tried again at once, failed ones too; return how many. Raises NotAllowed."""
    return _call(conn, "SELECT app.retry_notifications(CAST(:ids AS bigint[]))", ids=list(deliveries))


def cancel_deliveries(conn: Connection, deliveries: Sequence[DeliveryId]) -> int:
    """Give messages up that wait; return how many. Raises NotAllowed."""
    return _call(conn, "SELECT app.cancel_notifications(CAST(:ids AS bigint[]))", ids=list(deliveries))


def request_test(conn: Connection, channel: ChannelId, address: str) -> DeliveryId:
    """Have a station send a test by a channel; `load_delivery` tells what became of it.

    Raises:
        Rejected: There is no such channel.
        NotAllowed: The caller is no administrator.
    """
    return DeliveryId(
        _call(conn, "SELECT app.test_notification(:channel, :to)", channel=channel, to=storable(address))
    )


def channel_troubles(conn: Connection) -> list[ChannelTrouble]:
    """Return the channels by which nobody has been told for five minutes although somebody should.

    Raises:
        NotAllowed: The caller is neither administrator nor operator.
    """
    with told_plainly("an administrator or operator"):
        rows = conn.execute(text("SELECT * FROM app.notification_troubles()")).mappings()
        return [ChannelTrouble(row["channel"], row["since"], row["waiting"], row["reason"]) for row in rows]


def step_from(document: Mapping[str, Any]) -> Step:
    """Return a step as it was stored."""
    return Step(document["name"], document["detail"], document["is_good"], document["after_s"])


def _delivery(row: RowMapping) -> Delivery:
    return Delivery(
        id=DeliveryId(row["id"]),
        rule=row["rule_name"],
        channel=row["channel_name"],
        recipient=row["recipient"],
        is_test=row["is_test"],
        counts=(row["critical"], row["warning"], row["info"]),
        late=row["late"],
        state=DeliveryState(row["state"]),
        created_at=row["created_at"],
        next_attempt_at=row["next_attempt_at"],
        attempts=row["attempts"],
        last_error=row["last_error"],
        steps=tuple(step_from(step) for step in row["steps"]),
        sent_at=row["sent_at"],
        sent_by=row["sent_by"],
        ended_at=row["ended_at"],
    )


def _call(conn: Connection, statement: str, **values: object) -> Any:
    with told_plainly():
        return conn.execute(text(statement), values).scalar_one()
