"""What a window may ask of a device, and what comes back: the records both ends of the link put into JSON.

    window ── tool, driver, settings, subject ──→ the station's desk ──→ Tools, test or a temporary driver
       └──────────── one result, or one part after the other ←─────────────────────┘

`QUESTIONS` says for each tool what its subject and its answer are; `drivers/workbench.py` holds the tools.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Any

import msgspec

from drivers.driver import TestStep
from drivers.workbench import (
    BrowsePage,
    CertificateFacts,
    Fact,
    Registers,
    RegisterSpan,
    ScanFinding,
    ScanPlan,
    Tool,
)

TEST = "test"
PREVIEW = "preview"
SERIAL_PORTS = "serial_ports"
OWN_CERTIFICATE = "own_certificate"

NOT_KNOWN = "Whether the value was taken is not known; look at the device before writing again."
"""Said of a write that ended without an answer, whoever was lost on the way."""

NOT_READ_BACK = "written; it cannot be read back"
"""The answer to a write that the device confirmed, where it then did not let its value be seen."""

MOST_TAGS = 500
"""So many addresses one test or preview may name."""


class NothingMore(msgspec.Struct, frozen=True):
    """The subject of a question that its settings say all about."""


class BrowseSubject(msgspec.Struct, frozen=True):
    """Which children.

    Attributes:
        node: `BrowseNode.id`; empty = the root.
        more: `BrowsePage.more` of the page before; empty = from the beginning.
    """

    node: str = ""
    more: str = ""


class SearchSubject(msgspec.Struct, frozen=True):
    """Words that a node's name, address or description must hold, with blanks between."""

    text: str


class TestSubject(msgspec.Struct, frozen=True):
    """Texts of the tag addresses to read in the test; none where there are no tags yet."""

    __test__ = False  # the name begins like a test class; pytest must not collect it

    addresses: tuple[str, ...] = ()


class PreviewTag(msgspec.Struct, frozen=True):
    """One tag as it stands in the form: value = raw × scale + offset."""

    address: str
    scale: float = 1.0
    offset: float = 0.0


class PreviewSubject(msgspec.Struct, frozen=True):
    """Tags to read once."""

    tags: tuple[PreviewTag, ...]


class PreviewValue(msgspec.Struct, frozen=True):
    """What one tag would bring.

    Attributes:
        address: As asked.
        raw: As decoded from the wire; None where nothing usable came.
        value: `raw` × scale + offset; None where nothing usable came.
        quality: A `drivers.values.Quality`.
        detail: One clause why it is not good; an address that does not parse is told here, too.
        received_unix: Unix seconds, the station's clock; 0 where nothing was asked.
        better_address: Text of the address that means now what this one meant before; mostly empty.
    """

    address: str
    raw: bool | int | float | None
    value: float | None
    quality: str
    detail: str = ""
    received_unix: float = 0.0
    better_address: str = ""


class WriteSubject(msgspec.Struct, frozen=True):
    """What to write where: the text of a writable tag's address, and the device's own raw number."""

    address: str
    value: float


class SerialPort(msgspec.Struct, frozen=True):
    """A serial port of the station's computer.

    Attributes:
        device: What a setting takes: "/dev/ttyUSB0", "COM3".
        description: For people: "USB-RS485 Cable".
        maker, serial_number: As the adapter tells; empty where it does not.
    """

    device: str
    description: str = ""
    maker: str = ""
    serial_number: str = ""


class Asks(StrEnum):
    """What a question needs beside its subject."""

    DEVICE = "device"
    """Settings that fit the driver."""
    STORED_DEVICE = "stored device"
    """A device in the catalogue; it is reached as it is stored, whatever settings are sent."""
    DRIVER = "driver"
    """Only which driver."""
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class QuestionType:
    """What one tool takes and gives.

    Attributes:
        subject: Type of its subject.
        answer: Type of its result; of each part where `is_stream`.
        limit_s: How long it may take in all; the station ends it then.
        is_stream: Whether it answers one part after the other.
        asks: What it needs beside the subject.
    """

    subject: type[msgspec.Struct]
    answer: Any
    limit_s: float
    is_stream: bool = False
    asks: Asks = Asks.DEVICE

    @property
    def is_write(self) -> bool:
        """Whether it changes what a device holds."""
        return self.subject is WriteSubject


QUESTIONS: Mapping[str, QuestionType] = MappingProxyType(
    {
        TEST: QuestionType(TestSubject, TestStep, 120.0, is_stream=True),
        PREVIEW: QuestionType(PreviewSubject, tuple[PreviewValue, ...], 60.0),
        Tool.BROWSE: QuestionType(BrowseSubject, BrowsePage, 60.0),
        Tool.SEARCH: QuestionType(SearchSubject, BrowsePage, 1800.0, is_stream=True),
        Tool.SCAN: QuestionType(ScanPlan, ScanFinding, 7200.0, is_stream=True),
        Tool.REGISTERS: QuestionType(RegisterSpan, Registers, 120.0),
        Tool.IDENTIFY: QuestionType(NothingMore, tuple[Fact, ...], 60.0),
        Tool.CERTIFICATE: QuestionType(NothingMore, CertificateFacts, 60.0),
        Tool.WRITE: QuestionType(WriteSubject, str, 60.0, asks=Asks.STORED_DEVICE),
        OWN_CERTIFICATE: QuestionType(NothingMore, str, 120.0, asks=Asks.DRIVER),
        SERIAL_PORTS: QuestionType(NothingMore, tuple[SerialPort, ...], 15.0, asks=Asks.NOTHING),
    }
)
"""Every question there is, by its name on the link."""
