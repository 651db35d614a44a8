"""Certificates of OPC UA servers and users for tests. Keys are slow to make, so few are shared by all."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

APPLICATION_URI = "urn:test:server"


@dataclass(frozen=True)
class Papers:
    """A certificate with its key."""

    certificate: x509.Certificate
    key: rsa.RSAPrivateKey

    @property
    def base64(self) -> str:
        """The certificate as settings keep it."""
        return "".join(self.pem.splitlines()[1:-1])

    @property
    def pem(self) -> str:
        """The certificate as files keep it."""
        return self.certificate.public_bytes(Encoding.PEM).decode()

    @property
    def key_pem(self) -> str:
        """The private key as files keep it."""
        return self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


@dataclass(frozen=True)
class Wish:
    """What a certificate shall say."""

    name: str = "Plant server"
    hosts: Sequence[str] = ("127.0.0.1",)
    uri: str = APPLICATION_URI
    begins: timedelta = timedelta(days=-2)
    ends: timedelta = timedelta(days=30)
    is_authority: bool = False
    uses: Sequence[x509.ObjectIdentifier] = (ExtendedKeyUsageOID.SERVER_AUTH,)


class PapersOffice:
    """Issues certificates with one key for servers, one for an authority and one for users."""

    def __init__(self) -> None:
        self._server_key = _key()
        self._authority_key = _key()
        self.authority = self.new_authority()

    def new_authority(self, **wish: object) -> Papers:
        """Issue another certificate of the same authority."""
        asked = replace(Wish("Plant authority", (), "urn:test:ca", is_authority=True), **wish)
        return self._issue(asked, self._authority_key)

    def self_signed(self, **wish: object) -> Papers:
        """Issue a certificate that a server signed itself."""
        return self._issue(replace(Wish(), **wish), self._server_key)

    def issued(self, **wish: object) -> Papers:
        """Issue a server's certificate in the name of the authority."""
        return self._issue(replace(Wish(), **wish), self._server_key, self.authority)

    def user(self, name: str) -> Papers:
        """Issue a user's certificate."""
        return self._issue(Wish(name, (), f"urn:test:{name}"), self._server_key)

    def _issue(self, wish: Wish, key: rsa.RSAPrivateKey, issuer: Papers | None = None) -> Papers:
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, wish.name)])
        now = datetime.now(UTC)
        names: list[x509.GeneralName] = [x509.UniformResourceIdentifier(wish.uri)]
        names.extend(_host_name(host) for host in wish.hosts)
        certificate = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(issuer.certificate.subject if issuer else name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now + wish.begins)
            .not_valid_after(now + wish.ends)
            .add_extension(x509.SubjectAlternativeName(names), critical=False)
            .add_extension(x509.BasicConstraints(ca=wish.is_authority, path_length=None), critical=True)
            .add_extension(x509.ExtendedKeyUsage(wish.uses), critical=False)
            .sign(issuer.key if issuer else key, SHA256())
        )
        return Papers(certificate, key)


def _key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def _host_name(text: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(text))
    except ValueError:
        return x509.DNSName(text)
