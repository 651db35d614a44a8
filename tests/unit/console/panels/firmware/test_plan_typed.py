"""What is typed into a plan."""

import pytest

from console.catalogue.rollout_typed import NotTyped
from console.panels.firmware.plan_form import text_from_window
from console.panels.firmware.plan_typed import (
    limits_from_text,
    number_between,
    sizes_from_text,
    text_from_limits,
)
from models.quantities import THE_SIX
from models.records.rollout import InstallWindow


def test_waves_are_devices_or_shares():
    assert sizes_from_text("5, 25 %; 100 %") == ("5", "25 %", "100 %")


def test_no_waves_are_one_wave_with_all():
    assert sizes_from_text(" ") == ()


@pytest.mark.parametrize("typed", ["half", "0", "120 %", "5, many"])
def test_what_is_no_size_is_named(typed):
    with pytest.raises(NotTyped, match="is no size of a wave"):
        sizes_from_text(typed)


def test_limits_are_by_quantity_and_read_back():
    limits = limits_from_text("temperature 2; vibration 0,5", THE_SIX)

    assert text_from_limits(limits) == "temperature 2; vibration 0.5"


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("temperature", "names no quantity with a limit"),
        ("warmth 2", "Nothing measured here is called 'warmth'"),
        ("temperature much", "is not a number. Write 0 to"),
        ("temperature -2", "is outside of 0 to"),
    ],
)
def test_what_is_no_limit_is_told_with_the_remedy(typed, said):
    with pytest.raises(NotTyped, match=said):
        limits_from_text(typed, THE_SIX)


def test_a_figure_beyond_its_range_is_told_with_it():
    with pytest.raises(NotTyped, match=r"0\.7 is outside of 1e-06 to 0.5"):
        number_between("0.7", 1e-6, 0.5)


@pytest.mark.parametrize(
    ("days", "typed"),
    [
        (tuple(range(7)), "22:00-05:00"),
        ((0, 1, 2, 3, 4), "mon-fri 22:00-05:00"),
        ((0, 2), "mon,wed 22:00-05:00"),
        ((6,), "sun 22:00-05:00"),
    ],
)
def test_a_window_is_shown_as_it_is_typed(days, typed):
    assert text_from_window(InstallWindow(days, "22:00", "05:00")) == typed
