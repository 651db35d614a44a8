"""What the settings ask the database about persons and stations. Runs on worker threads."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from models.records.account import Account, StationAccount


@dataclass(frozen=True, slots=True)
class ListPeople:
    """Everybody, former persons last."""

    def __call__(self, connection: Connection) -> list[Account]:
        """Return the accounts. Raises StorageError."""
        from models.queries.people import accounts

        return accounts(connection)


@dataclass(frozen=True, slots=True)
class ListStations:
    """Every station, by name."""

    def __call__(self, connection: Connection) -> list[StationAccount]:
        """Return the stations. Raises StorageError."""
        from models.queries.people import stations

        return stations(connection)


@dataclass(frozen=True, slots=True)
class ExportPerson:
    """Everything stored about a person, into a file."""

    person: int
    path: Path

    def __call__(self, connection: Connection) -> str:
        """Return one sentence: what was written, or why it could not be. Raises StorageError."""
        from models.queries.people import person_export

        text = json.dumps(person_export(connection, self.person), ensure_ascii=False, indent=2)
        try:
            self.path.write_text(text + "\n", encoding="utf-8")
        except OSError as error:
            return f"{self.path} could not be written: {error.strerror or error}. Choose another folder."
        return f"Everything stored about this person was saved as {self.path}."
