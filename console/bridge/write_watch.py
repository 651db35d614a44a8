"""Notices a database that is not away, but does not answer either: hung, or out of reach.

The station cannot tell it from a slow one until a time-out of minutes has passed; what it reports once a
second shows it much earlier: readings wait, and not one is stored.
"""

from models.records.station import StationReport

HUNG_AFTER_S = 5.0
"""Batches are committed once a second; five missed in a row are no hiccup."""


class WriteWatch:
    """Follows the reports of one station."""

    def __init__(self) -> None:
        self._stored = -1
        self._moved_unix = 0.0
        self.stalled_s = 0.0

    def take(self, report: StationReport) -> None:
        """Take the next report in; `stalled_s` says for how long readings wait and none is stored."""
        is_backwards = report.sent_unix < self._moved_unix
        if report.waiting == 0 or report.readings_stored != self._stored or is_backwards:
            self._stored = report.readings_stored
            self._moved_unix = report.sent_unix
        self.stalled_s = report.sent_unix - self._moved_unix

    def forget(self) -> None:
        """Another station talks from now on."""
        self._stored = -1
        self.stalled_s = 0.0

    @property
    def is_hung(self) -> bool:
        """Whether the database must be taken for away."""
        return self.stalled_s > HUNG_AFTER_S
