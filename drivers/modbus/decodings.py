"""Raw registers under every type, byte and word order at once. Pure.

The same decoder as that of polling does it, so what is seen at the bench is what a tag will read.
"""

from collections.abc import Callable, Sequence

from drivers.modbus.address import LAST_OFFSET, DataType, ModbusAddress, Table, WordOrder
from drivers.modbus.blocks import Block
from drivers.modbus.decode import decoder_of
from drivers.values import RawValue
from drivers.workbench import Decoding, RegisterSpan

MOST_REGISTERS = 125
"""One read (application protocol 1.1b3, 6.3)."""

_TYPES = tuple(type_ for type_ in DataType if type_ is not DataType.BOOL)


def decodings_of(span: RegisterSpan) -> Callable[[Sequence[int | None]], list[Decoding]]:
    """Return what decodes the words of `span`; made once, called with each reading.

    Decodings come by register, then by type and order. Where a register was refused, whatever covers it has
    no value; nor has what makes no number.

    Raises:
        AddressError: There are no such registers.
        ValueError: A table of bits, or more registers than one read brings.
    """
    table = Table(span.table)
    if table.is_bits:
        raise ValueError(f"{table}s are single bits; there is nothing to decode.")
    if not 1 <= span.count <= MOST_REGISTERS:
        raise ValueError(
            f"{span.count} registers cannot be looked at together; choose 1 to {MOST_REGISTERS}."
        )
    addresses = _addresses(table, span)
    block = Block(table, span.start, span.count, tuple(range(len(addresses))))
    decode = decoder_of(addresses, block)
    faces = [_face(address) for address in addresses]

    def decoded(words: Sequence[int | None]) -> list[Decoding]:
        if len(words) != span.count:
            raise ValueError(f"{len(words)} registers were given for a span of {span.count}.")
        payload = b"".join((word or 0).to_bytes(2, "big") for word in words)
        values: list[RawValue | None] = [None] * len(addresses)
        decode(payload, 0.0, values)
        # refused[i]: how many of the registers before the i-th were refused.
        refused = [0]
        for word in words:
            refused.append(refused[-1] + (word is None))
        found: list[Decoding] = []
        for (text, start, count, type_, order), value in zip(faces, values, strict=True):
            at = start - span.start
            is_whole = refused[at + count] == refused[at]
            found.append(
                Decoding(text, start, count, type_, order, value.value if value and is_whole else None)
            )
        return found

    return decoded


def _addresses(table: Table, span: RegisterSpan) -> tuple[ModbusAddress, ...]:
    end = min(span.start + span.count, LAST_OFFSET + 1)
    return tuple(
        ModbusAddress(table, offset, type_, None, order)
        for offset in range(span.start, span.start + span.count)
        for type_ in _TYPES
        if offset + type_.registers <= end or offset > LAST_OFFSET
        for order in (WordOrder if type_.registers > 1 else (WordOrder.ABCD,))
    )


def _face(address: ModbusAddress) -> tuple[str, int, int, str, str]:
    order = str(address.order) if address.type.registers > 1 else ""
    return str(address), address.offset, address.type.registers, str(address.type), order
