"""Servers on loopback that messages are sent to: a real mail server, a web server, and hostile ones."""

import json
import socket
import ssl
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from tests.certificates import Authority, Shown

USER, PASSWORD = "console", "Zange-7-Hüf"
HOST = "localhost"


def server_context(shown: Shown) -> ssl.SSLContext:
    """TLS as a server that shows this certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with tempfile.TemporaryDirectory() as folder:
        files = [Path(folder) / name for name in ("certificate", "key")]
        for file, content in zip(files, (shown.certificate, shown.key), strict=True):
            file.write_bytes(content)
        context.load_cert_chain(*files)
    return context


def pem(authority: Authority) -> str:
    """What a channel holds that trusts this authority."""
    with tempfile.TemporaryDirectory() as folder:
        return authority.write(Path(folder) / "authority").read_text(encoding="ascii")


@dataclass
class Mailbox:
    """Keeps what a mail server took. `refuses` answers a recipient with a line; `on_mail` sees each mail."""

    mails: list[EmailMessage] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)
    refuses: dict[str, str] = field(default_factory=dict)
    answers: list[str] = field(default_factory=list)
    on_mail: Callable[[], None] = lambda: None

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's spelling
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address in self.refuses:
            return self.refuses[address]
        envelope.rcpt_tos.append(address)
        return "250 fine"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        if self.answers:
            return self.answers.pop(0)
        self.mails.append(message_from_bytes(envelope.content, policy=policy.default))
        self.recipients += envelope.rcpt_tos
        self.on_mail()
        return "250 kept as number 1"

    def ids(self) -> list[str]:
        return [str(mail["Message-ID"]) for mail in self.mails]


def _authenticate(
    server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any
) -> AuthResult:
    is_right = isinstance(data, LoginPassword) and data == LoginPassword(USER.encode(), PASSWORD.encode())
    return AuthResult(success=is_right, handled=False)


@contextmanager
def mail_server(
    box: Mailbox,
    shown: Shown | None = None,
    *,
    is_tls_from_the_beginning: bool = False,
    needs_sign_in: bool = False,
) -> Iterator[int]:
    """Run aiosmtpd; lend its port. With a certificate it offers STARTTLS, or speaks TLS at once."""
    context = server_context(shown) if shown else None
    options: dict[str, Any] = {}
    if context is not None and is_tls_from_the_beginning:
        options["ssl_context"] = context
    elif context is not None:
        options["tls_context"] = context
    if needs_sign_in:
        options |= {
            "authenticator": _authenticate,
            # aiosmtpd does not see encryption that was there before it.
            "auth_required": not is_tls_from_the_beginning,
            "auth_require_tls": not is_tls_from_the_beginning,
        }
    controller = Controller(box, hostname="127.0.0.1", port=0, **options)
    # A port of the system's choice: the controller itself would connect to the 0 it was given.
    listener = socket.create_server(("127.0.0.1", 0))
    controller.port = listener.getsockname()[1]
    listener.close()
    controller.start()
    try:
        yield controller.port
    finally:
        controller.stop()


class Talker:
    """What a hostile server does with one connection; `rest` lets it go on until the test is over."""

    def __init__(self, connection: socket.socket, over: threading.Event) -> None:
        self.connection = connection
        self.over = over

    def say(self, text: str) -> None:
        self.connection.sendall(text.encode())

    def hear(self, until: bytes = b"\r\n") -> bytes:
        heard = b""
        while not heard.endswith(until):
            part = self.connection.recv(1)
            if not part:
                break
            heard += part
        return heard

    def hang(self) -> None:
        self.over.wait(30)

    def drip(self, text: str = "2", pause_s: float = 0.02) -> None:
        while not self.over.wait(pause_s):
            self.say(text)


@contextmanager
def hostile_server(behave: Callable[[Talker], None]) -> Iterator[int]:
    """Run a server that does what `behave` says with every connection; lend its port."""
    over = threading.Event()
    listener = socket.create_server(("127.0.0.1", 0))
    threads: list[threading.Thread] = []

    def serve(connection: socket.socket) -> None:
        with connection, suppress(OSError):
            behave(Talker(connection, over))

    def accept() -> None:
        with suppress(OSError):
            while True:
                connection, _ = listener.accept()
                thread = threading.Thread(target=serve, args=(connection,), name="hostile")
                threads.append(thread)
                thread.start()

    acceptor = threading.Thread(target=accept, name="hostile-acceptor")
    acceptor.start()
    try:
        yield listener.getsockname()[1]
    finally:
        over.set()
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        acceptor.join()
        for thread in threads:
            thread.join()


@dataclass
class Post:
    """One request that a web server took."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def document(self) -> dict[str, Any]:
        return json.loads(self.body)


@dataclass
class WebInbox:
    """Keeps requests, and answers with the next of `answers` (status, headers), 200 once there is none."""

    posts: list[Post] = field(default_factory=list)
    answers: list[tuple[int, dict[str, str]]] = field(default_factory=list)


@contextmanager
def web_server(inbox: WebInbox, shown: Shown | None = None) -> Iterator[str]:
    """Run an HTTP(S) server; lend its address."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            inbox.posts.append(Post(self.path, dict(self.headers.items()), body))
            status, headers = inbox.answers.pop(0) if inbox.answers else (200, {})
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"ok")

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.handle_error = lambda request, client_address: None  # a handshake that a client breaks off
    if shown is not None:
        server.socket = server_context(shown).wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), name="web-server")
    thread.start()
    try:
        scheme = "https" if shown else "http"
        yield f"{scheme}://{HOST}:{server.server_address[1]}/hook?to=ops"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
