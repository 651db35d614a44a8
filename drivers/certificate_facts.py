"""A certificate as people look at it before they trust it, whichever protocol showed it. Pure.

Whether it is trusted, and what is wrong with it, every protocol judges by its own rules.
"""

import base64
from collections.abc import Sequence
from ipaddress import ip_address
from typing import TypeVar

from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding

from drivers.workbench import CertificateFacts

_Extension = TypeVar("_Extension", bound=x509.ExtensionType)


def facts_of(certificate: x509.Certificate, complaints: Sequence[str]) -> CertificateFacts:
    """Return what is shown of a certificate, with what is wrong with it, one sentence each."""
    return CertificateFacts(
        der_base64=base64_of(certificate),
        subject=certificate.subject.rfc4514_string(),
        issuer=certificate.issuer.rfc4514_string(),
        fingerprint=fingerprint_of(certificate),
        not_before_unix=certificate.not_valid_before_utc.timestamp(),
        not_after_unix=certificate.not_valid_after_utc.timestamp(),
        hosts=hosts_of(certificate),
        complaints=tuple(complaints),
    )


def base64_of(certificate: x509.Certificate) -> str:
    """Return a certificate as settings keep it: base64 of its DER."""
    return base64.b64encode(certificate.public_bytes(Encoding.DER)).decode()


def fingerprint_of(certificate: x509.Certificate) -> str:
    """Return the SHA-256 of a certificate as upper-case hex with colons."""
    return certificate.fingerprint(SHA256()).hex(":").upper()


def hosts_of(certificate: x509.Certificate) -> tuple[str, ...]:
    """Return names and addresses of hosts that a certificate was issued for."""
    names = extension_of(certificate, x509.SubjectAlternativeName)
    if names is None:
        return ()
    addresses = (str(address) for address in names.get_values_for_type(x509.IPAddress))
    return (*names.get_values_for_type(x509.DNSName), *addresses)


def names_host(certificate: x509.Certificate, host: str) -> bool:
    """Return whether a certificate was issued for `host`, a name or an address, in whatever spelling."""
    hosts = hosts_of(certificate)
    try:
        wanted = ip_address(host)
    except ValueError:
        return any(name.lower() == host.lower() for name in hosts)
    return any(_is_address(name, wanted) for name in hosts)


def extension_of(certificate: x509.Certificate, kind: type[_Extension]) -> _Extension | None:
    """Return an extension of a certificate; None where there is none that can be read."""
    try:
        return certificate.extensions.get_extension_for_class(kind).value
    except (x509.ExtensionNotFound, ValueError):
        return None


def _is_address(name: str, wanted: object) -> bool:
    try:
        return ip_address(name) == wanted
    except ValueError:
        return False
