"""A file that appears under its name only once it is complete."""

from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path


@contextmanager
def whole_file(path: Path) -> Generator[Path]:
    """Lend another name in the same folder to write to; afterwards the file is called `path`.

    Whatever is raised meanwhile, nothing is left of it, and a file that was there before stays as it was.

    Raises:
        OSError: It could not be written, or not be renamed.
    """
    part = path.with_name(path.name + ".part")
    try:
        yield part
        part.replace(path)
    except BaseException:
        with suppress(OSError):
            part.unlink(missing_ok=True)
        raise
