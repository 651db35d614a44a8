"""What is to be said against a certificate, for people who decide whether to trust it."""

from datetime import UTC, datetime

from cryptography import x509

from drivers.certificate_facts import hosts_of, names_host

_DAY = "%Y-%m-%d"


def complaints_of(certificate: x509.Certificate, host: str) -> tuple[str, ...]:
    """Return one sentence for each thing that is wrong with a certificate that `host` showed."""
    now = datetime.now(UTC)
    complaints: list[str] = []
    if certificate.not_valid_after_utc < now:
        complaints.append(f"It expired on {certificate.not_valid_after_utc:{_DAY}}.")
    if certificate.not_valid_before_utc > now:
        complaints.append(f"It is valid from {certificate.not_valid_before_utc:{_DAY}} on only.")
    hosts = hosts_of(certificate)
    # A star stands for the first part of a name (RFC 6125, 6.4.3); the handshake takes it, too.
    starred = f"*.{host.partition('.')[2]}".lower()
    if not names_host(certificate, host) and starred not in map(str.lower, hosts):
        known = ", ".join(hosts) or "no name at all"
        complaints.append(f"It was issued for {known}, not for {host}.")
    if certificate.issuer == certificate.subject:
        complaints.append("The device issued it itself; nobody else vouches for it.")
    return tuple(complaints)
