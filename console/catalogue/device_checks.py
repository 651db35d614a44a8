"""What can be wrong with one edited device beside its connection: names, period, parents, tags. Pure.

Places are keys a form can find its fields by: "name", "parent", "tags[2].address". The import document is
checked by the same limits (`document.py`).
"""

import math
from collections.abc import Callable, Iterable, Mapping

from console.catalogue.device_parts import LONGEST_PERIOD_S, SHORTEST_PERIOD_S
from console.catalogue.document import PARENT
from drivers.driver import TagAddress
from drivers.errors import AddressError
from models.quantities import Quantities
from models.records.device import Device, Tag

_LONGEST = {"device_id": 255, "name": 255, "type": 100, "location": 255}
_TITLES = {"device_id": "Hardware id", "name": "Name", "type": "Type", "location": "Area"}


def general_faults(device: Device, others: Iterable[Device]) -> dict[str, str]:
    """Return what is wrong with what every device has, by place.

    Args:
        device: As typed; its number tells it from the stored one.
        others: All devices that the person sees.
    """
    faults: dict[str, str] = {}
    for place, longest in _LONGEST.items():
        text = str(getattr(device, place))
        if not text.strip():
            faults[place] = f"{_TITLES[place]} must not be empty."
        elif len(text) > longest:
            faults[place] = f"{_TITLES[place]} is longer than {longest} characters."
        elif not text.isprintable():
            faults[place] = f"{_TITLES[place]} holds a control character; type it again."
    if not math.isfinite(device.period_s) or not SHORTEST_PERIOD_S <= device.period_s <= LONGEST_PERIOD_S:
        low, high = SHORTEST_PERIOD_S, LONGEST_PERIOD_S
        faults["period_s"] = f"{device.period_s:g} s is not possible; choose {low:g} to {high:,g} s."
    known = {other.device_id: other for other in others if other.id != device.id or not device.id}
    if "device_id" not in faults and (twin := known.get(device.device_id)) is not None:
        faults["device_id"] = f"{device.device_id} is used by {twin.name}; hardware ids are unique."
    parent = _parent_fault(device, known)
    return faults | ({"parent": parent} if parent else {})


def tag_faults(
    tags: Iterable[Tag], parse: Callable[[str], TagAddress], quantities: Quantities
) -> dict[str, str]:
    """Return what is wrong with tags, by place: "tags[0].address"; "tags" where there is none at all."""
    faults: dict[str, str] = {}
    seen: dict[str, int] = {}
    number = -1
    for number, tag in enumerate(tags):
        place = f"tags[{number}]"
        if not tag.metric:
            faults[f"{place}.metric"] = "Choose what this address measures."
        elif quantities.find(tag.metric) is None:
            faults[f"{place}.metric"] = f"Nothing measured here is called {tag.metric!r}; choose another."
        elif tag.metric in seen:
            label = quantities.of(tag.metric).label
            faults[f"{place}.metric"] = f"{label} is in row {seen[tag.metric] + 1} too; it takes one tag."
        seen.setdefault(tag.metric, number)
        if fault := address_fault(tag.address, parse):
            faults[f"{place}.address"] = fault
        if tag.scale == 0:
            faults[f"{place}.scale"] = "0 would make every value the same; use another scale."
    return faults if number >= 0 else {"tags": "A device needs at least one tag: what is read, and where."}


def address_fault(address: str, parse: Callable[[str], TagAddress]) -> str:
    """Return what is wrong with an address, empty where it can be read."""
    try:
        parse(address)
    except AddressError as error:
        text = str(error)
        return text if text.endswith((".", "!", "?")) else f"{text}."
    return ""


def parent_of(device: Device) -> str:
    """Return the hardware id of the device it is reached through; empty where there is none."""
    parent = device.extra.get(PARENT)
    return parent if isinstance(parent, str) else ""


def _parent_fault(device: Device, known: Mapping[str, Device]) -> str:
    parent = parent_of(device)
    if not parent:
        return ""
    if parent == device.device_id:
        return "A device is not reached through itself; leave this empty."
    if parent not in known:
        return f"No device has the hardware id {parent!r}; choose one of the list, or leave this empty."
    here = parent
    for _ in range(len(known)):
        here = parent_of(known[here]) if here in known else ""
        if here == device.device_id:
            name = known[parent].name
            return f"{name} is itself reached through this device; one must be reached directly."
    return ""
