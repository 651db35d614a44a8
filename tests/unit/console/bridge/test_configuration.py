"""What is configured: the same catalogue object for as long as nothing changed."""

import sys
import types
from dataclasses import replace

import pytest

from console.bridge.configuration import AskConfiguration
from models.quantities import THE_SIX
from models.records.device import DeviceStatus
from models.records.shelf import AlarmSettings
from tests.unit.console.bridge.bridge_parts import device


@pytest.fixture
def devices(monkeypatch) -> list:
    made = [device(1), device(2)]
    modules = {
        "models.queries.catalogue": {"load_devices": lambda _: made, "load_thresholds": lambda _: []},
        "models.queries.signals": {"load_quantities": lambda _: THE_SIX},
        "models.queries.alarm_settings": {"load_alarm_settings": lambda _: AlarmSettings()},
    }
    for name, functions in modules.items():
        module = types.ModuleType(name)
        vars(module).update(functions)
        monkeypatch.setitem(sys.modules, name, module)
    return made


def test_nothing_changed_is_the_same_object_even_if_a_state_did(devices):
    question = AskConfiguration()
    first = question.ask(None).catalogue
    devices[0] = replace(device(1), status=DeviceStatus.ERROR)
    assert question.ask(None).catalogue is first


def test_another_name_is_another_catalogue(devices):
    question = AskConfiguration()
    first = question.ask(None).catalogue
    devices[0] = replace(device(1), name="Drive one")
    second = question.ask(None).catalogue
    assert second is not first
    assert second.device(devices[0].id).name == "Drive one"
