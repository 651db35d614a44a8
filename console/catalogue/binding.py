"""From a device record to what its driver needs: settings of the right type, and parsed addresses.

Sealed settings are opened here, and nowhere else on the way to a driver; in clear they are only in memory.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

from pydantic import BaseModel, ValidationError

from console.catalogue.errors import CatalogueFault
from console.catalogue.wording import sentence_from_error
from drivers.driver import DriverSpec, TagAddress
from drivers.errors import AddressError
from drivers.registry import spec_of
from models.errors import StorageError
from models.records.device import Device, JsonValue
from models.secret_names import Path, is_sealed, replaced, text_from_path
from models.secrets import NO_KEYS, field_context, target_of

OpenSecret = Callable[[JsonValue, str], str]
"""Opens a sealed value at its place: `SecretBox.open`. Raises StorageError with a sentence."""


@dataclass(frozen=True, slots=True)
class Binding:
    """A device made ready for its driver.

    Attributes:
        addresses: One a tag, in the order of `Device.tags`.
    """

    spec: DriverSpec
    settings: BaseModel
    addresses: tuple[TagAddress, ...]


def bind(device: Device, open_secret: OpenSecret = NO_KEYS.open) -> Binding:
    """Check a device against its driver.

    Args:
        device: As stored.
        open_secret: Opens sealed settings; without one, a device that has any cannot be bound.

    Raises:
        CatalogueFault: No such driver, a connection setting or an address that does not fit, or a sealed
            setting that cannot be opened here. One sentence; where several things are wrong, the first
            (documents are checked thoroughly on import).
    """
    try:
        spec = spec_of(device.driver)
    except KeyError as error:
        raise CatalogueFault(f"{device.name}: {error.args[0]}.") from error
    try:
        settings = spec.settings_type.model_validate(_opened(device, open_secret))
    except StorageError as error:
        raise CatalogueFault(f"{device.name}: {error}") from error
    except ValidationError as error:
        first = error.errors()[0]
        place = text_from_path(first["loc"])
        fault = CatalogueFault(f"{device.name}: connection {place}: {sentence_from_error(first)}")
        # Not `from error`: its text repeats what was given, which may be a secret just opened.
        raise fault from None
    try:
        addresses = tuple(spec.parse_address(tag.address) for tag in device.tags)
    except AddressError as error:
        raise CatalogueFault(f"{device.name}: {error}") from error
    return Binding(spec, settings, addresses)


def would_open(sealed: JsonValue, context: str) -> str:
    """Stand in for an opener where only the form of a document is checked."""
    return "sealed"


def _opened(device: Device, open_secret: OpenSecret) -> dict[str, JsonValue]:
    target = target_of(device.driver, device.connection)

    def opened(path: Path, value: JsonValue) -> JsonValue:
        return (
            open_secret(value, field_context(device.device_id, path, target)) if is_sealed(value) else value
        )

    return cast(dict[str, JsonValue], replaced(dict(device.connection), opened, ("connection",)))
