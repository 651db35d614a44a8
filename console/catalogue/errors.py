"""What can be wrong with what an engineer hands in. All of it is refused with places and sentences."""

from dataclasses import dataclass


class CatalogueFault(ValueError):
    """One device's configuration cannot be used. The text is one sentence an engineer understands."""


@dataclass(frozen=True, slots=True)
class RowFault:
    """One thing wrong in a document.

    Attributes:
        where: As the engineer sees it: 'devices[2] "DRIVE-02", tags[1].address' or 'line 7, column address'.
        text: What is wrong and what would be right.
    """

    where: str
    text: str

    def __str__(self) -> str:
        """Return place and text as one line."""
        return f"{self.where}: {self.text}"


class DocumentFault(ValueError):
    """A document that cannot be taken; nothing of it was. Holds every fault, not only the first."""

    def __init__(self, faults: list[RowFault]) -> None:
        self.faults = tuple(faults)
        many = f"{len(faults)} faults" if len(faults) > 1 else "1 fault"
        super().__init__(f"Nothing was imported: {many}.\n" + "\n".join(f"  {fault}" for fault in faults))
