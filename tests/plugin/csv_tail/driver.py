"""Reads the file's first line once and its last line at every poll; see `drivers.driver` for the contract."""

import asyncio
import math
import os
import time
from collections.abc import Sequence
from pathlib import Path
from typing import cast

from pydantic import BaseModel

from csv_tail.settings import Column, CsvTailSettings
from drivers.driver import TagAddress, TestStep
from drivers.errors import DriverError, LineLost, NeedsHuman
from drivers.values import Quality, RawValue, bad

_TAIL_BYTES = 4096


class CsvTailDriver:
    """One file. It is read in threads: one on a drive that hangs must not hold up the whole station."""

    def __init__(self, settings: CsvTailSettings, columns: Sequence[Column]) -> None:
        self._settings = settings
        self._columns = tuple(columns)
        self._places: list[int | None] = []

    async def open(self) -> None:
        """Find the columns by the first line."""
        first = await asyncio.to_thread(_first_line, Path(self._settings.path))
        headings = [cell.strip() for cell in first.split(self._settings.separator)]
        self._places = [
            headings.index(column.heading) if column.heading in headings else None for column in self._columns
        ]

    async def read(self) -> list[RawValue]:
        """Return the values of the last whole line."""
        path = Path(self._settings.path)
        line, written_unix = await asyncio.to_thread(_last_line, path)
        now_unix = time.time()
        silent_s = now_unix - written_unix
        if silent_s > self._settings.timeout_s:
            raise LineLost(
                f"Nothing was written to {path} for {silent_s:.0f} s, the limit is "
                f"{self._settings.timeout_s:g} s; check the program that writes it."
            )
        cells = line.split(self._settings.separator)
        return [
            self._value(column, place, cells, now_unix)
            for column, place in zip(self._columns, self._places, strict=True)
        ]

    async def close(self) -> None:
        """Nothing is kept open."""

    @staticmethod
    def _value(column: Column, place: int | None, cells: Sequence[str], now_unix: float) -> RawValue:
        if place is None:
            return bad(f"the file has no column {column.heading}", now_unix)
        text = cells[place].strip() if place < len(cells) else ""
        try:
            value = float(text)
        except ValueError:
            return bad(f"{text!r} is no number", now_unix)
        if not math.isfinite(value):
            return bad("not a number", now_unix)
        return RawValue(value, Quality.GOOD, now_unix)


def _first_line(path: Path) -> str:
    try:
        with path.open(encoding="utf-8") as file:
            return file.readline()
    except UnicodeDecodeError as error:
        raise NeedsHuman(f"{path} is not UTF-8 text; check which file it is.") from error
    except OSError as error:
        raise LineLost(f"{path} cannot be read: {error.strerror}.") from error


def _last_line(path: Path) -> tuple[str, float]:
    """Return the last whole line, and when the file was written last (Unix seconds)."""
    try:
        with path.open("rb") as file:
            facts = os.fstat(file.fileno())
            file.seek(max(0, facts.st_size - _TAIL_BYTES))
            tail = file.read()
    except OSError as error:
        raise LineLost(f"{path} cannot be read: {error.strerror}.") from error
    # What stands behind the last line's end is still being written.
    lines = tail[: tail.rfind(b"\n") + 1].decode("utf-8", "replace").splitlines()
    return (lines[-1] if lines else "", facts.st_mtime)


class CsvTailHub:
    """Files share nothing."""

    def driver(self, settings: BaseModel, addresses: Sequence[TagAddress]) -> CsvTailDriver:
        """Make the driver of one file."""
        return CsvTailDriver(cast("CsvTailSettings", settings), cast("Sequence[Column]", addresses))

    async def close(self) -> None:
        """Nothing is kept open."""


async def test_file(settings: BaseModel, addresses: Sequence[TagAddress]) -> list[TestStep]:
    """Open the file, then read it; returns every step taken."""
    driver = CsvTailHub().driver(settings, addresses)
    steps: list[TestStep] = []
    for name, step in (("File opened", driver.open), ("Last line read", driver.read)):
        began = time.perf_counter()
        try:
            values = await step()
            detail, is_ok = "" if values is None else ", ".join(str(each.value) for each in values), True
        except DriverError as error:
            detail, is_ok = str(error), False
        steps.append(TestStep(name, is_ok, (time.perf_counter() - began) * 1000.0, detail))
        if not is_ok:
            break
    return steps
