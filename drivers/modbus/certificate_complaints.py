"""What is to be said against a certificate, for people who decide whether to trust it."""

from datetime import UTC, datetime

from cryptography import x509

_DAY = "%Y-%m-%d"


def hosts_of(certificate: x509.Certificate) -> tuple[str, ...]:
    """Return the names and addresses a certificate was issued for."""
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (x509.ExtensionNotFound, ValueError):
        return ()
    addresses = (str(address) for address in names.get_values_for_type(x509.IPAddress))
    return (*names.get_values_for_type(x509.DNSName), *addresses)


def complaints_of(certificate: x509.Certificate, hosts: tuple[str, ...], host: str) -> tuple[str, ...]:
    """Return one sentence for each thing that is wrong with a certificate that `host` showed."""
    now = datetime.now(UTC)
    complaints: list[str] = []
    if certificate.not_valid_after_utc < now:
        complaints.append(f"It expired on {certificate.not_valid_after_utc:{_DAY}}.")
    if certificate.not_valid_before_utc > now:
        complaints.append(f"It is valid from {certificate.not_valid_before_utc:{_DAY}} on only.")
    if host.lower() not in (name.lower() for name in hosts):
        known = ", ".join(hosts) or "no name at all"
        complaints.append(f"It was issued for {known}, not for {host}.")
    if certificate.issuer == certificate.subject:
        complaints.append("The device issued it itself; nobody else vouches for it.")
    return tuple(complaints)
