"""Who may take garbage apart in tests with windows: the test's own thread, as in the program."""

import gc
import sys
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
        _delete_what_was_closed()
        gc.enable()


def _delete_what_was_closed() -> None:
    """Have Qt delete what it was told to: outside of an event loop nobody else does.

    Every theme that a later test puts on is put on all that is left, one widget after the other.
    """
    if core := sys.modules.get("PySide6.QtCore"):  # A test without a window loads no Qt for this.
        core.QCoreApplication.sendPostedEvents(None, core.QEvent.Type.DeferredDelete.value)
