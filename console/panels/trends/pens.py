"""Pens: which quantity of which device is drawn. Choosing, refusing, searching, a first set. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from console.bridge.catalogue import Catalogue
from console.panels.curves.pen import Pen
from models.records.alert import Alert
from models.records.device import DeviceId

MOST_PENS = 8
"""More lines than this cannot be told apart on one chart (ISA-101 guidance; see also SCREENS)."""

REFUSED = f"A chart holds at most {MOST_PENS} pens; take one off first."


@dataclass(frozen=True, slots=True)
class PenChoice:
    """A pen that could be drawn, with the words that find it.

    Attributes:
        label: "Press 1 · Temperature".
        place: Where the device is, and its id: tells devices of one name apart.
        haystack: Case-folded text that a search looks through.
    """

    pen: Pen
    label: str
    place: str
    haystack: str


def choices_of(catalogue: Catalogue) -> tuple[PenChoice, ...]:
    """Return every quantity of every device, in the catalogue's order."""
    return tuple(
        PenChoice(
            Pen(device.id, quantity),
            f"{device.name} · {quantity.label}",
            f"{device.location or 'No area'} · {device.device_id}",
            " ".join(
                (device.name, device.device_id, device.type, device.location, quantity.label)
            ).casefold(),
        )
        for device in catalogue.devices
        for quantity in catalogue.quantities_of(device.id)
    )


def found(choices: Sequence[PenChoice], typed: str) -> list[PenChoice]:
    """Return the choices in which every word typed occurs."""
    words = typed.casefold().split()
    return [choice for choice in choices if all(word in choice.haystack for word in words)]


def with_pen(pens: Sequence[Pen], pen: Pen) -> tuple[Pen, ...]:
    """Return the pens with one more at the end.

    Raises:
        ValueError: There are as many as a chart holds; the text is for people.
    """
    if pen in pens:
        return tuple(pens)
    if len(pens) >= MOST_PENS:
        raise ValueError(REFUSED)
    return (*pens, pen)


def without_pen(pens: Sequence[Pen], pen: Pen) -> tuple[Pen, ...]:
    """Return the pens without one."""
    return tuple(kept for kept in pens if kept != pen)


def pens_of_device(catalogue: Catalogue, device: DeviceId) -> tuple[Pen, ...]:
    """Return all quantities of a device as pens, at most as many as a chart holds."""
    return tuple(Pen(device, quantity) for quantity in catalogue.quantities_of(device))[:MOST_PENS]


def first_pens(catalogue: Catalogue, alerts: Sequence[Alert]) -> tuple[Pen, ...]:
    """Return what to draw before anybody has chosen: the device of the worst alert, else the first device.

    Args:
        catalogue: Devices to choose from.
        alerts: Open ones, worst first.
    """
    for alert in alerts:
        quantity = catalogue.quantities.find(alert.metric or "")
        if quantity is not None and quantity in catalogue.quantities_of(alert.device):
            own = Pen(alert.device, quantity)
            return (own, *without_pen(pens_of_device(catalogue, alert.device), own))[:MOST_PENS]
    for device in catalogue.devices:
        if pens := pens_of_device(catalogue, device.id):
            return pens
    return ()


def still_there(pens: Sequence[Pen], catalogue: Catalogue) -> tuple[Pen, ...]:
    """Return the pens whose device and quantity are still configured, a quantity as it is called now."""
    kept: list[Pen] = []
    for pen in pens:
        quantity = catalogue.quantities.find(pen.quantity.key)
        if quantity is not None and quantity in catalogue.quantities_of(pen.device):
            kept.append(Pen(pen.device, quantity))
    return tuple(kept)
