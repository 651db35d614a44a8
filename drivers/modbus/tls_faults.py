"""What goes wrong with certificates, in words: what OpenSSL says, translated once."""

import ssl

from drivers.errors import DriverError, LineLost, NeedsHuman

_EXPIRED = 10
_NOT_YET_VALID = 9
_WRONG_HOST = frozenset({62, 64})
_ISSUER_UNKNOWN = frozenset({2, 18, 19, 20, 21})
"""Codes of X509_V_ERR (OpenSSL, x509_vfy.h)."""

_ALERTS = {  # What the other end says of us (RFC 8446, 6.2)
    "CERTIFICATE_REQUIRED": "asks for a certificate of this program; give it one it trusts",
    "UNKNOWN_CA": "does not trust this program's certificate; make its issuer known to the device",
    "BAD_CERTIFICATE": "refuses this program's certificate; check what kind the device asks for",
    "CERTIFICATE_UNKNOWN": "refuses this program's certificate; trust it on the device",
    "CERTIFICATE_EXPIRED": "says that this program's certificate has expired; renew it",
    "CERTIFICATE_REVOKED": "says that this program's certificate was revoked; renew it",
    "UNSUPPORTED_CERTIFICATE": "does not take this kind of certificate; check what the device asks for",
    "HANDSHAKE_FAILURE": "found no common way to encrypt, or wants a certificate of this program",
    "PROTOCOL_VERSION": "speaks another version of TLS; it must know 1.2 or 1.3",
    "ACCESS_DENIED": "lets this program's certificate do nothing; check its role on the device",
}


def not_believed(peer: str, host: str, error: ssl.SSLCertVerificationError, *, is_pinned: bool) -> NeedsHuman:
    """Return why a server's certificate was refused."""
    code = error.verify_code
    if code == _EXPIRED:
        return NeedsHuman(f"The certificate of {peer} has expired; renew it on the device.")
    if code == _NOT_YET_VALID:
        return NeedsHuman(
            f"The certificate of {peer} is not valid yet; check the clocks of the device and this computer."
        )
    if code in _WRONG_HOST:
        return NeedsHuman(
            f"The certificate of {peer} was not issued for {host!r}; use the name it was issued for, or "
            "trust this one certificate."
        )
    if is_pinned:
        return NeedsHuman(
            f"{peer} shows another certificate than the one that is trusted; look at it, and trust it if the "
            "device was given a new one."
        )
    if code in _ISSUER_UNKNOWN:
        return NeedsHuman(
            f"The certificate of {peer} comes from nobody who is trusted; add its authority, or trust this "
            "one certificate."
        )
    return NeedsHuman(f"The certificate of {peer} is refused: {error.verify_message}.")


def refused_by_peer(peer: str, error: ssl.SSLError) -> DriverError:
    """Return why a connection ended that stood, or nearly did."""
    reason = (error.reason or "").upper()
    for alert, words in _ALERTS.items():
        if reason.endswith(alert):
            return NeedsHuman(f"{peer} {words}.")
    if reason in ("WRONG_VERSION_NUMBER", "UNSUPPORTED_PROTOCOL", "RECORD_LAYER_FAILURE"):
        return NeedsHuman(f"{peer} does not speak TLS on this port; use Modbus TCP, or the port for TLS.")
    if reason in ("APPLICATION_DATA_AFTER_CLOSE_NOTIFY", "UNEXPECTED_EOF_WHILE_READING"):
        return LineLost(f"{peer} ended the encrypted connection; it may have restarted.")
    return LineLost(f"The encrypted connection to {peer} failed: {reason.lower().replace('_', ' ')}.")


def cut_short(peer: str) -> LineLost:
    """Return the loss of a connection that ended while both ends still agreed on how to encrypt."""
    return LineLost(
        f"{peer} ended the connection before it was encrypted; check that it speaks TLS on this port, and "
        "what certificate it asks for."
    )


def ended(peer: str, error: Exception | None, *, has_answered: bool, shows_certificate: bool) -> DriverError:
    """Return why a connection ended from the other side that was encrypted already.

    With TLS 1.3 a device judges our certificate when for us all is well, and many close without a word.
    """
    if isinstance(error, ssl.SSLError):
        return refused_by_peer(peer, error)
    if has_answered:
        return LineLost(f"{peer} ended the encrypted connection; it may have restarted.")
    if shows_certificate:
        return NeedsHuman(
            f"{peer} ended the encrypted connection before it answered; it may not trust this program's "
            "certificate."
        )
    return NeedsHuman(
        f"{peer} ended the encrypted connection before it answered; it may ask for a certificate of this "
        "program."
    )


def unusable_identity(peer: str, error: Exception) -> NeedsHuman:
    """Return why this program's own certificate cannot be shown."""
    return NeedsHuman(f"This program's certificate for {peer} cannot be used: {error}; check it and its key.")
