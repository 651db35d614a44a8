"""Whole windows beside whole stations, in one process: who may take garbage apart."""

import gc
from collections.abc import Iterator

import pytest


@pytest.fixture(autouse=True)
def _collect_garbage_here() -> Iterator[None]:
    """Keep Python from taking apart a QObject on a worker thread, as `console.garbage` does in the window.

    A station on a thread of its own allocates all the time, so it would nearly always be the one.
    """
    gc.collect()
    gc.disable()
    yield
    gc.collect()
    gc.enable()
