import pytest

from drivers.plant.kinds import METRIC_KEYS
from drivers.plant.plan import MAX_UNITS, PlantPlan
from models.metrics import METRIC_KEYS as COLUMNS


def test_metrics_are_in_the_order_of_the_console():
    assert METRIC_KEYS == COLUMNS


@pytest.mark.parametrize("devices", [1, 2, 3, 24, 25, 1000])
def test_plan_has_as_many_devices_as_asked_for_with_half_of_each_protocol(devices):
    plan = PlantPlan(devices=devices)
    assert len(plan.machines) == devices
    assert 0 <= len(plan.modbus_machines) - len(plan.opcua_machines) <= 1
    assert [machine.row for machine in plan.machines] == list(range(devices))


def test_ids_names_and_places_are_unique_in_a_large_plant():
    plan = PlantPlan(devices=1000)
    assert len({machine.device_id for machine in plan.machines}) == 1000
    assert len({machine.name for machine in plan.machines}) == 1000
    assert len({(machine.gateway, machine.unit) for machine in plan.modbus_machines}) == 500
    assert len({machine.node for machine in plan.opcua_machines}) == 500


@pytest.mark.parametrize("devices", [24, 1000])
def test_drive_2_is_unit_2_of_the_first_gateway_and_press_1_the_first_opcua_machine(devices):
    plan = PlantPlan(devices=devices)
    drive = plan.by_device_id["DRIVE-02"]
    assert (drive.name, drive.area) == ("Drive 2", "Hall A")
    assert (plan.port_of(drive), drive.unit) == (1502, 2)
    assert plan.opcua_machines[0].node == "Press01"


def test_gateways_carry_at_most_as_many_units_as_a_line_may_have():
    plan = PlantPlan(devices=1000)
    assert max(machine.unit for machine in plan.modbus_machines) <= MAX_UNITS
    assert plan.gateways == 16


def test_small_plant_has_two_gateways_so_that_one_can_fail_alone():
    assert PlantPlan(devices=24).gateways == 2


def test_open_ports_are_not_guessed():
    plan = PlantPlan(modbus_port=0, opcua_port=0)
    with pytest.raises(ValueError, match="start it first"):
        plan.port_of(plan.modbus_machines[0])
    with pytest.raises(ValueError, match="start it first"):
        _ = plan.opcua_endpoint


@pytest.mark.parametrize("devices", [0, 20_001])
def test_impossible_sizes_are_refused_with_the_limits(devices):
    with pytest.raises(ValueError, match="1 to 20000"):
        PlantPlan(devices=devices)


def test_areas_of_a_large_plant_stay_few_enough_to_show():
    areas = {machine.area for machine in PlantPlan(devices=1000).machines}
    assert {"Hall A", "Hall B", "Utilities"} <= areas
    assert len(areas) < 50


@pytest.mark.parametrize("ports", [{"modbus_port": 99_999}, {"opcua_port": -1}])
def test_a_port_that_does_not_exist_is_refused(ports):
    with pytest.raises(ValueError, match="Ports go from 1 to 65535"):
        PlantPlan(**ports)
