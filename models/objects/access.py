"""What this computer's own configuration says about reaching images. Nothing of it is the database's."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True)
class S3Credentials:
    """A pair of keys of an S3-compatible store."""

    access_key: str
    secret_key: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Limits:
    """How slow an answer may be before it counts as none.

    Attributes:
        connect_s: For the connection and each silence on it.
        whole_s: For everything, from the first packet to the last byte.
        least_bytes_per_s: Averaged over each `window_s`.
    """

    connect_s: float = 10.0
    whole_s: float = 1800.0
    window_s: float = 20.0
    least_bytes_per_s: float = 1024.0


def _nothing() -> S3Credentials | None:
    return None


@dataclass(frozen=True, slots=True)
class ObjectAccess:
    """What may be reached, and how.

    Attributes:
        s3_endpoint: "https://host:port" of the store behind every s3:// URL; empty = none. Configured here,
            so it may lie on the plant's own network, and may be http:// there.
        s3_region: As requests are signed for.
        authorities: PEM file of who may certify the hosts, or "system".
        allowed_hosts: Names or addresses that https:// URLs may reach although they are private.
        store: Where images are uploaded to, "s3://bucket/folder" or "file:///folder"; empty = nobody said.
        folder: Below it, and nowhere else, file:// URLs are read; None = nowhere.
        credentials: Asks the credential store; None where there are none. May take seconds.
    """

    s3_endpoint: str = ""
    s3_region: str = "us-east-1"
    authorities: str = "system"
    allowed_hosts: frozenset[str] = frozenset()
    store: str = ""
    folder: Path | None = None
    credentials: Callable[[], S3Credentials | None] = _nothing
    limits: Limits = Limits()
