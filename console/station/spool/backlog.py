"""The writer's end of the spool: what to write next, and what became of it."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass

from console.station.clocks.clock import Clock
from console.station.outbox import Copies, Finding, Outbox
from console.station.spool.block import BlockDamaged, readings_of
from console.station.spool.cabinet import Cabinet
from console.station.spool.file import Declined, Row, SpoolFile
from console.station.spool.finding import ItemDamaged, ItemKind, item_of, kind_of
from console.station.tally import STORED, Fate
from models.records.reading import Reading

_log = logging.getLogger(__name__)

_FINDINGS_LEFT = 200_000


@dataclass(frozen=True, slots=True)
class Chunk:
    """What the writer brings back next: findings, or readings.

    Attributes:
        payloads: The blocks of its readings, still packed.
        file: Where it lies; another file may have taken its place meanwhile.
    """

    file: SpoolFile
    copies: Copies
    readings: Sequence[Reading] = ()
    findings: Sequence[Finding] = ()
    payloads: tuple[bytes, ...] = ()


class Backlog:
    """What waits on the disk. Belongs to the writer's thread, but for `in_flight` and `clean`."""

    def __init__(self, cabinet: Cabinet | None, outbox: Outbox, clock: Clock, batch: int) -> None:
        """Keep what it needs. Without a cabinet there never is a backlog."""
        self._cabinet = cabinet
        self._outbox = outbox
        self._clock = clock
        self._batch = batch
        self.in_flight: Copies = Copies()
        """What is being written right now, and must not be dropped meanwhile."""
        self._written: Copies = Copies()
        self._old_until: int | None = None

    def note_return(self) -> None:
        """The database is back: what is kept from now on is as good as live, and not behind the old."""
        self._old_until = None

    def is_empty(self) -> bool:
        """Whether nothing waits."""
        return not self._outbox.has_spooled

    def next_chunk(self, limit: int) -> Chunk | None:
        """Return what is to be written next: findings, then what is as good as live, then the oldest."""
        if self._cabinet is None or self.is_empty():
            return None
        cabinet = self._cabinet
        chunk = cabinet.use(
            lambda file: self._findings(cabinet, file) or self._readings(cabinet, file, limit), None
        )
        self.in_flight = chunk.copies if chunk else Copies()
        return chunk

    def findings_left(self) -> list[Finding]:
        """Return what an earlier run found and the database has not heard, in its order."""
        if self._cabinet is None:
            return []
        rows = self._cabinet.use(lambda file: file.oldest_findings(_FINDINGS_LEFT, ()), [])
        left: list[Finding] = []
        for row in rows:
            try:
                item = item_of(row.kind, row.payload)
            except ItemDamaged:
                continue  # set aside, and said, when it is its turn
            if not isinstance(item, Reading):
                left.append(item)
        return left

    def settle(self, chunk: Chunk, declined: Sequence[Declined]) -> None:
        """Remove a chunk that was written, and keep what of it the database declined."""
        if self._cabinet is not None and chunk.file is self._cabinet.file:
            fate = self._remove(chunk.copies, declined)
            self._outbox.record(lambda tally: tally.replay(len(chunk.readings), len(chunk.findings), fate))
        self.in_flight = Copies()

    def settle_live(self, declined: Sequence[Declined]) -> None:
        """Count the outbox's load as written; remove copies of it, and keep what the database declined."""
        copies = self._outbox.copies()
        needs_disk = bool(declined or copies.blocks or copies.findings)
        last = self._outbox.settle(self._remove(copies, declined) if needs_disk else STORED)
        if last != copies:
            # The spool's thread has copied it just now; left there, it would be written and counted again.
            self.remove(last)

    def remove(self, copies: Copies) -> None:
        """Remove copies of what was written while they were made. Either thread calls."""
        if copies.blocks or copies.findings:
            self._remove(copies, ())

    def clean(self, file: SpoolFile) -> None:
        """Remove what could not be removed when it was written. The spool's own thread calls."""
        written = self._written
        if written.blocks or written.findings:
            file.remove(written)
            self._written = Copies(
                [id for id in self._written.blocks if id not in written.blocks],
                [id for id in self._written.findings if id not in written.findings],
            )

    def _findings(self, cabinet: Cabinet, file: SpoolFile) -> Chunk | None:
        findings: list[Finding] = []
        ids: list[int] = []
        for row in file.oldest_findings(self._batch, self._written.findings):
            try:
                item = item_of(row.kind, row.payload)
            except ItemDamaged as error:
                cabinet.put_row_aside(file, row, str(error))
                continue
            if not isinstance(item, Reading):
                findings.append(item)
                ids.append(row.id)
        return Chunk(file, Copies(findings=ids), findings=findings) if findings else None

    def _readings(self, cabinet: Cabinet, file: SpoolFile, limit: int) -> Chunk | None:
        readings: list[Reading] = []
        whole: list[Row] = []
        if self._old_until is None:
            self._old_until = file.last_block()
        skipped = self._written.blocks
        fresh = file.oldest_blocks(limit, skipped, self._old_until)
        for row in fresh or file.oldest_blocks(limit, skipped):
            try:
                readings += readings_of(row.payload)
                whole.append(row)
            except BlockDamaged as error:
                cabinet.put_row_aside(file, row, str(error))
        if not whole:
            return None
        copies = Copies(blocks=[row.id for row in whole])
        return Chunk(file, copies, readings, payloads=tuple(row.payload for row in whole))

    def _remove(self, copies: Copies, declined: Sequence[Declined]) -> Fate:
        """Remove from the file, and keep there what was declined; return what became of that."""
        readings = sum(kind_of(one.item) is ItemKind.READING for one in declined)
        now_unix = self._clock.unix()

        def remove(file: SpoolFile) -> bool:
            file.remove(copies, declined, now_unix)
            return True

        if self._cabinet is not None:
            if self._cabinet.use(remove, otherwise=False):
                self._cabinet.quarantined_findings += len(declined) - readings
                return Fate(quarantined=readings)
            # Removed later; until then nobody brings it back a second time.
            self._written = Copies(
                [*self._written.blocks, *copies.blocks], [*self._written.findings, *copies.findings]
            )
        for one in declined:
            _log.error("The database declined it, and there is no disk to keep it: %s", one.item)
        return Fate(dropped=readings, dropped_findings=len(declined) - readings)
