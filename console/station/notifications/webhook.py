"""Hands a message to a web server as JSON, by POST; every step is told, every wait has an end.

No redirect is followed: the secret is for the address that an administrator entered. No proxy is used.
"""

import hashlib
import hmac
import http.client
import json
from datetime import datetime
from urllib.parse import urlsplit

from console.station.notifications.errand import Errand
from console.station.notifications.errors import NotSent, StoppedSending, TryAgain, Undeliverable
from console.station.notifications.plain_words import one_line, without
from console.station.notifications.wording import document_of
from console.version import VERSION
from models.records.notification import Claimed

_READ_BYTES = 2048
# RFC 9110 15.5.9, RFC 8470, RFC 6585: "not now" rather than "no".
_LATER = (408, 425, 429)


def post_message(message: Claimed, secret: str, station: str, now: datetime, errand: Errand) -> None:
    """Send a message to its channel's URL.

    Args:
        message: What, by which channel.
        secret: In clear; "" = none.
        station: Who sends.
        now: When; part of what is signed.
        errand: The attempt, begun.

    Raises:
        NotSent: Why not.
    """
    channel = message.channel
    url = urlsplit(channel.url)
    try:
        port = url.port or (443 if url.scheme == "https" else 80)
    except ValueError:
        port = 0
    if url.scheme not in ("http", "https") or not url.hostname or not port or not channel.url.isascii():
        raise Undeliverable(f"{one_line(channel.url, 200)} is no address of a web server; correct it.")
    body = json.dumps(document_of(message, station), ensure_ascii=False).encode("utf-8", "replace")
    headers = headers_of(message, secret, body, now)
    connected = errand.connect(url.hostname, port)
    if url.scheme == "https":
        connected = errand.encrypt(connected, url.hostname, channel.authorities)
    connection = http.client.HTTPConnection(url.hostname, port)
    connection.sock = connected
    target = (url.path or "/") + (f"?{url.query}" if url.query else "")
    try:
        connection.request("POST", target, body, headers)
        errand.note("Handed over", f"POST, {len(body):,} bytes")
        answer = connection.getresponse()
        said = answer.read(_READ_BYTES).decode("utf-8", "replace")
    except http.client.InvalidURL as error:
        raise Undeliverable(f"{one_line(channel.url, 200)} is no address of a web server.") from error
    except ValueError as error:
        raise Undeliverable("The header or the secret has characters that a header cannot hold.") from error
    except (OSError, http.client.HTTPException) as error:
        failed = errand.failure(error, "The server closed the connection without an answer")
        if isinstance(failed, StoppedSending):
            failed = TryAgain("The station stopped while the server was taking the message.")
        raise failed from error
    # A line that our own watchdog cut short may read like an answer.
    errand.check()
    _judge(answer, one_line(without(said, secret), 200))
    errand.note("Message accepted", f"{answer.status} {one_line(answer.reason or '', 100)}")


def headers_of(message: Claimed, secret: str, body: bytes, now: datetime) -> dict[str, str]:
    """Return the request's headers. Without a header of its own the secret signs time and body (HMAC)."""
    channel = message.channel
    headers = {
        "Content-Type": "application/json; charset=utf-8",
        "User-Agent": f"operator-console/{VERSION}",
        # A structured header's string is quoted (draft-ietf-httpapi-idempotency-key-header).
        "Idempotency-Key": f'"{message.message_key}"',
        "Connection": "close",
    }
    if secret and channel.secret_header:
        headers[channel.secret_header] = secret
    elif secret:
        moment = str(int(now.timestamp()))
        signed = hmac.new(secret.encode(), moment.encode() + b"." + body, hashlib.sha256).hexdigest()
        headers |= {"X-Console-Timestamp": moment, "X-Console-Signature": f"sha256={signed}"}
    return headers


def _judge(answer: http.client.HTTPResponse, said: str) -> None:
    """Return where it was taken. Raises NotSent."""
    status = answer.status
    if 200 <= status <= 299:
        return
    told = f"{status} {one_line(answer.reason or '', 100)}".strip()
    if 300 <= status <= 399:
        where = one_line(answer.headers.get("Location", "elsewhere"), 200)
        raise Undeliverable(f"The server sends us on ({told}) to {where}; enter that address if it is right.")
    sentence = f"The server answers {told}" + (f": {said}" if said else "")
    sentence = sentence.rstrip(". ") + "."
    kind: type[NotSent] = Undeliverable if 400 <= status <= 499 and status not in _LATER else TryAgain
    raise kind(sentence, retry_after_s=_seconds(answer.headers.get("Retry-After")))


def _seconds(text: str | None) -> float | None:
    """Return a Retry-After in seconds; a date, which needs both clocks right, counts for nothing."""
    return float(text) if text is not None and text.isascii() and text.isdecimal() and len(text) < 9 else None
