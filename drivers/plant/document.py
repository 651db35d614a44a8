"""The import document of the plant: every device as a console takes it in. Pure."""

from typing import Any

from drivers.plant.advice import Advice
from drivers.plant.firmware.products import HARDWARE, product_of
from drivers.plant.gauges import GAUGE_LIMITS
from drivers.plant.limits import LIMITS, Limit
from drivers.plant.plan import Machine, ModbusMachine, OpcuaMachine, PlantPlan
from drivers.plant.watches import WATCHES, Watch

_PERIOD_S = 1.0
_TIMEOUT_S = 1.0


def plant_document(plan: PlantPlan) -> dict[str, Any]:
    """Return the document {"devices": [...]} of a plan.

    Raises:
        ValueError: The plan leaves its ports open; they are known once the factory has started
            (`Factory.plan`).
    """
    return {"devices": [_device(plan, machine) for machine in plan.machines]}


def _device(plan: PlantPlan, machine: Machine) -> dict[str, Any]:
    if isinstance(machine, ModbusMachine):
        driver, connection, tags = (
            "modbus-tcp",
            _modbus_connection(plan, machine),
            _modbus_tags(plan, machine),
        )
    else:
        assert isinstance(machine, OpcuaMachine)
        driver, tags = "opcua", _opcua_tags(plan, machine)
        connection = {"endpoint": plan.opcua_endpoint, "security": "None"}
        if product_of(machine) is not None:
            connection["starting_node"] = f"ns=1;s={machine.node}"
    return {
        "device_id": machine.device_id,
        "name": machine.name,
        "type": machine.kind.key,
        "location": machine.area,
        "driver": driver,
        "connection": connection,
        "period_s": _PERIOD_S,
        "tags": tags,
        "thresholds": _thresholds(plan, machine),
        **_metadata(plan, machine),
    }


def _modbus_connection(plan: PlantPlan, machine: ModbusMachine) -> dict[str, Any]:
    return {"host": plan.host, "port": plan.port_of(machine), "unit": machine.unit, "timeout_s": _TIMEOUT_S}


def _modbus_tags(plan: PlantPlan, machine: ModbusMachine) -> list[dict[str, Any]]:
    tags: list[dict[str, Any]] = []
    for tag in plan.wiring_of(machine).tags:
        entry: dict[str, Any] = {"metric": tag.metric, "address": tag.text}
        if tag.scale != 1.0:
            entry["scale"] = tag.scale
        if tag.offset:
            entry["offset"] = tag.offset
        tags.append(entry)
    return tags


def _opcua_tags(plan: PlantPlan, machine: OpcuaMachine) -> list[dict[str, Any]]:
    """Return the tags; dryers are addressed by namespace URI, the form that survives a moved namespace."""
    namespace = f"nsu={plan.application_uri}" if machine.kind.key == "dryer" else "ns=1"
    return [
        {"metric": tag.metric, "address": f"{namespace};s={machine.node}.{tag.name}"}
        for tag in plan.nodes_of(machine)
    ]


def _thresholds(plan: PlantPlan, machine: Machine) -> list[dict[str, Any]]:
    kind = machine.kind.key
    limits = [_limit(limit) for limit in LIMITS[kind]]
    if plan.has_gauges:
        limits += [_limit(limit) for limit in GAUGE_LIMITS.get(kind, ())]
    return [*limits, *(_watch(watch) for watch in WATCHES.get(kind, ()))]


def _limit(limit: Limit) -> dict[str, Any]:
    entry: dict[str, Any] = {"metric": limit.metric}
    if limit.min_value is not None:
        entry["min"] = limit.min_value
    if limit.max_value is not None:
        entry["max"] = limit.max_value
    entry["severity"] = limit.severity
    entry["deadband"] = limit.deadband
    entry["on_delay_s"] = limit.on_delay_s
    if limit.off_delay_s:
        entry["off_delay_s"] = limit.off_delay_s
    if limit.latching:
        entry["latching"] = True
    if limit.requires_comment:
        entry["requires_comment"] = True
    if limit.realarm_s:
        entry["realarm_s"] = limit.realarm_s
    return {**entry, **_guidance(limit.advice)}


def _watch(watch: Watch) -> dict[str, Any]:
    entry: dict[str, Any] = {"rule": watch.rule, "severity": watch.severity}
    for name in ("metric", "amount", "on_delay_s", "deadband"):
        if value := getattr(watch, name):
            entry[name] = value
    return {**entry, **_guidance(watch.advice)}


def _guidance(advice: Advice) -> dict[str, Any]:
    names = ("cause", "consequence", "action", "respond_within_s")
    said = {name: value for name in names if (value := getattr(advice, name))}
    return {"guidance": said} if said else {}


def _metadata(plan: PlantPlan, machine: Machine) -> dict[str, Any]:
    """Name what a machine's firmware is for, and the air handler that a climate sensor is wired to."""
    product = product_of(machine)
    if product is not None:
        return {"metadata": {"product": product.name, "hardware": HARDWARE}}
    if machine.kind.key != "climate-sensor" or not isinstance(machine, ModbusMachine):
        return {}
    handlers = [
        other.device_id
        for other in plan.modbus_machines[: machine.row]
        if other.kind.key == "hvac" and other.gateway == machine.gateway
    ]
    return {"metadata": {"parent": handlers[-1]}} if handlers else {}
