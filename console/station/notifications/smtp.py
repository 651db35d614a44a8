"""Sends a mail: connect, encrypt, sign in, hand over; every step is told, every wait has an end."""

import base64
import smtplib
import socket
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import IO

from console.station.notifications.errand import Errand
from console.station.notifications.errors import StoppedSending, TryAgain, Undeliverable
from console.station.notifications.mail import mail_of
from console.station.notifications.plain_words import is_address, one_line, without
from models.records.notification import Channel, Claimed, Security

_MOST_REPLY_BYTES = 64 * 1024


def send_mail(message: Claimed, secret: str, station: str, now: datetime, errand: Errand) -> None:
    """Send a message by its channel's mail server.

    Args:
        message: What, to whom, by which channel.
        secret: The password in clear; "" = the server asks for none.
        station: Who sends.
        now: For the mail's date.
        errand: The attempt, begun.

    Raises:
        NotSent: Why not.
    """
    channel = message.channel
    for address in (channel.sender, message.address):
        if not is_address(address):
            raise Undeliverable(
                f"{one_line(address, 100) or 'Nothing'} is no e-mail address.", is_channel_fault=False
            )
    # Made before anybody is called: what cannot be written is found without a connection.
    mail = mail_of(message, station, now)
    needs_utf8 = not (channel.sender + message.address).isascii()
    plain = errand.connect(channel.host, channel.port)
    if channel.security is Security.TLS:
        plain = errand.encrypt(plain, channel.host, channel.authorities)
    dialogue = _Dialogue(plain, errand, (secret, message.address))
    dialogue.greet()
    if channel.security is Security.STARTTLS:
        dialogue.start_tls(channel)
    if channel.username or secret:
        dialogue.sign_in(channel.username, secret)
    if needs_utf8 and not dialogue.has_extn("smtputf8"):
        raise Undeliverable(
            "The server takes no addresses with letters beyond ASCII (SMTPUTF8).", is_channel_fault=False
        )
    dialogue.hand_over(channel.sender, message.address, mail.as_bytes(), needs_utf8=needs_utf8)


class _Dialogue(smtplib.SMTP):
    """smtplib's client on a connection of ours. Raises NotSent only."""

    def __init__(self, connected: socket.socket, errand: Errand, hidden: Sequence[str]) -> None:
        # An address literal (RFC 5321, 4.1.3): asking for our own name could take as long as it likes.
        here = str(connected.getsockname()[0])
        super().__init__(local_hostname=f"[IPv6:{here}]" if ":" in here else f"[{here}]")
        self.sock = connected
        self._errand = errand
        self._hidden = hidden

    def getreply(self) -> tuple[int, bytes]:
        """Read a reply, but not without end."""
        if self.file is None and self.sock is not None:
            self.file = _Bounded(self.sock.makefile("rb"))
        return super().getreply()

    def greet(self) -> None:
        """Read the server's greeting, and introduce ourselves."""
        self._expect(self._said(self.getreply), (220,), "Greeted", "The server greets with")
        self._introduce()

    def start_tls(self, channel: Channel) -> None:
        """Encrypt from now on; without it nothing is said."""
        if not self.has_extn("starttls"):
            raise Undeliverable("The server offers no STARTTLS, and without it nothing is sent; choose TLS.")
        self._expect(self._said(lambda: self.docmd("STARTTLS")), (220,), "", "The server refuses STARTTLS:")
        assert self.sock is not None
        self.sock = self._errand.encrypt(self.sock, channel.host, channel.authorities)
        # What was read before belongs to nobody: it came unprotected (CVE-2011-0411).
        self.file = None
        self.ehlo_resp = self.helo_resp = None
        self.esmtp_features = {}
        self._introduce()

    def sign_in(self, user: str, password: str) -> None:
        """Sign in by PLAIN (RFC 4616) or LOGIN. Not smtplib's `login`, which knows ASCII only."""
        offered = self.esmtp_features.get("auth", "").upper().split()
        if "PLAIN" in offered:
            answer = self._said(lambda: self.docmd("AUTH PLAIN", _base64(f"\0{user}\0{password}")))
        elif "LOGIN" in offered:
            answer = self._said(lambda: self.docmd("AUTH LOGIN", _base64(user)))
            if answer[0] == 334:
                answer = self._said(lambda: self.docmd(_base64(password)))
        else:
            raise Undeliverable("The server offers no way to sign in that this program knows (PLAIN, LOGIN).")
        self._expect(answer, (235,), "Signed in", "The server does not let us sign in:", f"as {user}")

    def hand_over(self, sender: str, recipient: str, mail: bytes, *, needs_utf8: bool) -> None:
        """Name sender and recipient, and hand the mail over."""
        options = ["SMTPUTF8"] if needs_utf8 else []
        self._expect(
            self._said(lambda: self.mail(sender, options)), (250,), "Sender accepted",
            "The server does not take mail from this sender:", sender,
        )  # fmt: skip
        self._expect(
            self._said(lambda: self.rcpt(recipient)), (250, 251), "Recipient accepted",
            "The server does not take mail for this recipient:", is_channel_fault=False,
        )  # fmt: skip
        try:
            answer = self._said(lambda: self.data(mail))
        except StoppedSending as error:
            raise TryAgain("The station stopped while the server was taking the message.") from error
        self._expect(
            answer,
            (250,),
            "Message accepted",
            "The server does not take the message:",
            is_channel_fault=False,
        )
        try:
            self.quit()
        except (OSError, smtplib.SMTPException):
            pass  # It is sent; how the server says good-bye is its own affair.

    def _introduce(self) -> None:
        answer = self._said(self.ehlo)
        self._expect(answer, (250,), "", "The server does not speak to us:")

    def _said(self, ask: Callable[[], tuple[int, bytes]]) -> tuple[int, bytes]:
        try:
            return ask()
        except smtplib.SMTPDataError as error:
            return error.smtp_code, _as_bytes(error.smtp_error)
        except smtplib.SMTPServerDisconnected as error:
            raise self._errand.failure(error, "The server closed the connection") from error
        except (OSError, smtplib.SMTPException, UnicodeError) as error:
            raise self._errand.failure(error, "The connection failed") from error

    def _expect(
        self,
        answer: tuple[int, bytes],
        good: tuple[int, ...],
        step: str,
        fault: str,
        detail: str = "",
        *,
        is_channel_fault: bool = True,
    ) -> None:
        """Go on where the code is good; otherwise raise what the server said, for now (4xx) or for good."""
        code, said = answer
        words = _words(said, self._hidden)
        if code in good:
            if step:
                self._errand.note(step, detail or words)
            return
        sentence = f"{fault} {code} {words}".rstrip(" .") + "."
        kind = Undeliverable if 500 <= code <= 599 else TryAgain
        raise kind(sentence, is_channel_fault=is_channel_fault)


class _Bounded:
    """What a server says, up to a limit: it may talk without end, in lines however short."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._read = 0

    def readline(self, limit: int = -1) -> bytes:
        """Return the next line."""
        line = self._file.readline(limit)
        self._read += len(line)
        if self._read > _MOST_REPLY_BYTES:
            raise OSError("it talks without end")
        # A line that a cut connection left unfinished is no answer, and "250" least of all; smtplib takes it.
        return line if line.endswith(b"\n") else b""

    def close(self) -> None:
        """Close the file."""
        self._file.close()


def _words(said: bytes, hidden: Sequence[str]) -> str:
    return one_line(without(said.decode("utf-8", "replace"), *hidden), 300)


def _as_bytes(said: bytes | str) -> bytes:
    return said if isinstance(said, bytes) else said.encode()


def _base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()
