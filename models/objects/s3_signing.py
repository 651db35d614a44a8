"""Where an object of an S3-compatible store is asked for, and the signature that goes with it.

botocore signs; the request itself is ours (`download.py`), because the library's own body has no limit in
time.
"""

# The library is untyped.
# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

from models.errors import NeedsSetup
from models.objects.access import ObjectAccess, S3Credentials
from models.objects.urls import S3Url


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A store, as configured on this computer."""

    host: str
    port: int
    is_tls: bool

    @property
    def url(self) -> str:
        """As libraries want it."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{'https' if self.is_tls else 'http'}://{host}:{self.port}"


def endpoint_of(access: ObjectAccess) -> Endpoint:
    """Return the store behind s3:// URLs. Raises NeedsSetup where none, or nothing usable, is configured."""
    if not access.s3_endpoint:
        raise NeedsSetup(
            "This computer knows no store for s3:// addresses; name it with s3_endpoint in settings.toml, as "
            "https://minio.plant.example:9000."
        )
    try:
        parts = urlsplit(access.s3_endpoint)
        port = parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError:
        parts, port = urlsplit(""), 0
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.path.strip("/") or parts.query:
        raise NeedsSetup(
            f"s3_endpoint {access.s3_endpoint!r} in settings.toml is no address of a store; write "
            "https://host:port."
        )
    return Endpoint(parts.hostname, port, parts.scheme == "https")


def credentials_of(access: ObjectAccess) -> S3Credentials:
    """Return the keys of the store. Raises NeedsSetup where this computer has none."""
    credentials = access.credentials()
    if credentials is None:
        raise NeedsSetup(
            f"This computer has no keys for {access.s3_endpoint}; enter them with main.py firmware store."
        )
    return credentials


def target_of(url: S3Url) -> str:
    """Return path and query of an object. The bucket stands in the path, so that it never names a host."""
    version = f"?versionId={quote(url.version, safe='')}" if url.version else ""
    return f"/{url.bucket}/{quote(url.key, safe='/-._~')}{version}"


def signed_headers(
    endpoint: Endpoint, target: str, credentials: S3Credentials, region: str
) -> Mapping[str, str]:
    """Return the headers of a GET that prove who asks (AWS Signature Version 4)."""
    from botocore.auth import S3SigV4Auth
    from botocore.awsrequest import AWSRequest
    from botocore.credentials import Credentials

    request = AWSRequest("GET", endpoint.url + target)
    S3SigV4Auth(Credentials(credentials.access_key, credentials.secret_key), "s3", region).add_auth(request)
    return {str(name): str(value) for name, value in request.headers.items()}
