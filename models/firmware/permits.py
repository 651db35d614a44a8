"""What a permit to go back says, to the bytes that are signed and back."""

from models.errors import FirmwareRefused
from models.firmware.canonical import (
    canonical_bytes,
    check_fields,
    moment_of,
    object_from_canonical,
    text_from_moment,
    text_of,
)
from models.firmware.versions import check_product, parsed_version
from models.records.firmware import MOST_MANIFEST_BYTES, DowngradePermit

_WHAT = "The permit"
_LONGEST_TEXT = 100
_FIELDS = frozenset(("product", "serial", "from_version", "to_version", "expires_at"))


def permit_bytes(permit: DowngradePermit) -> bytes:
    """Return the bytes that are signed. Raises FirmwareRefused where the permit is not sound."""
    data = canonical_bytes(
        {
            "product": permit.product,
            "serial": permit.serial,
            "from_version": permit.from_version,
            "to_version": permit.to_version,
            "expires_at": text_from_moment(permit.expires_at),
        },
        _WHAT,
    )
    permit_from_bytes(data)
    return data


def permit_from_bytes(data: bytes) -> DowngradePermit:
    """Return what a permit says; proves nothing. Raises FirmwareRefused where it is not `permit_bytes`'."""
    content = object_from_canonical(data, MOST_MANIFEST_BYTES, _WHAT)
    check_fields(content, _FIELDS, _WHAT)
    permit = DowngradePermit(
        product=text_of(content, "product", _LONGEST_TEXT, _WHAT),
        serial=text_of(content, "serial", _LONGEST_TEXT, _WHAT),
        from_version=text_of(content, "from_version", _LONGEST_TEXT, _WHAT),
        to_version=text_of(content, "to_version", _LONGEST_TEXT, _WHAT),
        expires_at=moment_of(content, "expires_at", _WHAT),
    )
    check_product(permit.product)
    if not permit.serial:
        raise FirmwareRefused(f'{_WHAT}: serial must name a device, or "any".')
    parsed_version(permit.from_version, "The version to go back from,")
    parsed_version(permit.to_version, "The version to go back to,")
    return permit
