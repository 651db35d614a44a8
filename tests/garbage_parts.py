"""Who may take garbage apart in tests with windows: the test's own thread, as in the program."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def collected_here() -> Iterator[None]:
    """Keep Python from taking apart a QObject on a worker thread, as `console.garbage` does in the window."""
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
