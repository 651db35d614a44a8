"""Images into a bucket: through boto3, in parts, with progress, as a new version where it keeps versions."""

# The library is untyped.
# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false

import io
import os
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Any

from models.errors import NeedsSetup, ObjectsAway, Rejected, StorageError
from models.objects.access import ObjectAccess
from models.objects.s3_signing import credentials_of, endpoint_of
from models.objects.urls import S3Url

PART_BYTES = 8 * 1024 * 1024
_ATTEMPTS = 3

Progress = Callable[[int], None]
"""Told how many bytes are stored so far; by other threads, one at a time."""


def upload(url: S3Url, data: bytes, access: ObjectAccess, on_progress: Progress | None = None) -> S3Url:
    """Store an object; return where it is, with its version where the bucket keeps versions.

    Raises:
        NeedsSetup: No store is configured, or it does not let this computer write there.
        ObjectsAway: It does not answer, after a few attempts.
        Rejected: It refused; the sentence has its reason.
    """
    # Here, not above: it takes a third of a second to load, and few programs upload.
    from boto3.s3.transfer import TransferConfig

    stored, turn = 0, threading.Lock()

    def count(part: int) -> None:
        nonlocal stored
        with turn:
            stored += part
            if on_progress is not None:
                on_progress(stored)

    with _translated(url, access):
        client = _client(access)
        client.upload_fileobj(
            io.BytesIO(data),
            url.bucket,
            url.key,
            Callback=count,
            ExtraArgs={"ContentType": "application/octet-stream"},
            Config=TransferConfig(
                multipart_threshold=PART_BYTES, multipart_chunksize=PART_BYTES, max_concurrency=2
            ),
        )
        facts = client.head_object(Bucket=url.bucket, Key=url.key)
    # "null" is what a bucket says that kept versions once.
    version = str(facts.get("VersionId") or "").removeprefix("null")
    return S3Url(url.bucket, url.key, version)


def _client(access: ObjectAccess) -> Any:
    import boto3
    from botocore.config import Config
    from botocore.session import Session

    endpoint, credentials = endpoint_of(access), credentials_of(access)
    session = Session()
    # This computer's settings say where images go; files and variables of other programs do not.
    session.set_config_variable("config_file", os.devnull)
    session.set_config_variable("credentials_file", os.devnull)
    return boto3.Session(
        aws_access_key_id=credentials.access_key,
        aws_secret_access_key=credentials.secret_key,
        region_name=access.s3_region,
        botocore_session=session,
    ).client(
        "s3",
        endpoint_url=endpoint.url,
        verify=True if access.authorities == "system" else access.authorities,
        config=Config(
            connect_timeout=access.limits.connect_s,
            read_timeout=access.limits.window_s,
            retries={"total_max_attempts": _ATTEMPTS, "mode": "standard"},
            ignore_configured_endpoint_urls=True,
            s3={"addressing_style": "path"},
            # Stores of other makers refuse the checksums that newer clients add; ours is in the manifest.
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
        ),
    )


@contextmanager
def _translated(url: S3Url, access: ObjectAccess) -> Generator[None]:
    """Turn what boto3 raises into ours, once."""
    from boto3.exceptions import S3UploadFailedError
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        yield
    except StorageError:
        raise
    except S3UploadFailedError as error:
        raise _ours(error.__context__, url, access) from error
    except (BotoCoreError, ClientError) as error:
        raise _ours(error, url, access) from error


def _ours(error: BaseException | None, url: S3Url, access: ObjectAccess) -> StorageError:
    from botocore.exceptions import ClientError, ConnectionError, HTTPClientError, SSLError

    place = f"{access.s3_endpoint} (bucket {url.bucket})"
    if isinstance(error, ClientError):
        code = str(error.response.get("Error", {}).get("Code", ""))
        status = int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
        told = f"{status}, {code}" if code and code != str(status) else f"{status}"
        if status in (401, 403):
            return NeedsSetup(
                f"The store {place} does not let this computer write there ({told}); correct the keys with "
                "main.py firmware store, or the rights in the bucket."
            )
        if status == 404:
            return NeedsSetup(
                f"The store {place} has no such bucket ({told}); make it, and keep versions in it."
            )
        if status >= 500 or status in (408, 429):
            return ObjectsAway(f"The store {place} could not take the image ({told}); try again later.")
        return Rejected(f"The store {place} refused the image ({told}).")
    if isinstance(error, SSLError):
        return NeedsSetup(
            f"The certificate of {access.s3_endpoint} is not trusted, so nothing was sent; correct it, or "
            "s3_authorities in settings.toml."
        )
    if isinstance(error, (HTTPClientError, ConnectionError)):
        return ObjectsAway(f"The store {place} does not answer; try again later.")
    return NeedsSetup(f"The store {place} cannot be used: {str(error).rstrip('.')}.")
