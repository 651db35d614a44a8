"""A message as a mail (RFC 5322): headers that nobody can add to, text, and the same as HTML. Pure."""

from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from console.station.notifications.wording import html_of, subject_of, text_of
from models.records.notification import Claimed

_NAME = "Operator console"


def mail_of(message: Claimed, station: str, now: datetime) -> EmailMessage:
    """Return the mail; the same message always has the same Message-ID.

    Args:
        message: Its sender and recipient are addresses (`plain_words.is_address`).
        station: Who sends, for the reader.
        now: Timezone-aware.
    """
    sender = message.channel.sender
    policy = SMTP if (sender + message.address).isascii() else SMTP.clone(utf8=True)
    mail = EmailMessage(policy)
    mail["Subject"] = subject_of(message)
    mail["From"] = Address(_NAME, addr_spec=sender)
    mail["To"] = Address(addr_spec=message.address)
    mail["Date"] = format_datetime(now)
    mail["Message-ID"] = message_id(message)
    # RFC 3834: no holiday notices back, please.
    mail["Auto-Submitted"] = "auto-generated"
    if message.counts[0]:
        mail["Importance"] = "high"
    mail.set_content(text_of(message, station), cte="quoted-printable")
    mail.add_alternative(html_of(message, station), subtype="html", cte="quoted-printable")
    # Parts are told apart by chance otherwise; a second copy may as well be the same to the byte.
    mail.set_boundary(f"console-{message.message_key}")
    return mail


def message_id(message: Claimed) -> str:
    """Return the Message-ID: the message's key at the sender's domain."""
    domain = message.channel.sender.rpartition("@")[2]
    return f"<{message.message_key}@{domain if domain.isascii() else 'console.invalid'}>"
