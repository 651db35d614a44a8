"""Windows and idle limits of a plan, as people type them."""

import pytest

from console.catalogue.rollout_typed import NotTyped, idle_from_text, window_from_text
from models.records.rollout import InstallWindow


@pytest.mark.parametrize(
    ("typed", "days", "opens", "closes"),
    [
        ("22:00-05:00", range(7), "22:00", "05:00"),
        ("mon-fri 22:00-05:00", range(5), "22:00", "05:00"),
        (" Sat,Sun 6:00-18:30 ", (5, 6), "06:00", "18:30"),
        ("fri-mon 00:00-23:59", (0, 4, 5, 6), "00:00", "23:59"),
        ("sun-sun 1:00-2:00", (6,), "01:00", "02:00"),
        ("mon, wed-thu 01:00-02:00", (0, 2, 3), "01:00", "02:00"),
    ],
)
def test_a_window_is_what_was_typed(typed: str, days, opens: str, closes: str) -> None:
    assert window_from_text(typed) == InstallWindow(tuple(days), opens, closes)


@pytest.mark.parametrize(
    "typed", ["", "22-05", "22:00", "24:00-05:00", "05:00-5:00", "someday 22:00-05:00", "mon- 22:00-05:00"]
)
def test_what_is_no_window_is_refused(typed: str) -> None:
    with pytest.raises(NotTyped):
        window_from_text(typed)


def test_idle_is_a_quantity_and_a_limit() -> None:
    assert idle_from_text("rpm<5") == ("rpm", 5.0)
    assert idle_from_text(" flow_1 < 0.5 ") == ("flow_1", 0.5)
    for typed in ("", "rpm", "rpm>5", "<5", "rpm<slow"):
        with pytest.raises(NotTyped):
            idle_from_text(typed)
