"""What people type into OPC UA settings, put into one form or refused with a reason. Pure and light."""

import base64
import binascii
import re
from collections.abc import Iterable
from typing import cast
from urllib.parse import urlsplit

from drivers.host_names import host_from_text

EXAMPLE_ENDPOINT = "opc.tcp://192.168.1.20:4840/server"
DEFAULT_PORT = 4840  # registered with IANA as opcua-tcp

_CERTIFICATE_PEM = re.compile(r"-----BEGIN CERTIFICATE-----(.+?)-----END CERTIFICATE-----", re.DOTALL)
_BETWEEN = re.compile(r"[\s,;]+")
_SEQUENCE = b"\x30"  # ITU-T X.690: a certificate is a SEQUENCE, and nothing else begins with this byte


def endpoint_from_text(value: object) -> object:
    """Return the endpoint with scheme, host and port spelled out, or say what is wrong with it."""
    if not isinstance(value, str):
        return value
    text = value.strip()
    parts = urlsplit(text)
    if parts.scheme.lower() != "opc.tcp":
        raise ValueError(f"Endpoint {text!r} must begin with opc.tcp://, as in {EXAMPLE_ENDPOINT}.")
    if "@" in parts.netloc:
        raise ValueError("An endpoint must not hold a user name or password; remove the part before the @.")
    if any(character.isspace() or not character.isprintable() for character in text):
        raise ValueError(f"Endpoint {text!r} must not hold spaces; write it as in {EXAMPLE_ENDPOINT}.")
    try:
        port = parts.port
    except ValueError as error:
        raise ValueError(
            f"Endpoint {text!r} has no valid port; it must be 1 to 65535, as in {EXAMPLE_ENDPOINT}."
        ) from error
    if not parts.hostname or port == 0:
        raise ValueError(f"Endpoint {text!r} needs a host and a port, as in {EXAMPLE_ENDPOINT}.")
    try:
        host_from_text(parts.hostname)
    except ValueError as error:
        raise ValueError(f"Host {error}") from error
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    query = f"?{parts.query}" if parts.query else ""
    return f"opc.tcp://{host}:{port or DEFAULT_PORT}{parts.path}{query}"


def list_from_text(value: object) -> tuple[object, ...] | None:
    """Return a text with commas, semicolons or blanks between, or a list, as a tuple; None: it is neither."""
    if value is None:
        return ()
    if isinstance(value, str):
        return tuple(part for part in _BETWEEN.split(value) if part)
    if not isinstance(value, list | tuple):
        return None
    return tuple(
        item for item in cast("Iterable[object]", value) if not isinstance(item, str) or item.strip()
    )


def certificates_from_text(value: object) -> object:
    """Return certificates, pasted as PEM or base64, one after the other or as a list, as base64 DER each."""
    listed = list_from_text(value)
    # A list that people type has an item a line, and PEM has many lines.
    text = value if isinstance(value, str) else "\n".join(map(str, listed or ()))
    if "-----BEGIN" in text:
        found = _CERTIFICATE_PEM.findall(text)
        if not found:
            raise ValueError(
                "This PEM holds no certificate; paste what begins with -----BEGIN CERTIFICATE-----."
            )
        return tuple(map(certificate_from_text, found))
    return value if listed is None else tuple(map(certificate_from_text, listed))


def certificate_from_text(value: object) -> object:
    """Return one certificate, pasted as PEM or base64, as base64 DER; empty: None."""
    if not isinstance(value, str):
        return value
    if "PRIVATE KEY-----" in value:
        raise ValueError(
            "This is a private key, not a certificate; paste what the server shows to everybody."
        )
    pem = _CERTIFICATE_PEM.search(value)
    if pem is None and "-----BEGIN" in value:
        raise ValueError("This PEM holds no certificate; paste what begins with -----BEGIN CERTIFICATE-----.")
    text = "".join((pem.group(1) if pem else value).split())
    if not text:
        return None
    try:
        der = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        der = b""
    if not der.startswith(_SEQUENCE):
        raise ValueError(
            "This is no certificate; fetch it from the server, or paste it as PEM or base64 (DER)."
        )
    return base64.b64encode(der).decode()


def pem_certificate(value: object) -> object:
    """Return a certificate in PEM (with those that issued it, if they are there); empty: None."""
    if not isinstance(value, str):
        return value
    text = value.strip()
    if not text:
        return None
    if "PRIVATE KEY-----" in text:
        raise ValueError(
            "This holds a private key; the certificate alone belongs here, the key into its own field."
        )
    if not _CERTIFICATE_PEM.search(text):
        raise ValueError("This is no certificate in PEM; it begins with -----BEGIN CERTIFICATE-----.")
    return text + "\n"


def none_if_empty(value: object) -> object:
    """Return None for an empty text, anything else as it is."""
    return None if value == "" else value
