"""Whether a server's certificate is trusted, and each thing that is wrong with it: before anything is sent.

A certificate is trusted when it is pinned in the settings, or issued by an authority that is pinned there. It
must be valid now, name the host of the endpoint and the application that the server says it is (OPC 10000-4,
6.1.3). A server that shows another self-signed certificate than the pinned one is a stranger.
"""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import ExtendedKeyUsageOID

from drivers.certificate_facts import extension_of, fingerprint_of, hosts_of, names_host
from drivers.opcua.settings import DEPRECATED_POLICIES, OpcuaSettings

FEWEST_KEY_BITS = 2048
_FEWEST_FOR_DEPRECATED = 1024  # OPC 10000-7: Basic128Rsa15 and Basic256


@dataclass(frozen=True, slots=True)
class Shown:
    """What a server showed before anything was secured.

    Attributes:
        chain: Its certificate first, then those that issued it, as far as it shows them.
        application_uri: What it calls itself in its endpoint description.
    """

    chain: tuple[x509.Certificate, ...]
    application_uri: str

    @property
    def certificate(self) -> x509.Certificate:
        """The server's own."""
        return self.chain[0]


def chain_from_der(data: bytes) -> tuple[x509.Certificate, ...]:
    """Return the certificates that stand one after the other in `data` (OPC 10000-6, 6.2.6).

    Raises:
        ValueError: There is none, or what follows is none.
    """
    found: list[x509.Certificate] = []
    while data:
        length = _der_length(data)
        found.append(x509.load_der_x509_certificate(data[:length]))
        data = data[length:]
    if not found:
        raise ValueError("no certificate")
    return tuple(found)


def certificate_from_base64(text: str) -> x509.Certificate:
    """Return a certificate of the settings. Raises ValueError where the text is none."""
    return x509.load_der_x509_certificate(base64.b64decode(text))


def complaints_about(shown: Shown, settings: OpcuaSettings, now: datetime) -> tuple[str, ...]:
    """Return one sentence for each reason not to connect; none where the server is trusted.

    Args:
        shown: What the server showed.
        settings: Of the endpoint that showed it.
        now: Timezone-aware.
    """
    trust = _trust_complaint(shown, settings, now)
    return (*((trust,) if trust else ()), *_validity_complaints(shown, settings, now))


def _trust_complaint(shown: Shown, settings: OpcuaSettings, now: datetime) -> str:
    certificate, fingerprint = shown.certificate, fingerprint_of(shown.certificate)
    where = settings.endpoint
    try:
        pinned = [certificate_from_base64(text) for text in settings.trusted]
    except ValueError:
        return "The trusted certificate in the settings cannot be read; fetch and trust the server's again."
    if not pinned:
        return (
            f"The certificate of {where} ({certificate.subject.rfc4514_string()}, fingerprint {fingerprint}) "
            "is not trusted yet; compare the fingerprint with the server's, then trust it in the settings."
        )
    if certificate in pinned:
        return ""
    authorities = [one for one in pinned if _is_authority(one)]
    complaint = _chain_complaint(shown.chain, authorities, now) if authorities else None
    if complaint is None and authorities:
        return ""
    if complaint:
        return complaint
    same_name = any(one.subject == certificate.subject for one in pinned)
    changed = "has changed its certificate since it was trusted" if same_name else "shows another certificate"
    known = ", ".join(fingerprint_of(one) for one in pinned)
    return (
        f"{where} {changed}: fingerprint {fingerprint} instead of {known}; ask its administrator whether "
        "that "
        "was meant, then trust the new one in the settings."
    )


