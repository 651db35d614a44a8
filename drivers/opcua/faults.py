"""asyncua's and the system's exceptions → our errors, once, by what to do about it.

refused, reset, silent, name not found, server shutting down                       LineLost
nonsense answered                                                                  Garbled, a LineLost
security policy, certificate, identity, endpoint path                              NeedsHuman
"""

import asyncio
import errno
import socket
import struct

from asyncua import ua
from asyncua.ua.status_codes import StatusCodes
from cryptography.exceptions import InvalidSignature

from drivers.errors import DriverError, LineLost, NeedsHuman
from drivers.opcua.decode import status_name, status_words
from drivers.opcua.settings import OpcuaSettings, SignIn

# Everything that a server, honest or not, can make the library raise while it talks or decodes.
FOREIGN = (
    OSError,  # includes TimeoutError, ConnectionError and socket.gaierror
    asyncio.IncompleteReadError,
    ua.UaError,
    struct.error,
    ValueError,
    TypeError,
    LookupError,
    AttributeError,
    RecursionError,
    InvalidSignature,
)

_NEEDS_HUMAN = {
    "BadSecurityPolicyRejected": "does not accept the chosen security; choose another in the settings",
    "BadSecurityModeRejected": "does not accept the chosen security; choose another in the settings",
    "BadSecurityModeInsufficient": "asks for more security than chosen; choose another in the settings",
    "BadSecurityChecksFailed": "rejected the secure connection; let it trust this computer's certificate",
    "BadIdentityTokenRejected": "refuses to sign in anonymously; allow anonymous sign-in on the server",
    "BadIdentityTokenInvalid": "refuses to sign in anonymously; allow anonymous sign-in on the server",
    "BadUserAccessDenied": "denies access to the signed-in user; grant it on the server",
    "BadTcpEndpointUrlInvalid": "knows no endpoint of this path; correct the endpoint in the settings",
    "BadServiceUnsupported": "lacks a service that is needed; check the server's profile",
    "BadLicenseExpired": "has an expired license; renew it on the server",
}

# OPC 10000-4, 5.6.3.3: what ActivateSession answers to a wrong user name or password.
_SIGN_IN_REFUSED = ("BadIdentityTokenRejected", "BadIdentityTokenInvalid", "BadUserAccessDenied")

# What servers answer to a station whose certificate nobody has trusted there (OPC 10000-4, 6.1.3).
_DISTRUST = (
    "BadSecurityChecksFailed",
    "BadCertificateUntrusted",
    "BadCertificateChainIncomplete",
    "BadCertificateInvalid",
    "BadCertificateIssuerRevocationUnknown",
    "BadCertificateRevocationUnknown",
)

_SESSION_ENDED = ("BadSession", "BadSecureChannel", "BadServerHalted", "BadShutdown", "BadConnection")

_TOO_LARGE = (
    StatusCodes.BadTooManyOperations,
    StatusCodes.BadRequestTooLarge,
    StatusCodes.BadResponseTooLarge,
    StatusCodes.BadEncodingLimitsExceeded,
)


class Garbled(LineLost):
    """An answer whose parts cannot be told from each other; about what it was asked for, nothing is known."""


def fault(error: Exception, endpoint: str, timeout_s: float) -> DriverError:
    """Return what `error`, one of FOREIGN, means for everything that is reached through `endpoint`.

    Args:
        error: As raised by asyncua, the socket or the decoder.
        endpoint: What people call the server; the sentence names it.
        timeout_s: The time-out that applied, for the sentence.
    """
    if isinstance(error, ua.UaStatusCodeError):
        return _status_fault(error.code or 0, endpoint)
    if isinstance(error, InvalidSignature):
        return NeedsHuman(
            f"{endpoint} does not prove that its certificate is its own; somebody may stand between, so "
            "nothing "
            "was sent: check the network and the server's certificate."
        )
    if "certificate mismatch" in str(error):
        return NeedsHuman(
            f"{endpoint} shows another certificate in its session than before; restart the server, and "
            "fetch its "
            "certificate again."
        )
    if isinstance(error, socket.gaierror):
        return LineLost(
            f"The host name in {endpoint} cannot be resolved; check its spelling and the name service."
        )
    if isinstance(error, TimeoutError):
        return LineLost(
            f"No answer from {endpoint} within {timeout_s:g} s; "
            "check that the server runs and that the network reaches it."
        )
    if isinstance(error, ConnectionError) or str(errno.ECONNREFUSED) in str(error):
        return _connection_fault(error, endpoint)
    if isinstance(error, OSError):
        return LineLost(
            f"{endpoint} cannot be reached ({error.strerror or error}); check network and address."
        )
    return Garbled(
        f"{endpoint} answered something that is not OPC UA ({type(error).__name__}); check host and port."
    )


