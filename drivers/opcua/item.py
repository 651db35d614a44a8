"""One watched value, and what carries it: a subscription or a polling loop."""

import time
from collections.abc import Callable
from typing import Protocol

from asyncua import ua

from drivers.opcua.address import NodeAddress


class Carrier:
    """What brings values, with its last sign of life.

    Attributes:
        at_unix: Unix seconds of the last sign of life, by this computer's clock.
    """

    __slots__ = ("at_unix",)

    def __init__(self) -> None:
        self.at_unix = time.time()


class EventListener(Protocol):
    """Hears what a subscription to events brings."""

    def on_events(self, body: bytes) -> None:
        """Take a list of events as it came."""
        ...

    def on_end(self, reason: str) -> None:
        """Hear that nothing more will come, and why."""
        ...


class Subscription(Carrier):
    """One subscription on the server.

    Attributes:
        id: The server's number.
        silence_limit_s: Silent longer than this, it is dead even if the session answers.
        item_count: Items that live in it.
        at_s: Last sign of life in seconds of the running loop's clock.
        events: Who hears of its events and its end; None: it carries values, and its end is the session's.
    """

    __slots__ = ("at_s", "events", "id", "item_count", "silence_limit_s")

    def __init__(
        self, number: int, silence_limit_s: float, at_s: float, events: "EventListener | None" = None
    ) -> None:
        super().__init__()
        self.events = events
        self.id = number
        self.silence_limit_s = silence_limit_s
        self.item_count = 0
        self.at_s = at_s


class Item:
    """One address of one device in one session. Written by notifications, read by the device's driver.

    Attributes:
        address: What was asked for: a node, or one element of its array.
        index_range: Of that element; None for the whole value.
        text: Canonical text of it, for details.
        handle: Our number, which notifications carry.
        node: Where that is in this session; None while its namespace is unknown to the server.
        data: The newest value; None until the first arrived.
        refusal: Why the server carries no value of this address at present, in words; empty while it does.
        carrier: Whose sign of life vouches for `data`.
        subscription: Where it is watched; None when polled, refused or not yet made.
        server_id: The server's number of the item in `subscription`.
        is_wanted: False once its driver let go of it.
        tell: Called when values came, once for all items that share it.
    """

    __slots__ = (
        "address",
        "carrier",
        "data",
        "handle",
        "index_range",
        "is_wanted",
        "node",
        "refusal",
        "server_id",
        "subscription",
        "tell",
        "text",
    )

    def __init__(self, address: NodeAddress, handle: int, carrier: Carrier, tell: Callable[[], None]) -> None:
        self.address = address
        self.index_range = str(address.path[0][0]) if address.path else None
        self.tell = tell
        self.text = str(address)
        self.handle = handle
        self.node: ua.NodeId | None = None
        self.data: ua.DataValue | None = None
        self.refusal = ""
        self.carrier = carrier
        self.subscription: Subscription | None = None
        self.server_id = 0
        self.is_wanted = True
