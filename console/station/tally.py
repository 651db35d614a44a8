"""How many readings and findings went which way: the arithmetic behind every figure about them.

    taken   = stored + spooled + quarantined + dropped      what became durable, or was given up
    waiting = in memory + spooled

`taken` is counted by itself, so that the first equation is a test and not a definition.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Counts:
    """Where readings and findings are, as of one moment.

    Attributes:
        taken: Readings that became durable, or were dropped; those found on the disk at the start included.
        stored: Committed; those fenced included, because nothing more will happen to them.
        spooled: On the disk, waiting for the database.
        quarantined: On the disk, waiting for a person: the database declined them.
        dropped: Given up: neither memory nor disk could take them, or a person said so.
        discarded: Those of the dropped that a person gave up.
        in_memory: Neither durable nor dropped yet.
        findings: Transitions and acknowledgements in memory or in the spool.
        spooled_findings: Those of them on the disk.
        dropped_findings: Those given up.
    """

    taken: int = 0
    stored: int = 0
    spooled: int = 0
    quarantined: int = 0
    dropped: int = 0
    discarded: int = 0
    in_memory: int = 0
    findings: int = 0
    spooled_findings: int = 0
    dropped_findings: int = 0

    @property
    def waiting(self) -> int:
        """Readings that the database has not got yet."""
        return self.in_memory + self.spooled


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of readings and findings that were offered to the database, other than being stored."""

    quarantined: int = 0
    dropped: int = 0
    dropped_findings: int = 0


STORED = Fate()


@dataclass(slots=True)
class Tally:
    """The running counts of what has left memory. Not locked: its owner does that."""

    taken: int = 0
    stored: int = 0
    spooled: int = 0
    quarantined: int = 0
    dropped: int = 0
    discarded: int = 0
    spooled_findings: int = 0
    dropped_findings: int = 0

    def spool(self, readings: int, findings: int) -> None:
        """Memory → disk."""
        self.taken += readings
        self.spooled += readings
        self.spooled_findings += findings

    def unspool(self, readings: int, findings: int) -> None:
        """Disk → memory, because the disk lost its copy."""
        self.taken -= readings
        self.spooled -= readings
        self.spooled_findings -= findings

    def find(self, readings: int, findings: int, quarantined: int) -> None:
        """What earlier runs left on the disk."""
        self.spool(readings, findings)
        self.taken += quarantined
        self.quarantined += quarantined

    def store(self, readings: int, fate: Fate) -> None:
        """Memory → database."""
        self.taken += readings
        self._judge(readings, fate)

    def replay(self, readings: int, findings: int, fate: Fate) -> None:
        """Disk → database."""
        self.spooled -= readings
        self.spooled_findings -= findings
        self._judge(readings, fate)

    def drop(self, readings: int, findings: int = 0) -> None:
        """Memory → nowhere."""
        self.taken += readings
        self.dropped += readings
        self.dropped_findings += findings

    def lose(self, readings: int, findings: int = 0) -> None:
        """Disk → nowhere."""
        self.spooled -= readings
        self.dropped += readings
        self.spooled_findings -= findings
        self.dropped_findings += findings

    def lose_all(self) -> None:
        """Disk → nowhere: the file was lost with everything in it."""
        self.dropped += self.spooled + self.quarantined
        self.dropped_findings += self.spooled_findings
        self.spooled = self.quarantined = self.spooled_findings = 0

    def retry(self, readings: int, findings: int) -> None:
        """Quarantine → disk."""
        self.quarantined -= readings
        self.spooled += readings
        self.spooled_findings += findings

    def discard(self, readings: int) -> None:
        """Quarantine → nowhere, because a person said so."""
        self.quarantined -= readings
        self.dropped += readings
        self.discarded += readings

    def _judge(self, readings: int, fate: Fate) -> None:
        self.stored += readings - fate.quarantined - fate.dropped
        self.quarantined += fate.quarantined
        self.dropped += fate.dropped
        self.dropped_findings += fate.dropped_findings
