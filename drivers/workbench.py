"""What a protocol may offer an engineer beside polling: browse, scan, look at raw registers, identify, write.

A spec offers what its protocol can do (`DriverSpec.tools`); forms, dialogs and the station's desk ask for
nothing else, so that they know no protocol. Everything here runs in the station, on its event loop and over
its hub: a device that allows one connection is disturbed by nobody, and a serial line is opened once.

What implementers must keep: every tool takes its turn behind the polling of the same connection, asks one
thing at a time, may be cancelled at any await, ends within its own time-outs, and raises DriverError only.
"""

from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import msgspec
from pydantic import BaseModel

from drivers.driver import DriverHub, TagAddress, TestStep


class BrowseNode(msgspec.Struct, frozen=True):
    """One node of a server's address space.

    Attributes:
        id: For `Browse.children`; opaque to whoever asks.
        address: Text of a tag address where a value can be read from it, empty otherwise.
        name: As the server shows it.
        kind: "folder", "object", "variable", "field" (a part of a structure or array) or "event source".
        has_children: Whether asking for its children may bring any.
        type: Data type in words ("Float", "Int16[8]"), empty where there is none.
        value: Text of its value at that moment, empty where none was read.
        unit: Engineering unit as the server tells it (EUInformation), empty where it tells none.
        low, high: Range as the server tells it (EURange), None where it tells none.
        description: In the server's words.
        path: Names from the root, for search results: "Objects / Press 1 / Temperature".
        is_writable: Whether the server lets this session write it.
    """

    id: str
    address: str
    name: str
    kind: str
    has_children: bool
    type: str = ""
    value: str = ""
    unit: str = ""
    low: float | None = None
    high: float | None = None
    description: str = ""
    path: str = ""
    is_writable: bool = False


class BrowsePage(msgspec.Struct, frozen=True):
    """Some children of a node, or some of what a search found.

    Attributes:
        more: Ask for the next page with it; empty where this is the last.
        looked_at: Nodes looked at so far, for the progress of a search.
    """

    nodes: tuple[BrowseNode, ...]
    more: str = ""
    looked_at: int = 0


class ScanPlan(msgspec.Struct, frozen=True):
    """What to look for.

    Attributes:
        units: Unit ids to try, first and last, inclusive; None = only the unit of the settings.
        table: Registers of which table to look through (a protocol's own word); empty = units only.
        start, end: First and last register, inclusive, as the device's tag addresses count them.
        pause_ms: Rest between two requests: a scan must not starve what is polled.
    """

    units: tuple[int, int] | None = None
    table: str = ""
    start: int = 0
    end: int = 0
    pause_ms: int = 20


class ScanFinding(msgspec.Struct, frozen=True):
    """One thing a scan found, or how far it has come.

    Attributes:
        kind: "unit" (answered), "range" (readable registers), or "progress".
        unit: Unit id it is about.
        start, end: Readable registers, inclusive; 0 for units.
        text: One clause for people: "answered in 14 ms, Acme PM-20 2.1".
        took_ms: Round trip where one was measured.
        done, total: Requests so far, and how many there will be at most.
    """

    kind: str
    unit: int
    start: int = 0
    end: int = 0
    text: str = ""
    took_ms: float = 0.0
    done: int = 0
    total: int = 0


class RegisterSpan(msgspec.Struct, frozen=True):
    """Which registers to look at.

    Attributes:
        table: The protocol's word: holding, input, coil, discrete.
        start: First, as the device's tag addresses count: from 0, unless its settings say from 1.
        count: How many.
    """

    table: str
    start: int
    count: int


class Registers(msgspec.Struct, frozen=True):
    """Registers as they came, before any decoding.

    Attributes:
        words: One number 0 to 65535 each (0 or 1 in a bit table); None where the device refused that one.
        received_unix: Unix seconds, this computer's clock.
        took_ms: From request to answer.
        refusals: One sentence each distinct refusal.
    """

    words: tuple[int | None, ...]
    received_unix: float
    took_ms: float
    refusals: tuple[str, ...] = ()


