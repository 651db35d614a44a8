import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from console.logging_setup import set_up_logging


@pytest.fixture(autouse=True)
def _own_root() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    for handler in root.handlers:
        handler.close()
    root.handlers[:] = handlers
    root.setLevel(level)


def test_the_file_gets_everything_from_information_up_with_time_and_place(tmp_path: Path):
    path = set_up_logging(tmp_path / "logs", "window", is_debug=False)
    logging.getLogger("console.bridge").info("The database: %s", "live")
    logging.getLogger("console.bridge").debug("not this")
    text = path.read_text(encoding="utf-8")
    assert 'event="The database: live" level=info logger=console.bridge timestamp=' in text
    assert "not this" not in text


def test_a_traceback_goes_into_its_line(tmp_path: Path):
    path = set_up_logging(tmp_path, "window", is_debug=False)
    try:
        raise ValueError("upside down")
    except ValueError:
        logging.getLogger("pump").exception("The pump failed")
    assert "ValueError: upside down" in path.read_text(encoding="utf-8")


def test_the_terminal_hears_of_errors_only(tmp_path: Path, capsys):
    set_up_logging(tmp_path, "window", is_debug=False)
    logging.getLogger("pump").warning("a warning")
    logging.getLogger("pump").error("an error")
    said = capsys.readouterr().err
    assert "an error" in said
    assert "a warning" not in said


def test_debugging_shows_everything(tmp_path: Path, capsys):
    set_up_logging(tmp_path, "window", is_debug=True)
    logging.getLogger("pump").debug("a detail")
    assert "a detail" in capsys.readouterr().err
