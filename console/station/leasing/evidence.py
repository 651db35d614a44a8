"""What other stations answered, and whether it allows a station that cannot renew to poll on. Pure.

`witness.py` says why.
"""

from collections.abc import Mapping, Sequence

from console.station.leasing.witness import EVIDENCE_S, Heard, Outcome
from models.records.lease import Peer


class Evidence:
    """The answers of all stations that this one has known. Belongs to the event loop."""

    def __init__(self) -> None:
        """Know nobody."""
        self._peers: dict[int, Peer] = {}
        self._former: dict[int, Peer] = {}
        self._heard_at: set[str] = set()
        self._allowed_s: dict[int, float] = {}
        self._gained_unix: dict[int, float] = {}

    @property
    def is_alone(self) -> bool:
        """Whether no other station was alive at the last renewal."""
        return not self._peers

    @property
    def asked(self) -> Sequence[Peer]:
        """Everybody worth asking."""
        return [*self._peers.values(), *self._former.values()]

    @property
    def unheard(self) -> Sequence[Peer]:
        """Those alive of whom nothing was ever heard at their address."""
        return [peer for peer in self._peers.values() if peer.address not in self._heard_at]

    def set_peers(self, peers: Sequence[Peer]) -> None:
        """Take in who was alive at a renewal; whatever was answered before it counts no more."""
        now = {peer.id: peer for peer in peers}
        if now != self._peers:
            gone = {id: peer for id, peer in self._peers.items() if id not in now}
            self._former = {id: peer for id, peer in (self._former | gone).items() if id not in now}
            self._peers = now
        self._allowed_s.clear()

    def take(self, answers: Mapping[int, Heard], asked_s: float) -> bool:
        """Take in what one round of questions brought; returns whether somebody sees the database.

        Args:
            answers: By `stations.id`.
            asked_s: From before the first was asked, monotonic seconds.
        """
        for peer in self.asked:
            heard = answers.get(peer.id, Heard(Outcome.NOTHING))
            if heard.outcome in (Outcome.AWAY, Outcome.LIVE):
                self._heard_at.add(peer.address)
                self._gained_unix[peer.id] = heard.gained_unix
            if self._allows(peer, heard.outcome):
                self._allowed_s[peer.id] = asked_s
        return any(heard.outcome is Outcome.LIVE for heard in answers.values())

    def allows(self, now_s: float) -> bool:
        """Whether nobody can have taken devices over: every station allows it, and did so just now."""
        oldest_s = now_s - EVIDENCE_S
        return all(self._allowed_s.get(peer.id, float("-inf")) > oldest_s for peer in self.asked)

    def has_gained_since(self, unix: float) -> bool:
        """Whether a living station took devices over since, Unix seconds, or did not say that it did not."""
        return any(self._gained_unix.get(id, float("inf")) > unix for id in self._peers)

    def _allows(self, peer: Peer, outcome: Outcome) -> bool:
        if peer.id in self._former:
            return outcome is not Outcome.LIVE
        return outcome is Outcome.AWAY or (
            # A firewall refuses as well, whoever sits behind it.
            outcome is Outcome.REFUSED and peer.address in self._heard_at
        )
