"""The certificate by which servers know this station (OPC 10000-6, 6.2.2): made on first use, kept, renewed.

    <folder>/opcua-station.pem    certificate, for everybody to see
    <folder>/opcua-station.key    private key, readable by this account only

It is signed by itself, as those of most plants are: a server's administrator trusts this one certificate. So
a new one is made only when the old one has run out and no server would take it any more.
"""

import asyncio
import os
import socket
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import quote

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from drivers.certificate_facts import fingerprint_of
from drivers.errors import NeedsHuman

KEY_BITS = 2048  # the one size that all policies allow (OPC 10000-7)
VALID_FOR = timedelta(days=5 * 365)
WARN_BEFORE = timedelta(days=30)
_CERTIFICATE = "opcua-station.pem"
_KEY = "opcua-station.key"


@dataclass(frozen=True, slots=True)
class OwnCertificate:
    """Who this station is to servers. Its representation shows no key."""

    certificate: x509.Certificate
    key: rsa.RSAPrivateKey

    def __repr__(self) -> str:
        return f"<OwnCertificate {self.subject}>"

    @property
    def subject(self) -> str:
        """Distinguished name, as lists of trusted certificates show it."""
        return self.certificate.subject.rfc4514_string()

    @property
    def application_uri(self) -> str:
        """What this station calls itself; the same as in its certificate (OPC 10000-4, 6.1)."""
        names = self.certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        return names.get_values_for_type(x509.UniformResourceIdentifier)[0]

    @property
    def fingerprint(self) -> str:
        """SHA-256, upper-case hex with colons."""
        return fingerprint_of(self.certificate)

    @property
    def pem(self) -> str:
        """The certificate for an administrator of a server."""
        return self.certificate.public_bytes(Encoding.PEM).decode()


def runs_out_soon(certificate: x509.Certificate, now: datetime) -> bool:
    """Whether somebody should see to a new one: less than 30 days are left."""
    return certificate.not_valid_after_utc - now < WARN_BEFORE


def reminders_of(folder: Path, now: datetime | None = None) -> tuple[str, ...]:
    """Return what somebody must see to: the certificate runs out soon, or cannot be read. Reads the disk."""
    try:
        own = existing(folder, is_key_checked=False)
    except NeedsHuman as error:
        return (str(error),)
    if own is None or not runs_out_soon(own.certificate, now or datetime.now(UTC)):
        return ()
    ends = own.certificate.not_valid_after_utc
    return (
        f"This station's certificate for OPC UA runs out on {ends:%Y-%m-%d}, and servers refuse it then. "
        "Remove "
        f"{_CERTIFICATE} and {_KEY} from {folder}: a new one is made, which the administrators of the "
        "servers "
        "have to trust.",
    )


class CertificateStore:
    """Keeps the station's certificate in a folder. Used from one event loop."""

    def __init__(self, folder: Path | None) -> None:
        """Take the folder; None: there is none, and every secured connection is refused."""
        self._folder = folder
        self._own: OwnCertificate | None = None
        self._own_of: int | None = None
        self._turn = asyncio.Lock()

    async def own(self) -> OwnCertificate:
        """Return the certificate, made where there is none or the old one has run out.

        Raises:
            NeedsHuman: It cannot be kept or read; the sentence names the file.
        """
        async with self._turn:
            own = self._own
            is_other = self._own_of != _changed_at(self._folder)
            if own is None or is_other or own.certificate.not_valid_after_utc <= datetime.now(UTC):
                # A key takes a second to make on a small computer, and polling must go on meanwhile.
                own = self._own = await asyncio.to_thread(load_or_make, self._folder)
                self._own_of = _changed_at(self._folder)
            return own


