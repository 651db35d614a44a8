"""What came of an import of devices, and of its undoing. Light: whoever shows them waits for no database."""

from dataclasses import dataclass

from models.records.device_entry import ImportOutcome
from models.records.device_revision import BatchId


@dataclass(frozen=True, slots=True)
class ImportDone:
    """What an import stored.

    Attributes:
        batch: To undo it with; None where nothing had to be written.
        left_out: How many devices were held back because of faults.
        signals: How many signals were added.
        note: Sentences about the site's key, where this made it; empty otherwise.
    """

    outcome: ImportOutcome
    batch: BatchId | None
    left_out: int
    signals: int
    note: str = ""

    def __str__(self) -> str:
        """Return one sentence, and the note."""
        outcome = self.outcome
        counts = (
            (outcome.created, "added"),
            (outcome.updated, "changed"),
            (outcome.unchanged, "as they were"),
            (self.left_out, "left out"),
        )
        said = ", ".join(f"{count:,} {words}" for count, words in counts if count) or "nothing to store"
        signals = f"; {self.signals} signals added" if self.signals else ""
        return f"Devices: {said}{signals}. {self.note}".rstrip()


@dataclass(frozen=True, slots=True)
class UndoDone:
    """What came of taking a batch back.

    Attributes:
        undone: Hardware ids of the devices that are as before.
        refused: A sentence for each device that somebody changed since, and that was left alone.
        batch: The new batch, which can be taken back likewise; None where nothing had to be written.
    """

    undone: tuple[str, ...]
    refused: tuple[str, ...]
    batch: BatchId | None
