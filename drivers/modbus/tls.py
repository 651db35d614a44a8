"""The TLS side of Modbus/TCP Security: whom we believe, what we show, what the other end shows.

The specification (2021, 6 and 8) wants TLS 1.2 or better and certificates on both ends. A trusted certificate
is OpenSSL's only anchor, so that the handshake itself refuses every other, and an expired one too.
"""

import asyncio
import base64
import secrets
import ssl
import tempfile
from pathlib import Path

from drivers.errors import LineLost, NeedsHuman
from drivers.modbus import faults, tls_faults
from drivers.modbus.tls_settings import ModbusTlsSettings, Trust
from drivers.workbench import CertificateFacts


async def make_context(settings: ModbusTlsSettings) -> ssl.SSLContext:
    """Return how to speak TLS with this device. Raises NeedsHuman where our own certificate is unusable."""
    # Reading the system's authorities and checking a key take some 50 ms each; polling goes on meanwhile.
    return await asyncio.to_thread(_context_of, settings)


def expected_name(settings: ModbusTlsSettings) -> str:
    """Return the name that the certificate must have been issued for."""
    return settings.server_name or settings.host


async def shown_certificate(settings: ModbusTlsSettings) -> CertificateFacts:
    """Return what certificate the device shows, believed or not. Raises LineLost or NeedsHuman."""
    context = await make_context(settings)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    try:
        async with asyncio.timeout(settings.connect_timeout_s):
            _, writer = await asyncio.open_connection(
                settings.host, settings.port, ssl=context, server_hostname=expected_name(settings)
            )
    except TimeoutError:
        raise faults.connect_timed_out(settings.peer, settings.connect_timeout_s) from None
    except ssl.SSLError as error:
        raise tls_faults.refused_by_peer(settings.peer, error) from error
    except OSError as error:
        raise faults.connect_failed(settings.peer, settings.host, error) from error
    except ValueError:
        raise faults.name_unknown(settings.host) from None
    try:
        session: ssl.SSLObject = writer.get_extra_info("ssl_object")
        shown = session.getpeercert(binary_form=True)
    finally:
        writer.transport.abort()
    if shown is None:
        raise LineLost(f"{settings.peer} showed no certificate.")
    return _facts(settings, shown)


def _context_of(settings: ModbusTlsSettings) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if settings.trust is Trust.CERTIFICATE and settings.server_certificate is not None:
        context.check_hostname = False  # This very certificate is trusted, whatever names it holds.
        context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
        context.load_verify_locations(cadata=base64.b64decode(settings.server_certificate))
    elif settings.authorities is not None:
        context.load_verify_locations(cadata=settings.authorities)
    else:
        context.load_default_certs(ssl.Purpose.SERVER_AUTH)
    if settings.client_certificate is not None:
        try:
            _show(context, settings)
        except (ssl.SSLError, OSError, ValueError) as error:
            raise tls_faults.unusable_identity(settings.peer, error) from error
    return context


def _show(context: ssl.SSLContext, settings: ModbusTlsSettings) -> None:
    from cryptography.hazmat.primitives.serialization import (
        BestAvailableEncryption,
        Encoding,
        PrivateFormat,
        load_pem_private_key,
    )

    assert settings.client_certificate is not None  # Settings hold both or none.
    assert settings.client_private_key is not None
    key = load_pem_private_key(settings.client_private_key.get_secret_value().encode(), password=None)
    # OpenSSL takes them from files only. What lies there for a moment is sealed with a password that nobody
    # will ever know again.
    password = secrets.token_hex(16)
    sealed = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(password.encode()))
    with tempfile.TemporaryDirectory(prefix="tls-") as folder:
        shown, hidden = Path(folder, "certificate.pem"), Path(folder, "key.pem")
        shown.write_text(settings.client_certificate)
        hidden.write_bytes(sealed)
        context.load_cert_chain(shown, hidden, password)


def _facts(settings: ModbusTlsSettings, der: bytes) -> CertificateFacts:
    from cryptography import x509

    from drivers.certificate_facts import facts_of
    from drivers.modbus.certificate_complaints import complaints_of

    try:
        certificate = x509.load_der_x509_certificate(der)
    except ValueError:
        raise NeedsHuman(
            f"{settings.peer} shows a certificate that cannot be read; issue a new one on the device."
        ) from None
    return facts_of(certificate, complaints_of(certificate, expected_name(settings)))
