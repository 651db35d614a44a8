"""All Modbus devices of the plant: their register images, and the gateways that offer them."""

import errno
import time

from drivers.plant.addresses import port_taken
from drivers.plant.firmware.modbus_updater import Updater
from drivers.plant.firmware.products import PRODUCTS, flash_of
from drivers.plant.modbus_server import ModbusGateway
from drivers.plant.plan import ModbusMachine, PlantPlan
from drivers.plant.registers import Unit

_PORTS_TO_TRY = 200


class ModbusSide:
    """The gateways of a plant.

    Attributes:
        units: One a Modbus machine, by row.
    """

    def __init__(self, plan: PlantPlan) -> None:
        self.units = [Unit(plan.wiring_of(machine)) for machine in plan.modbus_machines]
        for machine, unit in zip(plan.modbus_machines, self.units, strict=True):
            if product := PRODUCTS.get(machine.kind.key):
                unit.updater = Updater(flash_of(product, machine.device_id), time.monotonic)
        self._gateways: list[ModbusGateway] = []

    async def open(self, plan: PlantPlan) -> tuple[int, ...]:
        """Open every gateway and return the ports taken.

        Ports already settled in `plan.modbus_ports` must be free. Otherwise the first gateway takes
        `plan.modbus_port`, and the others the next free ports after it.

        Raises:
            PortTaken: A port that has to be that one is in use.
        """
        for index in range(plan.gateways):
            units = {
                machine.unit: self.units[machine.row]
                for machine in plan.modbus_machines
                if machine.gateway == index
            }
            self._gateways.append(await self._open_one(plan, index, units))
        return tuple(gateway.port for gateway in self._gateways)

    async def close(self) -> None:
        """Close every gateway. Safe twice."""
        for gateway in self._gateways:
            await gateway.close()

    def gateway_of(self, machine: ModbusMachine) -> ModbusGateway:
        """Return the gateway in front of a device."""
        return self._gateways[machine.gateway]

    async def _open_one(self, plan: PlantPlan, index: int, units: dict[int, Unit]) -> ModbusGateway:
        if plan.modbus_ports:
            candidates = range(plan.modbus_ports[index], plan.modbus_ports[index] + 1)
        elif index == 0 or not plan.modbus_port:
            candidates = range(plan.modbus_port, plan.modbus_port + 1)
        else:
            next_port = self._gateways[-1].port + 1
            candidates = range(next_port, next_port + _PORTS_TO_TRY)
        for port in candidates:
            if port and port == plan.opcua_port:
                continue
            gateway = ModbusGateway(plan.host, port, units)
            try:
                await gateway.open()
            except OSError as error:
                if error.errno != errno.EADDRINUSE:
                    raise
                continue
            return gateway
        raise port_taken(plan.host, candidates[0], "Modbus TCP", "--modbus-port")
