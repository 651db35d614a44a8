"""What a product's profile says of its Modbus devices: where they tell who they are, how they are updated.

Registers are written as the device's tags are: from 0, or from 1 where its settings say so. Whoever signs a
manifest signs the profile with it, so a wrong one is a mistake and no attack; what can be checked is. Times
are whole seconds, or texts such as "0.5" (`seconds.py`).
"""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from drivers.firmware.seconds import Seconds
from drivers.firmware.target import Phase
from drivers.firmware.text_rule import TextRule
from drivers.firmware.version_text import SIMPLE, Pattern

IDENTITY, ORDERS, STATE, IMAGE = "Who it is", "Orders", "What it says of an update", "The image"
_LAST = 0xFFFF
_MOST_MEANINGS = 100
_MOST_RULES = 20


class Part(BaseModel):
    """A part of a profile."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


class Words(Part):
    """Neighbouring registers."""

    table: Literal["holding", "input"] = Field(
        default="holding", title="Table", description="Holding or input registers."
    )
    register_: int = Field(
        alias="register", title="Register", description="The first one.", ge=0, le=_LAST, examples=[40000]
    )
    count: int = Field(default=1, title="Registers", description="How many.", ge=1, le=60)

    @model_validator(mode="after")
    def _ends_in_the_table(self) -> "Words":
        if self.register_ + self.count - 1 > _LAST:
            last = self.register_ + self.count - 1
            raise ValueError(
                f"{self.table} {self.register_} to {last} leaves the table, which ends at {_LAST}"
            )
        return self


class Told(Part):
    """Where a device tells one thing about itself: one of the three places."""

    object: int | None = Field(
        default=None,
        title="Object",
        description="Object of the identification (function 43, type 14): 0 vendor, 1 product code, 2 "
        "revision, 5 model, 128 and up the maker's own.",
        ge=0,
        le=255,
    )
    text: Words | None = Field(
        default=None, title="Text", description="Registers of text, two characters each."
    )
    number: Words | None = Field(
        default=None, title="Number", description="Registers of one number, the highest first; at most 4."
    )
    rules: tuple[TextRule, ...] = Field(
        default=(),
        title="Rules",
        description="Turn what the device says into what the manifest calls it; the first that matches "
        "counts, and what matches none stays as it is.",
        max_length=_MOST_RULES,
    )

    @model_validator(mode="after")
    def _is_in_one_place(self) -> "Told":
        if sum(place is not None for place in (self.object, self.text, self.number)) != 1:
            raise ValueError("name one place: object, text or number")
        if self.number is not None and self.number.count > 4:
            raise ValueError(f"a number has at most 4 registers, not {self.number.count}")
        return self


class VersionTold(Part):
    """Where a device tells a version: one of the four places."""

    object: int | None = Field(
        default=None,
        title="Object",
        description="Object of the identification; 2 is the revision.",
        ge=0,
        le=255,
    )
    text: Words | None = Field(
        default=None, title="Text", description="Registers of text, two characters each."
    )
    numbers: Words | None = Field(
        default=None, title="Numbers", description="Two or three registers: major, minor, patch."
    )
    halves: Words | None = Field(
        default=None, title="Halves", description="One or two registers, a byte each: major, minor, patch, –."
    )
    pattern: Pattern = Field(
        default=SIMPLE,
        title="Pattern",
        description=r"Finds the version in a text: a regular expression with the group (?P<major>\d+), and "
        "where wanted minor, patch and pre.",
    )

    @model_validator(mode="after")
    def _is_in_one_place(self) -> "VersionTold":
        if sum(place is not None for place in (self.object, self.text, self.numbers, self.halves)) != 1:
            raise ValueError("name one place: object, text, numbers or halves")
        if self.numbers is not None and not 2 <= self.numbers.count <= 3:
            raise ValueError(f"numbers are 2 or 3 registers, not {self.numbers.count}")
        if self.halves is not None and self.halves.count > 2:
            raise ValueError(f"halves are 1 or 2 registers, not {self.halves.count}")
        return self


class WhoProfile(Part):
    """How a device tells who it is and what it runs."""

    product: Told | None = Field(
        default=None,
        title="Product",
        description="Where it tells what it is; left out where it does not.",
        json_schema_extra={"group": IDENTITY},
    )
    hardware: Told | None = Field(
        default=None,
        title="Hardware",
        description="Where it tells its hardware revision.",
        json_schema_extra={"group": IDENTITY},
    )
    serial: Told | None = Field(
        default=None,
        title="Serial number",
        description="Where it tells its serial number; without one nobody can tell whether the device that "
        "comes back is the same.",
        json_schema_extra={"group": IDENTITY},
    )
    version: VersionTold = Field(
        default=VersionTold(object=2),
        title="Version",
        description="Where it tells which firmware runs.",
        json_schema_extra={"group": IDENTITY},
    )


class Order(Part):
    """One order: words that are written to holding registers in one request."""

    register_: int = Field(
        alias="register", title="Register", description="The first one written.", ge=0, le=_LAST
    )
    words: tuple[int, ...] = Field(
        title="Words", description="What is written, 0 to 65535 each.", min_length=1, max_length=16
    )
    takes_s: Seconds = Field(
        default=0,
        title="Takes",
        description="How long the device may be busy with it before its state must fit.",
        ge=0,
        le=120,
        json_schema_extra={"unit": "s"},
    )
    ends_in: tuple[int, ...] = Field(
        default=(),
        title="Ends in",
        description="Values of the state register that say it is done; none = the answer is enough.",
        max_length=16,
    )
    may_be_silent: bool = Field(
        default=False,
        title="May be silent",
        description="The device jumps into its boot loader at once, so that no answer may come.",
    )

    @model_validator(mode="after")
    def _words_fit(self) -> "Order":
        if wrong := [word for word in self.words if not 0 <= word <= _LAST]:
            raise ValueError(f"a word is 0 to {_LAST}; {wrong[0]} is none")
        return self


class Meaning(Part):
    """What one value of the state register means."""

    phase: Phase = Field(title="Phase", description="Which of the phases of an update it is.")
    words: str = Field(default="", title="Words", description="What people are told.", max_length=200)


class StateTold(Part):
    """Where a device tells how far an update is."""

    place: Words = Field(title="Register", description="One register.")
    meanings: dict[int, Meaning] = Field(
        title="Meanings", description="What its values mean.", min_length=1, max_length=_MOST_MEANINGS
    )


class CountTold(Part):
    """Where a device tells how much of a transfer it has."""

    place: Words = Field(title="Registers", description="One, or two with the higher one first.")
    counts: Literal["bytes", "registers", "blocks"] = Field(
        default="bytes", title="Counts", description="What it counts."
    )

    @model_validator(mode="after")
    def _is_short(self) -> "CountTold":
        if self.place.count > 2:
            raise ValueError(f"a count has 1 or 2 registers, not {self.place.count}")
        return self


class HealthTold(Part):
    """Where a device tells how it does."""

    place: Words = Field(title="Register", description="One register.")
    good: tuple[int, ...] = Field(title="Good", description="Values that say it is well.", min_length=1)


class FaultTold(Part):
    """Where a device tells why an update failed."""

    place: Words = Field(title="Register", description="One register.")
    words: dict[int, str] = Field(
        default_factory=dict, title="Words", description="What its values mean.", max_length=_MOST_MEANINGS
    )


class Info(Part):
    """One thing that the device is told of the image before its first block."""

    holds: Literal["length", "registers", "blocks", "crc32", "sha256", "version"] = Field(
        title="Holds",
        description="length in bytes, registers or blocks (2 registers), crc32 (2), sha256 (16), version (3: "
        "major, minor, patch).",
    )
    register_: int = Field(alias="register", title="Register", description="The first one.", ge=0, le=_LAST)
    is_low_first: bool = Field(
        default=False,
        title="Low word first",
        description="Numbers of two registers begin with the lower one.",
    )


class UpdateProfile(WhoProfile):
    """How a device that takes its firmware over Modbus is told what to do, and says how far it is."""

    state: StateTold | None = Field(
        default=None,
        title="State",
        description="Where it tells how far an update is; without it, nothing but the version tells.",
        json_schema_extra={"group": STATE},
    )
    pending_version: VersionTold | None = Field(
        default=None,
        title="Version waiting",
        description="Where it tells which version waits to be installed.",
        json_schema_extra={"group": STATE},
    )
    received: CountTold | None = Field(
        default=None,
        title="Received",
        description="Where it tells how much of a transfer it has; held to what was sent.",
        json_schema_extra={"group": STATE},
    )
    health: HealthTold | None = Field(
        default=None,
        title="Health",
        description="Where it tells whether it is well.",
        json_schema_extra={"group": STATE},
    )
    fault: FaultTold | None = Field(
        default=None,
        title="Fault",
        description="Where it tells why an update failed.",
        json_schema_extra={"group": STATE},
    )
    info: tuple[Info, ...] = Field(
        default=(),
        title="About the image",
        description="What it is told before the first block, in this order.",
        max_length=12,
        json_schema_extra={"group": IMAGE},
    )
    is_info_after_start: bool = Field(
        default=False,
        title="After the start",
        description="It wants to be told after the start order, not before.",
        json_schema_extra={"group": IMAGE, "advanced": True},
    )
    is_resumable: bool = Field(
        default=False,
        title="Can be gone on with",
        description="An interrupted transfer is gone on with, where what it was told can be read back and is "
        "the same, and it tells how much it has.",
        json_schema_extra={"group": IMAGE},
    )
    largest_image: int = Field(
        default=64 * 1024 * 1024,
        title="Largest image",
        description="Bytes that fit into the device.",
        ge=2,
        le=64 * 1024 * 1024,
        json_schema_extra={"unit": "bytes", "group": IMAGE},
    )
    blocks_at_once: int = Field(
        default=1,
        title="Blocks at once",
        description="Blocks under way at the same time on Modbus TCP; 1 unless the manual says that the "
        "device takes several. Serial lines carry one.",
        ge=1,
        le=16,  # Modbus messaging on TCP/IP 1.0b, 4.3.2: servers hold 1 to 16 transactions.
        json_schema_extra={"group": IMAGE, "advanced": True},
    )
    padding: int = Field(
        default=0xFF,
        title="Padding",
        description="The byte that fills up the last register of an image of odd length.",
        ge=0,
        le=255,
        json_schema_extra={"group": IMAGE, "advanced": True},
    )
    prepare: Order | None = Field(
        default=None,
        title="Prepare",
        description="Makes it ready, e.g. enters its boot loader.",
        json_schema_extra={"group": ORDERS},
    )
    start: Order | None = Field(
        default=None, title="Start", description="Begins a transfer.", json_schema_extra={"group": ORDERS}
    )
    commit: Order | None = Field(
        default=None,
        title="Commit",
        description="Says that the transfer is complete.",
        json_schema_extra={"group": ORDERS},
    )
    install: Order = Field(
        title="Install",
        description="Installs what was transferred. It may answer too late or not at all.",
        json_schema_extra={"group": ORDERS},
    )
    confirm: Order | None = Field(
        default=None,
        title="Confirm",
        description="Has it stay with what runs; for devices that go back by themselves otherwise.",
        json_schema_extra={"group": ORDERS},
    )
    abandon: Order | None = Field(
        default=None,
        title="Abandon",
        description="Has it forget a transfer.",
        json_schema_extra={"group": ORDERS},
    )

    @model_validator(mode="after")
    def _can_be_kept(self) -> "UpdateProfile":
        orders = (self.prepare, self.start, self.commit, self.install, self.confirm, self.abandon)
        known = self.state.meanings if self.state else {}
        for order in orders:
            if order and (unknown := [value for value in order.ends_in if value not in known]):
                raise ValueError(f"an order ends in state {unknown[0]}, which has no meaning here")
        if self.is_resumable and not (self.state and self.received and self.info):
            raise ValueError(
                "going on with a transfer needs state, received and what it was told of the image"
            )
        return self
