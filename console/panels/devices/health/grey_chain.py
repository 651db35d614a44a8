"""Why is this grey? One value's way from the device to the database, link by link. Pure.

    device → request and response → decode → threshold → buffer → database

Each link says how old it is and whether it holds. The first that does not is where to begin: it carries one
sentence what to do. Links behind it are not blamed for having nothing new.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from console.panels.devices.health.grey_inside import buffer_link, database_link, threshold_link
from console.panels.devices.health.grey_link import Link, Mark
from console.panels.devices.health.grey_sources import GreySources
from console.panels.devices.health.grey_wire import decode_link, device_link, exchange_link
from console.widgets.stale_hatching import age_text


@dataclass(frozen=True, slots=True)
class Chain:
    """All links of one value.

    Attributes:
        links: One of each `Place`, in order.
        headline: What is wrong, or that nothing is, in one sentence.
        source: From whom all this is known, and how old it is.
    """

    links: tuple[Link, ...]
    headline: str
    source: str

    @property
    def first_broken(self) -> Link | None:
        """Where to begin; None where every link holds."""
        return next((link for link in self.links if link.mark is Mark.BROKEN), None)


def chain_of(sources: GreySources) -> Chain:
    """Return the chain of one tag of one device."""
    links = (
        device_link(sources),
        exchange_link(sources),
        decode_link(sources),
        threshold_link(sources),
        buffer_link(sources),
        database_link(sources),
    )
    broken = next((place for place, link in enumerate(links) if link.mark is Mark.BROKEN), None)
    if broken is not None:
        links = (*links[: broken + 1], *map(_behind, links[broken + 1 :]))
    return Chain(links, _headline(sources, links, broken), _source(sources))


def _behind(link: Link) -> Link:
    """What lies behind a broken link has nothing new, which is no fault of its own."""
    if link.mark is Mark.HOLDS or link.is_late:
        return replace(link, mark=Mark.IDLE, advice="")
    return link


def _headline(sources: GreySources, links: Sequence[Link], broken: int | None) -> str:
    what = f"{sources.label} of {sources.device.name}"
    if broken is not None:
        return f"{what}: the chain breaks at “{links[broken].title}”."
    unknown = [link.title.lower() for link in links if link.mark is Mark.UNKNOWN]
    if unknown:
        return f"{what}: no link is known to be broken; not known: {', '.join(unknown)}."
    return f"{what}: every link holds, the value is live."


def _source(sources: GreySources) -> str:
    health = sources.health
    if health is None:
        return "No station has told of this connection yet."
    where = "Told by" if sources.is_told_here else "From the database, told by"
    return f"{where} {sources.station_name} {age_text(sources.now_unix - health.as_of_unix)} ago"
