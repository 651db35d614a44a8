"""The planner: every value exactly once, never more at a time than allowed, never more reads than needed."""

from collections import Counter
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from drivers.modbus.address import ModbusAddress, Table, parse_address
from drivers.modbus.blocks import BITS_PER_REGISTER, Block, ReadLimits, ReadPlan, plan_reads

TEXTS = st.one_of(
    st.builds("{}:{}".format, st.sampled_from(["coil", "discrete"]), st.integers(0, 6000)),
    st.builds(
        "{}:{}:{}".format,
        st.sampled_from(["holding", "input"]),
        st.one_of(st.integers(0, 400), st.integers(0, 65532)),
        st.sampled_from(["uint16", "int32", "float32", "float64", "uint64"]),
    ),
    st.builds("holding:{}.{}:bool".format, st.integers(0, 400), st.integers(0, 15)),
    st.builds(
        lambda at, away, is_before: f"holding:{at}:int16:sf={at - away if is_before else at + away}",
        st.integers(5, 400),
        st.integers(1, 3),
        st.booleans(),
    ),
)
ADDRESSES = st.lists(TEXTS.map(parse_address), max_size=60)
LIMITS = st.builds(ReadLimits, st.integers(4, 125), st.integers(0, 124))


def tags_of(plan: ReadPlan) -> list[int]:
    blocks = [*plan.blocks, *(refusal.block for refusal in plan.refused)]
    return sorted(tag for block in blocks for tag in block.tags)


def assert_holds_its_tags(block: Block, addresses: tuple[ModbusAddress, ...]) -> None:
    inside = [addresses[tag] for tag in block.tags]
    assert {address.table for address in inside} == {block.table}
    assert block.start == min(address.first for address in inside)
    assert block.start + block.count == max(address.first + address.span for address in inside)


@given(ADDRESSES, LIMITS)
def test_every_address_is_read_exactly_once(addresses: list[ModbusAddress], limits: ReadLimits) -> None:
    plan = plan_reads(addresses, limits)
    assert tags_of(plan) == list(range(len(addresses)))
    for block in plan.blocks:
        assert_holds_its_tags(block, plan.addresses)


@given(ADDRESSES, LIMITS)
def test_no_read_exceeds_the_limits(addresses: list[ModbusAddress], limits: ReadLimits) -> None:
    for block in plan_reads(addresses, limits).blocks:
        scale = BITS_PER_REGISTER if block.table.is_bits else 1
        assert block.count <= limits.registers * scale <= (2000 if block.table.is_bits else 125)
        read = {at for tag in block.tags for at in _places(addresses[tag])}
        gaps = sorted(read | {block.start + block.count})
        widest = max(right - left - 1 for left, right in pairwise(gaps))
        assert widest <= limits.gap_registers * scale


@given(ADDRESSES, LIMITS)
def test_neighbouring_reads_could_not_have_been_one(
    addresses: list[ModbusAddress], limits: ReadLimits
) -> None:
    blocks = plan_reads(addresses, limits).blocks
    assert len(blocks) <= len(set(addresses))
    for left, right in pairwise(blocks):
        scale = BITS_PER_REGISTER if left.table.is_bits else 1
        first_of_right = addresses[right.tags[0]]
        is_too_far = right.start - (left.start + left.count) > limits.gap_registers * scale
        is_too_long = first_of_right.first + first_of_right.span - left.start > limits.registers * scale
        assert left.table is not right.table or is_too_far or is_too_long


def test_six_registers_of_a_drive_are_one_read() -> None:
    addresses = [parse_address(f"holding:{at}") for at in (3202, 3205, 3203, 3210, 3220, 3204)]
    assert plan_reads(addresses, ReadLimits()).blocks == (Block(Table.HOLDING, 3202, 19, (0, 2, 5, 1, 3, 4)),)


def test_full_sizes_of_the_protocol_are_used() -> None:
    registers = [parse_address(f"holding:{at}") for at in range(126)]
    coils = [parse_address(f"coil:{at}") for at in range(2001)]
    assert [block.count for block in plan_reads(registers, ReadLimits()).blocks] == [125, 1]
    assert [block.count for block in plan_reads(coils, ReadLimits()).blocks] == [2000, 1]


def test_refused_block_is_cut_at_its_widest_gap_first() -> None:
    addresses = [parse_address(f"holding:{at}") for at in (0, 1, 5, 20, 21)]
    plan = plan_reads(addresses, ReadLimits())
    finer, parts = plan.refine(plan.blocks[0], 2)
    assert parts == (Block(Table.HOLDING, 0, 6, (0, 1, 2)), Block(Table.HOLDING, 20, 2, (3, 4)))
    assert finer.blocks == parts
    assert finer.refused_spans[0].block == plan.blocks[0]


