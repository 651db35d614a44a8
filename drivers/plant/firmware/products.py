"""Which machines of the plant take new firmware, and how a console delivers it: a product a kind.

The profiles are what a manifest of the product holds; the registers in them are those of `modbus_updater.py`.
"""

from dataclasses import dataclass
from typing import Any

from drivers.plant.firmware.flash import Flash, FlashState
from drivers.plant.firmware.habits import Habits, Make
from drivers.plant.firmware.modbus_updater import BASE, STATES
from drivers.plant.plan import Machine, OpcuaMachine

HARDWARE = "A1"
_VERSION = "1.0.0"
_PHASES = {
    FlashState.PREPARED: "idle",
    FlashState.INSTALLED: "installing",
}


@dataclass(frozen=True, slots=True)
class Product:
    """What all machines of a kind are.

    Attributes:
        way: How its firmware is delivered, as `drivers.firmware` calls the ways.
        profile: The way's profile, as in a manifest.
    """

    name: str
    way: str
    profile: dict[str, Any]
    habits: Habits


def flash_of(product: Product, device_id: str) -> Flash:
    """Return a new device; the same id gives the same serial number."""
    return Flash(
        Make(product.name, HARDWARE, f"{product.name.upper()}/{device_id}", _VERSION), product.habits
    )


def _words(offset: int, count: int = 1) -> dict[str, int]:
    return {"register": BASE + offset, "count": count}


def _order(number: int, *states: FlashState) -> dict[str, Any]:
    return {"register": BASE, "words": [number], "ends_in": [STATES.index(state) for state in states]}


IDENTITY: dict[str, Any] = {
    "product": {"object": 1},
    "hardware": {"object": 0x81},
    "serial": {"object": 0x80},
    "version": {"object": 2},
}
"""All Modbus machines tell who they are by function 43, type 14."""

CONTROL: dict[str, Any] = {
    **IDENTITY,
    "state": {
        "place": _words(1),
        "meanings": {
            str(number): {"phase": _PHASES.get(state, str(state)), "words": str(state)}
            for number, state in enumerate(STATES)
        },
    },
    "received": {"place": _words(2, 2), "counts": "bytes"},
    "pending_version": {"numbers": _words(7, 3)},
    "health": {"place": _words(10), "good": [1]},
    "fault": {"place": _words(11), "words": {"7": "the last update failed"}},
    "info": [
        {"holds": "length", "register": BASE + 12},
        {"holds": "crc32", "register": BASE + 14},
        {"holds": "sha256", "register": BASE + 16},
    ],
    "is_resumable": True,
    "largest_image": 1 << 20,
    "prepare": _order(1, FlashState.PREPARED),
    "start": _order(2, FlashState.RECEIVING),
    "commit": _order(3, FlashState.STAGED),
    "install": _order(4),
    "confirm": _order(5),
    "abandon": _order(6, FlashState.IDLE),
}

FILE_PROFILE: dict[str, Any] = CONTROL | {"first_file": 1, "registers_per_request": 121, "is_read_back": True}
BLOCK_PROFILE: dict[str, Any] = CONTROL | {
    "data_register": BASE + 101,
    "registers_per_block": 120,
    "numbered": "in front",
}

OPCUA_STATES = tuple(FlashState)
"""What Control/State of a machine that takes a file counts up."""
OPCUA_READY = 1
"""What is written to its Control/Command before a transfer."""
OPCUA_FILE_PROFILE: dict[str, Any] = {
    "file": "Firmware",
    "state": {
        "node": "Control/State",
        "meanings": {
            str(number): _PHASES.get(state, str(state)) for number, state in enumerate(OPCUA_STATES)
        },
    },
    "pending_version": {"nodes": ["Control/PendingRevision"]},
    "detail": "Control/Detail",
    "health": {"node": "Control/Health", "good": ["0"]},
    "prepare": {"write": "Control/Command", "value": OPCUA_READY},
    "install": {"call": "Control/Install"},
    "confirm": {"call": "Control/Confirm"},
    "abandon": {"call": "Control/Abandon"},
    "block_bytes": 1024,
}

PRODUCTS: dict[str, Product] = {
    "drive": Product("drive-a", "modbus-file-record", FILE_PROFILE, Habits(install_s=2.0, reboot_s=4.0)),
    "pump": Product(
        "pump-b",
        "modbus-register-block",
        BLOCK_PROFILE,
        Habits(needs_prepare=True, install_s=1.0, reboot_s=3.0, confirm_within_s=300.0),
    ),
    "hvac": Product(
        "hvac-c",
        "manual",
        {
            "instructions": "Connect the service laptop to the controller and load the file.",
            "modbus": IDENTITY,
        },
        Habits(),
    ),
    "press": Product("press-d", "opcua-software-update", {}, Habits(install_s=2.0, reboot_s=4.0)),
    "oven": Product("oven-e", "opcua-software-update", {}, Habits(install_s=2.0, reboot_s=4.0)),
    "mixer": Product(
        "mixer-f",
        "opcua-file",
        OPCUA_FILE_PROFILE,
        Habits(needs_prepare=True, install_s=1.0, reboot_s=3.0, confirm_within_s=300.0),
    ),
}
"""By key of the kind of machine (`kinds.py`)."""
_MOST_OPCUA = 20
"""Machines of a kind that take firmware by OPC UA: each has seventy nodes, which take 10 ms to make."""


def product_of(machine: Machine) -> Product | None:
    """Return what a machine is, where it takes firmware."""
    product = PRODUCTS.get(machine.kind.key)
    is_late = isinstance(machine, OpcuaMachine) and int(machine.device_id.rpartition("-")[2]) > _MOST_OPCUA
    return None if is_late else product
