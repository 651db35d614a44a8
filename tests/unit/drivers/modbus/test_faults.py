"""What is said of a refusal: besides what happened, what to do about it."""

import pytest

from drivers.modbus.faults import remedy

READ, WRITE, IDENTIFY = 3, 6, 43


@pytest.mark.parametrize(
    ("function", "code", "words"),
    [
        (READ, 1, "another one in the address"),
        (READ, 2, "scan for the registers"),
        (WRITE, 1, "lets nobody write this table"),
        (WRITE, 3, "does not take this value"),
        (IDENTIFY, 1, "does not offer that"),
        (WRITE, 6, "try again in a moment"),
        (READ, 99, "device's manual"),
    ],
)
def test_refusal_names_a_remedy_that_fits_what_was_asked(function, code, words):
    assert words in remedy(function, code)
