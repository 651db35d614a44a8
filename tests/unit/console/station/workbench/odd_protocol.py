"""A protocol whose tools do what the test says: break, hang, or find for ever."""

import asyncio
from collections.abc import AsyncIterator, Sequence

from pydantic import BaseModel

from drivers.driver import Driver, TagAddress, TestStep
from drivers.workbench import BrowseNode, BrowsePage, Fact


class OddSettings(BaseModel):
    """Needs nothing."""


class OddHub:
    """Reaches nothing."""

    def driver(self, settings: BaseModel, addresses: Sequence[TagAddress]) -> Driver:
        raise NotImplementedError

    async def close(self) -> None:
        """Has nothing to close."""


class OddTools:
    """What the tools do.

    Attributes:
        error: Raised by identify.
        facts: Told by identify once `gate` is open.
        ended: How many searches were ended at the device.
    """

    def __init__(self) -> None:
        self.error: Exception | None = None
        self.facts: tuple[Fact, ...] = (Fact("Vendor", "Acme"),)
        self.gate = asyncio.Event()
        self.gate.set()
        self.ended = 0

    async def identify(self, hub: object, settings: BaseModel) -> Sequence[Fact]:
        await self.gate.wait()
        if self.error is not None:
            raise self.error
        return self.facts

    async def search(self, hub: object, settings: BaseModel, words: str) -> AsyncIterator[BrowsePage]:
        try:
            looked_at = 0
            while True:
                looked_at += 1
                node = BrowseNode(str(looked_at), "", words, "object", has_children=False)
                yield BrowsePage((node,), "more", looked_at)
                await asyncio.sleep(0)
        finally:
            self.ended += 1


async def no_test(settings: BaseModel, addresses: Sequence[TagAddress]) -> list[TestStep]:
    """Test nothing."""
    return []
