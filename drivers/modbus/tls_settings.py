"""What has to be known to reach a device over Modbus/TCP Security: whom to believe, and as whom to come.

The protocol inside is Modbus TCP (MODBUS/TCP Security specification 2021, 6); both ends show certificates.
"""

import base64
import binascii
from collections.abc import Hashable
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Self

from pydantic import BeforeValidator, ConfigDict, Field, SecretStr, field_validator, model_validator

from drivers.modbus.settings import ModbusTcpSettings

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes

_TRUST = "Whom to believe"
_IDENTITY = "As whom to come"


class Trust(StrEnum):
    """How the device proves that it is the one."""

    AUTHORITIES = "authorities"
    CERTIFICATE = "certificate"


def _none_if_empty(value: object) -> object:
    return None if isinstance(value, str) and not value.strip() else value


class ModbusTlsSettings(ModbusTcpSettings):
    """Connection of one Modbus device over TLS."""

    # A refused value is never repeated: it may be the private key.
    model_config = ConfigDict(hide_input_in_errors=True)

    port: int = Field(
        default=802,
        title="Port",
        description="TCP port; 802 unless the device says otherwise.",
        ge=1,
        le=65535,
    )
    trust: Trust = Field(
        default=Trust.AUTHORITIES,
        title="Trust",
        description="authorities: certificates that a known authority issued for this host; "
        "certificate: the one certificate that was looked at and trusted.",
        json_schema_extra={"group": _TRUST},
    )
    authorities: Annotated[str | None, BeforeValidator(_none_if_empty)] = Field(
        default=None,
        title="Authorities",
        description="Certificates of the authorities to believe, as PEM; empty: those of this computer.",
        max_length=200_000,
        json_schema_extra={"group": _TRUST, "widget": "pem", "shown_if": {"trust": ["authorities"]}},
    )
    server_name: Annotated[str | None, BeforeValidator(_none_if_empty)] = Field(
        default=None,
        title="Name in the certificate",
        description="Where the certificate was issued for another name than the host above.",
        max_length=253,
        json_schema_extra={"group": _TRUST, "advanced": True, "shown_if": {"trust": ["authorities"]}},
    )
    server_certificate: Annotated[str | None, BeforeValidator(_none_if_empty)] = Field(
        default=None,
        title="Trusted certificate",
        description="The device's certificate; any other is refused, whoever issued it.",
        max_length=20_000,
        json_schema_extra={"group": _TRUST, "widget": "certificate", "shown_if": {"trust": ["certificate"]}},
    )
    client_certificate: Annotated[str | None, BeforeValidator(_none_if_empty)] = Field(
        default=None,
        title="Own certificate",
        description="What this program shows to the device, as PEM, issuers after it; empty where the device "
        "asks for none.",
        max_length=200_000,
        json_schema_extra={"group": _IDENTITY, "widget": "pem"},
    )
    client_private_key: Annotated[SecretStr | None, BeforeValidator(_none_if_empty)] = Field(
        default=None,
        title="Own private key",
        description="Belongs to the certificate above, as PEM without a password.",
        max_length=20_000,
        json_schema_extra={"group": _IDENTITY, "widget": "pem", "secret": True},
    )

    @field_validator("authorities", "client_certificate")
    @classmethod
    def _is_certificates(cls, text: str | None) -> str | None:
        if text is not None:
            from cryptography import x509

            try:
                x509.load_pem_x509_certificates(text.encode())
            except ValueError:
                raise ValueError(
                    "this is no certificate in PEM form; it begins with -----BEGIN CERTIFICATE-----"
                ) from None
        return text

    @field_validator("server_certificate")
    @classmethod
    def _is_one_certificate(cls, text: str | None) -> str | None:
        if text is None:
            return None
        from cryptography import x509
        from cryptography.hazmat.primitives.serialization import Encoding

        try:
            if text.startswith("-----BEGIN"):
                found = x509.load_pem_x509_certificate(text.encode())
            else:
                found = x509.load_der_x509_certificate(base64.b64decode("".join(text.split()), validate=True))
        except (ValueError, binascii.Error):
            raise ValueError("this is no certificate; fetch it from the device, or paste it as PEM") from None
        return base64.b64encode(found.public_bytes(Encoding.DER)).decode()

    @field_validator("client_private_key")
    @classmethod
    def _is_key(cls, secret: SecretStr | None) -> SecretStr | None:
        if secret is not None:
            from cryptography.exceptions import UnsupportedAlgorithm

            try:
                _key_from(secret)
            except TypeError:
                raise ValueError("this private key has a password; store it without one") from None
            except (ValueError, UnsupportedAlgorithm):
                raise ValueError(
                    "this is no private key in PEM form; it begins with -----BEGIN PRIVATE KEY-----"
                ) from None
        return secret

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if self.trust is Trust.CERTIFICATE and self.server_certificate is None:
            raise ValueError("trusted certificate is empty; fetch the device's certificate and trust it")
        if (self.client_certificate is None) != (self.client_private_key is None):
            missing = "own private key" if self.client_private_key is None else "own certificate"
            raise ValueError(f"{missing} is empty; certificate and private key go together")
        if self.client_certificate is not None and self.client_private_key is not None:
            _check_pair(self.client_certificate, self.client_private_key)
        return self

    @property
    def place(self) -> Hashable:
        """What units have in common that share a connection: also whom they believe and as whom they come."""
        key = self.client_private_key
        secret = key.get_secret_value() if key is not None else ""
        return (
            *("tls", self.host.lower(), self.port, self.trust, self.authorities, self.server_name),
            *(self.server_certificate, self.client_certificate, secret),
        )


def _key_from(secret: SecretStr) -> "PrivateKeyTypes":
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    # Whether its numbers are primes takes 50 ms to find out: that is left to whoever connects (`tls`),
    # because forms and catalogues check settings again and again.
    pem = secret.get_secret_value().encode()
    return load_pem_private_key(pem, password=None, unsafe_skip_rsa_key_validation=True)


def _check_pair(certificate: str, secret: SecretStr) -> None:
    from cryptography import x509

    shown = x509.load_pem_x509_certificates(certificate.encode())[0]
    if shown.public_key() != _key_from(secret).public_key():
        raise ValueError("own private key does not belong to own certificate; both come from one request")
