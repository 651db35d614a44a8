"""A web server that answers as badly as a test wants, on loopback, with TLS or without."""

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

Answer = Callable[[socket.socket, threading.Event], None]
"""Sends what it likes; the event is set when the test is over."""


@contextmanager
def answering(answer: Answer, context: ssl.SSLContext | None = None) -> Iterator[tuple[int, list[bytes]]]:
    """Serve one connection after the other; lend the port, and the requests that came."""
    over, requests = threading.Event(), []
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve():
            with suppress(OSError):
                while True:
                    connection, _ = listener.accept()
                    with connection, suppress(OSError):
                        talk(connection)

        def talk(connection):
            if context is not None:
                connection = context.wrap_socket(connection, server_side=True)
            requests.append(connection.recv(65536))
            answer(connection, over)
            connection.shutdown(socket.SHUT_RDWR)
            connection.close()

        thread = threading.Thread(target=serve, name="bad server", daemon=True)
        thread.start()
        try:
            yield listener.getsockname()[1], requests
        finally:
            over.set()
            listener.shutdown(socket.SHUT_RDWR)
            thread.join()


def told(status: str, body: bytes = b"", *more: str) -> Answer:
    """An answer of this status and body, with a length."""
    head = "\r\n".join((f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *more, "", "")).encode()
    return lambda connection, over: connection.sendall(head + body)


def dripping(first: bytes) -> Answer:
    """Something, and then a byte every 10 ms for ever."""

    def answer(connection, over):
        connection.sendall(first)
        while not over.wait(0.01):
            connection.sendall(b"a")

    return answer


def endless(connection: socket.socket, over: threading.Event) -> None:
    """A body that never ends, as fast as it is taken."""
    connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
    while not over.is_set():
        connection.sendall(b"a" * 65536)


def silent(connection: socket.socket, over: threading.Event) -> None:
    """Nothing at all."""
    over.wait(30)
