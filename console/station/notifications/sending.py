"""One attempt from beginning to end, whatever the channel: nothing that goes wrong leaves it unsaid."""

import logging
import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from console.station.notifications.errand import Errand
from console.station.notifications.errors import NotSent, StoppedSending, TryAgain
from console.station.notifications.plain_words import one_line, without
from models.records.notification import Attempt, Channel, ChannelKind, Claimed, DeliveryId, Outcome

_log = logging.getLogger(__name__)

Way = Callable[[Claimed, str, str, datetime, Errand], None]


def send(message: Claimed, secret: str, station: str, now: datetime, errand: Errand) -> Attempt:
    """Send a message; return how the attempt ended. Blocks for at most the errand's limits.

    Args:
        message: What, to whom, by which channel.
        secret: Of the channel, in clear; "" = none.
        station: Name of who sends.
        now: Timezone-aware.
        errand: Fresh.
    """
    with errand:
        try:
            _way_of(message.channel.kind)(message, secret, station, now, errand)
        except NotSent as error:
            ended = _attempt_from(error)
        except Exception:  # noqa: BLE001 - a named net: a message that breaks us must not take the others along
            _log.exception("Message %d could not be sent, in a way nobody foresaw", message.delivery)
            ended = Attempt(
                Outcome.RETRY,
                error="It could not be sent because of a mistake in this program; the log has the details.",
            )
        else:
            ended = Attempt(Outcome.SENT)
        # Whatever a server quoted: neither a secret nor somebody's address stands in the record for ever.
        error = one_line(without(ended.error, secret, message.address), 1000)
        if error and ended.outcome is not Outcome.RELEASED:
            errand.note("Failed", error, is_good=False)
        return replace(ended, error=error, steps=errand.steps)


def test_message(channel: Channel, address: str, time_zone: str, now: datetime) -> Claimed:
    """Return a message that only says that it is a test, for `send`; the queue knows nothing of it."""
    return Claimed(
        delivery=DeliveryId(0),
        claim="",
        message_key=str(uuid.uuid4()),
        attempt=1,
        is_test=True,
        created_at=now,
        rule="Test",
        address=address,
        channel=channel,
        time_zone=time_zone,
    )


def _way_of(kind: ChannelKind) -> Way:
    # Here, not above: no start of a station waits for what the first message needs.
    from console.station.notifications.smtp import send_mail
    from console.station.notifications.webhook import post_message

    return {ChannelKind.SMTP: send_mail, ChannelKind.WEBHOOK: post_message}[kind]


def _attempt_from(error: NotSent) -> Attempt:
    if isinstance(error, StoppedSending):
        return Attempt(Outcome.RELEASED, error=str(error))
    return Attempt(
        Outcome.RETRY if isinstance(error, TryAgain) else Outcome.FAILED,
        error=str(error),
        is_channel_fault=error.is_channel_fault,
        retry_after_s=error.retry_after_s,
    )