def sign_in_fault(error: Exception, endpoint: str, settings: OpcuaSettings) -> NeedsHuman | None:
    """Return what a refused sign-in of a user means; None where `fault` says it better."""
    if settings.sign_in is SignIn.ANONYMOUS or not isinstance(error, ua.UaStatusCodeError):
        return None
    name = status_name(error.code or 0)
    if settings.sign_in is SignIn.CERTIFICATE:
        if name not in _SIGN_IN_REFUSED and not name.startswith(("BadCertificate", "BadUserSignature")):
            return None
        return NeedsHuman(
            f"{endpoint} does not accept the user certificate; have its administrator trust it as a "
            "user's, or "
            f"give another one ({name})."
        )
    if name not in _SIGN_IN_REFUSED:
        return None
    return NeedsHuman(
        f"{endpoint} does not accept the user {settings.username!r} with this password; correct user "
        "name and "
        f"password in the device's settings, or the account on the server ({name})."
    )


def distrust_fault(error: Exception, endpoint: str, subject: str, fingerprint: str) -> DriverError | None:
    """Return what it means that a server refused to be talked to in secret; None: `fault` says it better.

    Args:
        error: One of FOREIGN.
        endpoint: What people call the server.
        subject, fingerprint: Of this station's own certificate.
    """
    mend = (
        f"have its administrator trust the certificate {subject!r} (fingerprint {fingerprint}), which "
        "Devices › "
        "This station's certificate shows"
    )
    if isinstance(error, ua.UaStatusCodeError):
        name = status_name(error.code or 0)
        if name in _DISTRUST:
            return NeedsHuman(f"{endpoint} does not trust this station yet; {mend} ({name}).")
        if name.startswith("BadCertificate"):
            return NeedsHuman(
                f"{endpoint} refuses this station's certificate: {status_words(error.code or 0)}; {mend}."
            )
        return None
    if isinstance(error, TimeoutError):
        return LineLost(
            f"{endpoint} fell silent while the connection was being secured, as a server does that lacks "
            "the key "
            f"of its certificate, or that does not trust this station yet: then {mend}."
        )
    if isinstance(error, ConnectionError):
        return NeedsHuman(
            f"{endpoint} closed the connection while it was being secured, as servers do that do not "
            "trust this "
            f"station yet; {mend}."
        )
    return None


def ends_session(code: int) -> bool:
    """Whether a refused service means that the session or channel itself is gone, not just this request."""
    return status_name(code).startswith(_SESSION_ENDED)


def is_too_large(code: int) -> bool:
    """Whether a refused service asks for fewer nodes a request."""
    return code in _TOO_LARGE


def again(error: DriverError) -> DriverError:
    """Return a fresh copy of `error`, so that many devices can raise it without sharing a traceback."""
    copy = type(error)(*error.args)
    copy.__cause__ = error.__cause__
    return copy


def _connection_fault(error: Exception, endpoint: str) -> DriverError:
    if isinstance(error, ConnectionRefusedError) or str(errno.ECONNREFUSED) in str(error):
        return LineLost(
            f"{endpoint} refuses the connection; check that the server runs and listens on this port."
        )
    return LineLost(f"{endpoint} closed the connection; check that the server still runs.")


def _status_fault(code: int, endpoint: str) -> DriverError:
    words, name = status_words(code), status_name(code)
    if name.startswith("BadCertificate"):
        return NeedsHuman(
            f"{endpoint} and this computer do not agree on a certificate: {words}; "
            "let the server trust this computer's certificate, or renew it."
        )
    if name in _NEEDS_HUMAN:
        return NeedsHuman(f"{endpoint} {_NEEDS_HUMAN[name]} ({name}).")
    return LineLost(f"{endpoint} reports {words}; it is tried again by itself.")
