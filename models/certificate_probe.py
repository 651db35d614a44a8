"""Says in words what is wrong with a server's certificate: libpq only says "certificate verify failed".

Speaks PostgreSQL's request for encryption and TLS's greeting, and nothing else: no name, no password.
"""

import socket
import ssl
import struct
from collections.abc import Sequence

from cryptography import x509

from models.address import Server

_PATIENCE_S = 3.0
_SSL_REQUEST = struct.pack("!ii", 8, 80_877_103)  # PostgreSQL manual, "Message Formats", SSLRequest
_NOT_YET_VALID, _EXPIRED = 9, 10  # X509_V_ERR_… of OpenSSL's x509_vfy.h


def certificate_fault(servers: Sequence[Server], authorities: str) -> str | None:
    """Return one sentence about the first server whose certificate does not hold, None where all do.

    Blocks up to some seconds a server.

    Args:
        servers: To look at, in this order.
        authorities: PEM file of whom to trust, "" for the system's.
    """
    return next((told for server in servers if (told := _fault(server, authorities))), None)


def _fault(server: Server, authorities: str) -> str | None:
    try:
        trusting = ssl.create_default_context(cafile=authorities or None)
    except (OSError, ssl.SSLError):
        return f"The certificates of authorities in {authorities} cannot be read; correct database_ca."
    trusting.check_hostname = False  # libpq names a wrong host itself
    try:
        _greet(server, trusting)
    except ssl.SSLCertVerificationError as error:
        return _sentence(server, error)
    except OSError:
        return None
    return None


def _sentence(server: Server, error: ssl.SSLCertVerificationError) -> str:
    shown = _shown_certificate(server)
    if error.verify_code == _EXPIRED and shown:
        return (
            f"The certificate of {server.name} expired on {shown.not_valid_after_utc:%d %B %Y}; "
            "the server's administrator must renew it."
        )
    if error.verify_code == _NOT_YET_VALID and shown:
        return (
            f"The certificate of {server.name} is valid only from {shown.not_valid_before_utc:%d %B %Y}; "
            "check the clock of this computer, then ask the server's administrator."
        )
    return (
        f"The certificate of {server.name} comes from nobody this computer trusts ({error.verify_message}), "
        "so nothing was sent: either somebody stands between, or the file of its certificate authority is "
        "missing here (database_ca in settings.toml)."
    )


def _greet(server: Server, context: ssl.SSLContext) -> bytes | None:
    with socket.create_connection((server.reached_at, server.port), timeout=_PATIENCE_S) as line:
        line.sendall(_SSL_REQUEST)
        if line.recv(1) != b"S":
            return None
        with context.wrap_socket(line, server_hostname=server.name) as secured:
            return secured.getpeercert(binary_form=True)


def _shown_certificate(server: Server) -> x509.Certificate | None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE  # to read what it shows, not to trust it
    try:
        shown = _greet(server, context)
        return x509.load_der_x509_certificate(shown) if shown else None
    except (OSError, ValueError):
        return None
