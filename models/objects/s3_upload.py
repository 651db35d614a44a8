"""Images into a bucket: through boto3, in parts, with progress, as a new version where it keeps versions.

A part shows to nobody before the last one is in, so an upload that is stopped or fails leaves nothing: the
library takes its parts away again.
"""

# The library is untyped.
# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false

import contextlib
import io
import os
import threading
from collections.abc import Generator
from typing import Any

from models.errors import NeedsSetup, ObjectsAway, Rejected, StorageError
from models.firmware.images import Told
from models.objects.access import ObjectAccess
from models.objects.s3_signing import credentials_of, endpoint_of
from models.objects.urls import S3Url
from models.objects.watch import Patience

PART_BYTES = 8 * 1024 * 1024
_ATTEMPTS = 3

_LOOK_S = 0.1


def upload(url: S3Url, data: bytes, access: ObjectAccess, tell: Told) -> S3Url:
    """Store an object; return where it is, with its version where the bucket keeps versions.

    Args:
        url: Where to.
        data: All of it.
        access: What this computer may reach.
        tell: Told how many bytes are stored so far, on this thread; where it raises, nothing is stored.

    Raises:
        NeedsSetup: No store is configured, or it does not let this computer write there.
        ObjectsAway: It does not answer, after a few attempts, or takes too little at a time.
        Rejected: It refused; the sentence has its reason.
    """
    # Here, not above: it takes a third of a second to load, and few programs upload.
    from boto3.s3.transfer import ProgressCallbackInvoker, TransferConfig, create_transfer_manager

    config = TransferConfig(multipart_threshold=PART_BYTES, multipart_chunksize=PART_BYTES, max_concurrency=2)
    moved = _Moved()
    with _translated(url, access):
        client = _client(access)
        with create_transfer_manager(client, config) as manager:
            transfer = manager.upload(
                io.BytesIO(data),
                url.bucket,
                url.key,
                extra_args={"ContentType": "application/octet-stream"},
                subscribers=[ProgressCallbackInvoker(moved.count)],
            )
            _watch(transfer, moved, len(data), _place(url, access), access, tell)
            transfer.result()
        facts = client.head_object(Bucket=url.bucket, Key=url.key)
    tell(len(data))
    # "null" is what a bucket says that kept versions once.
    version = str(facts.get("VersionId") or "").removeprefix("null")
    return S3Url(url.bucket, url.key, version)


class _Moved:
    """How many bytes have left; counted on the library's threads, waited for on ours."""

    def __init__(self) -> None:
        self._turn = threading.Condition()
        self._bytes = 0

    def count(self, more: int) -> None:
        """Note so many more; fewer where a part is sent again."""
        with self._turn:
            self._bytes += more
            self._turn.notify()

    def wait(self, known: int) -> int:
        """Return how many there are, as soon as it is another number, or after a moment."""
        with self._turn:
            if self._bytes == known:
                self._turn.wait(_LOOK_S)
            return self._bytes


def _watch(transfer: Any, moved: _Moved, size: int, place: str, access: ObjectAccess, tell: Told) -> None:
    """Tell how far a transfer is until it is done; end it where nobody wants it, or it is too slow."""
    known, patience = 0, Patience(access.limits, "took")
    try:
        while not transfer.done():
            known = moved.wait(known)
            tell(min(known, size))
            # Once all has left, it is the store's turn, whose answer has its own limit.
            if known < size and (complaint := patience.complaint(known)):
                raise ObjectsAway(f"The store {place} {complaint}; nothing was stored, so try again later.")
    except BaseException:
        transfer.cancel()
        with contextlib.suppress(Exception):
            # Until its parts are taken away.
            transfer.result()
        raise


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


@contextlib.contextmanager
def _translated(url: S3Url, access: ObjectAccess) -> Generator[None]:
    """Turn what boto3 raises into ours, once."""
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        yield
    except StorageError:
        raise
    except (BotoCoreError, ClientError) as error:
        raise _ours(error, url, access) from error


def _ours(error: BaseException, url: S3Url, access: ObjectAccess) -> StorageError:
    from botocore.exceptions import ClientError, ConnectionError, HTTPClientError, SSLError

    place = _place(url, access)
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


def _place(url: S3Url, access: ObjectAccess) -> str:
    return f"{access.s3_endpoint} (bucket {url.bucket})"
