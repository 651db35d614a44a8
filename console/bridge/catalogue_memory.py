"""The last catalogue that each person was shown, kept on this computer for times without a database.

A window opened then still knows devices by name, with tags and limits: those that the database last let this
person see. How a device is reached is not in it. Files for their owner alone: `<folder>/<digest>.msgpack`.
"""

from __future__ import annotations

import hashlib
import logging
import os
import tempfile
from pathlib import Path

import msgspec

from console.bridge.catalogue import Catalogue
from console.bridge.configuration import Configuration
from models.quantities import Quantities
from models.records.device import Device, DeviceId, Tag
from models.records.person import Person
from models.records.shelf import AlarmSettings
from models.records.signal import Signal
from models.records.threshold import Threshold

_VERSION = 1
_log = logging.getLogger(__name__)


class _Device(msgspec.Struct, frozen=True):
    """What of a device is kept: neither how it is reached nor its state, which the station tells."""

    id: int
    device_id: str
    name: str
    type: str
    location: str
    driver: str
    period_s: float
    tags: tuple[Tag, ...]
    user_id: int | None


class _Page(msgspec.Struct, frozen=True):
    version: int
    devices: list[_Device]
    thresholds: list[Threshold]
    settings: AlarmSettings
    signals: tuple[Signal, ...] = ()


class CatalogueMemory:
    """Files in one folder. Where they fail, the log says so, and nothing is remembered."""

    def __init__(self, folder: Path | None) -> None:
        """Store where; None = nowhere, nothing is remembered."""
        self._folder = folder

    def keep(self, site: str, person: Person, configuration: Configuration) -> None:
        """Keep what a person is shown in place of what they were shown before. Any thread; writes a file.

        `site` tells the people of one database from those of another.
        """
        if self._folder is None:
            return
        catalogue = configuration.catalogue
        devices = [_kept(device) for device in catalogue.devices]
        thresholds = [each for device in catalogue.devices for each in catalogue.thresholds_of(device.id)]
        signals = catalogue.quantities.signals
        page = msgspec.msgpack.encode(
            _Page(_VERSION, devices, thresholds, configuration.alarm_settings, signals)
        )
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            _replace(self._folder / _name(site, person), page)
        except OSError as error:
            _log.warning("The catalogue could not be kept for times without a database: %s", error)

    def recall(self, site: str, person: Person) -> Configuration | None:
        """Return what a person was shown last; None where nothing is known, or not by this version."""
        if self._folder is None:
            return None
        try:
            content = (self._folder / _name(site, person)).read_bytes()
            page = msgspec.msgpack.decode(content, type=_Page)
        except FileNotFoundError:
            return None
        except (OSError, msgspec.MsgspecError) as error:
            _log.warning("The catalogue kept for times without a database cannot be read: %s", error)
            return None
        if page.version != _VERSION:
            return None
        quantities = Quantities(page.signals)
        return Configuration(
            Catalogue(map(_device, page.devices), page.thresholds, quantities), page.settings
        )


def _name(site: str, person: Person) -> str:
    # A digest, because a folder's listing shall not say who works here.
    words = f"{site}:{person.id}:{person.email}"
    return f"{hashlib.sha256(words.encode()).hexdigest()[:32]}.msgpack"


def _kept(device: Device) -> _Device:
    return _Device(
        device.id,
        device.device_id,
        device.name,
        device.type,
        device.location,
        device.driver,
        device.period_s,
        device.tags,
        device.user_id,
    )


def _device(kept: _Device) -> Device:
    return Device(
        DeviceId(kept.id),
        kept.device_id,
        kept.name,
        kept.type,
        kept.location,
        kept.driver,
        {},
        kept.period_s,
        kept.tags,
        kept.user_id,
    )


def _replace(place: Path, content: bytes) -> None:
    """Write a whole file of mode 0600 or none; under a name of its own, for two windows may write at once."""
    descriptor, name = tempfile.mkstemp(dir=place.parent, prefix=".catalogue")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
        Path(name).replace(place)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