class Decoding(msgspec.Struct, frozen=True, gc=False):
    """One way to understand some registers.

    Attributes:
        address: Text of the tag address that reads it so.
        start: First register.
        registers: How many it covers.
        type: Data type in the protocol's word: "float32".
        order: Byte and word order, empty where one register has none.
        value: None where it makes no number, or a register of it was refused.
    """

    address: str
    start: int
    registers: int
    type: str
    order: str
    value: int | float | None


class Fact(msgspec.Struct, frozen=True):
    """One thing a device tells of itself: "Vendor", "Acme"."""

    name: str
    value: str


class CertificateFacts(msgspec.Struct, frozen=True):
    """A certificate that a server showed.

    Attributes:
        der_base64: The certificate itself: what a settings field that trusts it takes.
        subject, issuer: Distinguished names.
        fingerprint: SHA-256, upper-case hex with colons.
        not_before_unix, not_after_unix: Validity, Unix seconds.
        hosts: Names and addresses it was issued for.
        complaints: One sentence for each thing that is wrong with it; empty where nothing is.
    """

    der_base64: str
    subject: str
    issuer: str
    fingerprint: str
    not_before_unix: float
    not_after_unix: float
    hosts: tuple[str, ...] = ()
    complaints: tuple[str, ...] = ()


class Tool(StrEnum):
    """What a protocol may offer."""

    BROWSE = "browse"
    SEARCH = "search"
    SCAN = "scan"
    REGISTERS = "registers"
    IDENTIFY = "identify"
    CERTIFICATE = "certificate"
    WRITE = "write"


@dataclass(frozen=True, slots=True)
class Tools:
    """What a protocol offers; None = it does not.

    Every function takes the hub first, then, unless it concerns no device, the settings (of the spec's type).

    Attributes:
        tables: The tables that `registers` and `scan` know, in the protocol's words, the commonest first.
        word_tables: Those of them that `decodings` takes; the others hold single bits.
        units: Lowest and highest unit id that may be worth asking on one line; None = a line has no units.
        browse: Children of a node (its `BrowseNode.id`; empty = the root), a page at a time (`more` of the
            page before; empty = from the beginning).
        search: Nodes whose name, address or description holds every word of a text; pages as they are
            found, the last with no `more`. The caller cancels when it has enough.
        scan: Findings as they come, a "progress" one at least every second.
        registers: What some registers hold right now.
        decodings: For a span, what turns its words into every decoding there is, by register. Pure and
            quick: for the window's own thread, the one function here that runs there.
        identify: What a device tells of itself.
        certificate: What certificate the server shows, trusted or not.
        write: Write a value (in the device's raw units) to a tag address (text), and return what the device
            holds afterwards, read back.
        test: Walks through a connection as `DriverSpec.test` does, but over the hub, telling each step as it
            is taken. Where a connection can be opened only once, as a serial port, nothing else can.
        own_certificate: This station's own certificate for that protocol, made where there is none, as PEM.
    """

    tables: tuple[str, ...] = ()
    word_tables: tuple[str, ...] = ()
    units: tuple[int, int] | None = None
    browse: Callable[[DriverHub, BaseModel, str, str], Coroutine[Any, Any, BrowsePage]] | None = None
    search: Callable[[DriverHub, BaseModel, str], AsyncIterator[BrowsePage]] | None = None
    scan: Callable[[DriverHub, BaseModel, ScanPlan], AsyncIterator[ScanFinding]] | None = None
    registers: Callable[[DriverHub, BaseModel, RegisterSpan], Coroutine[Any, Any, Registers]] | None = None
    decodings: Callable[[RegisterSpan], Callable[[Sequence[int | None]], Sequence[Decoding]]] | None = None
    identify: Callable[[DriverHub, BaseModel], Coroutine[Any, Any, Sequence[Fact]]] | None = None
    certificate: Callable[[DriverHub, BaseModel], Coroutine[Any, Any, CertificateFacts]] | None = None
    write: Callable[[DriverHub, BaseModel, str, float], Coroutine[Any, Any, str]] | None = None
    test: Callable[[DriverHub, BaseModel, Sequence[TagAddress]], AsyncIterator[TestStep]] | None = None
    own_certificate: Callable[[DriverHub], Coroutine[Any, Any, str]] | None = None

    def offered(self) -> frozenset[Tool]:
        """Return what there is."""
        return frozenset(tool for tool in Tool if getattr(self, tool.value) is not None)
