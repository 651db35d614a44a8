"""Protocols that other packages bring along, found by their entry points.

    [project.entry-points."operator_console.drivers"]
    csv-tail = "csv_tail.spec:SPEC"          the name is the kind; the object is a DriverSpec

A package that cannot be loaded, or whose object is no driver, costs its own devices and nothing else: the
reason is kept, told wherever its kind is asked for, and logged once when a station or a window starts. The
packages run inside both with everything these may do, so only whoever may change this program's environment
can add one.
"""

import logging
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from importlib.metadata import EntryPoint, entry_points
from typing import cast

from pydantic import BaseModel

from drivers.driver import DriverSpec

_log = logging.getLogger(__name__)

GROUP = "operator_console.drivers"


@dataclass(frozen=True, slots=True)
class Plugins:
    """What was found.

    Attributes:
        specs: Protocols that can be used, by kind.
        packages: Name and version of the package of each, by kind.
        faults: Why others cannot, one sentence each, by the name of their entry point.
        causes: What was raised while they were loaded, by the same name; none where nothing was.
    """

    specs: tuple[DriverSpec, ...] = ()
    packages: Mapping[str, str] = field(default_factory=dict[str, str])
    faults: Mapping[str, str] = field(default_factory=dict[str, str])
    causes: Mapping[str, BaseException] = field(default_factory=dict[str, BaseException])

    def log_faults(self) -> None:
        """Log each fault, with the traceback of its cause: they were found before there was a log."""
        for name, fault in self.faults.items():
            _log.error("%s", fault, exc_info=self.causes.get(name))


def load_plugins(taken: Collection[str], found: Iterable[EntryPoint] | None = None) -> Plugins:
    """Load every driver that installed packages declare. Never raises.

    Args:
        taken: Kinds that this program has itself; a package cannot replace them.
        found: The entry points; those of the running environment where none are given.
    """
    specs: dict[str, DriverSpec] = {}
    packages: dict[str, str] = {}
    faults: dict[str, str] = {}
    causes: dict[str, BaseException] = {}
    known = entry_points(group=GROUP) if found is None else found
    for point in sorted(known, key=lambda point: point.name):
        package = _package_of(point)
        fault = _double(point.name, taken, packages, package)
        loaded: object = None
        if not fault:
            try:
                loaded = point.load()
            # The net around code that is not ours, a call of exit() included.
            except (Exception, SystemExit) as error:  # noqa: BLE001
                fault = f"it cannot be loaded: {type(error).__name__}: {error}"
                causes[point.name] = error
            else:
                fault = _fault_of(loaded, point.name)
        if fault:
            faults[point.name] = f"The driver {point.name} of the package {package} is not used: {fault}."
        else:
            specs[point.name] = cast("DriverSpec", loaded)
            packages[point.name] = package
    return Plugins(tuple(specs.values()), packages, faults, causes)


def _package_of(point: EntryPoint) -> str:
    return f"{point.dist.name} {point.dist.version}" if point.dist else point.value


def _double(name: str, taken: Collection[str], packages: Mapping[str, str], package: str) -> str:
    if name in taken:
        return "this program has a driver of that name itself"
    if name in packages and packages[name] != package:
        return f"the package {packages[name]} has one of that name, too"
    return ""


def _fault_of(loaded: object, name: str) -> str:
    """Return what is wrong with what an entry point names, as a clause; empty where nothing is."""
    if not isinstance(loaded, DriverSpec):
        return f"it names a {type(loaded).__name__}, which is no DriverSpec"
    if loaded.kind != name:
        return f"its kind is {loaded.kind!r}; kind and entry point must have one name"
    settings_type = cast("object", loaded.settings_type)
    if not (isinstance(settings_type, type) and issubclass(settings_type, BaseModel)):
        return "its settings type is no pydantic model"
    parts: dict[str, Callable[..., object]] = {
        "parse_address": loaded.parse_address,
        "make_hub": loaded.make_hub,
        "test": loaded.test,
    }
    lacking = [part for part, value in parts.items() if not callable(value)]
    return f"{lacking[0]} cannot be called" if lacking else ""
