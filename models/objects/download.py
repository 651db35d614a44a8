"""One GET over HTTP(S), to an address that was judged before, without redirects and within limits."""

import http.client
import re
import socket
import ssl
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field

from models.errors import NeedsSetup, ObjectsAway, Rejected, StorageError
from models.objects.access import Limits
from models.objects.watch import SlowWatch

_MOST_REASON = 4096
_CODE = re.compile(rb"<Code>([A-Za-z]{1,60})</Code>")


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked of whom.

    Attributes:
        shown: How sentences name it.
        host: For the certificate, and the Host header where `headers` has none.
        addresses: Of the host, judged; tried in this order.
        authorities: PEM file of who may certify it, or "system"; None = no TLS.
        target: Path and query, escaped.
    """

    shown: str
    host: str
    port: int
    addresses: Sequence[str]
    authorities: str | None
    target: str
    headers: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)


@contextmanager
def downloading(request: Request, limits: Limits) -> Generator[Callable[[int], bytes]]:
    """Lend a function that reads the body: at most so many bytes, none at the end.

    Raises:
        ObjectsAway: No answer, too slow an answer, or one that says to try again.
        NeedsSetup: Not allowed to read it, or the certificate is not trusted.
        Rejected: It is not there, or leads elsewhere.
    """
    connection = _connected(request, limits)
    with connection, SlowWatch(connection, limits) as watch, _told(request, watch), ExitStack() as opened:
        client = _asked(request, connection)
        opened.callback(client.close)
        answer = client.getresponse()
        # The socket stays open until its answer is closed, too.
        opened.callback(answer.close)
        _check_status(request, answer)

        def read(most: int) -> bytes:
            with _told(request, watch):
                # Not read(): it would wait until so many bytes are there.
                part = answer.read1(most)
                if watch.complaint or (not part and answer.length):
                    raise http.client.IncompleteRead(part)
            watch.count(len(part))
            return part

        yield read


def _connected(request: Request, limits: Limits) -> socket.socket:
    failure: OSError | None = None
    for address in request.addresses:
        try:
            return socket.create_connection((address, request.port), timeout=limits.connect_s)
        except OSError as error:
            failure = error
    raise ObjectsAway(
        f"{request.shown} cannot be read: {request.host} does not answer ({_reason(failure)})."
    ) from failure


def _asked(request: Request, connection: socket.socket) -> http.client.HTTPConnection:
    sock = connection
    if request.authorities is not None:
        sock = _context(request.authorities).wrap_socket(connection, server_hostname=request.host)
    client = http.client.HTTPConnection(request.host, request.port)
    client.sock = sock
    client.putrequest("GET", request.target, skip_host=True, skip_accept_encoding=True)
    headers = {"Host": _host_header(request), "Accept-Encoding": "identity", "Connection": "close"}
    for name, value in (headers | dict(request.headers)).items():
        client.putheader(name, value)
    client.endheaders()
    return client


def _host_header(request: Request) -> str:
    host = f"[{request.host}]" if ":" in request.host else request.host
    is_usual = request.port == (443 if request.authorities is not None else 80)
    return host if is_usual else f"{host}:{request.port}"


def _context(authorities: str) -> ssl.SSLContext:
    if authorities == "system":
        return ssl.create_default_context()
    try:
        return ssl.create_default_context(cafile=authorities)
    except (OSError, ssl.SSLError) as error:
        raise NeedsSetup(
            f"The file of certificate authorities {authorities} cannot be used; correct s3_authorities in "
            "settings.toml."
        ) from error


def _check_status(request: Request, answer: http.client.HTTPResponse) -> None:
    """Raise where the answer is not the object, in words of what to do about it."""
    status = answer.status
    if status == http.HTTPStatus.OK:
        return
    found = _CODE.search(answer.read(_MOST_REASON))
    told = f"{status}, {found[1].decode()}" if found else f"{status}"
    if 300 <= status < 400:
        raise Rejected(
            f"{request.shown} leads elsewhere ({told}), and no redirect is followed; store the address of "
            "the file itself."
        )
    if status in (401, 403):
        raise NeedsSetup(
            f"{request.host} does not let this computer read {request.shown} ({told}); correct the keys with "
            "main.py firmware store, or the rights in the bucket."
        )
    if status in (404, 410):
        raise Rejected(f"{request.shown} is not there ({told}); upload it again.")
    if status >= 500 or status in (408, 429):
        raise ObjectsAway(
            f"{request.host} could not deliver {request.shown} ({told}); it will be tried again."
        )
    raise Rejected(f"{request.host} refused to deliver {request.shown} ({told}).")


@contextmanager
def _told(request: Request, watch: SlowWatch) -> Generator[None]:
    """Turn what http.client and ssl raise into ours, once; what the watch did comes first."""
    try:
        yield
    except StorageError:
        raise
    except (OSError, http.client.HTTPException, ValueError) as error:
        if watch.complaint:
            raise ObjectsAway(
                f"{request.shown} came too slowly: {request.host} {watch.complaint}."
            ) from error
        if isinstance(error, ssl.SSLCertVerificationError):
            raise NeedsSetup(
                f"The certificate of {request.host} is not trusted ({error.verify_message}), so nothing was "
                "asked; correct it, or s3_authorities in settings.toml."
            ) from error
        raise ObjectsAway(f"{request.shown} could not be read to its end ({_reason(error)}).") from error


def _reason(error: Exception | None) -> str:
    match error:
        case TimeoutError():
            return "no answer in time"
        case http.client.IncompleteRead():
            return "the connection ended before"
        case OSError() if error.strerror:
            return error.strerror
        case None:
            return "it has no address"
        case _:
            return str(error).partition("\n")[0] or type(error).__name__
