"""What this station may poll, and until when, as far as it can know. `witness.py` says why.

entered, renewed ──→ holds until sent + LEASE_S − margin ──→ on proof ──→ silent ──→ (renewed) holds …
"""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import replace

from console.station.clocks.clock import Clock
from console.station.leasing.evidence import Evidence
from console.station.leasing.leases import Lost, NeedsNoLease, News, NotRenewed, Renewed
from console.station.leasing.share import EVERYTHING, NOTHING, Share
from models.records.alert import OpenEpisode
from models.records.device import DeviceId
from models.records.lease import LEASE_MARGIN_S, LEASE_S, Tenure

_FRESH_S = LEASE_S - LEASE_MARGIN_S
_SURELY_MINE_S = LEASE_S - 1.0
"""So long after a renewal nobody else can have been lent the devices, whatever clocks and networks do."""


class Tenancy:
    """What this station holds. Belongs to the event loop.

    Attributes:
        evidence: What other stations say.
        tenure: The last renewal's, or a remembered one; None before.
        incarnation: Which start of the station this is; 0 before it is known.
        own: This station's number (`stations.id`); 0 before it is known.
        gained_unix: When it last took devices over, Unix seconds by the database's clock; 0 = never.
        why_silent: One sentence while it polls nothing although it should; empty otherwise.
    """

    def __init__(self, clock: Clock) -> None:
        """Hold nothing yet."""
        self.evidence = Evidence()
        self.tenure: Tenure | None = None
        self.own = self.incarnation = 0
        self.gained_unix = 0.0
        self.why_silent = ""
        self._clock = clock
        self._share = NOTHING
        self._known: dict[DeviceId, int] = {}
        self._until_s = float("-inf")
        self._sent_s = float("-inf")
        self._is_failing = False
        self._is_lost = False
        self._must_look = True
        self._remembered: Tenure | None = None

    @property
    def share(self) -> Share:
        """What to poll now, as far as `may_poll` allows."""
        return self._share

    @property
    def known(self) -> Collection[DeviceId]:
        """Devices whose open episodes this station knows from its own judging."""
        return self._share.epochs or ()

    @property
    def is_failing(self) -> bool:
        """Whether the latest renewal failed, or is overdue."""
        return self._is_failing or self._clock.monotonic() - self._sent_s > _FRESH_S / 2.0

    @property
    def is_live(self) -> bool:
        """Whether this station sees the database."""
        return not self._is_failing and self._clock.monotonic() - self._sent_s < LEASE_S

    def hear(self, news: News, *, may_take_over: bool) -> bool:
        """Take in what came of an attempt to renew; returns whether the share changed.

        Args:
            news: As the thread of the leases tells it.
            may_take_over: Whether nobody counts on this station not to poll what it gains now.
        """
        before = self._share
        match news:
            case Renewed():
                self._renewed(news, may_take_over=may_take_over)
            case NeedsNoLease():
                self._is_failing = self._is_lost = False
                self._sent_s = self._clock.monotonic()
                self.why_silent = ""
                self._share = EVERYTHING
            case NotRenewed():
                self._is_failing = True
            case Lost():
                self._is_failing = self._is_lost = True
                self._remembered = None
                if self.tenure is not None:
                    self.tenure = replace(self.tenure, leases=())  # nor is any remembered
                self._fall_silent(f"{news.sentence} End the other one, or ask an administrator.")
        return self._share is not before

    def may_poll(self) -> bool:
        """Whether a poll may be started now. False for good, once it was, until the next renewal."""
        if self._share is EVERYTHING:
            return True
        if self.why_silent or not self._share.epochs:
            return False
        now_s = self._clock.monotonic()
        if now_s < self._until_s or self._is_proven(now_s):
            return True
        self._fall_silent(
            "This station cannot reach the database, and another one may have taken its devices over; "
            "check this computer's network."
        )
        return False

    def remember(self, own: int, tenure: Tenure, gained_unix: float) -> None:
        """Begin with what was held before the program started; `begin_remembered` takes it up."""
        if self.tenure is None:
            self.own = own
            self.tenure = self._remembered = tenure
            self.evidence.set_peers(tenure.peers)
            self.gained_unix = gained_unix

    def begin_remembered(self) -> bool:
        """Take up what is remembered, where nobody can have taken it over since; returns whether it does."""
        memory = self._remembered
        if memory is None or self._is_lost or not self._is_failing:
            return False
        if not self._is_proven(self._clock.monotonic()):
            self.why_silent = (
                "This station was started without the database, and cannot know whether another one polls "
                "its devices; it waits for the database."
            )
            return False
        self.why_silent = ""
        episodes = _by_device(memory.episodes)
        epochs = {lease.device: lease.epoch for lease in memory.leases if not lease.is_surplus}
        fresh = {device: episodes.get(device, ()) for device in epochs}
        self._share = Share(epochs, fresh, is_remembered=True)
        self._known = dict(epochs)
        self._remembered = None
        return True

    def _renewed(self, news: Renewed, *, may_take_over: bool) -> None:
        tenure = news.tenure
        was_silent = bool(self.why_silent)
        is_same = not (self._must_look or was_silent) and self._share.epochs == news.epochs and self.own != 0
        self.tenure, self.own, self.incarnation = tenure, news.identity.id, news.identity.incarnation
        # Held when the program ended: so nobody counts on this station not to poll it.
        kept = {lease.device for lease in self._remembered.leases} if self._remembered else set[DeviceId]()
        self._remembered = None
        self._sent_s, self._until_s = news.sent_s, news.sent_s + _FRESH_S
        self._is_failing = self._is_lost = False
        self.why_silent = ""
        self.evidence.set_peers(tenure.peers)
        if is_same:
            return
        self._must_look = False
        episodes = _by_device(tenure.episodes)
        epochs: dict[DeviceId, int] = {}
        fresh: dict[DeviceId, tuple[OpenEpisode, ...]] = {}
        for device, epoch in news.epochs.items():
            known_epoch = self._known.get(device)
            # One more is this station's own new start; had another one polled it meanwhile, it would be two.
            if known_epoch == epoch or (known_epoch == epoch - 1 and not was_silent):
                epochs[device] = epoch
            elif device in news.known or not (may_take_over or device in kept):
                # Its episodes come with the next renewal; or somebody counts on our silence.
                self._must_look = True
            else:
                epochs[device] = epoch
                fresh[device] = tuple(episodes.get(device, ()))
                self.gained_unix = tenure.database_unix
        self._known = dict(epochs)
        self._share = Share(epochs, fresh)

    def _is_proven(self, now_s: float) -> bool:
        memory = self._remembered
        if memory and self.evidence.has_gained_since(memory.database_unix + _SURELY_MINE_S):
            return False
        return not self._is_lost and self.evidence.allows(now_s)

    def _fall_silent(self, why: str) -> None:
        self.why_silent = why
        self._share = NOTHING


def _by_device(episodes: Collection[OpenEpisode]) -> dict[DeviceId, list[OpenEpisode]]:
    grouped: defaultdict[DeviceId, list[OpenEpisode]] = defaultdict(list)
    for episode in episodes:
        grouped[episode.device].append(episode)
    return grouped
