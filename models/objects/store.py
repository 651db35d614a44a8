"""The one door to images: by URL, wherever they lie."""

import json
from collections.abc import Callable, Generator
from contextlib import contextmanager
from urllib.parse import quote

from models.credentials import CredentialStore
from models.errors import FirmwareRefused, NeedsSetup
from models.firmware.images import Told, check_image
from models.objects.access import ObjectAccess, S3Credentials
from models.objects.download import Request, downloading
from models.objects.hosts import Resolve, checked_addresses, resolved
from models.objects.local_files import opened_below, written_below
from models.objects.s3_signing import credentials_of, endpoint_of, signed_headers, target_of
from models.objects.urls import FileUrl, HttpsUrl, S3Url, parsed_url, shown_url
from models.records.firmware import Manifest


@contextmanager
def opened_object(
    url: str, access: ObjectAccess, resolve: Resolve = resolved
) -> Generator[Callable[[int], bytes]]:
    """Lend a function that reads what lies at a URL: at most so many bytes, none at the end. Blocks.

    Args:
        url: Out of the database, so believed nothing.
        access: What this computer may reach.
        resolve: Asks for the addresses of hosts.

    Raises:
        FirmwareRefused: The URL is none, or leads where images are not asked for.
        Rejected: There is nothing, or the host refused.
        NeedsSetup: This computer lacks a setting or a right; the sentence names it.
        ObjectsAway: No answer, or too slow a one.
    """
    match parsed_url(url):
        case FileUrl(path):
            with opened_below(access.folder, path) as read:
                yield read
        case HttpsUrl(host, port, target):
            addresses = checked_addresses(host, port, access.allowed_hosts, resolve)
            request = Request(shown_url(url), host, port, addresses, access.authorities, target)
            with downloading(request, access.limits) as read:
                yield read
        case S3Url() as place:
            with downloading(_s3_request(place, access, resolve), access.limits) as read:
                yield read


def fetched_image(
    url: str,
    manifest: Manifest,
    access: ObjectAccess,
    resolve: Resolve = resolved,
    tell: Told = lambda _read: None,
) -> bytes:
    """Return the image of a verified manifest: the very bytes that were signed. Errors: both of its steps."""
    with opened_object(url, access, resolve) as read:
        return check_image(read, manifest, tell)


def stored_object(
    folder: str, name: str, data: bytes, access: ObjectAccess, tell: Told = lambda _stored: None
) -> str:
    """Store an object in a bucket or folder; return the URL to read exactly this one again. Blocks.

    Args:
        folder: "s3://bucket", "s3://bucket/folder", or "file:///folder" of this computer.
        name: Of the object, of our making: a path of plain words.
        data: All of it.
        access: What this computer may reach.
        tell: Told how many bytes are stored so far, on this thread; where it raises, nothing is stored.

    Raises:
        FirmwareRefused: The folder is none.
        NeedsSetup, ObjectsAway, Rejected: It could not be stored; the sentence says why.
    """
    match parsed_url(f"{folder.rstrip('/')}/{quote(name)}"):
        case S3Url() as place:
            # Here, not above: a station reads only.
            from models.objects.s3_upload import upload

            return str(upload(place, data, access, tell))
        case FileUrl(path):
            return _stored_file(path, data, access, tell)
        case HttpsUrl():
            raise FirmwareRefused(
                f"{shown_url(folder)} can only be read; upload the image there by other means and give its "
                "address with --url."
            )


def keep_s3_credentials(store: CredentialStore, endpoint: str, credentials: S3Credentials) -> None:
    """Keep the keys of a store on this computer. May take seconds; raises NeedsSetup as the store does."""
    text = json.dumps({"access_key": credentials.access_key, "secret_key": credentials.secret_key})
    store.set(_kept_as(endpoint), text)


def kept_s3_credentials(store: CredentialStore, endpoint: str) -> S3Credentials | None:
    """Return the keys of a store, None where this computer has none. Raises NeedsSetup as the store does."""
    text = store.get(_kept_as(endpoint))
    if text is None:
        return None
    try:
        kept = json.loads(text)
        return S3Credentials(str(kept["access_key"]), str(kept["secret_key"]))
    except (ValueError, KeyError, TypeError) as error:
        raise NeedsSetup(
            f"What {store.place} holds for {endpoint} is damaged; enter the keys again: main.py firmware "
            "store."
        ) from error


def _kept_as(endpoint: str) -> str:
    return f"objects {endpoint.rstrip('/')}"


def _stored_file(path: str, data: bytes, access: ObjectAccess, tell: Told) -> str:
    if access.folder is None:
        raise NeedsSetup("Say below which folder images may lie, with firmware_folder in settings.toml.")
    root = access.folder.resolve().as_posix().rstrip("/") + "/"
    if not path.startswith(root) or ".." in path.split("/"):
        raise FirmwareRefused(f"{path} lies outside of {root}, the only folder of this computer for images.")
    return written_below(access.folder, path.removeprefix(root), data, tell).as_uri()


def _s3_request(place: S3Url, access: ObjectAccess, resolve: Resolve) -> Request:
    endpoint, credentials = endpoint_of(access), credentials_of(access)
    # Named in this computer's own settings, so it may lie on the plant's network.
    addresses = checked_addresses(endpoint.host, endpoint.port, frozenset((endpoint.host.lower(),)), resolve)
    target = target_of(place)
    return Request(
        shown_url(str(place)),
        endpoint.host,
        endpoint.port,
        addresses,
        access.authorities if endpoint.is_tls else None,
        target,
        signed_headers(endpoint, target, credentials, access.s3_region),
    )