def test_refused_block_without_gaps_is_cut_in_the_middle() -> None:
    addresses = [parse_address(f"holding:{at}") for at in range(8)]
    plan = plan_reads(addresses, ReadLimits())
    _, parts = plan.refine(plan.blocks[0], 2)
    assert [part.count for part in parts] == [4, 4]


def test_bits_of_one_register_are_never_cut_apart() -> None:
    addresses = [parse_address(f"holding:7.{bit}:bool") for bit in range(16)]
    plan = plan_reads(addresses, ReadLimits())
    assert plan.refine(plan.blocks[0], 2) == (plan, ())


@given(ADDRESSES.filter(bool), LIMITS, st.randoms(use_true_random=False))
def test_refining_ends_at_single_values_and_loses_none(
    addresses: list[ModbusAddress], limits: ReadLimits, random: "object"
) -> None:
    plan = plan_reads(addresses, limits)
    steps = 0
    while plan.blocks:
        block = random.choice(plan.blocks)  # type: ignore[attr-defined]
        finer, parts = plan.refine(block, 2)
        plan = finer if parts else plan.refuse(block, 2)
        steps += 1
        assert tags_of(plan) == list(range(len(addresses)))
        for part in parts:
            assert_holds_its_tags(part, plan.addresses)
            assert part.count <= block.count
    assert steps <= 2 * len(addresses)
    spans = [
        {(addresses[tag].offset, addresses[tag].width) for tag in each.block.tags} for each in plan.refused
    ]
    assert Counter(map(len, spans)).keys() == {1}


def test_where_everything_is_refused_one_value_is_still_asked_for() -> None:
    plan = plan_reads([parse_address("holding:1"), parse_address("input:1")], ReadLimits())
    for block in plan.blocks:
        plan = plan.refuse(block, 2)
    assert plan.to_ask == (plan.refused[0].block,)


def test_what_was_learned_from_a_device_that_refused_everything_is_forgotten() -> None:
    fresh = plan_reads([parse_address("holding:1"), parse_address("holding:3")], ReadLimits())
    plan, parts = fresh.refine(fresh.blocks[0], 2)
    for part in parts:
        plan = plan.refuse(part, 2)
    assert plan.hopeful() == fresh


def test_new_hope_keeps_cuts_and_asks_for_everything() -> None:
    plan = plan_reads([parse_address("holding:1"), parse_address("holding:3")], ReadLimits())
    plan, parts = plan.refine(plan.blocks[0], 2)
    plan = plan.refuse(parts[0], 2)
    assert set(plan.hopeful().blocks) == set(parts)
    assert plan.hopeful().refused == ()


@given(ADDRESSES, st.sets(st.integers(0, 400), max_size=40))
def test_learning_ends_with_all_that_exists_and_nothing_else(
    addresses: list[ModbusAddress], holes: set[int]
) -> None:
    plan = plan_reads(addresses, ReadLimits())
    polls, refusals = 0, 1
    while refusals:
        plan, refusals = poll(plan, holes)
        polls += 1
        assert tags_of(plan) == list(range(len(addresses)))
    assert polls <= 2 * len(addresses) + 1
    assert not any(is_refused(block, holes) for block in plan.blocks)
    assert all(is_refused(refusal.block, holes) for refusal in plan.refused)


def test_one_bad_register_costs_one_read_more() -> None:
    plan = plan_reads([parse_address(f"holding:{at}") for at in range(60)], ReadLimits())
    plan, _ = poll(plan, {30})
    plan, refusals = poll(plan, {30})
    assert refusals == 0
    assert [(block.start, block.count) for block in plan.blocks] == [(0, 30), (31, 29)]


def poll(plan: ReadPlan, holes: set[int]) -> tuple[ReadPlan, int]:
    """Ask a device with holes for every block, cut what it refuses, and join what is left."""
    todo, refusals = list(plan.blocks), 0
    while todo:
        block = todo.pop()
        if is_refused(block, holes):
            refusals += 1
            finer, parts = plan.refine(block, 2)
            plan = finer if parts else plan.refuse(block, 2)
            todo.extend(parts)
    return (plan.joined() if refusals else plan), refusals


def is_refused(block: Block, holes: set[int]) -> bool:
    return not holes.isdisjoint(range(block.start, block.start + block.count))


def _places(address: ModbusAddress) -> range:
    return range(address.first, address.first + address.span)
