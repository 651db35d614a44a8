"""Every protocol that is spoken here: one line each, and the only file that imports their rooms.

The rooms' heavy libraries (asyncua needs 0.8 s to import) load on first use: a `spec` module is light and
imports its driver inside `make_hub`.
"""

from drivers.driver import DriverSpec
from drivers.modbus.spec import MODBUS
from drivers.opcua.spec import OPCUA
from drivers.plugins import load_plugins

BUILT_IN: tuple[DriverSpec, ...] = (
    *MODBUS,
    OPCUA,
)


PLUGINS = load_plugins([spec.kind for spec in BUILT_IN])
"""What packages beside this program bring along, looked for once."""

DRIVERS: tuple[DriverSpec, ...] = (*BUILT_IN, *PLUGINS.specs)


def spec_of(kind: str) -> DriverSpec:
    """Return the protocol called `kind`. Raises KeyError with the names that exist, or why it is not used."""
    for spec in DRIVERS:
        if spec.kind == kind:
            return spec
    if fault := PLUGINS.faults.get(kind):
        raise KeyError(fault.removesuffix("."))
    known = ", ".join(spec.kind for spec in DRIVERS)
    raise KeyError(f"no driver is called {kind!r}; there are {known}")
