"""Where one value lives in a Modbus device, as text and as a record.

    holding:3205:uint16      a holding register; the number counts from 0, as on the wire
    input:0:float32:CDAB     two input registers, the low word first
    holding:10.3:bool        bit 3 (0 = least significant) of a holding register
    holding:40083:int16:sf=40084   × 10 to the power that register 40084 of the same table holds (SunSpec)
    coil:12   discrete:3     single bits

Manuals that count from 40001 mean `holding:0`: zero-based numbers are what the wire carries (Modbus
application protocol 1.1b3, 4.4).
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from drivers.errors import AddressError

LAST_OFFSET = 65535
MOST_TOGETHER = 125
"""Registers of one read (application protocol 1.1b3, 6.3): a value and its factor come in the same one."""
ADDRESS_HELP = (
    "holding:3205:uint16, input:0:float32:CDAB, holding:10.3:bool, coil:12, discrete:3 (counted from 0); "
    "holding:40083:int16:sf=40084 takes its power of ten from another register"
)

_Choice = TypeVar("_Choice", bound=StrEnum)


class Table(StrEnum):
    """The four tables of a Modbus device."""

    COIL = "coil"
    DISCRETE = "discrete"
    INPUT = "input"
    HOLDING = "holding"

    @property
    def is_bits(self) -> bool:
        """Whether an entry is one bit instead of a 16-bit register."""
        return self in (Table.COIL, Table.DISCRETE)

    @property
    def read_function(self) -> int:
        """Function code that reads this table (application protocol 1.1b3, 6.1 to 6.4)."""
        return {Table.COIL: 1, Table.DISCRETE: 2, Table.HOLDING: 3, Table.INPUT: 4}[self]


class DataType(StrEnum):
    """How the bits of one or more registers are to be understood."""

    BOOL = "bool"
    INT16 = "int16"
    UINT16 = "uint16"
    INT32 = "int32"
    UINT32 = "uint32"
    INT64 = "int64"
    UINT64 = "uint64"
    FLOAT32 = "float32"
    FLOAT64 = "float64"

    @property
    def registers(self) -> int:
        """How many 16-bit registers hold one value."""
        return 4 if self.endswith("64") else 2 if self.endswith("32") else 1


class WordOrder(StrEnum):
    """Order of the bytes on the wire; A is the most significant, each pair is one register.

    64-bit values extend it: CDAB reverses the words, BADC swaps the bytes of each word, DCBA does both.
    """

    ABCD = "ABCD"
    CDAB = "CDAB"
    BADC = "BADC"
    DCBA = "DCBA"


FACTOR_TYPES = (
    DataType.INT16,
    DataType.UINT16,
    DataType.INT32,
    DataType.UINT32,
    DataType.INT64,
    DataType.UINT64,
)


@dataclass(frozen=True, slots=True)
class ModbusAddress:
    """One value in a device. Every instance is valid: making a wrong one raises AddressError.

    Attributes:
        table: Which of the four tables.
        offset: First register or bit, 0 to 65535.
        type: How to decode it; always BOOL in the bit tables.
        bit: 0 to 15 for a bit of a register, None otherwise.
        order: ABCD for everything that fits one register.
        factor: Register of the same table that holds the power of ten to multiply by, as int16; None = 1.
    """

    table: Table
    offset: int
    type: DataType
    bit: int | None = None
    order: WordOrder = WordOrder.ABCD
    factor: int | None = None

    def __post_init__(self) -> None:
        if not 0 <= self.offset <= LAST_OFFSET:
            raise AddressError(
                f"address {self.offset} does not exist: Modbus counts from 0 to {LAST_OFFSET}, "
                f"for example {self.table}:3205"
            )
        if self.table.is_bits:
            self._check_bit_table()
        else:
            self._check_register_table()

    def __str__(self) -> str:
        if self.table.is_bits:
            return f"{self.table}:{self.offset}"
        bit = "" if self.bit is None else f".{self.bit}"
        order = "" if self.order is WordOrder.ABCD else f":{self.order}"
        factor = "" if self.factor is None else f":sf={self.factor}"
        return f"{self.table}:{self.offset}{bit}:{self.type}{order}{factor}"

    @property
    def width(self) -> int:
        """How many entries of its table (registers or bits) the value covers."""
        return 1 if self.table.is_bits else self.type.registers

    @property
    def first(self) -> int:
        """The first entry that must be read for it."""
        return self.offset if self.factor is None else min(self.offset, self.factor)

    @property
    def span(self) -> int:
        """How many entries must be read together for it, from the first on."""
        end = self.offset + self.width
        return end - self.offset if self.factor is None else max(end, self.factor + 1) - self.first

    def moved(self, by: int) -> "ModbusAddress":
        """Return the same so many entries further on. Raises AddressError where there are none."""
        factor = None if self.factor is None else self.factor + by
        return ModbusAddress(self.table, self.offset + by, self.type, self.bit, self.order, factor)

    def _check_bit_table(self) -> None:
        if self.type is not DataType.BOOL:
            raise AddressError(
                f"{self.table}s are single bits and cannot be {self.type}; write {self.table}:{self.offset}"
            )
        if self.bit is not None or self.order is not WordOrder.ABCD or self.factor is not None:
            raise AddressError(f"{self.table}s are single bits; write {self.table}:{self.offset}")

    def _check_register_table(self) -> None:
        place = f"{self.table}:{self.offset}"
        if self.type is DataType.BOOL and self.bit is None:
            raise AddressError(f"a bool in a register needs its bit, 0 to 15, for example {place}.3:bool")
        if self.bit is not None and self.type is not DataType.BOOL:
            raise AddressError(f"only bool takes a bit, not {self.type}; write {place}.{self.bit}:bool")
        if self.bit is not None and not 0 <= self.bit <= 15:
            raise AddressError(f"a register has bits 0 to 15, not {self.bit}, for example {place}.3:bool")
        if self.order is not WordOrder.ABCD and self.type.registers == 1:
            raise AddressError(
                f"{self.type} is one register and has no word order; {self.order} goes with 32 and 64 bits, "
                f"for example {place}:float32:{self.order}"
            )
        last = self.offset + self.type.registers - 1
        if last > LAST_OFFSET:
            raise AddressError(
                f"{place}:{self.type} would end at register {last}, but the last one is {LAST_OFFSET}; "
                f"the highest is {self.table}:{LAST_OFFSET + 1 - self.type.registers}:{self.type}"
            )
        if self.factor is not None:
            self._check_factor(self.factor)

    def _check_factor(self, factor: int) -> None:
        place = f"{self.table}:{self.offset}:{self.type}"
        if self.type not in FACTOR_TYPES:
            raise AddressError(
                f"{self.type} takes no scale factor register; sf goes with {', '.join(FACTOR_TYPES)}, "
                f"for example {self.table}:{self.offset}:int16:sf={factor}"
            )
        if not 0 <= factor <= LAST_OFFSET:
            raise AddressError(
                f"scale factor register {factor} does not exist: Modbus counts from 0 to {LAST_OFFSET}, "
                f"for example {place}:sf={min(LAST_OFFSET, self.offset + 1)}"
            )
        if self.offset <= factor < self.offset + self.width:
            raise AddressError(
                f"scale factor register {factor} is part of {place} itself; name the one with the factor, "
                f"for example {place}:sf={min(LAST_OFFSET, self.offset + self.width)}"
            )
        if self.span > MOST_TOGETHER:
            raise AddressError(
                f"scale factor register {factor} and {place} are {self.span} registers together, and must "
                f"come in one read of at most {MOST_TOGETHER}"
            )


def parse_address(text: str) -> ModbusAddress:
    """Return the address that `text` names. Raises AddressError saying which part is wrong.

    Registers are uint16 unless a type is given; a bit means bool. Letter case and outer blanks do not matter.
    """
    parts = [part.strip() for part in text.split(":")]
    factor = _factor(parts.pop(), text) if parts[-1].lower().startswith("sf=") else None
    if len(parts) < 2 or len(parts) > 4:
        raise AddressError(f"{text!r} is not a Modbus address; write for example {ADDRESS_HELP}")
    table = _choice(Table, parts[0].lower(), "table", text)
    offset, bit = _place(parts[1], text)
    is_bool = table.is_bits or bit is not None
    type_ = DataType.BOOL if is_bool else DataType.UINT16
    if len(parts) > 2:
        type_ = _choice(DataType, parts[2].lower(), "type", text)
    order = WordOrder.ABCD
    if len(parts) > 3:
        order = _choice(WordOrder, parts[3].upper(), "word order", text)
    try:
        return ModbusAddress(table, offset, type_, bit, order, factor)
    except AddressError as error:
        raise AddressError(f"{text!r}: {error}") from None


def _factor(part: str, text: str) -> int:
    digits = part[3:].strip()
    if not _is_number(digits):
        raise AddressError(
            f"{text!r}: {digits!r} is no register; write a number from 0 to {LAST_OFFSET}, for example "
            "holding:40083:int16:sf=40084"
        )
    return int(digits)


def _choice(choices: type[_Choice], word: str, part: str, text: str) -> _Choice:
    try:
        return choices(word)
    except ValueError:
        known = ", ".join(choices)
        raise AddressError(
            f"{text!r}: {word!r} is no {part}; choose from {known}, for example holding:3205:uint16"
        ) from None


def _place(place: str, text: str) -> tuple[int, int | None]:
    offset, dot, bit = place.partition(".")
    if not _is_number(offset) or (dot and not _is_number(bit)):
        raise AddressError(
            f"{text!r}: {place!r} is no place in a table; write a number from 0 to {LAST_OFFSET}, "
            "for example holding:3205:uint16, or with a bit holding:10.3:bool"
        )
    return int(offset), int(bit) if dot else None


def _is_number(digits: str) -> bool:
    # Python would also accept "1_0", "+1" and digits of other scripts, which nobody means; the length limit
    # keeps a pasted file from becoming a number of a million digits.
    return digits.isascii() and digits.isdigit() and len(digits) <= 9
