"""Everything the station remembers between two runs: read at the start, kept from then on."""

from collections.abc import Callable, Collection
from dataclasses import replace
from functools import partial
from pathlib import Path

from console.station.clocks.site_clock import SiteClock
from console.station.health import LoopHealth
from console.station.memory.memory_keeper import MemoryKeeper
from console.station.memory.plan_memory import KeptTenure, PlanMemory, RememberedPlan
from console.station.memory.ticket_memory import TicketMemory
from console.station.store import Plan
from console.station.tuning import Tuning
from models.records.key import KeyId
from models.records.lease import Tenure
from models.records.station_alert import StationAlerts
from models.secrets import SecretBox

_TENURE_S = 10.0
"""So old may a kept tenure be that did not change: its moment tells whether anybody took over since."""


class Recollection:
    """Belongs to the event loop's thread, but for `recall` and `keep_plan`.

    Attributes:
        tickets: Those that were good.
    """

    def __init__(
        self,
        data_dir: Path,
        site: str,
        open_box: Callable[[Collection[KeyId]], SecretBox],
        clock: SiteClock,
        tuning: Tuning,
        health: LoopHealth,
    ) -> None:
        """Keep what it needs; touches nothing.

        Args:
            data_dir: The data folder.
            site: Which database; what is remembered of another does not count.
            open_box: Gives the box of keys by their ids, as far as this computer holds them.
            clock: The site's, which goes on as it was.
            tuning, health: Of the thread that writes.
        """
        self._memory = PlanMemory(data_dir, site)
        self._keeper = MemoryKeeper(tuning, health)
        self._open_box = open_box
        self._clock = clock
        self._kept: Tenure | None = None
        self._kept_s = float("-inf")
        self.tickets = TicketMemory(data_dir, site, self._keeper.put)

    def start(self) -> KeptTenure | None:
        """Set the clock as it went, begin to write; returns what was held. Reads small files."""
        self._keeper.start()
        kept = self._memory.load_tenure()
        if kept is not None:
            self._clock.recall(kept.wall_ahead_s)
        return kept

    def stop(self) -> None:
        """Keep what waits. Blocks; safe twice, safe when never started."""
        self._keeper.stop()

    def recall(self) -> RememberedPlan | None:
        """Return what this station worked by. Blocks; any thread."""
        return self._memory.load(self._open_box)

    def keep_plan(self, plan: Plan) -> None:
        """Keep a plan of the database's. Any thread."""
        self._keeper.put("plan", partial(self._memory.keep_plan, plan, self._clock.unix()))

    def keep_alerts(self, alerts: StationAlerts) -> None:
        """Keep the open alerts."""
        self._keeper.put("alerts", partial(self._memory.keep_alerts, alerts))

    def keep_tenure(self, own: int, tenure: Tenure | None, gained_unix: float = 0.0) -> None:
        """Keep what is held, where it changed, and now and then where not; about once a second.

        Args:
            own: This station's number.
            tenure: The last renewal's; None = nothing is held by lease, or nothing known.
            gained_unix: When devices were last taken over.
        """
        now_s = self._clock.monotonic()
        if tenure is None or not own or tenure is self._kept:
            return
        is_same = self._kept is not None and _held(self._kept) == _held(tenure)
        if is_same and now_s - self._kept_s < _TENURE_S:
            return
        self._kept, self._kept_s = tenure, now_s
        # Episodes are kept as alerts.
        kept = KeptTenure(own, replace(tenure, episodes=()), self._clock.wall_ahead_s(), gained_unix)
        self._keeper.put("tenure", partial(self._memory.keep_tenure, kept), is_urgent=not is_same)


def _held(tenure: Tenure) -> Tenure:
    return replace(tenure, episodes=(), database_unix=0.0, has_order=False)
