"""Log lines: everything to a rotating file in the data folder, next to nothing to the terminal."""

import logging
import sys
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import cast

import structlog

from console.settings import SettingsError

FILE_BYTES = 5 * 1024 * 1024
FILES_KEPT = 5


def set_up_logging(log_dir: Path, name: str, *, is_debug: bool) -> Path:
    """Send this process's log lines to `log_dir`/`name`.log; errors to stderr as well.

    Call once, before threads start. Lines from libraries that use the standard `logging` go the same way.

    Args:
        log_dir: Made where missing.
        name: Of the process: "window", "station".
        is_debug: Log everything, on the terminal too.

    Returns:
        The file.

    Raises:
        SettingsError: The folder cannot be made.
    """
    try:
        log_dir.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SettingsError(
            f"The folder {log_dir} cannot be made ({error.strerror}); choose another with --data."
        ) from error
    path = log_dir / f"{name}.log"
    file = RotatingFileHandler(
        path, maxBytes=FILE_BYTES, backupCount=FILES_KEPT, encoding="utf-8", delay=True
    )
    file.setFormatter(_formatter(structlog.processors.LogfmtRenderer(bool_as_flag=False)))
    handlers: list[logging.Handler] = [file]
    # A frozen window on Windows has no stderr.
    if cast("object", sys.stderr) is not None:
        terminal = logging.StreamHandler()
        terminal.setLevel(logging.DEBUG if is_debug else logging.ERROR)
        terminal.setFormatter(_formatter(structlog.dev.ConsoleRenderer(colors=False)))
        handlers.append(terminal)
    root = logging.getLogger()
    root.handlers[:] = handlers
    root.setLevel(logging.DEBUG if is_debug else logging.INFO)
    structlog.configure(
        processors=[
            structlog.stdlib.add_log_level,
            structlog.stdlib.add_logger_name,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    return path


def _formatter(renderer: structlog.typing.Processor) -> structlog.stdlib.ProcessorFormatter:
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[
            structlog.stdlib.add_log_level,
            structlog.stdlib.add_logger_name,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
        ],
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.format_exc_info,
            renderer,
        ],
    )
