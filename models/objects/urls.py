"""A URL of an image, taken apart and held to the few forms there are. Pure."""

import re
from dataclasses import dataclass
from urllib.parse import SplitResult, parse_qsl, quote, unquote, urlsplit

from models.errors import FirmwareRefused
from models.records.firmware import LONGEST_URL

# AWS, "General purpose bucket naming rules": no ARN and no path can hide in such a name.
_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_VISIBLE = re.compile(r"[!-~]+")
_HTTPS_PORT = 443


@dataclass(frozen=True, slots=True)
class S3Url:
    """An object in a bucket; `version` is empty where the newest is meant."""

    bucket: str
    key: str
    version: str = ""

    def __str__(self) -> str:
        """As it is stored."""
        query = f"?versionId={quote(self.version, safe='')}" if self.version else ""
        return f"s3://{self.bucket}/{quote(self.key)}{query}"


@dataclass(frozen=True, slots=True)
class HttpsUrl:
    """A file of a web server; `target` is path and query as they are sent."""

    host: str
    port: int
    target: str


@dataclass(frozen=True, slots=True)
class FileUrl:
    """A file of this computer, absolute."""

    path: str


def parsed_url(url: str) -> S3Url | HttpsUrl | FileUrl:
    """Take a URL apart.

    Raises:
        FirmwareRefused: It has none of the forms; the sentence says which there are.
    """
    if not url or len(url) > LONGEST_URL or not _VISIBLE.fullmatch(url) or "\\" in url:
        raise FirmwareRefused(
            f"The address {shown_url(url)!r} cannot be used; write at most {LONGEST_URL} visible ASCII "
            "characters, anything else as %-escapes."
        )
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise FirmwareRefused(f"The address {shown_url(url)} cannot be read: {error}.") from error
    if parts.fragment or parts.username is not None or parts.password is not None:
        raise FirmwareRefused(
            f"The address {shown_url(url)} must not hold a user, a password or a #; secrets belong into the "
            "credential store."
        )
    match parts.scheme:
        case "s3":
            return _s3(parts, port, url)
        case "https":
            if not parts.hostname or parts.netloc.endswith(":"):
                raise FirmwareRefused(f"The address {shown_url(url)} names no host.")
            query = f"?{parts.query}" if parts.query else ""
            return HttpsUrl(parts.hostname, port or _HTTPS_PORT, (parts.path or "/") + query)
        case "file":
            return _file(parts, url)
        case _:
            raise FirmwareRefused(
                f"The address {shown_url(url)} must begin with s3://, https:// or file://; nothing else is "
                "read."
            )


def shown_url(url: str) -> str:
    """Return a URL for people: a query may be a signed leave to read, so it is left out; no line breaks."""
    return "".join(sign if sign.isprintable() else "?" for sign in url.partition("?")[0][:200])


def _s3(parts: SplitResult, port: int | None, url: str) -> S3Url:
    key = unquote(parts.path.removeprefix("/"), errors="strict") if "%" in parts.path else parts.path[1:]
    query = parse_qsl(parts.query, keep_blank_values=True)
    version = query[0][1] if [name for name, _ in query] == ["versionId"] else ""
    if port is not None or not _BUCKET.fullmatch(parts.netloc) or not key or bool(query) != bool(version):
        raise FirmwareRefused(
            f"The address {shown_url(url)} must be s3://bucket/key, with nothing behind it but ?versionId=…."
        )
    if any(part in ("", ".", "..") for part in key.split("/")) or not key.isprintable():
        raise FirmwareRefused(f"The key in {shown_url(url)} must have no empty part, no . and no .. in it.")
    return S3Url(parts.netloc, key, version)


def _file(parts: SplitResult, url: str) -> FileUrl:
    path = unquote(parts.path)
    if parts.netloc not in ("", "localhost") or parts.query or not path.startswith("/") or "\0" in path:
        raise FirmwareRefused(
            f"The address {shown_url(url)} must be file:///folder/file, of this computer and with nothing "
            "behind it."
        )
    return FileUrl(path)
