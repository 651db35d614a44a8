"""How messages to a server are protected, and who the user is: certificates, keys → asyncua's policies."""

# asyncua's generated structures annotate their fields with names that only exist at run time.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from collections.abc import Sequence
from dataclasses import dataclass

from asyncua import ua
from asyncua.crypto import security_policies
from asyncua.crypto.security_policies import SecurityPolicy
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from drivers.errors import NeedsHuman
from drivers.opcua.own_certificate import OwnCertificate
from drivers.opcua.settings import OpcuaSettings, SignIn

_POLICIES: dict[str, type[SecurityPolicy]] = {
    "None": security_policies.SecurityPolicyNone,
    "Basic256Sha256": security_policies.SecurityPolicyBasic256Sha256,
    "Aes128Sha256RsaOaep": security_policies.SecurityPolicyAes128Sha256RsaOaep,
    "Aes256Sha256RsaPss": security_policies.SecurityPolicyAes256Sha256RsaPss,
    "Basic256": security_policies.SecurityPolicyBasic256,
    "Basic128Rsa15": security_policies.SecurityPolicyBasic128Rsa15,
}
_TOKENS = {
    SignIn.ANONYMOUS: ua.UserTokenType.Anonymous,
    SignIn.USER: ua.UserTokenType.UserName,
    SignIn.CERTIFICATE: ua.UserTokenType.Certificate,
}
_NOT_OFFERED = {
    SignIn.ANONYMOUS: (
        "refuses to sign in anonymously; give user name and password, or allow anonymous sign-in on the "
        "server"
    ),
    SignIn.USER: ("offers no sign-in by user name; remove user name and password, or allow it on the server"),
    SignIn.CERTIFICATE: "offers no sign-in by certificate; choose another, or allow it on the server",
}
_NAMES = {policy.URI: name for name, policy in _POLICIES.items()}


@dataclass(frozen=True, slots=True)
class UserPapers:
    """Certificate and private key by which a user signs in. Its representation shows no key."""

    certificate: x509.Certificate
    key: rsa.RSAPrivateKey

    def __repr__(self) -> str:
        return f"<UserPapers {self.certificate.subject.rfc4514_string()}>"


def policy_uri(settings: OpcuaSettings) -> str:
    """Return how the protocol calls the chosen policy."""
    return _POLICIES[settings.security].URI


def security_mode(settings: OpcuaSettings) -> ua.MessageSecurityMode:
    """Return the chosen mode; None_ where messages are not protected."""
    if not settings.is_secured:
        return ua.MessageSecurityMode.None_
    return ua.MessageSecurityMode[settings.security_mode]


def offer_text(endpoint: ua.EndpointDescription) -> str:
    """Return what an endpoint of a server offers, in the words of the settings."""
    uri = endpoint.SecurityPolicyUri or ""
    policy = _NAMES.get(uri, uri.rpartition("#")[2])
    mode = ua.MessageSecurityMode(endpoint.SecurityMode).name.strip("_")
    return policy if policy == mode else f"{policy} ({mode})"


def wanted_text(settings: OpcuaSettings) -> str:
    """Return the chosen security in the same words."""
    return f"{settings.security} ({settings.security_mode})" if settings.is_secured else settings.security


def protection(settings: OpcuaSettings, server: x509.Certificate, own: OwnCertificate) -> SecurityPolicy:
    """Return asyncua's policy for one connection to a server that is trusted already."""
    policy = _POLICIES[settings.security]
    return policy(server, own.certificate, own.key, security_mode(settings))


def user_papers(settings: OpcuaSettings) -> UserPapers | None:
    """Return the user's certificate and key; None where the user signs in otherwise.

    Raises:
        NeedsHuman: They cannot be read, or do not belong together.
    """
    if settings.sign_in is not SignIn.CERTIFICATE:
        return None
    if settings.user_certificate is None or settings.user_private_key is None:
        raise NeedsHuman("Sign-in by certificate needs the user certificate and its private key.")
    try:
        certificate = x509.load_pem_x509_certificate(settings.user_certificate.encode())
    except ValueError:
        raise NeedsHuman("The user certificate cannot be read; give one in PEM.") from None
    pem = settings.user_private_key.get_secret_value().strip().encode()
    try:
        key = load_pem_private_key(pem, password=None)
    except TypeError:
        raise NeedsHuman("The private key of the user has a passphrase; give it without one.") from None
    except ValueError:  # its text may hold parts of the key
        raise NeedsHuman("The private key of the user cannot be read; give one in PEM.") from None
    if not isinstance(key, rsa.RSAPrivateKey):
        raise NeedsHuman("The private key of the user is no RSA key, which OPC UA needs.")
    if key.public_key() != certificate.public_key():
        raise NeedsHuman("The private key of the user does not belong to the user certificate.")
    return UserPapers(certificate, key)


def check_sign_in(settings: OpcuaSettings, offered: Sequence[ua.UserTokenPolicy]) -> None:
    """Raise NeedsHuman where a server offers no sign-in of the chosen kind."""
    kinds = [token.TokenType for token in offered]
    if kinds and _TOKENS[settings.sign_in] not in kinds:
        raise NeedsHuman(f"{settings.endpoint} {_NOT_OFFERED[settings.sign_in]}.")


def check_password_way(settings: OpcuaSettings, policy: str, *, has_certificate: bool) -> None:
    """Raise NeedsHuman where a password could be read on its way, or nothing is there to encrypt it with.

    Args:
        settings: Of the server.
        policy: URI of the policy by which it wants the password; empty = in clear.
        has_certificate: Whether the server's certificate is known.
    """
    is_clear = not policy or policy == _POLICIES["None"].URI
    if not is_clear and not has_certificate:
        raise NeedsHuman(
            f"{settings.endpoint} wants the password encrypted, but shows no certificate to do it with; "
            "give it "
            "one, or change its sign-in policy."
        )
    if is_clear and settings.is_secured and settings.security_mode == "Sign":
        raise NeedsHuman(
            f"{settings.endpoint} wants the password unencrypted although messages are only signed; choose "
            "SignAndEncrypt in the settings."
        )
