"""Reading tags once, as they stand in a form: what their decoding, scale and offset would bring."""

import math
from collections.abc import Mapping, Sequence

from pydantic import BaseModel

from console.station.workbench.errors import NotDone
from drivers.driver import AdvisingDriver, DriverHub, DriverSpec, TagAddress
from drivers.errors import AddressError
from drivers.questions import MOST_TAGS, PreviewSubject, PreviewTag, PreviewValue
from drivers.values import Quality, RawValue

TOO_MANY = "One question may name {most} addresses, not {count}."


async def preview(
    spec: DriverSpec, hub: DriverHub, settings: BaseModel, subject: PreviewSubject
) -> tuple[PreviewValue, ...]:
    """Return one value a tag, in their order; one whose address does not parse says so, and the others come.

    Raises:
        DriverError: The device as a whole could not be read.
        NotDone: Too many tags.
    """
    addresses = parsed(spec, [tag.address for tag in subject.tags])
    to_read = [address for address in addresses if not isinstance(address, AddressError)]
    read, better = await _read_once(hub, settings, to_read)
    values = iter(read)
    return tuple(
        PreviewValue(tag.address, None, None, Quality.BAD, str(address))
        if isinstance(address, AddressError)
        else _previewed(tag, next(values), better.get(str(address), ""))
        for tag, address in zip(subject.tags, addresses, strict=True)
    )


def parsed(spec: DriverSpec, texts: Sequence[str]) -> list[TagAddress | AddressError]:
    """Return for each text its address, or what is wrong with it. Raises NotDone for too many."""
    if len(texts) > MOST_TAGS:
        raise NotDone(TOO_MANY.format(most=MOST_TAGS, count=len(texts)))
    found: list[TagAddress | AddressError] = []
    for text in texts:
        try:
            found.append(spec.parse_address(text))
        except AddressError as error:
            found.append(error)
    return found


async def _read_once(
    hub: DriverHub, settings: BaseModel, addresses: Sequence[TagAddress]
) -> tuple[Sequence[RawValue], Mapping[str, str]]:
    """Return one value an address, and better addresses where the driver knows some."""
    if not addresses:
        return (), {}
    driver = hub.driver(settings, addresses)
    try:
        await driver.open()
        values = await driver.read()
        return values, driver.better_addresses() if isinstance(driver, AdvisingDriver) else {}
    finally:
        await driver.close()


def _previewed(tag: PreviewTag, raw: RawValue, better: str) -> PreviewValue:
    value = None if raw.value is None else raw.value * tag.scale + tag.offset
    detail, quality = raw.detail, raw.quality
    if value is not None and not math.isfinite(value):
        value, quality, detail = None, Quality.BAD, "not a finite number with this scale and offset"
    return PreviewValue(tag.address, raw.value, value, quality, detail, raw.received_unix, better)
