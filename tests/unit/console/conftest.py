"""What every test near a window needs."""

import gc
from collections.abc import Iterator

import pytest

from tests.garbage_parts import collected_here


@pytest.fixture(scope="module", autouse=True)
def _set_aside_what_lives_on() -> None:
    """Spare each collection the search through all that was imported: it took most of these tests' time."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def _collect_garbage_here() -> Iterator[None]:
    """A worker thread must not be the one to take a window's garbage apart."""
    with collected_here():
        yield
