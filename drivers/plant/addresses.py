"""Ports that survive a restart: what a plant listened on, kept in a small file beside its other state.

A factory that is killed and started again must be found where it was, or every device of every station
would have to be configured anew.
"""

import os
import socket
from dataclasses import replace
from pathlib import Path

import msgspec

from drivers.plant.plan import PlantPlan

_FILE = "plant.json"


class PortTaken(OSError):
    """A port the plant needs is in use. The text names it and the way out."""


class PlantAddresses(msgspec.Struct, frozen=True):
    """Where a plant is, or was last.

    Attributes:
        modbus_ports: One a gateway.
        control_port: Where faults are switched.
    """

    modbus_ports: tuple[int, ...]
    opcua_port: int
    control_port: int


def remember(folder: Path, addresses: PlantAddresses) -> None:
    """Write the addresses into `folder`, all or nothing."""
    folder.mkdir(parents=True, exist_ok=True)
    beside = folder / f".{_FILE}.{os.getpid()}"
    beside.write_bytes(msgspec.json.encode(addresses))
    beside.replace(folder / _FILE)


def recall(folder: Path) -> PlantAddresses | None:
    """Return the addresses last used from `folder`; None where there are none that can be read."""
    try:
        return msgspec.json.decode((folder / _FILE).read_bytes(), type=PlantAddresses)
    except (OSError, msgspec.DecodeError):
        return None


def with_remembered_ports(plan: PlantPlan, known: PlantAddresses | None) -> PlantPlan:
    """Return the plan with the remembered ports, as far as they agree with what was asked for by number."""
    if known is None:
        return plan
    is_same_size = len(known.modbus_ports) == plan.gateways
    if is_same_size and plan.modbus_port in (0, known.modbus_ports[0]):
        plan = replace(plan, modbus_ports=known.modbus_ports)
    if not plan.opcua_port:
        plan = replace(plan, opcua_port=known.opcua_port)
    return plan


def free_port(host: str) -> int:
    """Return a port that nobody listens on right now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])


def port_taken(host: str, port: int, purpose: str, option: str) -> PortTaken:
    """Return the error for a port in use."""
    return PortTaken(
        f"Port {port} on {host} is in use, so the plant cannot offer {purpose} there; "
        f"stop the other program or choose another port with {option} (0 = any free one)."
    )
