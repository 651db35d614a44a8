"""From addresses to the fewest reads, and to finer ones where a device refuses. Pure.

A block is one read request. Tags of one table that lie close enough are read together, unused registers
between them included, because a request costs more than a few registers (`settings.GAP_WORTH_A_REQUEST`).
Some devices refuse a span that holds an unmapped register: the refused block is then cut at its widest gap,
or in the middle where it has none, until what is left is accepted or is a single value, which is remembered
as refused and left alone for a while. Then neighbours are joined again wherever the joint
span holds none that was refused, so that one bad register costs one read more and not a handful.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from drivers.modbus.address import ModbusAddress, Table

BITS_PER_REGISTER = 16
"""Bits that fill as many bytes of a reply as one register: turns limits in registers into limits in bits
(125 registers are 2000 bits, the protocol's own two limits; application protocol 1.1b3, 6.1 and 6.3)."""


@dataclass(frozen=True, slots=True)
class ReadLimits:
    """How large a read may be, and how many unused registers it may carry between two tags."""

    registers: int = 125
    gap_registers: int = 24


@dataclass(frozen=True, slots=True)
class Block:
    """One read request.

    Attributes:
        table: Where to read.
        start: First register or bit.
        count: How many registers or bits.
        tags: Indexes into the plan's addresses of the values inside, by rising offset.
    """

    table: Table
    start: int
    count: int
    tags: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Refusal:
    """A span that the device refused, and the Modbus exception code it gave."""

    block: Block
    code: int


@dataclass(frozen=True, slots=True)
class ReadPlan:
    """What to ask a device for, and what it is known to refuse. Every tag is in exactly one of the two.

    Attributes:
        addresses: All tags, in the caller's order.
        blocks: Reads that are expected to work.
        refused: Reads of one single value that were refused for good.
        limits: As planned with.
        refused_spans: Every span refused so far, larger ones included, in the order met.
    """

    addresses: tuple[ModbusAddress, ...]
    blocks: tuple[Block, ...]
    limits: ReadLimits
    refused: tuple[Refusal, ...] = ()
    refused_spans: tuple[Refusal, ...] = ()

    @property
    def to_ask(self) -> tuple[Block, ...]:
        """The reads of one poll. Never empty while there are tags.

        Where everything was refused, the first refused value is asked for again: its exception reply is the
        only sign that the unit is alive.
        """
        return self.blocks or tuple(refusal.block for refusal in self.refused[:1])

    def refine(self, block: Block, code: int) -> "tuple[ReadPlan, tuple[Block, ...]]":
        """Return the plan with `block` in two parts, and those parts.

        A block of one single value cannot be cut: the plan comes back unchanged, with no parts.
        """
        parts = _cut(self.addresses, block)
        if not parts or block not in self.blocks:
            return self, ()
        return replace(self.note(block, code), blocks=_replaced(self.blocks, block, parts)), parts

    def note(self, block: Block, code: int) -> "ReadPlan":
        """Return the plan that remembers the refusal of `block`; `joined` makes no read that holds it."""
        if any(
            _holds(block, refusal.block) and _holds(refusal.block, block) for refusal in self.refused_spans
        ):
            return self
        return replace(self, refused_spans=(*self.refused_spans, Refusal(block, code)))

    def refuse(self, block: Block, code: int) -> "ReadPlan":
        """Return the plan that no longer asks for `block`, its values being refused for good."""
        if block not in self.blocks:
            return self
        refused = (*self.refused, Refusal(block, code))
        return replace(self.note(block, code), blocks=_replaced(self.blocks, block, ()), refused=refused)

    def joined(self) -> "ReadPlan":
        """Return the plan with neighbouring reads joined, within limits and around refused spans."""
        blocks: list[Block] = []
        for block in sorted(self.blocks, key=lambda block: (list(Table).index(block.table), block.start)):
            joint = self._joint(blocks[-1], block) if blocks else None
            if joint is None:
                blocks.append(block)
            else:
                blocks[-1] = joint
        return replace(self, blocks=tuple(blocks))

    def hopeful(self) -> "ReadPlan":
        """Return the plan that asks for every refused value once more.

        Cuts are kept, except where everything was refused: then the device was not itself, and nothing that
        was learned from it holds.
        """
        if not self.refused:
            return self
        if not self.blocks:
            return plan_reads(self.addresses, self.limits)
        blocks = (*self.blocks, *(refusal.block for refusal in self.refused))
        return replace(self, blocks=blocks, refused=())

    def _joint(self, left: Block, right: Block) -> Block | None:
        if left.table is not right.table:
            return None
        scale = BITS_PER_REGISTER if left.table.is_bits else 1
        joint = _block_of(self.addresses, left.table, left.tags + right.tags)
        gap = right.start - (left.start + left.count)
        is_small = gap <= self.limits.gap_registers * scale and joint.count <= self.limits.registers * scale
        is_clear = not any(_holds(joint, refusal.block) for refusal in self.refused_spans)
        return joint if is_small and is_clear else None


def plan_reads(addresses: Sequence[ModbusAddress], limits: ReadLimits) -> ReadPlan:
    """Return the fewest reads that hold every address, within the limits.

    Going from left to right and taking along whatever still fits gives the fewest: any other plan's n-th
    read ends no further right than the n-th read here.
    """
    blocks: list[Block] = []
    for table in Table:
        tags = [index for index, address in enumerate(addresses) if address.table is table]
        blocks.extend(_pack(addresses, table, tags, limits))
    return ReadPlan(tuple(addresses), tuple(blocks), limits)


def _pack(
    addresses: Sequence[ModbusAddress], table: Table, tags: Iterable[int], limits: ReadLimits
) -> Iterable[Block]:
    scale = BITS_PER_REGISTER if table.is_bits else 1
    longest, widest_gap = limits.registers * scale, limits.gap_registers * scale
    group: list[int] = []
    start = end = 0
    for tag in sorted(tags, key=lambda tag: (addresses[tag].first, addresses[tag].span)):
        first, last = addresses[tag].first, addresses[tag].first + addresses[tag].span
        fits = group and first - end <= widest_gap and max(end, last) - start <= longest
        if group and not fits:
            yield Block(table, start, end - start, tuple(group))
            group = []
        if not group:
            start, end = first, last
        group.append(tag)
        end = max(end, last)
    if group:
        yield Block(table, start, end - start, tuple(group))


def _cut(addresses: Sequence[ModbusAddress], block: Block) -> tuple[Block, ...]:
    """Return two parts of `block`, or nothing where all its tags lie on the same registers."""
    places = [(addresses[tag].first, addresses[tag].span) for tag in block.tags]
    # Tags on the same registers (two bits of one word) stand or fall together, so no cut goes between them.
    cuts = [i for i in range(1, len(places)) if places[i] != places[i - 1]]
    if not cuts:
        return ()
    ends = [0]
    for offset, width in places:
        ends.append(max(ends[-1], offset + width))
    middle = block.start + block.count / 2
    best = max(cuts, key=lambda i: (max(0, places[i][0] - ends[i]), -abs(places[i][0] - middle)))
    return tuple(_block_of(addresses, block.table, tags) for tags in (block.tags[:best], block.tags[best:]))


def _block_of(addresses: Sequence[ModbusAddress], table: Table, tags: tuple[int, ...]) -> Block:
    start = min(addresses[tag].first for tag in tags)
    end = max(addresses[tag].first + addresses[tag].span for tag in tags)
    return Block(table, start, end - start, tags)


def _holds(outer: Block, inner: Block) -> bool:
    return (
        outer.table is inner.table
        and outer.start <= inner.start
        and outer.start + outer.count >= inner.start + inner.count
    )


def _replaced(blocks: tuple[Block, ...], old: Block, new: tuple[Block, ...]) -> tuple[Block, ...]:
    at = blocks.index(old)
    return (*blocks[:at], *new, *blocks[at + 1 :])
