"""The whole simulated factory in one event loop: signals → registers and nodes → whoever asks.

    Signals.sample → value faults → Unit.store (Modbus)  → requests cut their replies from the image
                                  → PlantOpcuaServer.store → subscriptions
A measurement is made in slices spread over its period, so that no request waits for a thousand machines.
"""

import asyncio
import errno
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from drivers.plant.addresses import (
    PlantAddresses,
    free_port,
    port_taken,
    recall,
    remember,
    with_remembered_ports,
)
from drivers.plant.control import ControlRequest, ControlServer
from drivers.plant.document import plant_document
from drivers.plant.faults import Fault, FaultRefused, Layer, distorted, fault_of
from drivers.plant.firmware.flash import Flash
from drivers.plant.firmware.switching import told_of, trouble_of
from drivers.plant.gauges import Gauges
from drivers.plant.kinds import METRIC_KEYS
from drivers.plant.modbus_side import ModbusSide
from drivers.plant.plan import Machine, ModbusMachine, PlantPlan
from drivers.plant.signals import Signals
from drivers.plant.upsets import UpsetBoard

_MACHINES_PER_SLICE = 50
_MAX_SLICES = 20


class Factory:
    """A running plant. Used from one event loop.

    Attributes:
        plan: The plan; after `start` with the ports really taken.
        control_port: Where faults can be switched from outside; 0 before `start`.
    """

    def __init__(
        self,
        plan: PlantPlan,
        faults: Sequence[Fault] = (),
        state_dir: Path | None = None,
        control_port: int = 0,
    ) -> None:
        self.plan = plan
        self.control_port = control_port
        self._first_faults = tuple(faults)
        self._state_dir = state_dir
        self._signals = Signals(plan)
        self._gauges = Gauges(plan) if plan.has_gauges else None
        self._upsets = UpsetBoard.healthy(plan.devices)
        self._faults: dict[tuple[str, Layer], Fault] = {}
        self._value_faults: dict[int, Fault] = {}
        self._frozen: dict[int, list[float]] = {}
        self._reported: list[list[float]] = [[0.0] * len(METRIC_KEYS) for _ in range(plan.devices)]
        self._modbus = ModbusSide(plan)
        self._opcua: Any = None  # PlantOpcuaServer, imported when first needed
        self._control: ControlServer | None = None
        self._pulse: asyncio.Task[None] | None = None
        self._began = 0.0

    async def start(self) -> None:
        """Open every server, measure once, and go on measuring.

        Raises:
            PortTaken: A port asked for, or remembered, is in use; nothing stays open then.
        """
        known = recall(self._state_dir) if self._state_dir else None
        self.plan = with_remembered_ports(self.plan, known)
        self._began = time.monotonic()
        # Before the ports open: whoever waits for the plant must never read the zeros of an empty image.
        await self._measure(slice(0, len(self._modbus.units)))
        try:
            self.plan = replace(self.plan, modbus_ports=await self._modbus.open(self.plan))
            if self.plan.opcua_machines:
                await self._start_opcua()
            # A sensor that hangs from the beginning hangs at a value that was true once.
            await self._measure(slice(0, self.plan.devices))
            for fault in self._first_faults:
                await self._apply(fault)
            await self._measure(slice(0, self.plan.devices))
            await self._open_control(known)
        except BaseException:
            await self.stop()
            raise
        if self._state_dir is not None:
            remember(
                self._state_dir,
                PlantAddresses(self.plan.modbus_ports, self.plan.opcua_port, self.control_port),
            )
        self._pulse = asyncio.create_task(self._measure_for_ever(), name="plant-signals")

    async def stop(self) -> None:
        """Close every server. Safe twice."""
        pulse, self._pulse = self._pulse, None
        if pulse is not None:
            pulse.cancel()
            await asyncio.gather(pulse, return_exceptions=True)
        if self._control is not None:
            await self._control.close()
        await self._modbus.close()
        if self._opcua is not None:
            await self._opcua.stop()

    @property
    def plant_time_s(self) -> float:
        """Seconds since the plant started: the time signals are asked with."""
        return time.monotonic() - self._began

    @property
    def faults(self) -> tuple[Fault, ...]:
        """The faults that are on."""
        return tuple(self._faults.values())

    def values(self, device_id: str) -> dict[str, float]:
        """Return what a device reported last, in engineering units, by metric."""
        machine = self._machine(device_id)
        row = self._reported[machine.row]
        return {key: row[index] for index, key in enumerate(METRIC_KEYS) if key in machine.kind.shapes}

    def answered(self, device_id: str) -> dict[tuple[int, int, int], int]:
        """Return how many requests a Modbus device answered well, by (function, first register, count).

        A poll that takes several requests counts in several entries. Late and dripping answers count, false
        ones do not.
        """
        machine = self._machine(device_id)
        if not isinstance(machine, ModbusMachine):
            raise FaultRefused(f"{device_id} is not a Modbus device; only those count requests.")
        return dict(self._modbus.units[machine.row].answered)

    def counts(self) -> dict[str, int]:
        """Return how many requests each Modbus device answered well, and how many values OPC UA wrote."""
        totals = {
            machine.device_id: sum(self._modbus.units[machine.row].answered.values())
            for machine in self.plan.modbus_machines
        }
        if self._opcua is not None:
            totals["opcua-values-written"] = self._opcua.written
        return totals

    def flash(self, device_id: str) -> Flash:
        """Return what answers for a device's firmware. Raises FaultRefused where it takes none."""
        machine = self._machine(device_id)
        if isinstance(machine, ModbusMachine):
            updater = self._modbus.units[machine.row].updater
            found = None if updater is None else updater.flash
        else:
            found = self._opcua.flashes.get(device_id)
        if found is None:
            raise FaultRefused(f"{device_id} takes no firmware.")
        return found

    def _flashes(self) -> Iterator[tuple[str, Flash]]:
        for device_id in self.plan.by_device_id:
            try:
                yield device_id, self.flash(device_id)
            except FaultRefused:
                continue

    async def switch_on(self, device_id: str, kind: str, value: float | None = None) -> Fault:
        """Let a device misbehave from now on; replaces a fault of the same layer. Raises FaultRefused."""
        fault = fault_of(self.plan, device_id, kind, value)
        await self._apply(fault)
        return fault

    async def switch_off(self, device_id: str, kind: str) -> Fault:
        """End a fault; one that is not on stays off. Raises FaultRefused."""
        fault = fault_of(self.plan, device_id, kind)
        current = self._faults.get((device_id, fault.info.layer))
        if current is not None and current.kind is fault.kind:
            await self._lift(current)
        return fault

    async def _start_opcua(self) -> None:
        # asyncua takes a third of a second to import; a plant without OPC UA devices never pays it.
        from drivers.plant.opcua_server import PlantOpcuaServer

        port = self.plan.opcua_port or free_port(self.plan.host)
        self._opcua = PlantOpcuaServer(self.plan, port)
        try:
            await self._opcua.start()
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise
            raise port_taken(self.plan.host, port, "OPC UA", "--opcua-port") from error
        self.plan = replace(self.plan, opcua_port=port)

    async def _open_control(self, known: PlantAddresses | None) -> None:
        wanted = self.control_port or (known.control_port if known else 0)
        self._control = ControlServer(self.plan.host, wanted, self._on_request)
        try:
            await self._control.open()
        except OSError as error:
            if error.errno != errno.EADDRINUSE or self.control_port:
                raise port_taken(self.plan.host, wanted, "its control line", "--control-port") from error
            # Only people look for the remembered control port, and they read the new one from the same file.
            self._control = ControlServer(self.plan.host, 0, self._on_request)
            await self._control.open()
        self.control_port = self._control.port

    async def _measure_for_ever(self) -> None:
        devices, period_s = self.plan.devices, self.plan.update_period_s
        count = min(_MAX_SLICES, -(-devices // _MACHINES_PER_SLICE))
        edges = [devices * index // count for index in range(count + 1)]
        tick = 0
        while True:
            tick += 1
            due = self._began + tick * period_s / count
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            index = tick % count
            if index == 0 and self._opcua is not None:
                await self._opcua.tick_clock()
            await self._measure(slice(edges[index], edges[index + 1]))

    async def _measure(self, rows: slice) -> None:
        time_s = self.plant_time_s
        now = datetime.now(UTC)
        measured: list[list[float]] = self._signals.sample(time_s, self._upsets, rows).tolist()
        if self._gauges is not None:
            for row, values in enumerate(measured, start=rows.start):
                values.extend(self._gauges.read(row, values, time_s))
        modbus = len(self._modbus.units)
        for row, values in enumerate(measured, start=rows.start):
            fault = self._value_faults.get(row)
            reported = values if fault is None else distorted(values, fault, self._frozen[row], time_s)
            self._reported[row] = reported
            if row < modbus:
                self._modbus.units[row].store(reported)
            else:
                await self._opcua.store(row, reported, now)

    async def _apply(self, fault: Fault) -> None:
        machine = self._machine(fault.device_id)
        layer = fault.info.layer
        previous = self._faults.get((fault.device_id, layer))
        if previous is not None:
            await self._lift(previous)
        match layer:
            case Layer.MACHINE:
                self._upsets.begin(machine.row, fault.info.upset, self.plant_time_s)
            case Layer.VALUE:
                self._frozen[machine.row] = self._reported[machine.row]
                self._value_faults[machine.row] = fault
            case Layer.REPORT:
                await self._opcua.report(machine, fault, is_active=True)
            case Layer.WIRE:
                self._wire_faults(machine)[_wire_key(machine)] = fault
            case Layer.SERVER:
                await (
                    self._modbus.gateway_of(machine).close()
                    if isinstance(machine, ModbusMachine)
                    else self._opcua.shut()
                )
        self._faults[fault.device_id, layer] = fault

    async def _lift(self, fault: Fault) -> None:
        machine = self._machine(fault.device_id)
        layer = fault.info.layer
        del self._faults[fault.device_id, layer]
        match layer:
            case Layer.MACHINE:
                self._upsets.end(machine.row, self.plant_time_s, machine.kind.warm_up_s)
            case Layer.VALUE:
                del self._value_faults[machine.row]
            case Layer.REPORT:
                await self._opcua.report(machine, fault, is_active=False)
            case Layer.WIRE:
                self._wire_faults(machine).pop(_wire_key(machine), None)
            case Layer.SERVER:
                if not self._is_still_down(machine):
                    await (
                        self._modbus.gateway_of(machine).open()
                        if isinstance(machine, ModbusMachine)
                        else self._opcua.reopen()
                    )

    def _is_still_down(self, machine: Machine) -> bool:
        """Return whether a neighbour's fault keeps the same server down."""
        down = [self._machine(device_id) for device_id, layer in self._faults if layer is Layer.SERVER]
        return any(_server_key(other) == _server_key(machine) for other in down)

    def _wire_faults(self, machine: Machine) -> dict[int, Fault]:
        return (
            self._modbus.gateway_of(machine).faults
            if isinstance(machine, ModbusMachine)
            else self._opcua.faults
        )

    def _machine(self, device_id: str) -> Machine:
        machine = self.plan.by_device_id.get(device_id)
        if machine is None:
            raise FaultRefused(f"The plant has no device {device_id}.")
        return machine

    async def _on_request(self, request: ControlRequest) -> Any:
        match request.do:
            case "switch":
                if request.is_on:
                    return await self.switch_on(request.device, request.kind, request.value)
                return await self.switch_off(request.device, request.kind)
            case "faults":
                return self.faults
            case "counts":
                return self.counts()
            case "document":
                return plant_document(self.plan)
            case "trouble":
                trouble = trouble_of(request.kind, request.step, request.after_bytes, request.value)
                self.flash(request.device).trouble = trouble
                return trouble
            case "firmware":
                return [told_of(device_id, flash) for device_id, flash in self._flashes()]
            case _:
                raise FaultRefused(
                    f"The plant does not know {request.do!r}; it knows switch, faults, counts, document, "
                    "trouble, firmware."
                )


def _wire_key(machine: Machine) -> int:
    return machine.unit if isinstance(machine, ModbusMachine) else machine.row


def _server_key(machine: Machine) -> int:
    return machine.gateway if isinstance(machine, ModbusMachine) else -1
