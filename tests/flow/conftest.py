"""Whole windows beside whole stations, in one process: who may take garbage apart."""

import gc
from collections.abc import Iterator

import pytest

from tests.garbage_parts import collected_here


@pytest.fixture(autouse=True)
def _collect_garbage_here() -> Iterator[None]:
    """A station on a thread of its own allocates all the time, so it would nearly always collect.

    What a window leaves goes before the next test, which may collect on any thread.
    """
    with collected_here():
        yield
        gc.collect()