def existing(folder: Path, *, is_key_checked: bool = True) -> OwnCertificate | None:
    """Return the certificate that is kept in a folder, run out or not; None where there is none.

    Args:
        folder: Where it is kept.
        is_key_checked: Whether to find out if the key's numbers are primes, which takes 50 ms and lets no
            other thread of Python run meanwhile; for whoever is about to use the key.

    Raises:
        NeedsHuman: It cannot be read.
    """
    certificate_file, key_file = folder / _CERTIFICATE, folder / _KEY
    try:
        certificate = x509.load_pem_x509_certificate(certificate_file.read_bytes())
        pem = key_file.read_bytes()
        key = load_pem_private_key(pem, password=None, unsafe_skip_rsa_key_validation=not is_key_checked)
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError) as error:
        raise NeedsHuman(
            f"This station's certificate in {folder} cannot be read ({type(error).__name__}); repair or "
            "remove "
            f"{certificate_file.name} and {key_file.name}, and a new one is made."
        ) from None
    if not isinstance(key, rsa.RSAPrivateKey) or key.public_key() != certificate.public_key():
        raise NeedsHuman(
            f"The key {key_file} does not belong to the certificate beside it; remove both, and new ones are "
            "made, which servers have to trust again."
        )
    return OwnCertificate(certificate, key)


def load_or_make(folder: Path | None, now: datetime | None = None) -> OwnCertificate:
    """Return the certificate of a folder, made where there is none or the old one has run out. Blocks.

    Raises:
        NeedsHuman: It cannot be kept or read.
    """
    if folder is None:
        raise NeedsHuman("This program has no folder for its certificate, so it makes no secured connection.")
    now = now or datetime.now(UTC)
    kept = existing(folder)
    if kept is not None and kept.certificate.not_valid_after_utc > now:
        return kept
    return renew(folder, now)


def renew(folder: Path, now: datetime | None = None) -> OwnCertificate:
    """Make a new key and certificate and keep them; servers have to trust them anew. Blocks.

    Raises:
        NeedsHuman: The folder cannot be written.
    """
    now = now or datetime.now(UTC)
    made = _made(now)
    key_pem = made.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        # The key first: a certificate without its key would be an error, a key alone is made anew.
        (folder / _CERTIFICATE).unlink(missing_ok=True)
        _write(folder / _KEY, key_pem, 0o600)
        _write(folder / _CERTIFICATE, made.pem.encode(), 0o644)
    except OSError as error:
        raise NeedsHuman(
            f"This station's certificate cannot be kept in {folder} ({error.strerror}); make the folder "
            "writable."
        ) from error
    return made


def _changed_at(folder: Path | None) -> int | None:
    """Return when the certificate was written, in nanoseconds; None where there is none."""
    try:
        return None if folder is None else (folder / _CERTIFICATE).stat().st_mtime_ns
    except OSError:
        return None


def _write(file: Path, content: bytes, mode: int) -> None:
    partial = file.with_name(f"{file.name}.{os.getpid()}.new")
    with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), "wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())
    partial.replace(file)


def _made(now: datetime) -> OwnCertificate:
    host = socket.gethostname() or "localhost"
    key = rsa.generate_private_key(public_exponent=65537, key_size=KEY_BITS)
    name = x509.Name(
        [
            x509.NameAttribute(NameOID.COMMON_NAME, f"Operator console on {host}"[:64]),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Operator console"),
        ]
    )
    # Unique for each installation: two stations of one computer must not be one to a server.
    uri = f"urn:{quote(host)}:operator-console:{x509.random_serial_number() % 16**8:08x}"
    names: list[x509.GeneralName] = [x509.UniformResourceIdentifier(uri)]
    names.extend(_host_names(host))
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))  # servers' clocks may be behind
        .not_valid_after(now + VALID_FOR)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(
            x509.KeyUsage(
                digital_signature=True,
                content_commitment=True,
                key_encipherment=True,
                data_encipherment=True,
                key_agreement=False,
                key_cert_sign=True,  # it signed itself, OPC 10000-6, table 42
                crl_sign=False,
                encipher_only=False,
                decipher_only=False,
            ),
            critical=True,
        )
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key()), critical=False)
        .sign(key, SHA256())
    )
    return OwnCertificate(certificate, key)


def _host_names(host: str) -> list[x509.GeneralName]:
    # Not the full name: asking a name service takes as long as it likes, and servers hardly ever compare it.
    try:
        return [x509.DNSName(host.encode("idna").decode())]
    except UnicodeError:
        return []
