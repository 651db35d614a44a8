"""Passwords of mail servers and secrets of webhooks: sealed fields, like the secrets of devices.

Sealed, not in one computer's keyring, because any station may have to send when another has died. The key
that opens them lies in the keyrings of the enrolled workstations. Associated data are kind and address of the
channel: who may write the database but lacks the key cannot have a password sent to another server.
"""

import json
from dataclasses import replace

from sqlalchemy.engine import Connection

from models.errors import KeyMissing, KeyRetired, SealBroken
from models.queries.notifications import load_channels, write_secret
from models.records.notification import Channel, ChannelKind
from models.secrets import SecretBox


def secret_context(channel: Channel) -> str:
    """Return what binds a sealed secret to the server that it is for."""
    if channel.kind is ChannelKind.WEBHOOK:
        target = [["url", channel.url], ["header", channel.secret_header]]
    else:
        target = [
            ["host", channel.host],
            ["port", str(channel.port)],
            ["security", channel.security],
            ["username", channel.username],
        ]
    parts = [f"the notification channel {channel.kind}", ["secret"], target]
    return json.dumps(parts, ensure_ascii=True, separators=(",", ":"))


def opened_secret(channel: Channel, box: SecretBox) -> str:
    """Return the secret in clear, "" where the channel has none.

    Raises:
        KeyMissing: The key is not on this workstation.
        KeyRetired, SealBroken: It must be entered again.
    """
    return "" if channel.secret is None else box.open(channel.secret, secret_context(channel))


def sealed_channel(channel: Channel, secret: str | None, stored: Channel | None, box: SecretBox) -> Channel:
    """Return the channel as it is to be stored.

    Args:
        channel: As it shall be; its own `secret` counts for nothing.
        secret: Entered anew; "" = none from now on; None = the one that is stored.
        stored: The channel as it was; None for a new one.
        box: This workstation's keys.

    Raises:
        KeyMissing: There is something to seal, and the key is not on this workstation.
        KeyRetired, SealBroken: The stored secret does not open, and the channel's address is another now.
    """
    if secret is None:
        if stored is None or stored.secret is None:
            return replace(channel, secret=None)
        if secret_context(stored) == secret_context(channel):
            return replace(channel, secret=stored.secret)
        # Whoever holds the key may take the secret along to another address.
        secret = opened_secret(stored, box)
    return replace(channel, secret=box.seal(secret, secret_context(channel)) if secret else None)


def reseal_channels(conn: Connection, box: SecretBox) -> tuple[int, int]:
    """Seal all channels' secrets with the box's current key. Needs `lock_secrets` in the same transaction.

    Returns:
        How many were sealed anew, and how many no key here opens, which were left as they were.
    """
    sealed = left = 0
    for channel in load_channels(conn):
        if channel.secret is None:
            continue
        try:
            anew = box.reseal(channel.secret, secret_context(channel))
        except (KeyMissing, KeyRetired, SealBroken):
            left += 1
            continue
        write_secret(conn, channel.id, anew)
        sealed += 1
    return sealed, left
