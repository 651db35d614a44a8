"""From a device record to what its driver needs: settings of the right type, and parsed addresses."""

from dataclasses import dataclass

from pydantic import BaseModel, ValidationError

from console.catalogue.errors import CatalogueFault
from console.catalogue.wording import sentence_from_error
from drivers.driver import DriverSpec, TagAddress
from drivers.errors import AddressError
from drivers.registry import spec_of
from models.records.device import Device


@dataclass(frozen=True, slots=True)
class Binding:
    """A device made ready for its driver.

    Attributes:
        addresses: One a tag, in the order of `Device.tags`.
    """

    spec: DriverSpec
    settings: BaseModel
    addresses: tuple[TagAddress, ...]


def bind(device: Device) -> Binding:
    """Check a device against its driver.

    Raises:
        CatalogueFault: No such driver, a connection setting or an address that does not fit. One sentence;
            where several things are wrong, the first (documents are checked thoroughly on import).
    """
    try:
        spec = spec_of(device.driver)
    except KeyError as error:
        raise CatalogueFault(f"{device.name}: {error.args[0]}.") from error
    try:
        settings = spec.settings_type.model_validate(dict(device.connection))
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise CatalogueFault(f"{device.name}: connection {place}: {sentence_from_error(first)}") from error
    try:
        addresses = tuple(spec.parse_address(tag.address) for tag in device.tags)
    except AddressError as error:
        raise CatalogueFault(f"{device.name}: {error}") from error
    return Binding(spec, settings, addresses)
