"""Profiles: what is known of a product before the first one is connected, from its public register map.

A profile is one JSON file in `resources/profiles`: which driver, which settings to begin with, which tags,
which signals of the site those need, and where all of that is written. A *template* is a profile with the
settings that a plant's own devices of that product share.

    {"key": "eastron-sdm120", "name": "Eastron SDM120", "maker": "Eastron", "type": "energy meter",
     "drivers": ["modbus-rtu", …], "connection": {"unit": 1}, "period_s": 1.0,
     "tags": [{"metric": "power_consumption", "address": "input:12:float32"}],
     "signals": [{"key": "voltage", "label": "Voltage", "unit": "V", "decimals": 1, …}],
     "source": {"document": …, "version": …, "place": …, "url": …}, "notes": [ … ]}

A file that is damaged costs only itself: it is left out, and told to whoever asks for it.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from console.catalogue.device_parts import LONGEST_PERIOD_S, SHORTEST_PERIOD_S, TagDocument
from console.catalogue.errors import DocumentFault
from console.catalogue.json_text import object_from_json, unstorable
from console.catalogue.wording import sentence_from_error
from drivers.errors import AddressError
from drivers.registry import DRIVERS
from models.metrics import METRIC_INDEX
from models.quantities import Quantities
from models.records.device import Device, DeviceId, JsonValue, Tag
from models.records.signal import Signal
from models.signal_checks import signal_faults

ROOM = "resources.profiles"
LARGEST_FILE = 256 * 1024
"""Bytes of one profile; the largest that comes with the program has a fiftieth of it."""
_ENDING = ".json"
_log = logging.getLogger(__name__)
_Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]
_Range = tuple[float, float]


class ProfileFault(ValueError):
    """A profile that cannot be used, or none of that name. The text is one sentence."""


class SourceDocument(BaseModel):
    """Where a register map is published.

    Attributes:
        place: Table, page or section.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    document: _Words
    version: _Words
    place: _Words
    url: str = ""

    def __str__(self) -> str:
        """Return the citation as one line."""
        return f"{self.document}, {self.version}, {self.place}"


class SignalDocument(BaseModel):
    """A signal that the profile's tags need, as it is proposed where the site has none of that key."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    key: _Words
    label: _Words
    unit: str
    decimals: Annotated[int, Field(ge=0, le=6)]
    plausible: _Range
    span: _Range
    states: Mapping[int, str] = Field(default_factory=dict[int, str])

    def signal(self) -> Signal:
        """Return the record, not stored yet."""
        states = tuple(sorted(self.states.items()))
        return Signal(
            self.key, self.label, self.unit, self.decimals, self.plausible, self.span, states=states
        )


class Profile(BaseModel):
    """One product.

    Attributes:
        key: Its name in files and commands; never changes.
        type: What `Device.type` shall be.
        drivers: Kinds it can be reached through, the usual one first.
        connection: Settings to begin with, for every driver that knows them.
        notes: What somebody must know who connects one, a sentence each.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    key: Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=60)]
    name: _Words
    maker: _Words
    type: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]
    drivers: Annotated[list[str], Field(min_length=1)]
    connection: dict[str, Any] = {}
    period_s: Annotated[float, Field(ge=SHORTEST_PERIOD_S, le=LONGEST_PERIOD_S)] = 1.0
    tags: Annotated[list[TagDocument], Field(min_length=1)]
    signals: list[SignalDocument] = []
    source: SourceDocument
    notes: list[_Words] = []

    @property
    def driver(self) -> str:
        """The usual driver."""
        return self.drivers[0]

    def connection_for(self, driver: str) -> dict[str, JsonValue]:
        """Return the settings to begin with that a driver knows."""
        spec = next((spec for spec in DRIVERS if spec.kind == driver), None)
        known = spec.settings_type.model_fields if spec is not None else self.connection
        return {name: value for name, value in self.connection.items() if name in known}

    def records_of_tags(self) -> tuple[Tag, ...]:
        """Return its tags."""
        return tuple(
            Tag(tag.metric, tag.address, tag.scale, tag.offset, is_writable=tag.writable) for tag in self.tags
        )

    def device(self, driver: str = "") -> Device:
        """Return a device to begin a form with; hardware id, name and area are for a person to say."""
        kind = driver or self.driver
        connection = self.connection_for(kind)
        return Device(
            DeviceId(0), "", "", self.type, "", kind, connection, self.period_s, self.records_of_tags()
        )


