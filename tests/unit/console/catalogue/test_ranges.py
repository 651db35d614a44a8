import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.catalogue.ranges import MOST_MADE, RangeFaults, counted_row


def made(*cells: str) -> list[tuple[str, ...]]:
    row = counted_row(cells)
    return [row.at(index) for index in range(row.count)]


@pytest.mark.parametrize(
    ("cell", "first", "second", "last"),
    [
        ("PUMP-{1..20}", "PUMP-1", "PUMP-2", "PUMP-20"),
        ("PUMP-{01..20}", "PUMP-01", "PUMP-02", "PUMP-20"),
        ("{007..107/50}", "007", "057", "107"),
        (
            "holding:{100..290/10}:float32",
            "holding:100:float32",
            "holding:110:float32",
            "holding:290:float32",
        ),
        ("{ 5 .. 1 / -1 }", "5", "4", "1"),
        ("{8..12}", "8", "9", "12"),
    ],
)
def test_a_range_counts_as_it_is_written(cell, first, second, last):
    rows = [row[0] for row in made(cell)]

    assert (rows[0], rows[1], rows[-1]) == (first, second, last)


def test_all_ranges_of_a_row_count_together_and_an_open_one_follows():
    assert made("P-{1..3}", "10.0.0.{11..}", "holding:{100../10}", "Hall A") == [
        ("P-1", "10.0.0.11", "holding:100", "Hall A"),
        ("P-2", "10.0.0.12", "holding:110", "Hall A"),
        ("P-3", "10.0.0.13", "holding:120", "Hall A"),
    ]


def test_a_row_without_ranges_is_one_row_and_json_is_no_range():
    assert made("A", '{"a": {"b": [1, 2]}}', "", "{}", "{n}") == [
        ("A", '{"a": {"b": [1, 2]}}', "", "{}", "{n}")
    ]
    assert not counted_row(["A", "{}"]).is_counted
    assert counted_row(["{1..1}"]).is_counted


@pytest.mark.parametrize(
    ("cells", "place", "words"),
    [
        (("{1..3}", "{1..4}"), 1, "counts 4, but '{1..3}' counts 3"),
        (("A", "{1..}"), 1, "has no end"),
        (("{3..1}",), 0, "runs the other way"),
        (("{1..10/4}",), 0, "does not meet 10"),
        (("{1..5/0}",), 0, "never moves"),
        (("{1..x}",), 0, "{1..x} is no range; write {1..20}"),
        (("{1..2..3}",), 0, "is no range"),
        ((f"{{1..{MOST_MADE + 1}}}",), 0, "at most 10,000"),
    ],
)
def test_a_range_that_cannot_be_counted_is_named(cells, place, words):
    with pytest.raises(RangeFaults) as caught:
        counted_row(cells)

    assert caught.value.faults[0].place == place
    assert words in str(caught.value)


@given(st.integers(-500, 500), st.integers(1, 40), st.integers(1, 60))
def test_a_range_is_python_s_own(start, step, count):
    cell = f"{{{start}..{start + step * (count - 1)}/{step}}}"

    assert [int(row[0]) for row in made(cell)] == list(range(start, start + step * count, step))


@given(st.text(max_size=60))
def test_no_text_breaks_it(text):
    try:
        row = counted_row([text])
    except RangeFaults:
        return
    assert row.count >= 1
    assert isinstance(row.at(row.count - 1)[0], str)
