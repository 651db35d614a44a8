"""Devices, limits and the site's rules, asked for again and again: a question that remembers its last answer.

Comparing a thousand devices and five thousand limits takes longer than a frame may, so the worker that read
them does it. Where nothing changed the answer holds the very same catalogue as before.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from console.bridge.catalogue import Catalogue

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from models.records.shelf import AlarmSettings


@dataclass(frozen=True, slots=True)
class Configuration:
    """Devices, limits and the site's rules about alerts, of one moment."""

    catalogue: Catalogue
    alarm_settings: AlarmSettings


class AskConfiguration:
    """Asked on worker threads, one question at a time."""

    def __init__(self) -> None:
        self._last = Catalogue()

    def ask(self, connection: Connection) -> Configuration:
        """Return all devices and thresholds, and what the site decided."""
        from models.queries.alarm_settings import load_alarm_settings
        from models.queries.catalogue import load_devices, load_thresholds

        catalogue = Catalogue(load_devices(connection), load_thresholds(connection))
        if not catalogue.is_same_as(self._last):
            self._last = catalogue
        return Configuration(self._last, load_alarm_settings(connection))