def profile_faults(profile: Profile) -> list[str]:
    """Return what is wrong with a profile beyond its form, a sentence each; empty = in order."""
    faults: list[str] = []
    kinds = {spec.kind: spec for spec in DRIVERS}
    faults += [f"drivers: {kind!r} is no driver here." for kind in profile.drivers if kind not in kinds]
    known = [kinds[kind] for kind in profile.drivers if kind in kinds]
    settings = {name for spec in known for name in spec.settings_type.model_fields}
    faults += [
        f"connection.{name}: no driver of the profile has such a setting."
        for name in profile.connection
        if name not in settings
    ]
    keys = [signal.key for signal in profile.signals]
    for signal in profile.signals:
        faults += [f"{signal.key}: {fault.sentence}" for fault in signal_faults(signal.signal())]
        if not signal.plausible[0] <= signal.span[0] < signal.span[1] <= signal.plausible[1]:
            faults.append(f"{signal.key}: what is shown must be plausible.")
    metrics = [tag.metric for tag in profile.tags]
    faults += [f"{key}: proposed twice." for key in set(keys) if keys.count(key) > 1]
    faults += [f"{key}: bound to two tags." for key in set(metrics) if metrics.count(key) > 1]
    faults += [f"{key}: proposed, but no tag is bound to it." for key in keys if key not in metrics]
    for tag in profile.tags:
        if tag.metric not in METRIC_INDEX and tag.metric not in keys:
            faults.append(f"{tag.metric}: no metric, and the profile proposes no signal of that key.")
        for spec in known:
            try:
                spec.parse_address(tag.address)
            except AddressError as error:
                faults.append(f"{tag.metric}: {error}")
    return faults


@dataclass(frozen=True, slots=True)
class ProfileShelf:
    """What a folder of profiles holds.

    Attributes:
        profiles: Those that are in order, by name.
        faults: What is wrong with each of the others, a sentence, by the name of its file.
    """

    profiles: tuple[Profile, ...]
    faults: Mapping[str, str]


@cache
def profile_shelf() -> ProfileShelf:
    """Return the profiles that come with the program; those that are damaged are logged, once."""
    shelf = read_shelf(files(ROOM))
    for sentence in shelf.faults.values():
        _log.warning("A profile is left out: %s", sentence)
    return shelf


def load_profiles() -> tuple[Profile, ...]:
    """Return every profile that comes with the program and is in order, by name."""
    return profile_shelf().profiles


def read_shelf(folder: Traversable) -> ProfileShelf:
    """Read every profile of a folder, each by itself."""
    found: dict[str, tuple[str, Profile]] = {}
    faults: dict[str, str] = {}
    for file in sorted(folder.iterdir(), key=lambda file: file.name):
        if not file.name.endswith(_ENDING):
            continue
        try:
            profile = profile_from_text(file.name, _text_of(file))
            if profile.key in found:
                raise ProfileFault(f"{file.name}, key: {profile.key!r} is {found[profile.key][0]} already.")
        except ProfileFault as fault:
            faults[file.name] = str(fault)
        else:
            found[profile.key] = file.name, profile
    profiles = sorted((profile for _, profile in found.values()), key=lambda one: one.name.casefold())
    return ProfileShelf(tuple(profiles), faults)


def _text_of(file: Traversable) -> str:
    try:
        with file.open("rb") as opened:
            content = opened.read(LARGEST_FILE + 1)
    except OSError as error:
        raise ProfileFault(f"{file.name} cannot be read: {error.strerror or error}.") from error
    if len(content) > LARGEST_FILE:
        raise ProfileFault(f"{file.name} is larger than {LARGEST_FILE // 1024} KiB, which no profile needs.")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ProfileFault(f"{file.name} cannot be read: it is not UTF-8 text.") from error


def profile_from_text(name: str, text: str) -> Profile:
    """Read one profile. Raises ProfileFault naming the first thing that is wrong."""
    try:
        content = object_from_json(text)
    except DocumentFault as error:
        raise ProfileFault(f"{name}, {error.faults[0]}") from error
    for place, what in unstorable(content):
        raise ProfileFault(f"{name}, {place or 'document'}: {what}")
    try:
        profile = Profile.model_validate(content)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise ProfileFault(f"{name}, {place}: {sentence_from_error(first)}") from error
    if faults := profile_faults(profile):
        raise ProfileFault(f"{name}, {faults[0]}")
    return profile


def profile_of(key: str) -> Profile:
    """Return the profile called `key`, by its key or its name. Raises ProfileFault."""
    wanted = key.casefold()
    shelf = profile_shelf()
    for profile in shelf.profiles:
        if wanted in (profile.key, profile.name.casefold()):
            return profile
    damaged = shelf.faults.get(f"{wanted.replace('-', '_')}{_ENDING}")
    if damaged is not None:
        raise ProfileFault(f"The profile {key[:60]} is damaged and cannot be used: {damaged}")
    known = ", ".join(profile.key for profile in shelf.profiles)
    raise ProfileFault(f"{key[:60]!r} is no profile; there are {known}.")


def missing_signals(profiles: Sequence[Profile], quantities: Quantities) -> tuple[Signal, ...]:
    """Return the signals that profiles propose and the site lacks, each once, by key."""
    found: dict[str, Signal] = {}
    for profile in profiles:
        for document in profile.signals:
            if quantities.find(document.key) is None:
                found.setdefault(document.key, document.signal())
    return tuple(found[key] for key in sorted(found))


def with_signals(quantities: Quantities, signals: Sequence[Signal]) -> Quantities:
    """Return the quantities of the site as they will be once these signals are added."""
    return Quantities((*quantities.signals, *signals)) if signals else quantities
