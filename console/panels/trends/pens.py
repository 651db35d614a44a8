"""Pens: which metric of which device is drawn. Choosing, refusing, searching, a sensible first set. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from console.bridge.catalogue import Catalogue
from console.panels.curves.pen import Pen
from models.metrics import METRIC_INDEX, METRICS
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
    """Return every metric of every device, in the catalogue's order."""
    return tuple(
        PenChoice(
            Pen(device.id, index),
            f"{device.name} · {METRICS[index].label}",
            f"{device.location or 'No area'} · {device.device_id}",
            " ".join(
                (device.name, device.device_id, device.type, device.location, METRICS[index].label)
            ).casefold(),
        )
        for device in catalogue.devices
        for index in catalogue.metrics_of(device.id)
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
    """Return all metrics of a device as pens, at most as many as a chart holds."""
    return tuple(Pen(device, index) for index in catalogue.metrics_of(device))[:MOST_PENS]


def first_pens(catalogue: Catalogue, alerts: Sequence[Alert]) -> tuple[Pen, ...]:
    """Return what to draw before anybody has chosen: the device of the worst alert, else the first device.

    Args:
        catalogue: Devices to choose from.
        alerts: Open ones, worst first.
    """
    for alert in alerts:
        index = METRIC_INDEX.get(alert.metric or "")
        if index is not None and index in catalogue.metrics_of(alert.device):
            own = Pen(alert.device, index)
            return (own, *without_pen(pens_of_device(catalogue, alert.device), own))[:MOST_PENS]
    for device in catalogue.devices:
        if pens := pens_of_device(catalogue, device.id):
            return pens
    return ()


def still_there(pens: Sequence[Pen], catalogue: Catalogue) -> tuple[Pen, ...]:
    """Return the pens whose device and metric are still configured."""
    return tuple(pen for pen in pens if pen.metric_index in catalogue.metrics_of(pen.device))