def _chain_complaint(
    chain: Sequence[x509.Certificate], authorities: Sequence[x509.Certificate], now: datetime
) -> str | None:
    """Return why a chain leads to no pinned authority: None where it does, "" where nothing can be said."""
    current = chain[0]
    candidates = [*chain[1:], *authorities]
    for _ in range(len(candidates)):
        issuer = next((one for one in candidates if _issued(one, current)), None)
        if issuer is None or issuer == current:
            return ""
        name = issuer.subject.rfc4514_string()
        if not _is_authority(issuer):
            return f"The certificate was issued by {name}, which is no certificate authority."
        if not issuer.not_valid_before_utc <= now <= issuer.not_valid_after_utc:
            return (
                f"The certificate of the authority {name} ran out on {issuer.not_valid_after_utc:%Y-%m-%d}."
            )
        if issuer in authorities:
            return None
        current = issuer
    return ""


def _validity_complaints(shown: Shown, settings: OpcuaSettings, now: datetime) -> list[str]:
    certificate = shown.certificate
    found: list[str] = []
    begins, ends = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    if now > ends:
        found.append(f"The server's certificate ran out on {ends:%Y-%m-%d}; renew it on the server.")
    if now < begins:
        found.append(
            f"The server's certificate is not valid before {begins:%Y-%m-%d %H:%M} UTC; check the clocks "
            "of the "
            "server and of this computer."
        )
    if settings.host_check and not names_host(certificate, settings.host):
        named = ", ".join(hosts_of(certificate)) or "no host at all"
        found.append(
            f"The server's certificate was issued for {named}, not for {settings.host}; use one of these "
            "names in "
            "the endpoint, or issue a certificate that names this one."
        )
    uris = _application_uris(certificate)
    if shown.application_uri not in uris:
        found.append(
            f"The server calls itself {shown.application_uri or 'nothing'}, but its certificate was "
            "issued for "
            f"{', '.join(uris) or 'no application URI'}; make the two equal on the server."
        )
    if settings.application_uri is not None and settings.application_uri not in uris:
        found.append(
            f"The settings expect the application URI {settings.application_uri}, the server's "
            "certificate says "
            f"{', '.join(uris) or 'none'}; correct the setting, or the endpoint leads to another server."
        )
    found.extend(_key_complaints(certificate, settings))
    return found


def _key_complaints(certificate: x509.Certificate, settings: OpcuaSettings) -> list[str]:
    key = certificate.public_key()
    fewest = _FEWEST_FOR_DEPRECATED if settings.security in DEPRECATED_POLICIES else FEWEST_KEY_BITS
    if not isinstance(key, rsa.RSAPublicKey):
        return ["The server's certificate holds no RSA key, which this security needs; issue one that does."]
    found: list[str] = []
    if key.key_size < fewest:
        found.append(
            f"The key of the server's certificate has {key.key_size} bits, {settings.security} needs "
            f"{fewest} at "
            "least; issue a certificate with a longer key."
        )
    usage = extension_of(certificate, x509.ExtendedKeyUsage)
    if usage is not None and not {
        ExtendedKeyUsageOID.SERVER_AUTH,
        ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE,
    } & set(usage):
        found.append("The server's certificate was not issued for servers; issue one with serverAuth.")
    return found


def _application_uris(certificate: x509.Certificate) -> list[str]:
    names = extension_of(certificate, x509.SubjectAlternativeName)
    return [] if names is None else names.get_values_for_type(x509.UniformResourceIdentifier)


def _is_authority(certificate: x509.Certificate) -> bool:
    """Whether it may issue others."""
    constraints = extension_of(certificate, x509.BasicConstraints)
    usage = extension_of(certificate, x509.KeyUsage)
    return constraints is not None and constraints.ca and (usage is None or usage.key_cert_sign)


def _issued(issuer: x509.Certificate, certificate: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(issuer)
    except (ValueError, TypeError, InvalidSignature):
        return False
    return True


def _der_length(data: bytes) -> int:
    """Return how many bytes the first element of `data` takes (ITU-T X.690, 8.1.3)."""
    if len(data) < 2:
        raise ValueError("no certificate")
    if data[1] < 0x80:
        return 2 + data[1]
    count = data[1] & 0x7F
    return 2 + count + int.from_bytes(data[2 : 2 + count], "big")
