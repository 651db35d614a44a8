import json

import pytest

from drivers.plant.document import plant_document
from drivers.plant.plan import PlantPlan
from drivers.registry import spec_of
from models.metrics import METRIC_KEYS

KEYS = {"device_id", "name", "type", "location", "driver", "connection", "period_s", "tags", "thresholds"}


@pytest.mark.parametrize("devices", [1, 24, 1000])
def test_document_lists_every_device_with_the_keys_of_the_import_format(devices):
    entries = json.loads(json.dumps(plant_document(PlantPlan(devices=devices))))["devices"]
    assert len(entries) == devices
    assert all(set(entry) - {"metadata"} == KEYS for entry in entries)


def test_drive_2_is_where_the_manual_says():
    entry = next(e for e in plant_document(PlantPlan())["devices"] if e["device_id"] == "DRIVE-02")
    assert entry["connection"] == {"host": "127.0.0.1", "port": 1502, "unit": 2, "timeout_s": 1.0}
    assert entry["tags"][:2] == [
        {"metric": "rpm", "address": "holding:3202:int16"},
        {"metric": "temperature", "address": "holding:3205:uint16", "scale": 0.1},
    ]
    limit = entry["thresholds"][0]
    assert limit.pop("guidance")["respond_within_s"] == 1800.0
    assert limit == {
        "metric": "temperature",
        "max": 70.0,
        "severity": "warning",
        "deadband": 1.0,
        "on_delay_s": 60.0,
        "off_delay_s": 10.0,
    }


def test_opcua_devices_are_addressed_by_index_and_dryers_by_namespace_uri():
    entries = {entry["device_id"]: entry for entry in plant_document(PlantPlan())["devices"]}
    press = entries["PRESS-01"]
    assert press["connection"] == {
        "endpoint": "opc.tcp://127.0.0.1:4841/plant",
        "security": "None",
        "starting_node": "ns=1;s=Press01",
    }
    assert press["tags"][0] == {"metric": "temperature", "address": "ns=1;s=Press01.Temperature"}
    assert entries["DRYER-01"]["tags"][0]["address"] == "nsu=urn:operator-console:plant;s=Dryer01.Temperature"


def test_thresholds_name_measured_metrics_once_per_rule_and_severity():
    for entry in plant_document(PlantPlan())["devices"]:
        measured = {tag["metric"] for tag in entry["tags"]}
        assert measured <= set(METRIC_KEYS)
        named = [(one.get("rule"), one.get("metric"), one["severity"]) for one in entry["thresholds"]]
        assert {metric for _, metric, _ in named} <= {*measured, None}
        assert len(named) == len(set(named))


@pytest.mark.parametrize("devices", [24, 200])
def test_climate_sensors_hang_on_an_air_handler_of_the_same_line(devices):
    plan = PlantPlan(devices=devices)
    entries = {entry["device_id"]: entry for entry in plant_document(plan)["devices"]}
    parents = {
        name: entry["metadata"]["parent"]
        for name, entry in entries.items()
        if "parent" in entry.get("metadata", {})
    }
    assert parents["CLIMATE-01"] == parents["CLIMATE-02"] == "HVAC-01"
    for child, parent in parents.items():
        assert entries[child]["connection"]["port"] == entries[parent]["connection"]["port"]


def test_every_kind_of_machine_has_tags_for_exactly_what_it_measures():
    for machine in PlantPlan().machines:
        assert {tag.metric for tag in machine.tags} == set(machine.kind.shapes)


def test_document_needs_known_ports():
    with pytest.raises(ValueError, match="start it first"):
        plant_document(PlantPlan(modbus_port=0))


def test_every_connection_and_address_is_understood_by_the_drivers():
    for entry in plant_document(PlantPlan())["devices"]:
        spec = spec_of(entry["driver"])
        spec.settings_type(**entry["connection"])
        for tag in entry["tags"]:
            address = spec.parse_address(tag["address"])
            assert spec.parse_address(str(address)) == address
