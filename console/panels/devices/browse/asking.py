"""What the browser needs to ask of a server, as the dialog is handed it."""

from collections.abc import Callable
from typing import Protocol

from console.panels.devices.asking import StopsAsking
from drivers.workbench import BrowsePage


class AskChildren(Protocol):
    """Asks for a page of a node's children; one of the callbacks comes later, on the window's thread."""

    def __call__(
        self, node: str, more: str, on_done: Callable[[BrowsePage], None], on_failed: Callable[[str], None]
    ) -> StopsAsking:
        """Ask; `node` is a `BrowseNode.id`, empty for the root."""
        ...


class AskSearch(Protocol):
    """Searches; pages come one after the other, then one of the other two is called."""

    def __call__(
        self,
        words: str,
        on_part: Callable[[BrowsePage], None],
        on_done: Callable[[], None],
        on_failed: Callable[[str], None],
    ) -> StopsAsking:
        """Begin."""
        ...
