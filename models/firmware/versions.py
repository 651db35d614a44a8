"""Versions of firmware: Semantic Versioning 2.0.0, with the product as build metadata.

Several products share one table, so a stored version is "2.1.0+drive-a". Precedence ignores build metadata
(semver.org, clause 10): compare versions of one product only.
"""

import re

from semver import Version

from models.errors import FirmwareRefused
from models.records.firmware import LONGEST_VERSION

# Build metadata of semver.org, clause 10.
_PRODUCT = re.compile(r"[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*", re.ASCII)


def parsed_version(text: str, what: str = "The version") -> Version:
    """Return a version without build metadata.

    Raises:
        FirmwareRefused: It is no such version; the sentence begins with `what`.
    """
    version = version_or_none(text)
    if version is None:
        raise FirmwareRefused(
            f"{what} {text[:LONGEST_VERSION]!r} is no semantic version; write three numbers such as 2.1.0, "
            "or 2.1.0-rc.1 before a release."
        )
    if version.build is not None:
        raise FirmwareRefused(
            f"{what} {text!r} has build metadata; write {text.partition('+')[0]}: what follows the + is the "
            "product, and the console adds it."
        )
    return version


def version_or_none(text: str) -> Version | None:
    """Return a version, None where the text is none: what a device says of itself may be anything."""
    if len(text) > LONGEST_VERSION or not text.isascii():
        return None
    try:
        return Version.parse(text)
    except ValueError:
        return None


def full_version(version: str, product: str) -> str:
    """Return the version as the table keeps it.

    Raises:
        FirmwareRefused: One of the two is not well formed, or both are too long together.
    """
    parsed_version(version)
    check_product(product)
    full = f"{version}+{product}"
    if len(full) > LONGEST_VERSION:
        raise FirmwareRefused(
            f"The version {full} has {len(full)} characters; at most {LONGEST_VERSION} are possible, product "
            "included."
        )
    return full


def check_product(product: str) -> None:
    """Raise FirmwareRefused where a product's name cannot be build metadata of a version."""
    if len(product) > LONGEST_VERSION or not _PRODUCT.fullmatch(product):
        raise FirmwareRefused(
            f"The product {product[:LONGEST_VERSION]!r} cannot stand in a version; use letters, digits, - "
            "and single dots, as drive-a."
        )


def is_older(version: str, than: str) -> bool:
    """Whether the first comes before the second. Raises FirmwareRefused where one is no version."""
    return parsed_version(version) < parsed_version(than)
