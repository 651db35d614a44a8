"""Devices, limits and the site's rules, asked for again and again: a question that remembers its last answer.

Comparing a thousand devices and five thousand limits takes longer than a frame may, so the worker that read
them does it. Where nothing changed the answer holds the very same catalogue as before.
"""

from __future__ import annotations

from collections.abc import Callable
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

    def __init__(self, keep: Callable[[Configuration], None] = lambda _configuration: None) -> None:
        """Store what keeps an answer that is another than the last, on the worker."""
        self._keep = keep
        self._last = Catalogue()
        self._kept: Configuration | None = None

    def ask(self, connection: Connection) -> Configuration:
        """Return all devices, thresholds and signals, and what the site decided."""
        from models.queries.alarm_settings import load_alarm_settings
        from models.queries.catalogue import load_devices, load_thresholds
        from models.queries.signals import load_quantities

        catalogue = Catalogue(
            load_devices(connection), load_thresholds(connection), load_quantities(connection)
        )
        if not catalogue.is_same_as(self._last):
            self._last = catalogue
        configuration = Configuration(self._last, load_alarm_settings(connection))
        if configuration != self._kept:
            self._kept = configuration
            self._keep(configuration)
        return configuration
