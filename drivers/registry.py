"""Every protocol this build speaks: one line each, and the only file that imports their rooms.

The rooms' heavy libraries (asyncua needs 0.8 s to import) load on first use: a `spec` module is light and
imports its driver inside `make_hub`.
"""

from drivers.driver import DriverSpec
from drivers.modbus.spec import MODBUS_TCP
from drivers.opcua.spec import OPCUA

DRIVERS: tuple[DriverSpec, ...] = (
    MODBUS_TCP,
    OPCUA,
)


def spec_of(kind: str) -> DriverSpec:
    """Return the protocol called `kind`. Raises KeyError with the names that exist."""
    for spec in DRIVERS:
        if spec.kind == kind:
            return spec
    known = ", ".join(spec.kind for spec in DRIVERS)
    raise KeyError(f"no driver is called {kind!r}; there are {known}")
