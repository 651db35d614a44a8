from typing import Any

import pytest


@pytest.fixture
def drive() -> dict[str, Any]:
    """One Modbus drive with two tags and one threshold, as an engineer would write it."""
    return {
        "device_id": "DRIVE-02",
        "name": "Drive 2",
        "type": "drive",
        "location": "Hall A",
        "driver": "modbus-tcp",
        "connection": {"host": "127.0.0.1", "port": 1502, "unit": 2, "timeout_s": 1.0},
        "period_s": 1.0,
        "tags": [
            {"metric": "rpm", "address": "holding:3202:int16"},
            {"metric": "temperature", "address": "holding:3205:uint16", "scale": 0.1},
        ],
        "thresholds": [
            {"metric": "temperature", "max": 70, "severity": "warning", "deadband": 0.5, "on_delay_s": 2}
        ],
    }


@pytest.fixture
def press() -> dict[str, Any]:
    """One OPC UA press with one tag."""
    return {
        "device_id": "PRESS-01",
        "name": "Press 1",
        "type": "press",
        "location": "Hall B",
        "driver": "opcua",
        "connection": {"endpoint": "opc.tcp://127.0.0.1:4841/plant", "security": "None"},
        "tags": [{"metric": "temperature", "address": "ns=1;s=Press01.Temperature"}],
    }
