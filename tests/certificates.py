"""Certificates for tests: an authority, and what servers show that it certified, or somebody else did."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


@dataclass(frozen=True, slots=True)
class Shown:
    """What a server shows: certificate and private key, as PEM."""

    certificate: bytes
    key: bytes


class Authority:
    """A certificate authority of a test's own."""

    def __init__(self, name: str = "Authority of the tests") -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = _named(name)
        public = self._key.public_key()
        self._certificate = (
            _begun(self._name, self._name, public, timedelta(days=-30), timedelta(days=30))
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .sign(self._key, SHA256())
        )

    def write(self, file: Path) -> Path:
        """Write what computers trust that trust this authority."""
        file.write_bytes(self._certificate.public_bytes(Encoding.PEM))
        return file

    def certify(
        self,
        host: str,
        begins: timedelta = timedelta(days=-2),
        ends: timedelta = timedelta(days=2),
        key: Key | None = None,
    ) -> Shown:
        """Return what a server of this name shows, valid from and until so long from now."""
        key = key or ec.generate_private_key(ec.SECP256R1())
        certificate = (
            _begun(_named(host), self._name, key.public_key(), begins, ends)
            .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
            .sign(self._key, SHA256())
        )
        return Shown(certificate.public_bytes(Encoding.PEM), pem_of(key))


def pem_of(key: Key) -> bytes:
    """Return a private key as PEM."""
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _named(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _begun(
    subject: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePublicKey | rsa.RSAPublicKey,
    begins: timedelta,
    ends: timedelta,
) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now + begins)
        .not_valid_after(now + ends)
    )
